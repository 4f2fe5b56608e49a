//! The secret `signing`: the private key of access tokens, and the setup token of the deployment.
//!
//! `{"kid": "…", "key": "<PKCS#8 PEM of an Ed25519 key>"}`, or `{"kid": "…", "seed": "<at least 32 random
//! characters>"}`, which is what CloudFormation can make by itself; with `"setupToken"` for the first owner. To
//! rotate, store another key with another `kid`: tokens of the old one hold until they end, because its public half
//! stays in the table.

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use domain::{Error, Result};
use ed25519_dalek::{SigningKey, pkcs8::DecodePrivateKey};
use engine::{App, app::Random};
use jiff::Timestamp;
use serde::Deserialize;
use sha2::{Digest, Sha256};
use store::signing_keys::{self, PublicKey};
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

/// The shortest seed or setup token that is taken, in bytes.
const SHORTEST: usize = 32;

/// The secret, read.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Signing {
    /// What tokens call the key.
    pub kid: String,
    key: Option<Zeroizing<String>>,
    seed: Option<Zeroizing<String>>,
    setup_token: Option<Zeroizing<String>>,
}

impl Signing {
    /// Reads the secret. Only functions with `Grant::SigningSecret` can.
    pub async fn read(app: &App) -> Result<Self> {
        Self::parse(&app.secrets.signing().await?)
    }

    fn parse(text: &str) -> Result<Self> {
        // The parser's own text might quote the secret.
        serde_json::from_str(text).map_err(|_| Error::internal("the secret `signing` is not as it should be"))
    }

    /// The private key.
    pub fn key(&self) -> Result<SigningKey> {
        match (&self.key, &self.seed) {
            (Some(pem), _) => {
                SigningKey::from_pkcs8_pem(pem).map_err(|_| Error::internal("`signing.key` is no Ed25519 key"))
            }
            (None, Some(seed)) if seed.len() >= SHORTEST => {
                Ok(SigningKey::from_bytes(&Sha256::digest(seed.as_bytes()).into()))
            }
            _ => Err(Error::internal("the secret `signing` has neither `key` nor a long enough `seed`")),
        }
    }

    /// Makes the public half known to all functions.
    pub async fn publish(&self, app: &App) -> Result<()> {
        let x = BASE64_URL_SAFE_NO_PAD.encode(self.key()?.verifying_key().as_bytes());
        match signing_keys::get(&app.table, &self.kid).await? {
            None => {
                let key = PublicKey { kid: self.kid.clone(), x, created_at: app.now() };
                signing_keys::publish(&app.table, &key).await
            }
            Some(known) if known.x == x => Ok(()),
            // Verifiers keep keys by id, so a new key needs an id of its own.
            Some(_) => Err(Error::internal("the secret `signing` has a new key under an old `kid`")),
        }
    }

    /// Whether this is the token that lets the first owner in.
    pub fn is_setup_token(&self, token: &str) -> bool {
        let right = self.setup_token.as_ref().filter(|right| right.len() >= SHORTEST);
        right.is_some_and(|right| right.as_bytes().ct_eq(token.as_bytes()).into())
    }
}

/// A new secret, for a deployment that has none.
pub fn new_signing_secret(now: Timestamp, random: Random) -> String {
    let seed = hex::encode(random.bytes::<32>());
    serde_json::json!({ "kid": format!("k{}", now.as_second()), "seed": seed, "created": now.to_string() }).to_string()
}

/// Makes the public half of the signing key known to all functions.
pub async fn publish_signing_key(app: &App) -> Result<()> {
    Signing::read(app).await?.publish(app).await
}

#[cfg(test)]
mod tests {
    use ed25519_dalek::pkcs8::{EncodePrivateKey, spki::der::pem::LineEnding};

    use super::*;

    #[test]
    fn a_seed_or_a_pem_makes_a_key() {
        let made = Signing::parse(&new_signing_secret(Timestamp::UNIX_EPOCH, Random)).unwrap();
        let key = made.key().unwrap();
        let pem = key.to_pkcs8_pem(LineEnding::LF).unwrap();
        let text = serde_json::json!({ "kid": "1", "key": pem.as_str() }).to_string();
        assert_eq!(Signing::parse(&text).unwrap().key().unwrap().to_bytes(), key.to_bytes());
        assert!(Signing::parse(r#"{"kid":"1","seed":"short"}"#).unwrap().key().is_err());
        assert!(Signing::parse(r#"{"kid":"1"}"#).unwrap().key().is_err());
    }

    #[test]
    fn a_setup_token_is_exact_and_long() {
        let long = "x".repeat(32);
        let signing = Signing::parse(&serde_json::json!({ "kid": "1", "setupToken": long }).to_string()).unwrap();
        assert!(signing.is_setup_token(&long));
        assert!(!signing.is_setup_token(""));
        let short = Signing::parse(r#"{"kid":"1","setupToken":"short"}"#).unwrap();
        assert!(!short.is_setup_token("short"));
    }
}
