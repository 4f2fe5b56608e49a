//! `POST /api/routing/prices`: adds a price.

use domain::{destination::Destination, money::Money, price::Price, whatsapp::TemplateCategory};
use jiff::Timestamp;
use store::{
    keys,
    routing::{self, MOST_PRICES},
};
use web::prelude::*;

use super::{price_fields, view::PriceView};

/// The row.
pub fn row() -> Row {
    Row::post("routing-prices-create", "/api/routing/prices", handle)
        .summary("Add a price")
        .description(
            "What a config's provider charges for a segment (on channels without segments for a message). The longest prefix \
             holds before the country, that before `*`; of one destination the latest `validFrom` that is not ahead. For a \
             WhatsApp template the prices of its category hold before those of everything.",
        )
        .tag("Routing")
        .access(Role::Admin, Scope::RoutingWrite)
        .idempotent()
        .grants(&[Grant::Table])
        .errors(&["409 prices_full", "provider_not_found", "amount_invalid", "category_not_for_channel"])
}

/// A new price.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct CreatePrice {
    /// The config.
    provider_id: id::ProviderId,
    /// Where to: `+2547`, `KE` or `*`.
    destination: Destination,
    /// Of WhatsApp templates of this category only; left out: of everything that has no price of its own.
    category: Option<TemplateCategory>,
    /// For a segment; for a message on channels without segments.
    price: Money,
    /// From when on; now if left out.
    valid_from: Option<Timestamp>,
}

async fn handle(cx: Cx, body: Json<CreatePrice>) -> Result<Created<PriceView>> {
    let body = body.read()?;
    let config = engine::providers::named(&cx.app, cx.org(), body.provider_id).await?;
    let money = price_fields::price(body.price)?;
    if routing::prices(&cx.app.table, cx.org()).await?.len() >= MOST_PRICES {
        return Err(Error::conflict("prices_full", format!("An organization has at most {MOST_PRICES} prices.")));
    }
    let (at, bits) = cx.repeatable("price");
    let price = Price {
        id: id::PriceId::new(at, bits),
        provider_id: config.id,
        destination: body.destination,
        category: price_fields::category(&config, body.category)?,
        price: money,
        valid_from: body.valid_from.unwrap_or(at),
    };
    let mut writes = vec![cx.app.table.tx_put_new(&keys::price(cx.org(), price.id), &price)?];
    let view = PriceView::from(price);
    writes.extend(cx.reply_record(201, &view)?);
    cx.app.table.transact(writes).await?;
    Ok(Created(view))
}
