//! E-mail addresses.

use std::{fmt, str::FromStr};

use email_address::{EmailAddress, Options};
use schemars::JsonSchema;
use serde::{Deserialize, Deserializer, Serialize};

/// The most characters: a path of 256 less its angle brackets (RFC 5321 §4.5.3.1.3).
pub const MAX: usize = 254;

/// Why a text is not an e-mail address.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum EmailError {
    /// Empty.
    #[error("An e-mail address is needed.")]
    Missing,
    /// More than [`MAX`] characters.
    #[error("An e-mail address has at most {MAX} characters.")]
    TooLong,
    /// Anything else.
    #[error("This is not an e-mail address, such as name@example.com.")]
    Invalid,
}

impl EmailError {
    /// The stable code.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Missing => "email_missing",
            Self::TooLong => "email_too_long",
            Self::Invalid => "email_invalid",
        }
    }
}

/// An e-mail address in lower case: `name@example.com`.
///
/// The part before the @ may in theory depend on case; in practice one person types it in several, so it is folded too.
/// Quoted local parts, comments, address literals and non-ASCII letters are refused: hardly any provider sends to them.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct Email(String);

impl Email {
    /// Reads an address; blanks around it do not matter.
    pub fn parse(text: &str) -> Result<Self, EmailError> {
        let text = text.trim();
        if text.is_empty() {
            return Err(EmailError::Missing);
        }
        if text.len() > MAX {
            return Err(EmailError::TooLong);
        }
        let options = Options::default().with_required_tld().without_domain_literal().without_display_text();
        let plain = text.is_ascii()
            && !text.contains(|letter: char| letter == '"' || letter == '(' || letter.is_ascii_whitespace());
        let address =
            plain.then(|| EmailAddress::parse_with_options(text, options).ok()).flatten().ok_or(EmailError::Invalid)?;
        let last = address.domain().rsplit('.').next().unwrap_or_default();
        if last.len() < 2 || last.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(EmailError::Invalid);
        }
        Ok(Self(text.to_ascii_lowercase()))
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// What stands behind the @.
    pub fn domain(&self) -> &str {
        self.0.rsplit_once('@').map_or("", |(_, domain)| domain)
    }
}

impl fmt::Display for Email {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl AsRef<str> for Email {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

impl FromStr for Email {
    type Err = EmailError;

    fn from_str(text: &str) -> Result<Self, EmailError> {
        Self::parse(text)
    }
}

impl<'de> Deserialize<'de> for Email {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<str>::deserialize(deserializer)?;
        Self::parse(&text).map_err(serde::de::Error::custom)
    }
}

impl JsonSchema for Email {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Email".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({
            "type": "string",
            "format": "email",
            "maxLength": MAX,
            "examples": ["amina@example.com"],
        })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn addresses_are_trimmed_and_lower_case() {
        let email = Email::parse("  Amina.W+news@Mail.Example.COM ").unwrap();
        assert_eq!(email.as_str(), "amina.w+news@mail.example.com");
        assert_eq!(email.domain(), "mail.example.com");
        assert_eq!(serde_json::to_value(&email).unwrap(), "amina.w+news@mail.example.com");
        assert_eq!(serde_json::from_str::<Email>(r#""A@B.example""#).unwrap().as_str(), "a@b.example");
    }

    #[test]
    fn others_are_refused() {
        for text in [
            "a",
            "a@",
            "@b.example",
            "a@localhost",
            "a@b..example",
            "a b@c.example",
            "a@b.example, c@d.example",
            "A <a@b.example>",
            "a@[127.0.0.1]",
            "a@1.2.3.4",
            "\"a b\"@c.example",
            "a@b@c.example",
            ".a@b.example",
            "a.@b.example",
            "a..b@c.example",
            "a@-b.example",
            "ä@b.example",
            "a@b.e",
            "a@b.example\r\nBcc: x@y.example",
        ] {
            assert_eq!(Email::parse(text), Err(EmailError::Invalid), "{text}");
        }
        assert_eq!(Email::parse(" "), Err(EmailError::Missing));
        assert_eq!(Email::parse(&format!("{}@b.example", "a".repeat(250))), Err(EmailError::TooLong));
    }

    proptest! {
        #[test]
        fn reading_never_panics_and_is_stable(text in "\\PC{0,80}") {
            if let Ok(email) = Email::parse(&text) {
                prop_assert_eq!(Email::parse(email.as_str()), Ok(email));
            }
        }

        #[test]
        fn common_forms_are_read(local in "[a-z0-9]{1,20}([._+-][a-z0-9]{1,10}){0,2}", domain in "[a-z0-9]{1,20}(\\.[a-z]{2,10}){1,2}") {
            let text = format!("{local}@{domain}");
            prop_assert!(Email::parse(&text.to_uppercase()).is_ok_and(|email| email.as_str() == text));
        }
    }
}
