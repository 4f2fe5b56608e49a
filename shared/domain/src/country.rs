//! Countries: whose local form a phone number is written in.

use std::{fmt, str::FromStr};

use rlibphonenumber::{PHONE_NUMBER_UTIL, Region};
use schemars::JsonSchema;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A country by its ISO 3166-1 alpha-2 code, in capitals. Only those that have phone numbers.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Country(Region);

/// A text that is no country's code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("expected a country code of two letters, such as KE")]
pub struct UnknownCountry;

impl Country {
    /// No country: only numbers in international form are read. Written `ZZ`; never read from a text.
    pub const NONE: Self = Self(Region::ZZ);

    /// The country of a code, in any case; `None` if libphonenumber's metadata has no such country.
    pub fn parse(text: &str) -> Option<Self> {
        let region = Region::from_code(text.trim()).ok().filter(|region| *region != Region::World)?;
        PHONE_NUMBER_UTIL.get_country_code_for_region(region).map(|_| Self(region))
    }

    /// All countries, by code.
    pub fn all() -> Vec<Self> {
        let mut all: Vec<Self> = PHONE_NUMBER_UTIL.get_supported_regions().map(Self).collect();
        all.sort();
        all
    }

    /// The calling code: 254 for `KE`; `None` for [`Country::NONE`].
    pub fn calling_code(self) -> Option<u16> {
        PHONE_NUMBER_UTIL.get_country_code_for_region(self.0).and_then(|code| u16::try_from(code).ok())
    }

    pub(crate) const fn region(self) -> Option<Region> {
        match self.0 {
            Region::ZZ => None,
            region => Some(region),
        }
    }

    pub(crate) const fn of_region(region: Region) -> Option<Self> {
        match region {
            Region::World | Region::ZZ => None,
            region => Some(Self(region)),
        }
    }
}

impl FromStr for Country {
    type Err = UnknownCountry;

    fn from_str(text: &str) -> Result<Self, UnknownCountry> {
        Self::parse(text).ok_or(UnknownCountry)
    }
}

impl fmt::Display for Country {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.as_region_str())
    }
}

impl fmt::Debug for Country {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl Serialize for Country {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Country {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<str>::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

impl JsonSchema for Country {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Country".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({ "type": "string", "pattern": "^[A-Z]{2}$", "examples": ["KE"] })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_read_in_any_case_and_checked() {
        assert_eq!(Country::parse(" ke ").unwrap().to_string(), "KE");
        assert_eq!(Country::parse("ke").unwrap().calling_code(), Some(254));
        for text in ["", "K", "KEN", "XX", "ZZ", "001", "K1", "ÄÖ"] {
            assert_eq!(Country::parse(text), None, "{text}");
        }
        assert_eq!(Country::NONE.calling_code(), None);
        assert!(Country::all().len() > 240);
    }
}
