//! Phone numbers: E.164, read from whatever people type.
//!
//! Facts come from libphonenumber's metadata (crate `rlibphonenumber`). What is accepted:
//!
//! - in international form (`+…`, `00…`, `tel:+…`): a number as long as a mobile or fixed line of its country may be. Whether
//!   the range is in use is not asked, so numbers reserved for fiction and tests pass, and ranges newer than the metadata.
//!   Other kinds (freephone, satellite) must be valid;
//! - in local form: a number that is valid in the default country; else, with a `+` in front, valid somewhere. Here the
//!   range counts, because that is all that tells one from the other.

mod read;
mod search;

use std::{fmt, str::FromStr};

use rlibphonenumber::PHONE_NUMBER_UTIL;
use schemars::JsonSchema;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

pub use self::search::search_prefixes;
pub use crate::country::Country;

/// Why a text is not a phone number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PhoneError {
    /// Empty.
    #[error("A phone number is needed.")]
    Missing,
    /// Letters: a word instead of a number would otherwise become another number.
    #[error("A phone number has no letters.")]
    Letters,
    /// Fewer digits than any number of its country.
    #[error("The phone number is too short.")]
    TooShort,
    /// More digits than any number of its country.
    #[error("The phone number is too long.")]
    TooLong,
    /// Anything else.
    #[error("This is not a phone number of the default country, nor one in international form, such as +254712345678.")]
    Invalid,
}

impl PhoneError {
    /// The stable code.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Missing => "phone_missing",
            Self::Letters => "phone_letters",
            Self::TooShort => "phone_too_short",
            Self::TooLong => "phone_too_long",
            Self::Invalid => "phone_invalid",
        }
    }
}

/// A phone number. Written as E.164: `+` and 7 to 15 digits.
///
/// Eight bytes, so that a million of them fit a set in an import. Ordered as numbers.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Phone(u64);

impl Phone {
    /// Reads a number as people write it; local forms belong to `default_country`.
    ///
    /// Blanks, dots, dashes, brackets, full-width digits, `00`, `tel:` do not matter. See the module about what is accepted.
    pub fn parse(text: &str, default_country: Country) -> Result<Self, PhoneError> {
        read::read(text, default_country).map(Self)
    }

    /// The digits, without `+`.
    pub fn digits(self) -> String {
        self.0.to_string()
    }

    /// The digits as a number: no E.164 number begins with 0.
    pub const fn as_u64(self) -> u64 {
        self.0
    }

    /// The country of the number; where several share a calling code and the range is in none, the main one. `None` for
    /// numbers of no country (satellites, international freephone).
    pub fn country(self) -> Option<Country> {
        let number = read::split(self.0)?;
        let region =
            number.get_region_code().or_else(|| PHONE_NUMBER_UTIL.get_region_for_country_code(number.country_code))?;
        Country::of_region(region)
    }

    /// The calling code and the rest, for providers that want them apart: (`254`, `712345678`).
    pub fn parts(self) -> Option<(u16, String)> {
        let number = read::split(self.0)?;
        Some((u16::try_from(number.country_code).ok()?, number.get_national_significant_number()))
    }
}

impl fmt::Display for Phone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "+{}", self.0)
    }
}

/// As the last two digits only: numbers of people do not belong into logs.
impl fmt::Debug for Phone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Phone(…{:02})", self.0 % 100)
    }
}

impl FromStr for Phone {
    type Err = PhoneError;

    /// Reads E.164: international form only.
    fn from_str(text: &str) -> Result<Self, PhoneError> {
        Self::parse(text, Country::NONE)
    }
}

impl Serialize for Phone {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Phone {
    /// Reads what [`Phone`] wrote, without asking whether the number is possible: what was stored stays readable when
    /// the metadata changes. For what clients send, use [`Phone::parse`].
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<str>::deserialize(deserializer)?;
        text.strip_prefix('+')
            .filter(|digits| digits.len() <= read::MOST_DIGITS && digits.bytes().all(|byte| byte.is_ascii_digit()))
            .filter(|digits| !digits.starts_with('0'))
            .and_then(|digits| digits.parse().ok())
            .map(Self)
            .ok_or_else(|| serde::de::Error::custom("expected a phone number in E.164"))
    }
}

impl JsonSchema for Phone {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Phone".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({
            "type": "string",
            "pattern": r"^\+[1-9][0-9]{4,14}$",
            "examples": ["+254712345678"],
        })
    }
}

#[cfg(test)]
mod tests;
