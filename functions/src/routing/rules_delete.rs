//! `DELETE /api/routing/rules/{id}`: a rule is asked no more.

use store::routing;
use web::prelude::*;

/// The row.
pub fn row() -> Row {
    Row::delete("routing-rules-delete", "/api/routing/rules/{id}", handle)
        .summary("Remove a routing rule")
        .tag("Routing")
        .access(Role::Admin, Scope::RoutingWrite)
        .grants(&[Grant::Table])
}

async fn handle(cx: Cx, Path(id): Path<id::RoutingRuleId>) -> Result<NoContent> {
    let rule = routing::rule(&cx.app.table, cx.org(), id).await?;
    routing::delete_rule(&cx.app.table, cx.org(), rule.id).await?;
    Ok(NoContent)
}
