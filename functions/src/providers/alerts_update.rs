//! `PUT /api/providers/{id}/alerts`: sets when a config raises alerts.

use rust_decimal::Decimal;
use store::{
    providers as configs,
    thresholds::{self, Thresholds},
};
use web::prelude::*;

/// The row.
pub fn row() -> Row {
    Row::put("providers-alerts-update", "/api/providers/{id}/alerts", handle)
        .summary("Set the thresholds of a provider config")
        .description(
            "They are looked at once an hour. Beyond one an alert is raised, and told to webhook endpoints as `alert.raised`; \
             the next when somebody has acknowledged it. What is left out stays, null takes a threshold away.",
        )
        .tag("Providers")
        .access(Role::Admin, Scope::ProvidersWrite)
        .grants(&[Grant::Table])
        .errors(&["amount_invalid", "out_of_range"])
}

/// When a config raises alerts.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "ProviderThresholds")]
pub(super) struct ThresholdsView {
    /// The config.
    provider_id: id::ProviderId,
    /// `PROVIDER_BALANCE_LOW` if less is left on the account, in its currency; null: never.
    #[schemars(extend("examples" = ["500.00"]))]
    balance_below: Option<String>,
    /// `PROVIDER_DELIVERY_DROP` if a smaller part of today's copies arrives (of at least 100), 0 to 1; null: never.
    #[schemars(extend("examples" = [0.8]))]
    delivery_rate_below: Option<f64>,
}

impl From<Thresholds> for ThresholdsView {
    fn from(thresholds: Thresholds) -> Self {
        Self {
            provider_id: thresholds.id,
            balance_below: thresholds.balance_below.map(|amount| amount.to_string()),
            delivery_rate_below: thresholds.delivery_rate_below,
        }
    }
}

/// What changes.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct UpdateThresholds {
    /// Raise an alert if less is left on the account: a decimal number as text, in its currency.
    #[serde(default)]
    #[schemars(extend("examples" = ["500.00"]))]
    balance_below: Patch<String>,
    /// Raise an alert if a smaller part of today's copies arrives, 0 to 1.
    #[serde(default)]
    #[schemars(extend("examples" = [0.8]))]
    delivery_rate_below: Patch<f64>,
}

async fn handle(
    cx: Cx,
    Path(id): Path<id::ProviderId>,
    body: Json<UpdateThresholds>,
) -> Result<Success<ThresholdsView>> {
    let config = configs::get(&cx.app.table, cx.org(), id).await?;
    let body = body.read()?;
    let old = thresholds::get(&cx.app.table, cx.org(), config.id).await?;
    let balance_below = match body.balance_below {
        Patch::Keep => old.balance_below,
        Patch::Clear => None,
        Patch::Set(text) => Some(amount(&text)?),
    };
    let delivery_rate_below = body.delivery_rate_below.apply(old.delivery_rate_below);
    if delivery_rate_below.is_some_and(|rate| !(0.0..=1.0).contains(&rate)) {
        return Err(Error::invalid("/deliveryRateBelow", "out_of_range", "Expected a number from 0 to 1."));
    }
    let new = Thresholds { balance_below, delivery_rate_below, ..Thresholds::none(cx.org(), id) }.due(cx.now());
    thresholds::put(&cx.app.table, &new).await?;
    Ok(Success(new.into()))
}

fn amount(text: &str) -> Result<Decimal> {
    let amount = text.trim().parse().ok().filter(|amount| *amount >= Decimal::ZERO);
    amount.ok_or_else(|| {
        Error::invalid("/balanceBelow", "amount_invalid", "Expected a decimal number of 0 or more, such as \"500.00\".")
    })
}
