//! `POST /api/domains/{id}/check`: looks in DNS for a domain's records.

use store::domains;
use web::prelude::*;

use super::view::DomainView;

/// The row.
pub fn row() -> Row {
    Row::post("domains-check", "/api/domains/{id}/check", handle)
        .summary("Check a domain")
        .description(
            "Asks DNS for each record and says whether it is there, missing, or another one. What was changed a moment ago may \
             take hours to be seen everywhere.",
        )
        .tag("Domains")
        .access(Role::Admin, Scope::DomainsWrite)
        .grants(&[Grant::Table])
}

async fn handle(cx: Cx, Path(id): Path<id::DomainId>) -> Result<Success<DomainView>> {
    let domain = domains::get(&cx.app.table, cx.org(), id).await?;
    let domain = engine::domains::check(&cx.app, domain).await?;
    Ok(Success(DomainView::from(domain)))
}
