//! Counters: numbers that move in the same transaction as what they count, spread over shards so that no
//! transaction waits for another.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::TransactWriteItem;
use domain::{Result, id::OrgId};
use serde::{Deserialize, Serialize};

use crate::{
    keys::{self, SHARDS},
    range::Range,
    table::Table,
    update::Update,
};

/// The names of an organization's counters.
pub mod names {
    use domain::id::GroupId;

    /// How many contacts there are.
    pub const CONTACTS: &str = "contacts";
    /// How many groups there are.
    pub const GROUPS: &str = "groups";
    /// How many messages there are.
    pub const MESSAGES: &str = "messages";
    /// How many conversations there are.
    pub const CONVERSATIONS: &str = "conversations";
    /// How many suppressions there are.
    pub const SUPPRESSIONS: &str = "suppressions";

    /// How many members a group has.
    pub fn group(group: GroupId) -> String {
        format!("group:{group}")
    }

    /// How many members of a group have not confirmed.
    pub fn pending(group: GroupId) -> String {
        format!("pending:{group}")
    }

    /// How many contacts carry a tag.
    pub fn tag(tag: &str) -> String {
        format!("tag:{tag}")
    }

    /// How many messages were accepted in a quarter of an hour, by its number since 1970. Every zone's days begin with one.
    pub fn messages_in(quarter: i64) -> String {
        format!("messages@{quarter:010}")
    }

    /// How many messages have a status (its public name).
    pub fn messages_with(status: &str) -> String {
        format!("messages:{status}")
    }
}

#[derive(Serialize, Deserialize)]
struct Counter {
    n: i64,
}

/// A move of a counter, for a transaction. `seed` picks the shard: pass something that differs between writers
/// who work at the same time (a contact's or message's shard).
pub fn add(table: &Table, org: OrgId, name: &str, seed: u8, by: i64) -> Result<TransactWriteItem> {
    table.tx_update(Update::of(keys::counter(org, name, seed % SHARDS)).add("n", by))
}

/// The values of some counters, in the order of their names.
pub async fn read(table: &Table, org: OrgId, names: &[String]) -> Result<Vec<u64>> {
    let keys: Vec<_> =
        names.iter().flat_map(|name| (0..SHARDS).map(move |shard| keys::counter(org, name, shard))).collect();
    let counters: Vec<Option<Counter>> = table.get_many(&keys).await?;
    Ok(counters
        .chunks(usize::from(SHARDS))
        .map(|shards| shards.iter().flatten().map(|counter| counter.n).sum::<i64>().max(0) as u64)
        .collect())
}

/// The sum over all counters with names from `low` to `high`, both included. `None`: there are more than `most`.
pub async fn read_range(table: &Table, org: OrgId, low: &str, high: &str, most: usize) -> Result<Option<u64>> {
    let range = Range {
        partitions: keys::counters(org),
        low: low.into(),
        high: high.into(),
        after: None,
        forward: true,
        limit: most + 1,
        consistent: true,
    };
    let counters: Vec<(String, Counter)> = table.range(&range).await?;
    let sum = counters.iter().map(|(_, counter)| counter.n).sum::<i64>().max(0) as u64;
    Ok((counters.len() <= most).then_some(sum))
}

/// The value of one counter.
pub async fn read_one(table: &Table, org: OrgId, name: &str) -> Result<u64> {
    Ok(read(table, org, &[name.to_owned()]).await?[0])
}

/// Collects moves of counters, so that one transaction moves each counter once.
#[derive(Debug, Default)]
pub struct Moves(HashMap<String, i64>);

impl Moves {
    /// Moves `name` by `by`.
    pub fn add(&mut self, name: impl Into<String>, by: i64) {
        *self.0.entry(name.into()).or_default() += by;
    }

    /// The writes, for a transaction; moves that cancel out are left away.
    pub fn writes(self, table: &Table, org: OrgId, seed: u8) -> Result<Vec<TransactWriteItem>> {
        self.0.into_iter().filter(|(_, by)| *by != 0).map(|(name, by)| add(table, org, &name, seed, by)).collect()
    }
}
