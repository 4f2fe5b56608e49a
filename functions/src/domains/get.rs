//! `GET /api/domains/{id}`: a domain with its records as they were last found.

use store::domains;
use web::prelude::*;

use super::view::DomainView;

/// The row.
pub fn row() -> Row {
    Row::get("domains-get", "/api/domains/{id}", handle)
        .summary("Get a domain")
        .tag("Domains")
        .access(Role::Viewer, Scope::DomainsRead)
        .grants(&[Grant::TableRead])
}

async fn handle(cx: Cx, Path(id): Path<id::DomainId>) -> Result<Success<DomainView>> {
    let domain = domains::get(&cx.app.table, cx.org(), id).await?;
    Ok(Success(DomainView::from(domain)))
}
