//! `GET /api/routing/rules/{id}`: one rule.

use store::routing;
use web::prelude::*;

use super::view::RuleView;

/// The row.
pub fn row() -> Row {
    Row::get("routing-rules-get", "/api/routing/rules/{id}", handle)
        .summary("Get a routing rule")
        .tag("Routing")
        .access(Role::Viewer, Scope::RoutingRead)
        .grants(&[Grant::TableRead])
}

async fn handle(cx: Cx, Path(id): Path<id::RoutingRuleId>) -> Result<Success<RuleView>> {
    Ok(Success(routing::rule(&cx.app.table, cx.org(), id).await?.into()))
}
