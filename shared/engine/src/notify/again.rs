//! What waits for an endpoint: tried again when it is due, and replayed when a person asks.

use domain::{
    Result,
    id::{EventId, OrgId, WebhookEndpointId},
};
use futures::future::try_join_all;
use jiff::{SignedDuration, Timestamp};
use store::{
    webhook_attempts::{self as attempts, AttemptStatus, WebhookAttempt},
    webhook_endpoints::{self as stored, WebhookEndpoint},
};

use super::{AT_ONCE, NotifyJob, content, pause, try_once};
use crate::{App, app::Queue};

/// How many events one job takes at most, so that it ends in time although each call may take ten seconds.
const A_JOB: usize = 20;

/// When the sweep looks again after it put a job on the queue, should that be lost.
const LOOK_AGAIN: SignedDuration = SignedDuration::from_mins(10);

/// What the sweep does with an endpoint that is due.
pub async fn revive(app: &App, org: OrgId, id: WebhookEndpointId) -> Result<()> {
    if stored::postpone(&app.table, org, id, app.now() + LOOK_AGAIN).await? {
        app.queues.send(Queue::Notify, org, &NotifyJob::Again { org, endpoint: id }, 0).await?;
    }
    Ok(())
}

/// Tries what is due for an endpoint. If it takes nothing, the rest waits with it.
pub async fn again(app: &App, org: OrgId, id: WebhookEndpointId) -> Result<()> {
    let Some(endpoint) = stored::find(&app.table, org, id).await? else { return Ok(()) };
    if !endpoint.is_active {
        return stored::rests(&app.table, org, id).await;
    }
    let mut due = attempts::waiting(&app.table, org, id, A_JOB).await?;
    due.retain(|(at, _)| *at <= app.now());
    let mut down = false;
    for some in due.chunks(AT_ONCE) {
        // Read again: it counts its failures.
        let Some(endpoint) = stored::find(&app.table, org, id).await?.filter(|now| now.is_active) else {
            return Ok(());
        };
        let tried = try_join_all(some.iter().map(|(at, event)| retry(app, &endpoint, *at, *event))).await?;
        down = tried.contains(&Some(false)) && !tried.contains(&Some(true));
        if down {
            break;
        }
    }
    // Off the index, then a look whether something waits: who adds something meanwhile puts it back.
    stored::rests(&app.table, org, id).await?;
    let Some((next, _)) = attempts::waiting(&app.table, org, id, 1).await?.pop() else { return Ok(()) };
    let failures = stored::find(&app.table, org, id).await?.map_or(0, |endpoint| endpoint.failures);
    let look = if down { next.max(app.now() + pause(failures)) } else { next };
    stored::due(&app.table, org, id, look).await?;
    if !down && next <= app.now() {
        app.queues.send(Queue::Notify, org, &NotifyJob::Again { org, endpoint: id }, 0).await?;
    }
    Ok(())
}

/// Tries one event that was due at `at`. `None`: it did not wait for that any more.
async fn retry(app: &App, endpoint: &WebhookEndpoint, at: Timestamp, event: EventId) -> Result<Option<bool>> {
    let (org, id) = (endpoint.org, endpoint.id);
    let mut took = None;
    if let Some(attempt) = attempts::find(&app.table, org, id, event).await?
        && attempt.status == AttemptStatus::Waiting
        && attempt.next_try_at.map(Timestamp::as_millisecond) == Some(at.as_millisecond())
        && let Some(content) = content::of(app, org, &attempt.event).await?
    {
        took = Some(try_once(app, endpoint, attempt, &content).await?);
    }
    attempts::waits_no_more(&app.table, org, id, at, event).await?;
    Ok(took)
}

/// Sends an event to an endpoint again, from now on for another day.
pub async fn replay(app: &App, endpoint: &WebhookEndpoint, attempt: WebhookAttempt) -> Result<WebhookAttempt> {
    let (org, id, now) = (endpoint.org, endpoint.id, app.now());
    let again = WebhookAttempt {
        status: AttemptStatus::Waiting,
        tries: 0,
        next_try_at: Some(now),
        ..WebhookAttempt { ttl: WebhookAttempt::new(attempt.event.clone(), now).ttl, ..attempt }
    };
    attempts::put(&app.table, org, id, &again).await?;
    stored::due(&app.table, org, id, now).await?;
    app.queues.send(Queue::Notify, org, &NotifyJob::Again { org, endpoint: id }, 0).await?;
    Ok(again)
}
