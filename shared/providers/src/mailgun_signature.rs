//! Mailgun's signature: HMAC-SHA256 in hexadecimal over `timestamp` and `token`, in the JSON of the call.
//! <https://documentation.mailgun.com/docs/mailgun/user-manual/webhooks/securing-webhooks>
//!
//! The body itself is not signed, so a signature that somebody saw would prove any body. It is therefore young, and a token
//! proves one body only: these are remembered for as long as they are young, in this process.

use std::{
    collections::BTreeMap,
    sync::{Mutex, PoisonError},
};

use serde::Deserialize;

use crate::{
    provider::{Account, Forged, WebhookRequest},
    signature,
};

/// The oldest a signature may be, and how far ahead their clock, in seconds: that of their own libraries.
const AGE: i64 = 900;
/// The most tokens that are remembered; beyond that the oldest go.
const TOKENS: usize = 100_000;

#[derive(Deserialize)]
struct Call {
    signature: Signature,
}

#[derive(Deserialize)]
#[expect(clippy::struct_field_names, reason = "named as they name it")]
struct Signature {
    timestamp: serde_json::Value,
    token: String,
    signature: String,
}

/// Tokens that came, by time, with the digest of the body that each proved.
#[derive(Default)]
struct Seen(BTreeMap<(i64, String), Vec<u8>>);

static SEEN: Mutex<Seen> = Mutex::new(Seen(BTreeMap::new()));

impl Seen {
    /// Whether a token came with another body.
    fn replayed(&mut self, at: i64, token: &str, body: &[u8], now: i64) -> bool {
        self.0 = self.0.split_off(&(now.saturating_sub(AGE), String::new()));
        if self.0.len() >= TOKENS {
            self.0.pop_first();
        }
        let digest = signature::sha256(body);
        // The same call, made again because our answer got lost, is no forgery.
        *self.0.entry((at, token.to_owned())).or_insert_with(|| digest.clone()) != digest
    }
}

/// Whether Mailgun made this call.
pub(crate) fn verify(account: &Account, request: &WebhookRequest) -> Result<(), Forged> {
    let key = account
        .credential("webhookSigningKey")
        .ok_or_else(|| Forged("the config has no webhook signing key, so nothing proves the call".to_owned()))?;
    let call: Call =
        serde_json::from_slice(&request.body).map_err(|_| Forged("no `signature` in the body".to_owned()))?;
    let Signature { timestamp, token, signature: code } = call.signature;
    // A text by their pages; a number in some calls.
    let timestamp = timestamp.as_str().map_or_else(|| timestamp.to_string(), str::to_owned);
    let expected = signature::hmac_sha256(key.expose().as_bytes(), &[timestamp.as_bytes(), token.as_bytes()]);
    if !signature::is_hex_of(&code, &expected) {
        return Err(Forged("the signature is not that of timestamp and token".to_owned()));
    }
    let at: i64 = timestamp.parse().map_err(|_| Forged("the timestamp is not a number".to_owned()))?;
    let now = request.received_at.as_second();
    if now.abs_diff(at) > AGE.unsigned_abs() {
        return Err(Forged("the signature is too old, or from the future".to_owned()));
    }
    let mut seen = SEEN.lock().unwrap_or_else(PoisonError::into_inner);
    if seen.replayed(at, &token, &request.body, now) {
        return Err(Forged("the token came with another body before".to_owned()));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use http::Method;
    use jiff::Timestamp;
    use serde_json::json;

    use super::*;
    use crate::{Kind, testing};

    const CODE: &str = "c831b43c5b16fe108131ca2a0ee82b53808fd53255a924f124c12c5aa8b5c2a3";

    fn judge(key: &str, timestamp: &str, token: &str, code: &str, event: &str, now: i64) -> Result<(), Forged> {
        let mut account = testing::account(Kind::Mailgun);
        account.credentials.insert("webhookSigningKey".into(), key.into());
        let body = json!({
            "signature": { "timestamp": timestamp, "token": token, "signature": code },
            "event-data": { "event": event },
        });
        let mut request = testing::webhook(Method::POST, &[], "", &body.to_string());
        request.received_at = Timestamp::from_second(now).unwrap();
        verify(&account, &request)
    }

    #[test]
    fn the_known_answer() {
        let token = "a".repeat(50);
        let judge = |key: &str, timestamp: &str, code: &str, now| judge(key, timestamp, &token, code, "opened", now);
        assert_eq!(judge("key-test", "1700000000", CODE, 1_700_000_000), Ok(()));
        assert_eq!(judge("key-test", "1700000000", &CODE.to_uppercase(), 1_700_000_900), Ok(()));
        for (key, timestamp, code, now) in [
            ("key-tess", "1700000000", CODE, 1_700_000_000),
            ("key-test", "1700000001", CODE, 1_700_000_000),
            ("key-test", "1700000000", &CODE[..62], 1_700_000_000),
            ("key-test", "1700000000", "", 1_700_000_000),
            ("key-test", "1700000000", CODE, 1_700_000_901),
            ("key-test", "1700000000", CODE, 1_699_999_099),
            ("", "1700000000", CODE, 1_700_000_000),
        ] {
            assert!(judge(key, timestamp, code, now).is_err(), "{key} {timestamp} {code} {now}");
        }
    }

    #[test]
    fn a_token_proves_one_body() {
        let (key, token, at) = ("another-key", "b".repeat(50), 1_700_000_000);
        let code = hex::encode(signature::hmac_sha256(key.as_bytes(), &[b"1700000000", token.as_bytes()]));
        let judge = |event: &str, now| judge(key, "1700000000", &token, &code, event, now);
        assert_eq!(judge("delivered", at), Ok(()));
        assert_eq!(judge("delivered", at + 5), Ok(()), "the same call, made again");
        assert!(judge("complained", at + 5).unwrap_err().0.contains("another body"));
    }

    #[test]
    fn what_is_too_old_is_forgotten() {
        let mut seen = Seen::default();
        assert!(!seen.replayed(1_000, "t", b"a", 1_000));
        assert!(seen.replayed(1_000, "t", b"b", 1_900));
        assert!(!seen.replayed(3_000, "u", b"a", 3_000));
        assert_eq!(seen.0.len(), 1);
    }
}
