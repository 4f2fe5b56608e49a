//! `sweep`: every minute and at start, finishes what a crash left between two steps. It reads a sparse index of what
//! is due; nothing scans.

use std::time::Duration;

use domain::{
    Result,
    id::{AlertId, GroupId, ImportId, MessageId, OrgId, ProviderId, WebhookEndpointId},
    message::MessageStatus,
};
use store::{
    Update, keys, ledger,
    messages::{self, Message},
};

use crate::{
    App, alerts,
    app::Queue,
    finish, health,
    jobs::{FinishJob, ImportJob, PlanJob, SendJob},
    notify,
    plan::LOOK_AFTER,
    receive, suppressions,
};

/// When a closed message is folded again, in seconds after it was closed, for receipts whose request for a fold was lost.
const LOOKS: [u64; 6] = [60, 600, 3_600, 21_600, 86_400, 259_200];

/// From this look on, six hours after a message was closed, receipts that are missing are asked for and counted.
const MISSING: u32 = 3;

/// Looks at everything that is due. Gives how many things it looked at.
pub async fn run(app: &App) -> Result<usize> {
    let mut looked = 0;
    for shard in 0..keys::DUE_SHARDS {
        for due in messages::due(&app.table, shard, app.now()).await? {
            looked += 1;
            let done = if let Ok(message) = due.id.parse::<MessageId>() {
                look(app, due.org, message).await
            } else if let Ok(group) = due.id.parse::<GroupId>() {
                // A deleted group whose memberships are not all gone.
                store::groups::clean(&app.table, due.org, group, 1_000).await.map(|_| ())
            } else if let Ok(import) = due.id.parse::<ImportId>() {
                revive(app, due.org, import).await
            } else if let Ok(endpoint) = due.id.parse::<WebhookEndpointId>() {
                notify::revive(app, due.org, endpoint).await
            } else if let Ok(alert) = due.id.parse::<AlertId>() {
                alerts::revive(app, due.org, alert).await
            } else if let Ok(provider) = due.id.parse::<ProviderId>() {
                // Its thresholds, or its provider's own list of suppressions.
                match health::revive(app, due.org, provider).await {
                    Ok(()) => suppressions::sync::revive(app, due.org, provider).await,
                    failed => failed,
                }
            } else {
                Ok(())
            };
            // One broken thing must not hold up the others; it stays due.
            if let Err(error) = done {
                tracing::error!(id = %due.id, %error, "sweep failed for one");
            }
        }
    }
    Ok(looked)
}

async fn look(app: &App, org: OrgId, id: MessageId) -> Result<()> {
    let Some(message) = messages::find(&app.table, org, id).await? else { return Ok(()) };
    let mut unreported = None;
    let next = match message.status {
        MessageStatus::Scheduled | MessageStatus::Pending => {
            app.queues.send(Queue::Plan, org, &PlanJob { org, message: id }, 0).await?;
            Some(LOOK_AFTER)
        }
        MessageStatus::Sending | MessageStatus::Cancelled => {
            if stalls(app, &message).await? {
                requeue(app, &message, false).await?;
            }
            app.queues.send(Queue::Finish, org, &FinishJob { org, message: id, idle: 0 }, 0).await?;
            // A cancelled one is due until its fold says that nothing is open.
            (message.status == MessageStatus::Sending || message.counts.pending > 0).then_some(LOOK_AFTER)
        }
        MessageStatus::Sent | MessageStatus::Failed => {
            if message.looks == 0 {
                notify::closed(app, &message).await?;
            }
            let (folded, _) = finish::fold(app, message.clone()).await?;
            if message.looks >= MISSING {
                unreported = Some(folded.counts.sent);
                receive::look(app, &folded).await?;
            }
            LOOKS.get(message.looks as usize + 1).map(|seconds| Duration::from_secs(*seconds))
        }
        MessageStatus::Draft | MessageStatus::Paused => None,
    };
    let update = Update::of(keys::message(org, id)).add("looks", 1).if_equal("status", message.status);
    let update = match unreported {
        Some(copies) => update.set("unreported", copies),
        None => update,
    };
    let update = match next {
        Some(wait) => update.set("dueAt", messages::due_text(app.now() + wait)),
        None => update.remove("dueAt").remove("duePartition"),
    };
    app.table.update(update).await.map(|_| ())
}

/// Whether nothing has moved for a while although nothing waits for its turn on the rate. Jobs that merely wait must
/// not be doubled every minute.
async fn stalls(app: &App, message: &Message) -> Result<bool> {
    let now = app.now();
    let moved = message.counted_at.or(message.started_at).unwrap_or(message.created_at);
    Ok(moved + LOOK_AFTER <= now && store::rates::is_idle(&app.table, message.org, message.provider_id, now).await?)
}

/// Puts back the jobs of a message in work that may have been lost. Those that were not are dropped as stale. Jobs that
/// failed are with their queue; they are put back too with `failed`, for those of a paused message were dropped.
pub(crate) async fn requeue(app: &App, message: &Message, failed: bool) -> Result<()> {
    let (org, id) = (message.org, message.id);
    if message.status != MessageStatus::Sending {
        return Ok(());
    }
    if !message.planned {
        return app.queues.send(Queue::Plan, org, &PlanJob { org, message: id }, 0).await;
    }
    let now = app.now();
    let jobs: Vec<SendJob> = ledger::boards(&app.table, org, id, Some(message.chunks))
        .await?
        .into_iter()
        .filter(|board| !board.is_leased(now) && (failed || board.failure.is_none()))
        .filter_map(|board| {
            let job = SendJob::new(org, id, board.chunk, board.round);
            let waits = board.states.iter().any(|state| state.is_waiting());
            let decide_at = board.unsure.and_then(|unsure| unsure.decide_at);
            let decide = decide_at.is_some_and(|at| at <= now.as_millisecond());
            (waits || decide).then_some(SendJob { decide: !waits, ..job })
        })
        .collect();
    app.queues.send_many(Queue::Send, org, &jobs, 0).await
}

async fn revive(app: &App, org: OrgId, import: ImportId) -> Result<()> {
    if store::imports::postpone(&app.table, org, import, app.now() + LOOK_AFTER).await? {
        app.queues.send(Queue::Import, org, &ImportJob { org, import }, 0).await?;
    }
    Ok(())
}
