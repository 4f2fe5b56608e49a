//! Suppressions: addresses that get no messages. They hang on the address, so they outlive the contact.
//!
//! Invariants: an address has at most one suppression per channel (and one for all channels); the suppression, the
//! marker of its address, the counter and the version of the list move in one transaction. So whoever read the version
//! before the markers, and finds it unchanged later, need not read the markers again.

mod list;

use std::collections::{HashMap, HashSet};

use aws_sdk_dynamodb::types::TransactWriteItem;
use domain::{
    Error, Result,
    id::{OrgId, ProviderId, SuppressionId},
    message::Channel,
    suppression::{RemovalReason, SuppressedChannel, SuppressionReason, SuppressionSource},
};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

pub use list::{Filter, all, list, search};

use crate::{
    counters::{self, names::SUPPRESSIONS as COUNTER},
    keys,
    table::Table,
    transaction::Cancelled,
    update::Update,
};

/// How many suppressions go into one transaction: two writes each, the counter and the version; 100 are allowed.
const AT_ONCE: usize = 49;

/// How often a write is made again because someone else was quicker.
const TRIES: usize = 10;

/// A suppression as stored.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Suppression {
    /// Its id.
    pub id: SuppressionId,
    /// E.164, or an e-mail address in lower case.
    pub address: String,
    /// What it is for.
    pub channel: SuppressedChannel,
    /// Why.
    pub reason: SuppressionReason,
    /// How it came to be.
    pub source: SuppressionSource,
    /// In words.
    pub note: Option<String>,
    /// The provider config that told us, if one did.
    pub provider_id: Option<ProviderId>,
    /// Who added it: a user's or an API key's id.
    pub created_by: Option<String>,
    /// When.
    pub created_at: Timestamp,
}

/// What is kept of a suppression that was taken off the list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Removed {
    /// As it was.
    #[serde(flatten)]
    pub suppression: Suppression,
    /// When it was taken off.
    pub removed_at: Timestamp,
    /// Who did: a user's or an API key's id; nobody, if the person themselves did.
    pub removed_by: Option<String>,
    /// Why.
    pub removal_reason: RemovalReason,
}

/// On which channels an address is suppressed, and by which suppression. May be empty.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, rename_all = "UPPERCASE")]
pub(crate) struct Marker {
    all: Option<SuppressionId>,
    sms: Option<SuppressionId>,
    whatsapp: Option<SuppressionId>,
    email: Option<SuppressionId>,
}

impl Marker {
    fn of(&self, channel: SuppressedChannel) -> Option<SuppressionId> {
        match channel {
            SuppressedChannel::All => self.all,
            SuppressedChannel::Sms => self.sms,
            SuppressedChannel::WhatsApp => self.whatsapp,
            SuppressedChannel::Email => self.email,
        }
    }

    /// Whether messages on `channel` are held back.
    fn covers(&self, channel: Channel) -> bool {
        self.all.is_some() || self.of(channel.into()).is_some()
    }

    fn ids(&self) -> Vec<SuppressionId> {
        SuppressedChannel::ALL.iter().filter_map(|channel| self.of(*channel)).collect()
    }
}

#[derive(Debug, Clone, Copy, Deserialize)]
pub(crate) struct Version {
    pub version: u64,
}

/// The version of the list: 0 until the first suppression, and another number after each change.
pub async fn version(table: &Table, org: OrgId) -> Result<u64> {
    let item: Option<Version> = table.get(&keys::suppressions_version(org)).await?;
    Ok(item.map_or(0, |item| item.version))
}

fn moved(table: &Table, org: OrgId) -> Result<TransactWriteItem> {
    table.tx_update(Update::of(keys::suppressions_version(org)).add("version", 1))
}

async fn markers(table: &Table, org: OrgId, addresses: &[&str]) -> Result<Vec<Option<Marker>>> {
    let keys: Vec<_> = addresses.iter().map(|address| keys::suppressed_address(org, address)).collect();
    table.get_many(&keys).await
}

/// Those of `addresses` that get no messages on `channel`. One read unit an address.
pub async fn among(table: &Table, org: OrgId, channel: Channel, addresses: &[&str]) -> Result<HashSet<String>> {
    let markers = markers(table, org, addresses).await?;
    let covered = |marker: &Option<Marker>| marker.as_ref().is_some_and(|marker| marker.covers(channel));
    Ok(addresses
        .iter()
        .zip(markers)
        .filter(|(_, marker)| covered(marker))
        .map(|(address, _)| (*address).to_owned())
        .collect())
}

/// Puts suppressions on the list. Gives for each the id of the one that stands: its own, or that of an older one for the
/// same address and channel, which stays as it is.
pub async fn add(table: &Table, org: OrgId, new: &[Suppression]) -> Result<Vec<SuppressionId>> {
    let mut standing = Vec::with_capacity(new.len());
    for part in new.chunks(AT_ONCE) {
        standing.extend(add_some(table, org, part).await?);
    }
    Ok(standing)
}

async fn add_some(table: &Table, org: OrgId, new: &[Suppression]) -> Result<Vec<SuppressionId>> {
    let addresses: Vec<&str> = new.iter().map(|one| one.address.as_str()).collect();
    for _ in 0..TRIES {
        let markers = markers(table, org, &addresses).await?;
        let mut standing = Vec::with_capacity(new.len());
        let mut writes = Vec::new();
        let mut first: HashMap<(&str, SuppressedChannel), SuppressionId> = HashMap::new();
        for (one, marker) in new.iter().zip(markers) {
            let older = marker.and_then(|marker| marker.of(one.channel));
            let earlier = first.get(&(one.address.as_str(), one.channel)).copied();
            standing.push(older.or(earlier).unwrap_or(one.id));
            if older.is_some() || earlier.is_some() {
                continue;
            }
            first.insert((&one.address, one.channel), one.id);
            let mark = Update::of(keys::suppressed_address(org, &one.address))
                .set(one.channel.name(), one.id)
                .if_unset(one.channel.name());
            writes.push(table.tx_update(mark)?);
            writes.push(table.tx_put(&keys::suppression(org, one.id), one)?);
        }
        let count = i64::try_from(first.len()).map_err(Error::internal)?;
        let Some(seed) = new.first().filter(|_| count > 0) else { return Ok(standing) };
        writes.push(counters::add(table, org, COUNTER, seed.id.shard(keys::SHARDS), count)?);
        writes.push(moved(table, org)?);
        match table.transact(writes).await {
            Ok(()) => return Ok(standing),
            // Somebody added one of them meanwhile.
            Err(Cancelled::Conditions(_)) => {}
            Err(Cancelled::Other(error)) => return Err(error),
        }
    }
    Err(Error::Unavailable("a suppressed address is busy".into()))
}

/// A suppression; not found if there is none, or if it was taken off the list.
pub async fn get(table: &Table, org: OrgId, id: SuppressionId) -> Result<Suppression> {
    table.get(&keys::suppression(org, id)).await?.ok_or_else(|| Error::not_found("suppression", id))
}

/// What is kept of a suppression that was taken off the list.
pub async fn removed(table: &Table, org: OrgId, id: SuppressionId) -> Result<Option<Removed>> {
    table.get(&keys::removed_suppression(org, id)).await
}

/// The suppressions of one address, on all channels.
pub async fn of_address(table: &Table, org: OrgId, address: &str) -> Result<Vec<Suppression>> {
    let marker = markers(table, org, &[address]).await?.pop().flatten().unwrap_or_default();
    by_ids(table, org, &marker.ids()).await
}

async fn by_ids(table: &Table, org: OrgId, ids: &[SuppressionId]) -> Result<Vec<Suppression>> {
    let keys: Vec<_> = ids.iter().map(|id| keys::suppression(org, *id)).collect();
    Ok(table.get_many(&keys).await?.into_iter().flatten().collect())
}

/// Takes a suppression off the list. Not found if it is not on it.
pub async fn remove(table: &Table, org: OrgId, removed: &Removed) -> Result<()> {
    let Suppression { id, address, channel, .. } = &removed.suppression;
    let unmark =
        Update::of(keys::suppressed_address(org, address)).remove(channel.name()).if_equal(channel.name(), *id);
    let writes = vec![
        table.tx_delete(&keys::suppression(org, *id), true)?,
        table.tx_update(unmark)?,
        table.tx_put(&keys::removed_suppression(org, *id), removed)?,
        counters::add(table, org, COUNTER, id.shard(keys::SHARDS), -1)?,
        moved(table, org)?,
    ];
    match table.transact(writes).await {
        Ok(()) => Ok(()),
        Err(Cancelled::Conditions(_)) => Err(Error::not_found("suppression", id)),
        Err(Cancelled::Other(error)) => Err(error),
    }
}

/// How many there are.
pub async fn total(table: &Table, org: OrgId) -> Result<u64> {
    counters::read_one(table, org, COUNTER).await
}
