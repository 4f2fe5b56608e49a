//! Prices: what a config's provider charges, by destination and from a day on.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{
    destination::{Destination, Whereabouts},
    id::{PriceId, ProviderId},
    money::Money,
    whatsapp::TemplateCategory,
};

/// A price.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Price {
    /// Its id.
    pub id: PriceId,
    /// The provider config.
    pub provider_id: ProviderId,
    /// Where to.
    pub destination: Destination,
    /// Of WhatsApp templates of this category only; of everything else if absent.
    #[serde(default)]
    pub category: Option<TemplateCategory>,
    /// For a segment; for a message on channels without segments.
    pub price: Money,
    /// From when on.
    pub valid_from: Timestamp,
}

/// What a config charges a recipient at a time: of the narrowest destination that has a price by then the latest. For a
/// template of a category its own prices hold before those of everything; nothing else is charged by them.
pub fn price_of<'a>(
    prices: impl IntoIterator<Item = &'a Price>,
    provider: ProviderId,
    to: &Whereabouts,
    category: Option<TemplateCategory>,
    at: Timestamp,
) -> Option<&'a Money> {
    let is_for = |price: &Price| price.category.is_none() || price.category == category;
    let fits = |price: &&Price| {
        price.provider_id == provider && price.valid_from <= at && is_for(price) && to.is_at(&price.destination)
    };
    let width = |price: &Price| match &price.destination {
        Destination::Everywhere => 0,
        Destination::Country(_) => 1,
        Destination::Prefix(digits) => 1 + digits.len(),
    };
    prices
        .into_iter()
        .filter(fits)
        .max_by_key(|price| (price.category.is_some(), width(price), price.valid_from, price.id))
        .map(|price| &price.price)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_narrowest_and_then_the_latest_price_holds() {
        let provider = ProviderId::new(Timestamp::UNIX_EPOCH, 1);
        let day = |text: &str| format!("{text}T00:00:00Z").parse::<Timestamp>().unwrap();
        let price = |destination: &str, money: &str, from: &str| Price {
            id: PriceId::new(Timestamp::UNIX_EPOCH, 1),
            provider_id: provider,
            destination: destination.parse().unwrap(),
            category: None,
            price: money.parse().unwrap(),
            valid_from: day(from),
        };
        let all = [
            price("*", "KES 5", "2026-01-01"),
            price("KE", "KES 1", "2026-01-01"),
            price("KE", "KES 2", "2026-03-01"),
            price("+25471", "KES 0.5", "2026-02-01"),
            price("+2547", "KES 0.8", "2026-02-01"),
        ];
        let of = |address: &str, at: &str| {
            price_of(&all, provider, &Whereabouts::of(address), None, day(at)).map(ToString::to_string)
        };
        assert_eq!(of("+254712345678", "2026-02-01").as_deref(), Some("KES 0.5"));
        assert_eq!(of("+254722345678", "2026-02-01").as_deref(), Some("KES 0.8"));
        assert_eq!(of("+254722345678", "2026-01-31").as_deref(), Some("KES 1"));
        assert_eq!(of("+254112345678", "2026-03-01").as_deref(), Some("KES 2"));
        assert_eq!(of("+4915112345678", "2026-03-01").as_deref(), Some("KES 5"));
        assert_eq!(of("+254712345678", "2025-12-31"), None);
        let other = ProviderId::new(Timestamp::UNIX_EPOCH, 2);
        assert_eq!(price_of(&all, other, &Whereabouts::of("+254712345678"), None, day("2026-03-01")), None);
        // A category's own price, however wide, holds for it alone.
        let mut all = all.to_vec();
        all.push(Price { category: Some(TemplateCategory::Marketing), ..price("*", "KES 9", "2026-01-01") });
        let of = |category| {
            price_of(&all, provider, &Whereabouts::of("+254712345678"), category, day("2026-03-01"))
                .map(ToString::to_string)
        };
        assert_eq!(of(Some(TemplateCategory::Marketing)).as_deref(), Some("KES 9"));
        assert_eq!(of(Some(TemplateCategory::Utility)).as_deref(), Some("KES 0.5"));
        assert_eq!(of(None).as_deref(), Some("KES 0.5"));
    }
}
