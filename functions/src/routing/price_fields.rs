//! What may be said of a price.

use domain::{Error, Result, message::Channel, money::Money, whatsapp::TemplateCategory};
use store::providers::ProviderConfig;

/// Only WhatsApp has categories. 422 `category_not_for_channel`.
pub(super) fn category(
    config: &ProviderConfig,
    category: Option<TemplateCategory>,
) -> Result<Option<TemplateCategory>> {
    if category.is_some() && config.channel != Channel::WhatsApp {
        let detail = "Only what goes by a WHATSAPP config has a category.";
        return Err(Error::invalid("/category", "category_not_for_channel", detail));
    }
    Ok(category)
}

/// No less than nothing. 422 `amount_invalid`.
pub(super) fn price(money: Money) -> Result<Money> {
    if money.amount.is_sign_negative() {
        return Err(Error::invalid("/price/amount", "amount_invalid", "Expected an amount of 0 or more."));
    }
    Ok(money)
}
