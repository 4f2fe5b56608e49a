//! `GET /api/domains`: all domains, oldest first.

use store::domains;
use web::prelude::*;

use super::view::DomainView;

/// The row.
pub fn row() -> Row {
    Row::get("domains-list", "/api/domains", handle)
        .summary("List domains")
        .description("All in one page, with their records as they were last found.")
        .tag("Domains")
        .access(Role::Viewer, Scope::DomainsRead)
        .grants(&[Grant::TableRead])
}

async fn handle(cx: Cx) -> Result<Success<Page<DomainView>>> {
    let domains = domains::all(&cx.app.table, cx.org()).await?;
    let total = Some(domains.len() as u64);
    Ok(Success(Page { data: domains.into_iter().map(DomainView::from).collect(), next_cursor: None, total }))
}
