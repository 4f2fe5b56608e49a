//! Keys that every function may read: the public halves of signing keys, by key id, and the key of cursors.
//!
//! The private half is in Secrets Manager. Who can read the table can read every list anyway, so the key that
//! protects cursors against editing may be in it.

use domain::Result;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{keys, table::Table};

/// A public key that access tokens are verified with.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PublicKey {
    /// What tokens call it.
    pub kid: String,
    /// The 32 bytes of the Ed25519 public key, base64url without padding (as a JWK's `x`).
    pub x: String,
    /// When it was first seen here.
    pub created_at: Timestamp,
}

#[derive(Serialize, Deserialize)]
struct CursorKey {
    key: String,
}

/// The public key with this id.
pub async fn get(table: &Table, kid: &str) -> Result<Option<PublicKey>> {
    table.get(&keys::signing_key(kid)).await
}

/// Makes a public key known. One that is known already stays as it is.
pub async fn publish(table: &Table, key: &PublicKey) -> Result<()> {
    table.put_new(&keys::signing_key(&key.kid), key).await.map(|_| ())
}

/// The key of cursors, in hex; `fresh` becomes it if there is none yet.
pub async fn cursor_key(table: &Table, fresh: String) -> Result<String> {
    let place = keys::signing_key("#cursors");
    if let Some(CursorKey { key }) = table.get(&place).await? {
        return Ok(key);
    }
    if table.put_new(&place, &CursorKey { key: fresh.clone() }).await? {
        return Ok(fresh);
    }
    let CursorKey { key } =
        table.get(&place).await?.ok_or_else(|| domain::Error::internal("the key of cursors is gone"))?;
    Ok(key)
}
