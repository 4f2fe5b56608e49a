//! Alerts: what a person should look at.

use domain::{
    Result,
    id::{AlertId, OrgId},
};
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    counters,
    keys::{self, Key},
    messages::due_text,
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
    /// New members of a group could not be asked to confirm.
    ConfirmationsNotSent,
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
    /// Whose it is, for the sweep.
    #[serde(default)]
    pub org: Option<OrgId>,
    /// How often mailing it was begun.
    #[serde(default)]
    pub mail_tries: u32,
    /// The partition of the `due` index, while it is to be mailed.
    #[serde(default)]
    pub due_partition: Option<String>,
    /// When that is to be done next.
    #[serde(default)]
    pub due_at: Option<String>,
}

/// The name of the counter of alerts.
const COUNTER: &str = "alerts";

/// What stands for an alert while it is open.
#[derive(Serialize)]
struct Open {
    alert: AlertId,
}

fn open_key(org: OrgId, alert: &Alert) -> Key {
    keys::open_alert(org, &format!("{:?}", alert.kind), alert.subject.as_deref().unwrap_or_default())
}

/// Writes a new alert. `false`: an open one says the same.
pub async fn put(table: &Table, org: OrgId, alert: &Alert) -> Result<bool> {
    let writes = vec![
        table.tx_put_new(&open_key(org, alert), &Open { alert: alert.id })?,
        table.tx_put_new(&keys::alert(org, alert.id), alert)?,
        counters::add(table, org, COUNTER, alert.id.shard(keys::SHARDS), 1)?,
    ];
    match table.transact(writes).await {
        Ok(()) => Ok(true),
        Err(cancelled) if cancelled.failed(0) => Ok(false),
        Err(cancelled) => Err(cancelled.into()),
    }
}

/// An alert; not found if there is none.
pub async fn get(table: &Table, org: OrgId, id: AlertId) -> Result<Alert> {
    table.get(&keys::alert(org, id)).await?.ok_or_else(|| domain::Error::not_found("alert", id))
}

/// Puts off mailing an alert. `false`: it need not be mailed any more, or another was quicker.
pub async fn postpone(table: &Table, org: OrgId, id: AlertId, until: Timestamp) -> Result<bool> {
    let until = due_text(until);
    table.update(Update::of(keys::alert(org, id)).set("dueAt", &until).compare("dueAt", "<", &until)).await
}

/// Notes that mailing an alert was begun once more: it is done, or `next` is when the rest is tried.
pub async fn mailed(table: &Table, org: OrgId, id: AlertId, next: Option<Timestamp>) -> Result<()> {
    let update = Update::of(keys::alert(org, id)).add("mailTries", 1).if_exists();
    let update = match next {
        Some(next) => update.set("dueAt", due_text(next)),
        None => update.remove("dueAt").remove("duePartition"),
    };
    table.update(update).await.map(|_| ())
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
    let alert = get(table, org, id).await?;
    if alert.acknowledged_at.is_some() {
        return Ok(alert);
    }
    let update = Update::of(keys::alert(org, id)).set("acknowledgedAt", now).set("acknowledgedBy", by);
    let writes =
        vec![table.tx_update(update.if_unset("acknowledgedAt"))?, table.tx_delete(&open_key(org, &alert), false)?];
    match table.transact(writes).await {
        // Another was quicker: the first one counts.
        Ok(()) => get(table, org, id).await,
        Err(cancelled) if cancelled.failed(0) => get(table, org, id).await,
        Err(cancelled) => Err(cancelled.into()),
    }
}
