//! `DELETE /api/domains/{id}`: a domain is shown no more.

use store::domains;
use web::prelude::*;

/// The row.
pub fn row() -> Row {
    Row::delete("domains-delete", "/api/domains/{id}", handle)
        .summary("Remove a domain")
        .description("From this list alone: the provider still knows it, and DNS is yours.")
        .tag("Domains")
        .access(Role::Admin, Scope::DomainsWrite)
        .grants(&[Grant::Table])
}

async fn handle(cx: Cx, Path(id): Path<id::DomainId>) -> Result<NoContent> {
    let domain = domains::get(&cx.app.table, cx.org(), id).await?;
    domains::delete(&cx.app.table, &domain).await?;
    Ok(NoContent)
}
