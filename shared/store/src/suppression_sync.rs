//! How far the lists that providers keep of their own were read: who opted out there, complained or bounced.

use domain::{
    Result,
    id::{OrgId, ProviderId},
};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{keys, messages::due_text, table::Table, update::Update};

/// How far the list of a config's provider was read.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SuppressionSync {
    /// The config.
    pub id: ProviderId,
    /// Its organization.
    pub org: OrgId,
    /// Where reading goes on; `None` at the beginning.
    pub cursor: Option<String>,
    /// Addresses read in this pass.
    pub read: u64,
    /// Those of them that were not on our list.
    pub added: u64,
    /// When this pass began.
    pub began_at: Timestamp,
    /// When the last whole pass was done.
    pub finished_at: Option<Timestamp>,
    /// Why the last call failed, in words.
    pub error: Option<String>,
    /// The partition of the `due` index.
    pub due_partition: Option<String>,
    /// When it is read next.
    pub due_at: Option<String>,
}

impl SuppressionSync {
    /// A list of which nothing was read, to be read at `at`.
    pub fn new(org: OrgId, id: ProviderId, at: Timestamp) -> Self {
        Self {
            id,
            org,
            cursor: None,
            read: 0,
            added: 0,
            began_at: at,
            finished_at: None,
            error: None,
            due_partition: Some(keys::due_partition(id.shard(keys::DUE_SHARDS))),
            due_at: Some(due_text(at)),
        }
    }
}

/// How far a list was read, if it is read at all.
pub async fn find(table: &Table, org: OrgId, id: ProviderId) -> Result<Option<SuppressionSync>> {
    table.get(&keys::suppression_sync(org, id)).await
}

/// Notes how far a list was read.
pub async fn put(table: &Table, sync: &SuppressionSync) -> Result<()> {
    table.put(&keys::suppression_sync(sync.org, sync.id), sync).await
}

/// Puts off the next look. `false`: there is none to put off.
pub async fn postpone(table: &Table, org: OrgId, id: ProviderId, until: Timestamp) -> Result<bool> {
    let until = due_text(until);
    let update = Update::of(keys::suppression_sync(org, id)).set("dueAt", &until).compare("dueAt", "<", &until);
    table.update(update).await
}

/// Forgets a list whose config is no more.
pub async fn delete(table: &Table, org: OrgId, id: ProviderId) -> Result<()> {
    table.delete(&keys::suppression_sync(org, id)).await
}
