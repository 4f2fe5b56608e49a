//! Webhook endpoints: where an organization's own programs are told what happened.

use domain::{
    Error, Result,
    event::EventType,
    id::{OrgId, WebhookEndpointId},
};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{keys, messages::due_text, range::Range, table::Table, update::Update};

/// How many endpoints an organization has at most: each event goes to all of them.
pub const MOST: usize = 20;

/// A webhook endpoint as stored.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct WebhookEndpoint {
    /// Its id.
    pub id: WebhookEndpointId,
    /// Its organization.
    pub org: OrgId,
    /// Where events are sent.
    pub url: String,
    /// Which events; empty: all.
    pub events: Vec<EventType>,
    /// What it is for.
    pub description: Option<String>,
    /// Whether it gets events.
    pub is_active: bool,
    /// The secrets, encrypted under the organization's data key (base64).
    pub secrets: String,
    /// Until when events are also signed with the secret before this one.
    pub previous_secret_until: Option<Timestamp>,
    /// How many calls in a row went wrong.
    #[serde(default)]
    pub failures: u32,
    /// Since when all calls go wrong.
    pub failing_since: Option<Timestamp>,
    /// The last call that went wrong.
    pub last_error: Option<LastError>,
    /// When it was disabled because nothing got through any more.
    pub disabled_at: Option<Timestamp>,
    /// Why.
    pub disabled_reason: Option<String>,
    /// Who made it: a user's or an API key's id.
    pub created_by: String,
    /// When it was made.
    pub created_at: Timestamp,
    /// When a person last changed it.
    pub updated_at: Timestamp,
    /// The partition of the `due` index, while events wait.
    pub due_partition: Option<String>,
    /// When the first of them is due.
    pub due_at: Option<String>,
}

/// A call that went wrong.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct LastError {
    /// When.
    pub at: Timestamp,
    /// In words.
    pub detail: String,
}

impl WebhookEndpoint {
    /// Whether it wants events of this type.
    pub fn wants(&self, kind: EventType) -> bool {
        self.is_active && (self.events.is_empty() || self.events.contains(&kind))
    }
}

/// An endpoint, if there is one.
pub async fn find(table: &Table, org: OrgId, id: WebhookEndpointId) -> Result<Option<WebhookEndpoint>> {
    table.get(&keys::webhook_endpoint(org, id)).await
}

/// An endpoint.
pub async fn get(table: &Table, org: OrgId, id: WebhookEndpointId) -> Result<WebhookEndpoint> {
    find(table, org, id).await?.ok_or_else(|| Error::not_found("webhook endpoint", id))
}

/// All endpoints of an organization, oldest first. There are few.
pub async fn all(table: &Table, org: OrgId) -> Result<Vec<WebhookEndpoint>> {
    let range = Range::prefix(vec![keys::org(org)], keys::WEBHOOK_ENDPOINTS, 1_000);
    Ok(table.range(&range).await?.into_iter().map(|(_, endpoint)| endpoint).collect())
}

/// Changes an endpoint; not found if there is none any more.
pub async fn change(
    table: &Table,
    org: OrgId,
    id: WebhookEndpointId,
    change: impl FnOnce(Update) -> Update,
) -> Result<WebhookEndpoint> {
    let update = change(Update::of(keys::webhook_endpoint(org, id))).if_exists();
    table.update_returning(update).await?.ok_or_else(|| Error::not_found("webhook endpoint", id))
}

/// Removes an endpoint. What is kept of events that were sent to it goes by itself.
pub async fn delete(table: &Table, org: OrgId, id: WebhookEndpointId) -> Result<()> {
    table.delete(&keys::webhook_endpoint(org, id)).await
}

/// Notes that a call went wrong. Of calls that failed together one counts: `false` for the others.
pub async fn failed(table: &Table, endpoint: &WebhookEndpoint, now: Timestamp, detail: &str) -> Result<bool> {
    let update = Update::of(keys::webhook_endpoint(endpoint.org, endpoint.id))
        .set("failures", endpoint.failures + 1)
        .set("failingSince", endpoint.failing_since.unwrap_or(now))
        .set("lastError", LastError { at: now, detail: detail.to_owned() })
        .if_equal("failures", endpoint.failures);
    table.update(update).await
}

/// Notes that a call went well again.
pub async fn recovered(table: &Table, endpoint: &WebhookEndpoint) -> Result<()> {
    let update = Update::of(keys::webhook_endpoint(endpoint.org, endpoint.id))
        .set("failures", 0)
        .remove("failingSince")
        .if_exists();
    table.update(update).await.map(|_| ())
}

/// Takes an endpoint out of use, because nothing gets through. `false`: it is not in use any more.
pub async fn disable(table: &Table, endpoint: &WebhookEndpoint, now: Timestamp, reason: &str) -> Result<bool> {
    let update = Update::of(keys::webhook_endpoint(endpoint.org, endpoint.id))
        .set("isActive", false)
        .set("disabledAt", now)
        .set("disabledReason", reason)
        .remove("dueAt")
        .remove("duePartition")
        .if_equal("isActive", true);
    table.update(update).await
}

/// Lets the sweep look at what waits for an endpoint at `due`, if it would look later or never.
pub async fn due(table: &Table, org: OrgId, id: WebhookEndpointId, due: Timestamp) -> Result<()> {
    let update = Update::of(keys::webhook_endpoint(org, id))
        .set("dueAt", due_text(due))
        .set("duePartition", keys::due_partition(id.shard(keys::DUE_SHARDS)))
        .if_exists()
        .if_absent_or_above("dueAt", due_text(due));
    table.update(update).await.map(|_| ())
}

/// Puts off the sweep's next look. `false`: nothing waits any more.
pub async fn postpone(table: &Table, org: OrgId, id: WebhookEndpointId, until: Timestamp) -> Result<bool> {
    let update = Update::of(keys::webhook_endpoint(org, id)).set("dueAt", due_text(until)).compare(
        "dueAt",
        "<",
        due_text(until),
    );
    table.update(update).await
}

/// Nothing waits for an endpoint.
pub async fn rests(table: &Table, org: OrgId, id: WebhookEndpointId) -> Result<()> {
    let update = Update::of(keys::webhook_endpoint(org, id)).remove("dueAt").remove("duePartition").if_exists();
    table.update(update).await.map(|_| ())
}
