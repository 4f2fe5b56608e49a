//! `DELETE /api/routing/prices/{id}`: removes a price.

use store::routing;
use web::prelude::*;

/// The row.
pub fn row() -> Row {
    Row::delete("routing-prices-delete", "/api/routing/prices/{id}", handle)
        .summary("Remove a price")
        .tag("Routing")
        .access(Role::Admin, Scope::RoutingWrite)
        .grants(&[Grant::Table])
}

async fn handle(cx: Cx, Path(id): Path<id::PriceId>) -> Result<NoContent> {
    let price = routing::price(&cx.app.table, cx.org(), id).await?;
    routing::delete_price(&cx.app.table, cx.org(), price.id).await?;
    Ok(NoContent)
}
