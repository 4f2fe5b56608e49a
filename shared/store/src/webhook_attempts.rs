//! What became of events at webhook endpoints: one item per event and endpoint, kept for a week, and beside it an entry
//! per event that waits for another try, in the order in which they are due.

use domain::{
    Error, Result,
    event::Event,
    id::{EventId, OrgId, WebhookEndpointId},
};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::{
    keys,
    page::{self, Page},
    range::Range,
    table::{Table, encode},
};

/// How long they are kept.
const KEPT: SignedDuration = SignedDuration::from_hours(7 * 24);

/// How far an event got at an endpoint.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "UPPERCASE")]
pub enum AttemptStatus {
    /// The endpoint took it.
    Delivered,
    /// It is to be tried, perhaps again.
    Waiting,
    /// It was tried for a day, or its endpoint took no more; it can be replayed.
    Failed,
}

/// What became of an event at an endpoint.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct WebhookAttempt {
    /// The event; its id is the attempt's id too.
    pub event: Event,
    /// How far it got.
    pub status: AttemptStatus,
    /// How often it was tried.
    pub tries: u32,
    /// When it was last tried.
    pub last_tried_at: Option<Timestamp>,
    /// When it is tried next.
    pub next_try_at: Option<Timestamp>,
    /// The status of the last answer.
    pub response_status: Option<u16>,
    /// Why the last try failed.
    pub error: Option<String>,
    /// How long the last try took, in milliseconds.
    pub duration_ms: Option<u64>,
    /// When it goes, in epoch seconds.
    pub ttl: i64,
}

impl WebhookAttempt {
    /// One that was not tried yet.
    pub fn new(event: Event, now: Timestamp) -> Self {
        Self {
            event,
            status: AttemptStatus::Waiting,
            tries: 0,
            last_tried_at: None,
            next_try_at: None,
            response_status: None,
            error: None,
            duration_ms: None,
            ttl: (now + KEPT).as_second(),
        }
    }
}

/// That an event waits.
#[derive(Serialize, Deserialize)]
struct Waiting {
    event: EventId,
    ttl: i64,
}

/// What became of an event at some endpoints, in their order.
pub async fn of_event(
    table: &Table,
    org: OrgId,
    endpoints: &[WebhookEndpointId],
    event: EventId,
) -> Result<Vec<Option<WebhookAttempt>>> {
    let keys: Vec<_> = endpoints.iter().map(|endpoint| keys::webhook_attempt(org, *endpoint, event)).collect();
    table.get_many(&keys).await
}

/// What became of an event at an endpoint, if it is known.
pub async fn find(
    table: &Table,
    org: OrgId,
    endpoint: WebhookEndpointId,
    event: EventId,
) -> Result<Option<WebhookAttempt>> {
    table.get(&keys::webhook_attempt(org, endpoint, event)).await
}

/// What became of an event at an endpoint.
pub async fn get(table: &Table, org: OrgId, endpoint: WebhookEndpointId, event: EventId) -> Result<WebhookAttempt> {
    find(table, org, endpoint, event).await?.ok_or_else(|| Error::not_found("attempt", event))
}

/// Writes what became of an event; where it waits, also that it does.
pub async fn put(table: &Table, org: OrgId, endpoint: WebhookEndpointId, attempt: &WebhookAttempt) -> Result<()> {
    let event = attempt.event.id;
    let mut items = vec![encode(&keys::webhook_attempt(org, endpoint, event), attempt)?];
    if let Some(due) = attempt.next_try_at {
        let waiting = Waiting { event, ttl: attempt.ttl };
        items.push(encode(&keys::webhook_waiting(org, endpoint, due, event), &waiting)?);
    }
    table.put_many(items).await
}

/// A page of what was sent to an endpoint, newest first.
pub async fn list(
    table: &Table,
    org: OrgId,
    endpoint: WebhookEndpointId,
    after: Option<String>,
    limit: usize,
    keep: impl Fn(&WebhookAttempt) -> bool,
    filtered: bool,
) -> Result<Page<WebhookAttempt>> {
    let partition = vec![keys::webhook_attempts(org, endpoint)];
    let range = Range::prefix(partition, keys::WEBHOOK_ATTEMPTS, limit).backward().after(after);
    page::read(table, range, limit, filtered, keep).await
}

/// The first events that wait for an endpoint, with when they are due.
pub async fn waiting(
    table: &Table,
    org: OrgId,
    endpoint: WebhookEndpointId,
    limit: usize,
) -> Result<Vec<(Timestamp, EventId)>> {
    let range = Range::prefix(vec![keys::webhook_attempts(org, endpoint)], keys::WEBHOOK_WAITING, limit);
    let found: Vec<(String, Waiting)> = table.range(&range).await?;
    found
        .into_iter()
        .map(|(sk, waiting)| {
            let due = sk.split('#').nth(1).and_then(|due| due.parse().ok()).unwrap_or_default();
            Ok((Timestamp::from_millisecond(due).map_err(Error::internal)?, waiting.event))
        })
        .collect()
}

/// An event does not wait any more, or for another time.
pub async fn waits_no_more(
    table: &Table,
    org: OrgId,
    endpoint: WebhookEndpointId,
    due: Timestamp,
    event: EventId,
) -> Result<()> {
    table.delete(&keys::webhook_waiting(org, endpoint, due, event)).await
}
