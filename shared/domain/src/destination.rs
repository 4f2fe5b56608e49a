//! Destinations: what prices and routing rules are for: everywhere, a country, or numbers that begin so.

use std::{borrow::Cow, fmt, str::FromStr};

use schemars::JsonSchema;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::phone::{Country, Phone};

/// The most digits of a prefix: those of a whole number.
const LONGEST: usize = 15;

/// Where a message may go. Ordered from the widest to the narrowest.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Destination {
    /// Everywhere, e-mail too. Written `*`.
    Everywhere,
    /// Numbers of a country. Written `KE`.
    Country(Country),
    /// Numbers that begin so. Written `+2547`.
    Prefix(String),
}

/// A text that names no destination.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("expected `*`, a country code such as KE, or the beginning of a number such as +2547")]
pub struct UnknownDestination;

impl FromStr for Destination {
    type Err = UnknownDestination;

    fn from_str(text: &str) -> Result<Self, UnknownDestination> {
        let text = text.trim();
        if text == "*" {
            return Ok(Self::Everywhere);
        }
        let Some(digits) = text.strip_prefix('+') else {
            return text.parse().map(Self::Country).map_err(|_| UnknownDestination);
        };
        let digits: String = digits.chars().filter(|letter| !matches!(letter, ' ' | '-')).collect();
        let well_formed = !digits.starts_with('0') && digits.bytes().all(|digit| digit.is_ascii_digit());
        if (1..=LONGEST).contains(&digits.len()) && well_formed {
            Ok(Self::Prefix(digits))
        } else {
            Err(UnknownDestination)
        }
    }
}

impl fmt::Display for Destination {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Everywhere => f.write_str("*"),
            Self::Country(country) => country.fmt(f),
            Self::Prefix(digits) => write!(f, "+{digits}"),
        }
    }
}

impl Serialize for Destination {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Destination {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Cow::<str>::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

impl JsonSchema for Destination {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "Destination".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({ "type": "string", "examples": ["KE"] })
    }
}

/// Where one recipient is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Whereabouts {
    digits: String,
    /// The country of the number; `None` for e-mail, and for numbers of no country.
    pub country: Option<Country>,
}

impl Whereabouts {
    /// Of an address: E.164 or e-mail.
    pub fn of(address: &str) -> Self {
        let phone = address.starts_with('+').then(|| Phone::parse(address, Country::NONE).ok()).flatten();
        phone.map_or_else(Self::default, |phone| Self { digits: phone.digits(), country: phone.country() })
    }

    /// Whether this is at the destination.
    pub fn is_at(&self, destination: &Destination) -> bool {
        match destination {
            Destination::Everywhere => true,
            Destination::Country(country) => self.country == Some(*country),
            Destination::Prefix(digits) => self.digits.starts_with(digits),
        }
    }

    /// The country as a name of circuits and counters: `KE`, or `-` without one.
    pub fn country_name(&self) -> String {
        self.country.map_or_else(|| "-".to_owned(), |country| country.to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn destination(text: &str) -> Destination {
        text.parse().unwrap()
    }

    #[test]
    fn destinations_are_read_and_written() {
        for (text, written) in [("*", "*"), (" ke ", "KE"), ("+254 7", "+2547"), ("+1", "+1")] {
            assert_eq!(destination(text).to_string(), written);
            assert_eq!(serde_json::to_value(destination(text)).unwrap(), written);
        }
        for wrong in ["", "+", "XX", "254", "+0254", "+25a", "KEN", "+1234567890123456"] {
            assert_eq!(wrong.parse::<Destination>(), Err(UnknownDestination), "{wrong}");
        }
    }

    #[test]
    fn the_narrower_a_destination_the_later_it_sorts() {
        let [all, kenya, safaricom] = ["*", "KE", "+2547"].map(destination);
        assert!(all < kenya && kenya < safaricom);
    }

    #[test]
    fn a_number_is_in_its_country_and_under_its_prefixes() {
        let ama = Whereabouts::of("+254712345678");
        assert!(["*", "KE", "+2547", "+254712345678"].iter().all(|text| ama.is_at(&destination(text))));
        assert!(!["TZ", "+2541"].iter().any(|text| ama.is_at(&destination(text))));
        assert_eq!(ama.country_name(), "KE");
        let mail = Whereabouts::of("ama@example.com");
        assert!(mail.is_at(&Destination::Everywhere) && !mail.is_at(&destination("+2")));
        assert_eq!(mail.country_name(), "-");
    }
}
