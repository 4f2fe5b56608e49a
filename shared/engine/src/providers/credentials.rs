//! Credentials under lock: AES-256-GCM under the organization's data key, which itself is encrypted under the root
//! key and kept in the table. A table without the root key shows nothing.

use std::collections::BTreeMap;

use ::providers::{Credentials, Secret};
use aes_gcm::{
    Aes256Gcm, KeyInit, Nonce,
    aead::{Aead, Payload},
};
use base64::{Engine, prelude::BASE64_STANDARD};
use domain::{Error, Result, id::OrgId};
use serde::{Deserialize, Serialize};
use store::keys;
use zeroize::Zeroizing;

use crate::{App, app::Random};

const NONCE: usize = 12;

#[derive(Serialize, Deserialize)]
struct DataKey {
    sealed: String,
}

/// Encrypts credentials for an organization.
pub async fn seal(app: &App, org: OrgId, credentials: &Credentials) -> Result<String> {
    let plain: BTreeMap<&str, &str> =
        credentials.iter().map(|(name, secret)| (name.as_str(), secret.expose())).collect();
    let plain = Zeroizing::new(serde_json::to_vec(&plain).map_err(Error::internal)?);
    let key = data_key(app, org).await?;
    encrypt(app.random, &key, &org.to_string(), &plain)
}

/// Decrypts credentials of an organization.
pub async fn open(app: &App, org: OrgId, sealed: &str) -> Result<Credentials> {
    let key = data_key(app, org).await?;
    let plain = decrypt(&key, &org.to_string(), sealed)?;
    let plain: BTreeMap<String, Zeroizing<String>> =
        serde_json::from_slice(&plain).map_err(|_| Error::internal("credentials are malformed"))?;
    Ok(plain.into_iter().map(|(name, secret)| (name, Secret::new(secret.as_str()))).collect())
}

/// The organization's data key, made at first use. It never changes, so it is read once an instance.
async fn data_key(app: &App, org: OrgId) -> Result<Zeroizing<[u8; 32]>> {
    if let Some(key) = app.known.data_keys.get(&org) {
        return Ok(key);
    }
    let key = read_data_key(app, org).await?;
    app.known.data_keys.put(org, key.clone());
    Ok(key)
}

async fn read_data_key(app: &App, org: OrgId) -> Result<Zeroizing<[u8; 32]>> {
    let root = app.secrets.root().await?;
    let at = keys::data_key(org);
    let context = key_context(org);
    let sealed = if let Some(stored) = app.table.get::<DataKey>(&at).await? {
        stored.sealed
    } else {
        let fresh = Zeroizing::new(app.random.bytes::<32>());
        let sealed = encrypt(app.random, &root, &context, fresh.as_slice())?;
        if app.table.put_new(&at, &DataKey { sealed: sealed.clone() }).await? {
            sealed
        } else {
            let stored: Option<DataKey> = app.table.get(&at).await?;
            stored.ok_or_else(|| Error::internal("a data key vanished"))?.sealed
        }
    };
    let plain = decrypt(&root, &context, &sealed)?;
    let key: [u8; 32] = plain.as_slice().try_into().map_err(|_| Error::internal("a data key is malformed"))?;
    Ok(Zeroizing::new(key))
}

/// What a data key is bound to.
fn key_context(org: OrgId) -> String {
    format!("data-key {org}")
}

fn encrypt(random: Random, key: &[u8; 32], context: &str, plain: &[u8]) -> Result<String> {
    let nonce = random.bytes::<NONCE>();
    let cipher = Aes256Gcm::new(key.into());
    let sealed = cipher
        .encrypt(&Nonce::from(nonce), Payload { msg: plain, aad: context.as_bytes() })
        .map_err(|_| Error::internal("encryption failed"))?;
    Ok(BASE64_STANDARD.encode([nonce.as_slice(), &sealed].concat()))
}

fn decrypt(key: &[u8; 32], context: &str, sealed: &str) -> Result<Zeroizing<Vec<u8>>> {
    let bad = || Error::internal("something encrypted cannot be read: was the root key replaced?");
    let bytes = BASE64_STANDARD.decode(sealed).map_err(|_| bad())?;
    let (nonce, sealed) = bytes.split_at_checked(NONCE).ok_or_else(bad)?;
    let nonce: [u8; NONCE] = nonce.try_into().map_err(|_| bad())?;
    let cipher = Aes256Gcm::new(key.into());
    let plain =
        cipher.decrypt(&Nonce::from(nonce), Payload { msg: sealed, aad: context.as_bytes() }).map_err(|_| bad())?;
    Ok(Zeroizing::new(plain))
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::*;

    const PLAIN: &[u8] = br#"{"apiKey":"sk-live-quiet-harbour"}"#;

    fn org(number: u128) -> OrgId {
        OrgId::new(Timestamp::UNIX_EPOCH, number)
    }

    fn opened(key: u8, context: &str, sealed: &str) -> Option<Vec<u8>> {
        decrypt(&[key; 32], context, sealed).ok().map(|plain| plain.to_vec())
    }

    #[test]
    fn sealed_credentials_open_under_their_key_and_in_their_organization_only() {
        let (mine, other) = (org(1).to_string(), org(2).to_string());
        let sealed = encrypt(Random, &[1; 32], &mine, PLAIN).unwrap();
        assert_eq!(opened(1, &mine, &sealed).as_deref(), Some(PLAIN));
        assert_eq!(opened(1, &other, &sealed), None, "another organization");
        assert_eq!(opened(2, &mine, &sealed), None, "another key");
        assert_ne!(sealed, encrypt(Random, &[1; 32], &mine, PLAIN).unwrap(), "a nonce serves once");
        let bytes = BASE64_STANDARD.decode(&sealed).unwrap();
        assert!(!String::from_utf8_lossy(&bytes).contains("harbour"));
    }

    #[test]
    fn a_data_key_opens_under_its_root_key_and_for_its_organization_only() {
        let sealed = encrypt(Random, &[1; 32], &key_context(org(1)), &[7; 32]).unwrap();
        assert_eq!(opened(1, &key_context(org(1)), &sealed), Some(vec![7; 32]));
        assert_eq!(opened(2, &key_context(org(1)), &sealed), None, "another root key");
        assert_eq!(opened(1, &key_context(org(2)), &sealed), None, "another organization");
        assert_eq!(opened(1, &org(1).to_string(), &sealed), None, "a data key is no credentials");
    }

    #[test]
    fn what_was_changed_opens_nothing() {
        let context = org(1).to_string();
        let sealed = encrypt(Random, &[1; 32], &context, PLAIN).unwrap();
        let bytes = BASE64_STANDARD.decode(&sealed).unwrap();
        for place in 0..bytes.len() {
            let mut changed = bytes.clone();
            changed[place] ^= 1;
            assert_eq!(opened(1, &context, &BASE64_STANDARD.encode(changed)), None, "{place}");
        }
        for short in ["", "AAAA", "no base64!", &BASE64_STANDARD.encode(&bytes[..NONCE])] {
            assert_eq!(opened(1, &context, short), None, "{short}");
        }
    }
}
