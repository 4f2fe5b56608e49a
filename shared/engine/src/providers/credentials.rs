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

use crate::App;

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
    encrypt(app, &key, &org.to_string(), &plain)
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
    let context = format!("data-key {org}");
    let sealed = if let Some(stored) = app.table.get::<DataKey>(&at).await? {
        stored.sealed
    } else {
        let fresh = Zeroizing::new(app.random.bytes::<32>());
        let sealed = encrypt(app, &root, &context, fresh.as_slice())?;
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

fn encrypt(app: &App, key: &[u8; 32], context: &str, plain: &[u8]) -> Result<String> {
    let nonce = app.random.bytes::<NONCE>();
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
