//! `GET /api/routing/rules`: all rules, in the order in which they are asked.

use store::routing;
use web::prelude::*;

use super::view::RuleView;

/// The row.
pub fn row() -> Row {
    Row::get("routing-rules-list", "/api/routing/rules", handle)
        .summary("List routing rules")
        .description("In the order in which they are asked, all in one page.")
        .tag("Routing")
        .access(Role::Viewer, Scope::RoutingRead)
        .grants(&[Grant::TableRead])
}

async fn handle(cx: Cx) -> Result<Success<Page<RuleView>>> {
    let rules = routing::rules(&cx.app.table, cx.org()).await?;
    let total = Some(rules.len() as u64);
    Ok(Success(Page { data: rules.into_iter().map(RuleView::from).collect(), next_cursor: None, total }))
}
