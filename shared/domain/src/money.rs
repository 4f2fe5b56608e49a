//! Money: an exact amount in a currency.

use std::{borrow::Cow, fmt, str::FromStr};

use rust_decimal::Decimal;
use schemars::JsonSchema;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// Why a text is not money.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum MoneyError {
    /// The amount is no decimal number.
    #[error("expected an amount such as 12.50")]
    Amount,
    /// The currency is not three letters.
    #[error("expected a currency of three letters, such as KES (ISO 4217)")]
    Currency,
}

/// An ISO 4217 code: three capital letters. Which codes are in use is not checked; providers sell in their own units.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Currency([u8; 3]);

impl Currency {
    /// The code.
    pub fn as_str(&self) -> &str {
        // ASCII letters by construction.
        std::str::from_utf8(&self.0).unwrap_or_default()
    }
}

impl FromStr for Currency {
    type Err = MoneyError;

    /// In any case.
    fn from_str(text: &str) -> Result<Self, MoneyError> {
        let code: [u8; 3] =
            text.trim().to_ascii_uppercase().into_bytes().try_into().map_err(|_| MoneyError::Currency)?;
        if code.iter().all(u8::is_ascii_uppercase) { Ok(Self(code)) } else { Err(MoneyError::Currency) }
    }
}

impl fmt::Display for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Debug for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Serialize for Currency {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl<'de> Deserialize<'de> for Currency {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Cow::<str>::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

impl JsonSchema for Currency {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "Currency".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({ "type": "string", "pattern": "^[A-Z]{3}$", "examples": ["KES"] })
    }
}

/// An amount in a currency: `{ "amount": "12.50", "currency": "KES" }`. Trailing zeros are kept as they came.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Money {
    /// The amount: a decimal number as text, so that no client rounds it.
    #[serde(with = "rust_decimal::serde::str")]
    #[schemars(with = "String", regex(pattern = r"^-?[0-9]+(\.[0-9]+)?$"), example = "12.50")]
    pub amount: Decimal,
    /// The currency, ISO 4217.
    pub currency: Currency,
}

impl Money {
    /// An amount in the currency of a code.
    pub fn new(amount: Decimal, currency: &str) -> Result<Self, MoneyError> {
        Ok(Self { amount, currency: currency.parse()? })
    }

    /// The sum, if the currencies are one and it can be written.
    pub fn checked_add(&self, other: &Self) -> Option<Self> {
        (self.currency == other.currency)
            .then(|| self.amount.checked_add(other.amount))
            .flatten()
            .map(|amount| Self { amount, currency: self.currency })
    }

    /// `count` times the amount, if it can be written.
    pub fn times(&self, count: u64) -> Option<Self> {
        let amount = self.amount.checked_mul(count.into())?;
        Some(Self { amount, currency: self.currency })
    }
}

impl FromStr for Money {
    type Err = MoneyError;

    /// `KES 0.8000` or `0.8 KES`.
    fn from_str(text: &str) -> Result<Self, MoneyError> {
        let (first, second) = text.trim().split_once(char::is_whitespace).ok_or(MoneyError::Amount)?;
        let (amount, currency) = if first.starts_with(|letter: char| letter.is_ascii_alphabetic()) {
            (second, first)
        } else {
            (first, second)
        };
        let amount = Decimal::from_str(amount.trim()).map_err(|_| MoneyError::Amount)?;
        Self::new(amount, currency)
    }
}

impl fmt::Display for Money {
    /// `KES 12.50`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.currency, self.amount)
    }
}

/// The sums, one per currency, by the currency's code. What is too large to be written counts no further.
pub fn sums<'a>(all: impl IntoIterator<Item = &'a Money>) -> Vec<Money> {
    let mut sums: Vec<Money> = Vec::new();
    for money in all {
        match sums.binary_search_by(|sum| sum.currency.cmp(&money.currency)) {
            Ok(place) => sums[place].amount = sums[place].amount.saturating_add(money.amount),
            Err(place) => sums.insert(place, money.clone()),
        }
    }
    sums
}

#[cfg(test)]
mod tests {
    use super::*;

    fn money(text: &str) -> Money {
        text.parse().unwrap()
    }

    #[test]
    fn money_is_read_in_both_orders() {
        assert_eq!(money("KES 0.8000").to_string(), "KES 0.8000");
        assert_eq!(money(" 0.8  kes "), money("KES 0.8"));
        assert_eq!("KES".parse::<Money>(), Err(MoneyError::Amount));
        assert_eq!("KES x".parse::<Money>(), Err(MoneyError::Amount));
        assert_eq!("1 EURO".parse::<Money>(), Err(MoneyError::Currency));
        assert_eq!("1 K€".parse::<Money>(), Err(MoneyError::Currency));
    }

    #[test]
    fn money_is_text_in_json() {
        let json = serde_json::json!({ "amount": "12.50", "currency": "KES" });
        assert_eq!(serde_json::to_value(money("KES 12.50")).unwrap(), json);
        assert_eq!(serde_json::from_value::<Money>(json).unwrap(), money("KES 12.50"));
    }

    #[test]
    fn sums_keep_currencies_apart() {
        let all = [money("KES 0.8"), money("EUR 1"), money("KES 0.25")];
        assert_eq!(sums(&all), [money("EUR 1"), money("KES 1.05")]);
        assert_eq!(all[0].checked_add(&all[1]), None);
        assert_eq!(all[0].times(1_000_000).unwrap().to_string(), "KES 800000.0");
    }
}
