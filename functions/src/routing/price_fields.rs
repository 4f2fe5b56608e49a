//! What may be said of a price.

use domain::{Error, Result, id::ProviderId, money::Money};
use store::providers::{self as configs, ProviderConfig};
use web::Cx;

/// A config of the organization. 422 `provider_not_found`.
pub(super) async fn provider(cx: &Cx, id: ProviderId) -> Result<ProviderConfig> {
    configs::find(&cx.app.table, cx.org(), id)
        .await?
        .ok_or_else(|| Error::invalid("/providerId", "provider_not_found", "There is no such provider config."))
}

/// No less than nothing. 422 `amount_invalid`.
pub(super) fn price(money: Money) -> Result<Money> {
    if money.amount.is_sign_negative() {
        return Err(Error::invalid("/price/amount", "amount_invalid", "Expected an amount of 0 or more."));
    }
    Ok(money)
}
