//! `GET /api/routing/prices`: the price table.

use domain::price::Price;
use store::{keys, page, range::Range};
use web::prelude::*;

use super::view::PriceView;

/// The row.
pub fn row() -> Row {
    Row::get("routing-prices-list", "/api/routing/prices", handle)
        .summary("List prices")
        .description("Newest first. `total` is null.")
        .tag("Routing")
        .access(Role::Viewer, Scope::RoutingRead)
        .grants(&[Grant::TableRead])
}

/// Which prices.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct PriceFilter {
    /// Of this config.
    provider_id: Option<id::ProviderId>,
}

async fn handle(cx: Cx, list: List<PriceFilter>) -> Result<Success<Page<PriceView>>> {
    let after = list.after(&cx).await?;
    let of = list.filter.provider_id;
    let range = Range::prefix(vec![keys::prices(cx.org())], "", list.limit).backward().after(after);
    let keep = |price: &Price| of.is_none_or(|id| price.provider_id == id);
    let found = page::read(&cx.app.table, range, list.limit, of.is_some(), keep).await?.map(PriceView::from);
    list.page(&cx, found.rows, found.next, None).await
}
