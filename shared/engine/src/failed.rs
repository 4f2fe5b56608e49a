//! Jobs that fail: what is noted, so that the sweep leaves them to their queue and does not double them, and so that in the
//! end somebody hears of it. The reasons lie beside the job in the dead-letter queue; docs/operate.md says how to see them.

use domain::{
    Error, Result,
    id::{MessageId, OrgId},
};
use store::{
    Update, keys, ledger,
    messages::{self, Message},
};

use crate::{
    App,
    alerts::{self, Kind},
    app::{MAX_RECEIVES, Queue},
    jobs::{PlanJob, SendJob},
    plan,
};

/// How long a scheduled message that could not begin waits for its second try, in seconds.
const SECOND_TRY: u64 = 60;

/// Notes that a chunk could not be sent. With `last` its job is given up.
pub async fn sending(app: &App, job: SendJob, error: &Error, last: bool) -> Result<()> {
    ledger::note_failure(&app.table, job.org, job.message, job.chunk, &error.to_string()).await?;
    if last {
        stuck(app, job.org, job.message, &format!("part {} could not be sent", job.chunk + 1)).await
    } else {
        Ok(())
    }
}

/// Notes that a message could not be planned. With `last` its job is given up.
pub async fn planning(app: &App, job: PlanJob, last: bool) -> Result<()> {
    if !last {
        return Ok(());
    }
    // Without this the sweep would put another job on the queue every minute, to fail like this one.
    let update = Update::of(keys::message(job.org, job.message)).remove("dueAt").remove("duePartition").if_exists();
    app.table.update(update).await?;
    stuck(app, job.org, job.message, "its audience could not be read").await
}

async fn stuck(app: &App, org: OrgId, message: MessageId, what: &str) -> Result<()> {
    let detail = format!("After {MAX_RECEIVES} tries {what}. The operator finds the reason among the dead letters.");
    let update = Update::of(keys::message(org, message)).set("error", &detail).if_exists();
    app.table.update(update).await?;
    alerts::raise(app, org, Kind::MessageStuck, Some(message.to_string()), &detail).await
}

/// A scheduled message could not begin: it is tried once more, and then has failed.
pub(crate) async fn beginning(app: &App, job: PlanJob, error: &Error) -> Result<()> {
    let message: Message = messages::get(&app.table, job.org, job.message).await?;
    if message.failed_starts == 0 {
        tracing::warn!(message = %message.id, "a scheduled message could not begin; it is tried once more");
        let noted =
            Update::of(keys::message(job.org, job.message)).add("failedStarts", 1).if_equal("status", message.status);
        app.table.update(noted).await?;
        return app.queues.send(Queue::Plan, job.org, &job, SECOND_TRY).await;
    }
    let detail = format!("It could not begin at its time, nor a minute later: {}", shown(error));
    plan::fail(app, &message, &detail).await?;
    alerts::raise(app, job.org, Kind::MessageFailed, Some(message.id.to_string()), &detail).await
}

/// An error in words for whoever owns the message: what only operators may see stays in the log.
pub(crate) fn shown(error: &Error) -> String {
    match error {
        Error::Internal(_) | Error::Unavailable(_) => "an internal failure.".into(),
        Error::NotFound { kind, .. } => format!("its {kind} does not exist any more."),
        other => other.to_string(),
    }
}
