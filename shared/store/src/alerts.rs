//! Alerts: what a person should look at.

use domain::{
    Result,
    id::{AlertId, OrgId},
};
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    counters, keys,
    page::{self, Page},
    range::Range,
    table::Table,
    update::Update,
};

/// What an alert is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum AlertKind {
    /// A provider refused the credentials or the sender.
    ProviderCredentials,
    /// A provider account has no money left.
    ProviderBalance,
    /// Less is left on a provider account than somebody wants there to be.
    ProviderBalanceLow,
    /// Fewer copies arrive than somebody wants to.
    ProviderDeliveryDrop,
    /// A scheduled message came up too late, and asks.
    MessageLate,
    /// Nobody accepted a message and some copies are unknown.
    MessageReview,
    /// A scheduled message could not begin.
    MessageFailed,
    /// A part of a message failed too often and was given up.
    MessageStuck,
    /// A webhook endpoint failed for days and gets no more events.
    WebhookEndpointDisabled,
}

/// An alert.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Alert {
    /// Its id.
    pub id: AlertId,
    /// What it is about.
    pub kind: AlertKind,
    /// The id of the thing it is about (`prv_…`, `msg_…`).
    pub subject: Option<String>,
    /// In words.
    pub detail: String,
    /// When it was raised.
    pub created_at: Timestamp,
    /// When somebody acknowledged it.
    pub acknowledged_at: Option<Timestamp>,
    /// Who did.
    pub acknowledged_by: Option<String>,
}

/// The name of the counter of alerts.
const COUNTER: &str = "alerts";

/// Writes a new alert.
pub async fn put(table: &Table, org: OrgId, alert: &Alert) -> Result<()> {
    let writes = vec![
        table.tx_put_new(&keys::alert(org, alert.id), alert)?,
        counters::add(table, org, COUNTER, alert.id.shard(keys::SHARDS), 1)?,
    ];
    Ok(table.transact(writes).await?)
}

/// How many alerts there are, acknowledged or not.
pub async fn total(table: &Table, org: OrgId) -> Result<u64> {
    counters::read_one(table, org, COUNTER).await
}

/// A page of alerts, newest first; with `open` only those that nobody acknowledged.
pub async fn list(table: &Table, org: OrgId, open: bool, after: Option<String>, limit: usize) -> Result<Page<Alert>> {
    let range = Range::prefix(vec![keys::org(org)], keys::ALERTS, limit).backward().after(after);
    page::read(table, range, limit, open, |alert: &Alert| !open || alert.acknowledged_at.is_none()).await
}

/// Acknowledges an alert; a second time changes nothing.
pub async fn acknowledge(table: &Table, org: OrgId, id: AlertId, by: &str, now: Timestamp) -> Result<Alert> {
    let key = keys::alert(org, id);
    let alert: Alert = table.get(&key).await?.ok_or_else(|| domain::Error::not_found("alert", id))?;
    if alert.acknowledged_at.is_some() {
        return Ok(alert);
    }
    let update = Update::of(key).set("acknowledgedAt", now).set("acknowledgedBy", by).if_exists();
    table.update_returning(update).await?.ok_or_else(|| domain::Error::not_found("alert", id))
}
