//! Signatures of Standard Webhooks, version 1, symmetric.
//! Source: <https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md>.

use base64::{Engine, prelude::BASE64_STANDARD};
use domain::{Error, Result};
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use zeroize::Zeroizing;

/// What a secret begins with.
pub const PREFIX: &str = "whsec_";

/// The key in a secret (`whsec_…`).
pub struct SignatureKey(Zeroizing<Vec<u8>>);

impl SignatureKey {
    /// Reads a secret.
    pub fn read(secret: &str) -> Result<Self> {
        let text = secret.strip_prefix(PREFIX).unwrap_or(secret);
        let key = BASE64_STANDARD.decode(text).map_err(|_| Error::internal("a webhook secret is no base64"))?;
        Ok(Self(Zeroizing::new(key)))
    }
}

/// The header `webhook-signature`: one signature a key, with a space between.
pub fn sign(keys: &[SignatureKey], id: &str, timestamp: i64, body: &[u8]) -> String {
    let signatures: Vec<String> = keys
        .iter()
        .map(|key| {
            let mut mac = Hmac::<Sha256>::new_from_slice(&key.0).expect("HMAC takes keys of any length");
            mac.update(format!("{id}.{timestamp}.").as_bytes());
            mac.update(body);
            format!("v1,{}", BASE64_STANDARD.encode(mac.finalize().into_bytes()))
        })
        .collect();
    signatures.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The example that the specification's own libraries are tested with.
    #[test]
    fn known_answer() {
        let key = || SignatureKey::read("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw").unwrap();
        let (id, at, body) = ("msg_p5jXN8AQM9LWM0D4loKWxJek", 1_614_265_330, br#"{"test": 2432232314}"#);
        let expected = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=";
        assert_eq!(sign(&[key()], id, at, body), expected);
        assert_eq!(sign(&[key(), key()], id, at, body), format!("{expected} {expected}"));
        assert_ne!(sign(&[key()], id, at + 1, body), expected);
        assert!(SignatureKey::read("whsec_*").is_err());
    }
}
