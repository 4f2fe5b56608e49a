//! Sender ids of SMS: a number, a short code, or a name.
//!
//! Rules: 3GPP TS 23.040 §9.1.2.5 (a name has at most 11 characters of the 7-bit alphabet), narrowed to what providers take:
//! <https://www.twilio.com/docs/glossary/what-alphanumeric-sender-id>,
//! <https://developers.telnyx.com/docs/messaging/messages/alphanumeric-sender-id>.

/// The most characters of a name.
pub const MAX_NAME: usize = 11;

/// What a sender id is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sender {
    /// A number in international form; `+` may be left out.
    Number,
    /// 3 to 8 digits: <https://www.itu.int/rec/T-REC-E.164> leaves such to each country.
    ShortCode,
    /// Letters, digits and blanks, with a letter among them. Nobody can answer it.
    Name,
}

/// A text that is no sender id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "expected a number (+254…), a short code of 3 to 8 digits, or a name: at most 11 letters, digits and blanks, with a \
     letter among them"
)]
pub struct NoSender;

/// What a sender id is.
pub fn sender(text: &str) -> Result<Sender, NoSender> {
    let digits = text.strip_prefix('+').unwrap_or(text);
    if !digits.is_empty() && digits.bytes().all(|letter| letter.is_ascii_digit()) {
        return match (text.starts_with('+'), digits.len()) {
            (false, 3..=8) => Ok(Sender::ShortCode),
            (_, 7..=15) if !digits.starts_with('0') => Ok(Sender::Number),
            _ => Err(NoSender),
        };
    }
    let fits = |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, ' ' | '-' | '_' | '.' | '&');
    let whole = text.trim() == text && text.chars().count() <= MAX_NAME && text.chars().all(fits);
    if whole && text.chars().any(|letter| letter.is_ascii_alphabetic()) { Ok(Sender::Name) } else { Err(NoSender) }
}

/// Whether a name can be the sender in a country, by its code (`KE`). Networks of the United States, Canada and Puerto Rico take numbers only
/// (the pages above). Many others want names registered first, which providers refuse themselves.
pub fn takes_names(country: &str) -> bool {
    !matches!(country, "US" | "CA" | "PR")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sender_is_a_number_a_short_code_or_a_name() {
        for number in ["+254700000001", "254700000001", "+15005550006", "447700900000"] {
            assert_eq!(sender(number), Ok(Sender::Number), "{number}");
        }
        for code in ["123", "20414", "12345678"] {
            assert_eq!(sender(code), Ok(Sender::ShortCode), "{code}");
        }
        for name in ["ACME", "Sunrise Sch", "A1", "1ST-BANK", "M&S", "a.b_c"] {
            assert_eq!(sender(name), Ok(Sender::Name), "{name}");
        }
        for wrong in [
            "",
            " ",
            "+",
            "12",
            "+12",
            "0700000001",
            "+0700000001",
            "1234567890123456",
            "Sunrise School",
            "ACMÉ",
            " ACME",
            "- -",
        ] {
            assert_eq!(sender(wrong), Err(NoSender), "{wrong}");
        }
    }

    #[test]
    fn names_do_not_reach_north_america() {
        assert!(takes_names("KE") && takes_names("GB") && takes_names("-"));
        assert!(!takes_names("US") && !takes_names("CA") && !takes_names("PR"));
    }
}
