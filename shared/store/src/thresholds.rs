//! When a provider config raises alerts: the thresholds that people set for it.

use domain::{
    Result,
    id::{OrgId, ProviderId},
};
use jiff::Timestamp;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use crate::{keys, messages::due_text, table::Table, update::Update};

/// The thresholds of a config.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Thresholds {
    /// The config.
    pub id: ProviderId,
    /// Its organization.
    pub org: OrgId,
    /// An alert is raised if less is left on the account, in its currency.
    #[serde(with = "rust_decimal::serde::str_option", default)]
    pub balance_below: Option<Decimal>,
    /// An alert is raised if a smaller part of today's copies arrives, 0 to 1.
    pub delivery_rate_below: Option<f64>,
    /// The partition of the `due` index, while there is a threshold.
    pub due_partition: Option<String>,
    /// When they are looked at next.
    pub due_at: Option<String>,
}

impl Thresholds {
    /// None.
    pub fn none(org: OrgId, id: ProviderId) -> Self {
        Self { id, org, balance_below: None, delivery_rate_below: None, due_partition: None, due_at: None }
    }

    /// Lets the sweep look at `at`, if there is anything to look at.
    #[must_use]
    pub fn due(mut self, at: Timestamp) -> Self {
        let any = self.balance_below.is_some() || self.delivery_rate_below.is_some();
        self.due_partition = any.then(|| keys::due_partition(self.id.shard(keys::DUE_SHARDS)));
        self.due_at = any.then(|| due_text(at));
        self
    }
}

/// The thresholds of a config; none, if nobody set any.
pub async fn get(table: &Table, org: OrgId, id: ProviderId) -> Result<Thresholds> {
    let found: Option<Thresholds> = table.get(&keys::thresholds(org, id)).await?;
    Ok(found.unwrap_or_else(|| Thresholds::none(org, id)))
}

/// Sets the thresholds of a config.
pub async fn put(table: &Table, thresholds: &Thresholds) -> Result<()> {
    table.put(&keys::thresholds(thresholds.org, thresholds.id), thresholds).await
}

/// Puts off the next look. `false`: there is nothing to look at any more.
pub async fn postpone(table: &Table, org: OrgId, id: ProviderId, until: Timestamp) -> Result<bool> {
    let update =
        Update::of(keys::thresholds(org, id)).set("dueAt", due_text(until)).compare("dueAt", "<", due_text(until));
    table.update(update).await
}

/// Removes the thresholds of a config that is no more.
pub async fn delete(table: &Table, org: OrgId, id: ProviderId) -> Result<()> {
    table.delete(&keys::thresholds(org, id)).await
}
