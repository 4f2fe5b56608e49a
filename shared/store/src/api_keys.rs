//! API keys. The secret itself is not kept: a request's key is found by its SHA-256.

use aws_sdk_dynamodb::types::TransactWriteItem;
use domain::{
    Error, Result,
    access::Scope,
    id::{ApiKeyId, OrgId},
};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{Page, keys, range::Range, table::Table};

/// An API key, as stored: once in its organization, and once by its hash for requests.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ApiKey {
    /// Its id.
    pub id: ApiKeyId,
    /// Whose.
    pub org_id: OrgId,
    /// What it is for, in its maker's words.
    pub name: String,
    /// What it may do.
    pub scopes: Vec<Scope>,
    /// SHA-256 of the secret, in hex.
    pub hash: String,
    /// How the secret begins, so that people can tell keys apart.
    pub prefix: String,
    /// Who made it: a user's or an API key's id.
    pub created_by: String,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it ends; never if absent.
    pub expires_at: Option<Timestamp>,
}

/// A new key, for a transaction.
pub fn create(table: &Table, key: &ApiKey) -> Result<Vec<TransactWriteItem>> {
    Ok(vec![
        table.tx_put_new(&keys::api_key(key.org_id, key.id), key)?,
        table.tx_put_new(&keys::api_key_hash(&key.hash), key)?,
    ])
}

/// A key of an organization; not found if there is none.
pub async fn get(table: &Table, org: OrgId, id: ApiKeyId) -> Result<ApiKey> {
    table.get(&keys::api_key(org, id)).await?.ok_or_else(|| Error::not_found("API key", id))
}

/// The key with this hash.
pub async fn by_hash(table: &Table, hash: &str) -> Result<Option<ApiKey>> {
    table.get(&keys::api_key_hash(hash)).await
}

/// One page of an organization's keys, newest first.
pub async fn list(table: &Table, org: OrgId, after: Option<String>, limit: usize) -> Result<Page<ApiKey>> {
    let range = Range::prefix(vec![keys::org(org)], keys::API_KEYS, limit).backward().after(after);
    crate::page::read(table, range, limit, false, |_| true).await
}

/// Removes a key; it stops at once.
pub async fn delete(table: &Table, key: &ApiKey) -> Result<()> {
    let writes = vec![
        table.tx_delete(&keys::api_key_hash(&key.hash), false)?,
        table.tx_delete(&keys::api_key(key.org_id, key.id), false)?,
    ];
    Ok(table.transact(writes).await?)
}
