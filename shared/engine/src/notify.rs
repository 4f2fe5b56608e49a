//! Tells an organization's own programs what happened: events on their way to its webhook endpoints.
//!
//! ```text
//! something happened ── no endpoint wants it ──▶ nothing (known from memory)
//!                    ──▶ queue `notify`, ids only ──▶ read what is to be told ──▶ call each endpoint, signed
//!                          took it ──▶ DELIVERED      did not ──▶ WAITING, tried again for a day ──▶ FAILED
//! ```
//!
//! What waits stands in the table, and its endpoint in the index of what is due; the sweep puts one job per endpoint on
//! the queue. So an endpoint that is down costs a write per event, and nothing while it is waited for.
//!
//! Invariant: an event is told at least once. Receivers know one that comes twice by its id (`webhook-id`).

mod again;
mod call;
mod content;
mod endpoints;
mod happened;
mod signature;

use domain::{
    Result,
    event::Event,
    id::{AlertId, EventId, OrgId, ProviderId, WebhookEndpointId},
};
use futures::{StreamExt, TryStreamExt, stream};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use store::{
    webhook_attempts::{self as attempts, AttemptStatus, WebhookAttempt},
    webhook_endpoints::{self as stored, WebhookEndpoint},
};

use crate::{
    App,
    alerts::{self, Kind},
    app::Queue,
    suppressions,
};

pub use again::{again, replay, revive};
pub use endpoints::{Endpoints, PREVIOUS_VALID, Secrets, new_secret, open, seal};
pub use happened::{alert, closed, imported, opted_in, opted_out, received, reported, settled, tell};
pub use signature::{SignatureKey, sign};

/// What lies on the `notify` queue.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "SCREAMING_SNAKE_CASE")]
pub enum NotifyJob {
    /// Something happened.
    Event {
        /// The organization.
        org: OrgId,
        /// What.
        event: Event,
    },
    /// Events may be due for an endpoint.
    Again {
        /// The organization.
        org: OrgId,
        /// The endpoint.
        endpoint: WebhookEndpointId,
    },
    /// An alert is to be mailed.
    Mail {
        /// The organization.
        org: OrgId,
        /// The alert.
        alert: AlertId,
    },
    /// The list of suppressions that a config's provider keeps is to be read.
    Suppressions {
        /// The organization.
        org: OrgId,
        /// The config.
        provider: ProviderId,
    },
    /// A provider config may be beyond its thresholds, which is an alert.
    Watch {
        /// The organization.
        org: OrgId,
        /// The config.
        provider: ProviderId,
    },
}

/// How long an event waits after its first, second … failed try: a day in all.
const WAITS: [SignedDuration; 8] = [
    SignedDuration::from_mins(1),
    SignedDuration::from_mins(5),
    SignedDuration::from_mins(30),
    SignedDuration::from_hours(1),
    SignedDuration::from_hours(2),
    SignedDuration::from_hours(4),
    SignedDuration::from_hours(8),
    SignedDuration::from_hours(9),
];

/// After so many failures in a row an endpoint is not called for each event any more, but from time to time.
const DOWN: u32 = 5;

/// An endpoint that fails for so long, and so often, gets no more events.
const DISABLE_AFTER: (SignedDuration, u32) = (SignedDuration::from_hours(5 * 24), 10);

/// How many endpoints are called at the same time.
const AT_ONCE: usize = 5;

/// Handles one job from the `notify` queue. Harmless however often it comes.
pub async fn run(app: &App, job: NotifyJob, deadline: Timestamp) -> Result<()> {
    match job {
        NotifyJob::Event { org, event } => first(app, org, &event).await,
        NotifyJob::Again { org, endpoint } => again(app, org, endpoint).await,
        NotifyJob::Mail { org, alert } => alerts::mail(app, org, alert).await,
        NotifyJob::Suppressions { org, provider } => suppressions::sync::run(app, org, provider, deadline).await,
        NotifyJob::Watch { org, provider } => crate::health::watch(app, org, provider).await,
    }
}

/// Tells an event to all endpoints that want it and were not told before.
async fn first(app: &App, org: OrgId, event: &Event) -> Result<()> {
    let endpoints = app.endpoints.of(app, org).await?;
    let wanted: Vec<WebhookEndpointId> =
        endpoints.iter().filter(|endpoint| endpoint.wants(event.kind)).map(|endpoint| endpoint.id).collect();
    let known = attempts::of_event(&app.table, org, &wanted, event.id).await?;
    let new: Vec<_> = wanted.into_iter().zip(known).filter(|(_, known)| known.is_none()).map(|(id, _)| id).collect();
    if new.is_empty() {
        return Ok(());
    }
    let Some(content) = content::of(app, org, event).await? else { return Ok(()) };
    let calls: Vec<_> = new.into_iter().map(|id| first_of(app, org, id, event, &content)).collect();
    stream::iter(calls).buffer_unordered(AT_ONCE).try_collect::<()>().await
}

async fn first_of(app: &App, org: OrgId, id: WebhookEndpointId, event: &Event, content: &Value) -> Result<()> {
    // Not from memory: an endpoint that was removed or switched off is not called any more.
    let Some(endpoint) = stored::find(&app.table, org, id).await? else { return Ok(()) };
    if !endpoint.wants(event.kind) {
        return Ok(());
    }
    let attempt = WebhookAttempt::new(event.clone(), app.now());
    if is_down(app, &endpoint) {
        return wait(app, &endpoint, attempt, SignedDuration::ZERO).await;
    }
    try_once(app, &endpoint, attempt, content).await.map(|_| ())
}

/// Whether calling an endpoint before its time would only add to its failures.
fn is_down(app: &App, endpoint: &WebhookEndpoint) -> bool {
    let due = endpoint.due_at.as_ref().and_then(|due| due.parse::<jiff::Timestamp>().ok());
    endpoint.failures >= DOWN && due.is_some_and(|due| due > app.now())
}

/// How long an endpoint is left alone after so many failures.
fn pause(failures: u32) -> SignedDuration {
    WAITS[(failures.saturating_sub(DOWN) as usize).min(5)]
}

/// One call, and what follows from it. Whether the endpoint took the event.
async fn try_once(app: &App, endpoint: &WebhookEndpoint, mut attempt: WebhookAttempt, content: &Value) -> Result<bool> {
    let tried = call::call(app, endpoint, &attempt.event, content).await?;
    let took = tried.took();
    tried.note(&mut attempt, app.now());
    if took {
        attempt.status = AttemptStatus::Delivered;
        attempts::put(&app.table, endpoint.org, endpoint.id, &attempt).await?;
        if endpoint.failures > 0 {
            stored::recovered(&app.table, endpoint).await?;
            if endpoint.due_at.is_some() {
                // What waited need not wait any longer.
                stored::due(&app.table, endpoint.org, endpoint.id, app.now()).await?;
            }
        }
        return Ok(true);
    }
    let detail = attempt.error.clone().unwrap_or_default();
    stored::failed(&app.table, endpoint, app.now(), &detail).await?;
    if tried.is_gone() {
        attempt.status = AttemptStatus::Failed;
        attempts::put(&app.table, endpoint.org, endpoint.id, &attempt).await?;
        disable(app, endpoint, "It answered 410, which says that nobody is there any more.").await?;
        return Ok(false);
    }
    if let Some(next) = WAITS.get(attempt.tries as usize - 1) {
        wait(app, endpoint, attempt, *next).await?;
    } else {
        attempt.status = AttemptStatus::Failed;
        attempts::put(&app.table, endpoint.org, endpoint.id, &attempt).await?;
    }
    let (days, failures) = DISABLE_AFTER;
    if endpoint.failures + 1 >= failures && endpoint.failing_since.is_some_and(|since| since + days <= app.now()) {
        disable(app, endpoint, "Nothing got through for five days.").await?;
    }
    Ok(false)
}

/// Keeps an event for later.
async fn wait(
    app: &App,
    endpoint: &WebhookEndpoint,
    mut attempt: WebhookAttempt,
    length: SignedDuration,
) -> Result<()> {
    let due = app.now() + length;
    (attempt.status, attempt.next_try_at) = (AttemptStatus::Waiting, Some(due));
    attempts::put(&app.table, endpoint.org, endpoint.id, &attempt).await?;
    // The endpoint after the entry: who finds nothing that waits, and takes the endpoint off the index, looks again.
    let look = if is_down(app, endpoint) { due.max(app.now() + pause(endpoint.failures)) } else { due };
    stored::due(&app.table, endpoint.org, endpoint.id, look).await
}

async fn disable(app: &App, endpoint: &WebhookEndpoint, reason: &str) -> Result<()> {
    if !stored::disable(&app.table, endpoint, app.now(), reason).await? {
        return Ok(());
    }
    app.endpoints.forget(endpoint.org);
    tracing::warn!(org = %endpoint.org, endpoint = %endpoint.id, "webhook endpoint disabled");
    let detail = format!("A webhook endpoint gets no more events. {reason}");
    alerts::raise(app, endpoint.org, Kind::WebhookEndpointDisabled, Some(endpoint.id.to_string()), &detail).await
}

/// Calls an endpoint with an event of no consequence, whether it is active or not.
pub async fn test(app: &App, endpoint: &WebhookEndpoint) -> Result<WebhookAttempt> {
    let event = Event {
        id: EventId::new(app.now(), app.random.bits()),
        kind: domain::event::EventType::WebhookTest,
        at: app.now(),
        subject: domain::event::Subject::Nothing,
    };
    let content = serde_json::json!({ "endpointId": endpoint.id });
    let tried = call::call(app, endpoint, &event, &content).await?;
    let mut attempt = WebhookAttempt::new(event, app.now());
    attempt.status = if tried.took() { AttemptStatus::Delivered } else { AttemptStatus::Failed };
    tried.note(&mut attempt, app.now());
    attempts::put(&app.table, endpoint.org, endpoint.id, &attempt).await?;
    Ok(attempt)
}

/// Puts events on the queue.
async fn enqueue(app: &App, org: OrgId, events: Vec<Event>) -> Result<()> {
    let jobs: Vec<NotifyJob> = events.into_iter().map(|event| NotifyJob::Event { org, event }).collect();
    if jobs.is_empty() { Ok(()) } else { app.queues.send_many(Queue::Notify, org, &jobs, 0).await }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_event_is_tried_for_a_day() {
        let whole: SignedDuration = WAITS.iter().fold(SignedDuration::ZERO, |sum, wait| sum + *wait);
        assert!(whole >= SignedDuration::from_hours(24) && whole < SignedDuration::from_hours(26), "{whole}");
        assert!(WAITS.is_sorted());
    }

    #[test]
    fn an_endpoint_that_is_down_is_left_alone_for_longer_and_longer() {
        assert_eq!(pause(DOWN), WAITS[0]);
        assert_eq!(pause(DOWN + 2), WAITS[2]);
        assert_eq!(pause(1_000), SignedDuration::from_hours(4));
    }
}
