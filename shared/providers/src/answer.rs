//! What all adapters read out of answers the same way: status codes, `Retry-After`, amounts, and the text that is kept.

use std::{str::FromStr, time::Duration};

use domain::{delivery::ErrorClass, money::Money};
use http::{HeaderMap, header};
use rust_decimal::Decimal;

use crate::{
    outbound::{Answer, CallError},
    provider::{Account, Failure, Outcome},
};

/// The most of an answer that is kept with a delivery, in characters.
pub const RESPONSE_LENGTH: usize = 500;
/// No provider's wish for a pause is taken for longer than this.
const LONGEST_PAUSE: Duration = Duration::from_hours(24);

/// The class of a status code for which the provider's page says nothing more exact.
///
/// Only a server that says that it is not serving (503), or not yet (408, 425), has certainly taken nothing. Any other 5xx
/// may come from behind the point where the text was taken, so nobody knows, and sending again could be a second time.
pub fn class_of_status(status: u16) -> ErrorClass {
    match status {
        401 | 403 => ErrorClass::BadCredentials,
        402 => ErrorClass::InsufficientBalance,
        429 => ErrorClass::RateLimited,
        408 | 425 | 503 => ErrorClass::Transient,
        500..=599 => ErrorClass::Ambiguous,
        // The address itself is wrong: a redirect, or a method that is not taken there.
        300..=399 | 405 => ErrorClass::BadSender,
        _ => ErrorClass::BadContent,
    }
}

/// The codes of a provider by class.
pub type Codes = [(ErrorClass, &'static [u32])];

/// What a provider's own code in an answer or a report says: the class, and the reason for people.
pub type Known = Option<(ErrorClass, String)>;

/// The class of a code in a provider's table.
pub fn class_of_code(codes: &Codes, code: u32) -> Option<ErrorClass> {
    codes.iter().find(|(_, codes)| codes.contains(&code)).map(|(class, _)| *class)
}

/// The class of a code in a provider's table, and the reason for people.
pub fn known(provider: &str, codes: &Codes, code: u32) -> Known {
    class_of_code(codes, code).map(|class| (class, format!("{provider} {code}: {}", meaning(class))))
}

/// A class for people. Providers' own texts quote numbers and texts, which do not belong into a reason.
pub const fn meaning(class: ErrorClass) -> &'static str {
    match class {
        ErrorClass::InvalidRecipient => "the number cannot receive",
        ErrorClass::OptedOut => "the recipient opted out",
        ErrorClass::InsufficientBalance => "the balance is used up",
        ErrorClass::BadCredentials => "the credentials are not accepted",
        ErrorClass::BadSender => "the sender may not send this",
        ErrorClass::AccountSuspended => "the account is suspended",
        ErrorClass::BadContent => "the text is not accepted",
        ErrorClass::Template => "WhatsApp wants an approved template that fits",
        ErrorClass::RateLimited => "too many at once",
        ErrorClass::Transient => "a failure that may pass",
        ErrorClass::Ambiguous => "nobody knows whether it was taken",
    }
}

/// The outcome that belongs to a class: what may be tried again, what is open, and what is refused.
pub fn outcome(class: ErrorClass, reason: String, after: Option<Duration>, response: String) -> Outcome {
    match class {
        ErrorClass::RateLimited | ErrorClass::Transient => Outcome::Retry { after, class, reason },
        ErrorClass::Ambiguous => Outcome::Unknown { reason },
        class => Outcome::Rejected { class, reason, response },
    }
}

/// The outcome of a refusal that is told by the status code alone.
pub fn outcome_of_status(account: &Account, answer: &Answer) -> Outcome {
    let reason = format!("the provider answered with HTTP {}", answer.status);
    outcome(class_of_status(answer.status), reason, retry_after(&answer.headers), kept(account, &answer.body))
}

/// The outcome of a call that brought no answer.
pub fn outcome_of_error(error: &CallError) -> Outcome {
    let reason = error.to_string();
    match error {
        // Trying again cannot help: the config's address has to be changed, or allowed by the operator.
        CallError::Refused(_) => Outcome::Rejected { class: ErrorClass::BadSender, reason, response: String::new() },
        CallError::NotSent(_) => Outcome::Retry { after: None, class: ErrorClass::Transient, reason },
        CallError::Ambiguous(_) => Outcome::Unknown { reason },
    }
}

/// The failure of a test or balance query that brought no answer.
pub fn failure_of_error(error: &CallError) -> Failure {
    let class = match error {
        CallError::Refused(_) => ErrorClass::BadSender,
        CallError::NotSent(_) | CallError::Ambiguous(_) => ErrorClass::Transient,
    };
    Failure::new(class, error.to_string(), String::new())
}

/// The failure of a test or balance query that is told by the status code alone. Nothing was sent, so nothing is open.
pub fn failure_of_status(account: &Account, answer: &Answer) -> Failure {
    let class = match class_of_status(answer.status) {
        ErrorClass::Ambiguous => ErrorClass::Transient,
        class => class,
    };
    let reason = format!("the provider answered with HTTP {}", answer.status);
    Failure::new(class, reason, kept(account, &answer.body))
}

/// What is kept of an answer: its text, cut, with `****` for every credential in it.
pub fn kept(account: &Account, body: &[u8]) -> String {
    let mut text = String::from_utf8_lossy(body).into_owned();
    for secret in account.credentials.values().map(crate::secret::Secret::expose) {
        // Shorter ones would tear holes into innocent words, and are no secrets.
        if secret.len() >= 4 && text.contains(secret) {
            text = text.replace(secret, "****");
        }
    }
    if let Some((end, _)) = text.char_indices().nth(RESPONSE_LENGTH) {
        text.truncate(end);
    }
    text
}

/// The pause that `Retry-After` asks for (RFC 9110 §10.2.3): seconds, or a date, which is compared with the answer's
/// own `Date`, so that nobody's clock matters. `None` if there is none or it is no good.
pub fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    pause(headers, header::RETRY_AFTER.as_str())
}

/// The same from a header of another name.
pub fn pause(headers: &HeaderMap, name: &str) -> Option<Duration> {
    pause_told(headers, headers.get(name)?.to_str().ok()?)
}

/// The same from a text.
pub fn pause_told(headers: &HeaderMap, text: &str) -> Option<Duration> {
    match text.trim().parse() {
        Ok(seconds) => Some(Duration::try_from_secs_f64(seconds).ok()?.min(LONGEST_PAUSE)),
        Err(_) => until(headers, http_date(text)?),
    }
}

/// The pause until a moment of the provider's clock, which the answer's own `Date` tells.
pub fn until(headers: &HeaderMap, moment: jiff::Timestamp) -> Option<Duration> {
    let now = http_date(headers.get(header::DATE)?.to_str().ok()?)?;
    Some(Duration::try_from(moment.duration_since(now)).unwrap_or_default().min(LONGEST_PAUSE))
}

fn http_date(text: &str) -> Option<jiff::Timestamp> {
    jiff::fmt::rfc2822::DateTimeParser::new().parse_timestamp(text.trim()).ok()
}

/// An amount as `KES 0.8000` or `0.8 KES`; `None` if it is neither.
pub fn money(text: &str) -> Option<Money> {
    text.parse().ok()
}

/// An amount and an ISO 4217 code, as texts.
pub fn amount(amount: &str, currency: &str) -> Option<Money> {
    let amount = Decimal::from_str(amount.trim()).ok()?;
    Money::new(amount, currency.trim()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(pairs: &[(&'static str, &str)]) -> HeaderMap {
        pairs.iter().map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap())).collect()
    }

    #[test]
    fn retry_after_in_seconds_or_as_a_date() {
        let after = |pairs: &[(&'static str, &str)]| retry_after(&headers(pairs)).map(|pause| pause.as_secs());
        assert_eq!(after(&[("retry-after", "7")]), Some(7));
        assert_eq!(after(&[("retry-after", " 1.5 ")]), Some(1));
        assert_eq!(after(&[("retry-after", "99999999")]), Some(86_400));
        let date = ("date", "Sun, 06 Nov 1994 08:49:37 GMT");
        assert_eq!(after(&[("retry-after", "Sun, 06 Nov 1994 08:51:37 GMT"), date]), Some(120));
        assert_eq!(after(&[("retry-after", "Sun, 06 Nov 1994 08:00:00 GMT"), date]), Some(0));
        assert_eq!(after(&[("retry-after", "Sun, 06 Nov 1994 08:51:37 GMT")]), None);
        assert_eq!(after(&[("retry-after", "-3")]), None);
        assert_eq!(after(&[("retry-after", "soon"), date]), None);
        assert_eq!(after(&[]), None);
    }

    #[test]
    fn what_is_kept_is_short_and_without_credentials() {
        let mut account = crate::testing::account(crate::Kind::Custom);
        account.credentials.insert("apiKey".into(), "s3cret-key".into());
        account.credentials.insert("pin".into(), "ok".into());
        assert_eq!(kept(&account, b"bad key s3cret-key, ok"), "bad key ****, ok");
        assert_eq!(kept(&account, "é".repeat(600).as_bytes()).chars().count(), 500);
        assert_eq!(kept(&account, b"\xff!"), "\u{fffd}!");
    }

    #[test]
    fn amounts() {
        assert_eq!(money("KES 0.8000"), amount("0.8000", "KES"));
        assert_eq!(money("99.61 USD"), amount("99.61", "USD"));
        assert!(money("KES 0.8").is_some());
        assert_eq!(money("0"), None);
        assert_eq!(money("None"), None);
        assert_eq!(money("USD many"), None);
    }

    #[test]
    fn every_status_has_a_class() {
        let class = |status| class_of_status(status);
        assert_eq!(class(401), ErrorClass::BadCredentials);
        assert_eq!(class(402), ErrorClass::InsufficientBalance);
        assert_eq!(class(429), ErrorClass::RateLimited);
        assert_eq!(class(503), ErrorClass::Transient);
        for status in [500, 502, 504, 520] {
            assert_eq!(class(status), ErrorClass::Ambiguous, "{status}");
        }
        assert_eq!(class(302), ErrorClass::BadSender);
        assert_eq!(class(422), ErrorClass::BadContent);
    }
}
