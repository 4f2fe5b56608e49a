//! `PUT /api/routing/prices/{id}`: changes a price. What is left out stays as it is.

use domain::{destination::Destination, money::Money, price::Price};
use jiff::Timestamp;
use store::routing;
use web::prelude::*;

use super::{price_fields, view::PriceView};

/// The row.
pub fn row() -> Row {
    Row::put("routing-prices-update", "/api/routing/prices/{id}", handle)
        .summary("Change a price")
        .description("Corrects it. A price that changes from a day on is a new one with that `validFrom`.")
        .tag("Routing")
        .access(Role::Admin, Scope::RoutingWrite)
        .grants(&[Grant::Table])
        .errors(&["amount_invalid"])
}

/// What changes.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct UpdatePrice {
    /// Where to: `+2547`, `KE` or `*`.
    destination: Option<Destination>,
    /// For a segment; for a message on channels without segments.
    price: Option<Money>,
    /// From when on.
    valid_from: Option<Timestamp>,
}

async fn handle(cx: Cx, Path(id): Path<id::PriceId>, body: Json<UpdatePrice>) -> Result<Success<PriceView>> {
    let old = routing::price(&cx.app.table, cx.org(), id).await?;
    let body = body.read()?;
    let price = Price {
        id: old.id,
        provider_id: old.provider_id,
        destination: body.destination.unwrap_or(old.destination),
        category: old.category,
        price: body.price.map_or(Ok(old.price), price_fields::price)?,
        valid_from: body.valid_from.unwrap_or(old.valid_from),
    };
    routing::put_prices(&cx.app.table, cx.org(), std::slice::from_ref(&price)).await?;
    Ok(Success(price.into()))
}
