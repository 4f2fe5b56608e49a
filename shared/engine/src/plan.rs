//! `plan`: freezes the audience of a message into chunks and puts them on the `send` queue.
//!
//! Invariant: chunk `n` is written once, if absent; planning goes on from the highest existing chunk's cursor, never
//! from memory. So two planners at once, or one after a crash, make the same plan.

use std::time::Duration;

use domain::{
    Error, Result,
    message::{Channel, MessageStatus, PauseReason},
    retry::chunk_size,
};
use jiff::Timestamp;
use store::{
    Update, keys, ledger,
    messages::{self, Audience, Message},
    organizations,
};

use crate::{
    App,
    app::Queue,
    audience::{Needs, Reader},
    failed, free_text,
    jobs::{FinishJob, PlanJob, SendJob},
    providers, render,
};

/// How many chunks one invocation plans before it hands over to the next.
const CHUNKS_PER_RUN: u32 = 300;

/// How early a schedule may fire before it is put right: AWS fires within the minute.
const EARLY: Duration = Duration::from_mins(1);

/// How long after being left alone a message in work is looked at by the sweep.
pub const LOOK_AFTER: Duration = Duration::from_mins(1);

/// Handles one job from the `plan` queue. Harmless however often and whenever it comes.
pub async fn run(app: &App, job: PlanJob) -> Result<()> {
    let Some(message) = messages::find(&app.table, job.org, job.message).await? else { return Ok(()) };
    let message = match message.status {
        MessageStatus::Scheduled => match due(app, message, job).await? {
            Some(message) => message,
            None => return Ok(()),
        },
        MessageStatus::Pending => message,
        MessageStatus::Sending if !message.planned => message,
        // Cancelled, paused, drafted again, or planned before: nothing to do.
        _ => return Ok(()),
    };
    let scheduled = message.scheduled_at.is_some();
    let Err(error) = start(app, message, job).await else { return Ok(()) };
    if matches!(error, Error::Unavailable(_)) || ledger::plan(&app.table, job.org, job.message, 0).await?.is_some() {
        return Err(error);
    }
    // Nothing of it went out yet.
    match error {
        error if scheduled => failed::beginning(app, job, &error).await,
        error @ (Error::NotFound { .. } | Error::Unprocessable { .. }) => {
            let message = messages::get(&app.table, job.org, job.message).await?;
            fail(app, &message, &failed::shown(&error)).await
        }
        error => Err(error),
    }
}

async fn start(app: &App, message: Message, job: PlanJob) -> Result<()> {
    match begin(app, message).await? {
        Some(message) => plan(app, &message, job).await,
        None => Ok(()),
    }
}

/// A scheduled message whose hour has come. `None`: it has not, or it is too late.
async fn due(app: &App, message: Message, job: PlanJob) -> Result<Option<Message>> {
    let now = app.now();
    let at = message.scheduled_at.unwrap_or(now);
    if at > now + EARLY {
        app.schedules.put(message.id, at, &job).await?;
        return Ok(None);
    }
    if at > now {
        let delay = Duration::try_from(at.duration_since(now)).unwrap_or_default();
        app.queues.send(Queue::Plan, job.org, &job, delay.as_millis().div_ceil(1_000) as u64).await?;
        return Ok(None);
    }
    let late = u64::try_from(now.duration_since(at).as_secs()).unwrap_or(0);
    if late > message.late_after {
        let detail =
            format!("It was due at {at} and is {} minutes late. Resume it to send it now, or cancel it.", late / 60);
        let writes = messages::transition(&app.table, &message, MessageStatus::Paused, now, |update| {
            update.set("pauseReason", PauseReason::Late).set("error", &detail).remove("duePartition").remove("dueAt")
        })?;
        match app.table.transact(writes).await {
            Ok(()) => {}
            // Someone cancelled or edited it meanwhile.
            Err(store::Cancelled::Conditions(_)) => return Ok(None),
            Err(other) => return Err(other.into()),
        }
        crate::alerts::raise(app, message.org, crate::alerts::Kind::MessageLate, Some(message.id.to_string()), &detail)
            .await?;
        return Ok(None);
    }
    Ok(Some(message))
}

/// Moves a message to `SENDING`. `None`: someone else changed it meanwhile, and their job will come.
async fn begin(app: &App, mut message: Message) -> Result<Option<Message>> {
    if message.status == MessageStatus::Sending {
        return Ok(Some(message));
    }
    if let Audience::Import { id } = message.audience
        && !store::imports::is_committed(&app.table, message.org, id).await?
    {
        // The import wakes the message when it is done.
        return Ok(None);
    }
    let now = app.now();
    let config = providers::get(&app.table, message.org, message.provider_id).await?;
    let organization = organizations::get(&app.table, message.org).await?;
    let day = domain::schedule::day_of(now, &organization.timezone);
    let size =
        if message.chunks > 0 { message.chunk_size } else { chunk_size(config.rate_per_minute, config.batch_size) };
    let writes = messages::transition(&app.table, &message, MessageStatus::Sending, now, |update| {
        update
            .set("startedAt", now)
            .set("day", &day)
            .set("chunkSize", size)
            .set("dueAt", messages::due_text(now + LOOK_AFTER))
            .set("duePartition", keys::due_partition(message.id.shard(keys::DUE_SHARDS)))
            .remove("error")
    })?;
    match app.table.transact(writes).await {
        Ok(()) => {}
        Err(store::Cancelled::Conditions(_)) => return Ok(None),
        Err(other) => return Err(other.into()),
    }
    message.status = MessageStatus::Sending;
    message.started_at = Some(now);
    message.day = Some(day);
    message.chunk_size = size;
    Ok(Some(message))
}

async fn plan(app: &App, message: &Message, job: PlanJob) -> Result<()> {
    let organization = organizations::get(&app.table, message.org).await?;
    let texts = render::texts(&message.body, message.subject.as_deref(), message.whatsapp.as_ref())?;
    let needs = Needs::of(&texts, &message.variables);

    let resumed = resume(app, message).await?;
    let (mut chunk, mut cursor, mut finished) = (resumed.chunk, resumed.cursor, resumed.finished);
    let mut jobs: Vec<SendJob> = Vec::new();
    let mut seen_early = false;
    if !finished {
        let reader = Reader::of_message(&app.table, message, organization.default_country, &needs).await?;
        let mut reader = reader.within_window(window_at(app, message).await?);
        reader.go_on_behind(message.id, chunk).await?;
        while chunk < message.chunks + CHUNKS_PER_RUN {
            let part = reader.read(cursor.as_deref(), message.chunk_size as usize).await?;
            let empty = part.recipients.is_empty();
            if empty && part.next.is_none() && chunk == 0 {
                return Err(Error::unprocessable("audience_empty", "There is nobody to send to any more."));
            }
            if empty && part.next.is_none() && chunk > 0 {
                finished = true;
                break;
            }
            let plan =
                ledger::Plan { recipients: part.recipients, cursor: part.next, suppressions: reader.suppressions() };
            if !ledger::put_chunk(&app.table, message.org, message.id, chunk, &plan).await? {
                // Another planner is ahead with another audience: its job goes on, this one ends.
                return Ok(());
            }
            jobs.push(SendJob::new(message.org, message.id, chunk, 0));
            // The first chunk leaves at once, so that the first recipient does not wait for the last chunk.
            if jobs.len() == 10 || !seen_early {
                app.queues.send_many(Queue::Send, message.org, &jobs, 0).await?;
                jobs.clear();
                seen_early = true;
            }
            chunk += 1;
            cursor = plan.cursor;
            if cursor.is_none() {
                finished = true;
                break;
            }
        }
        app.queues.send_many(Queue::Send, message.org, &jobs, 0).await?;
    }

    let progress = Update::of(keys::message(message.org, message.id))
        .set("chunks", chunk)
        .set("planned", finished)
        .set("dueAt", messages::due_text(app.now() + LOOK_AFTER))
        .set("duePartition", keys::due_partition(message.id.shard(keys::DUE_SHARDS)))
        .if_equal("status", MessageStatus::Sending);
    app.table.update(progress).await?;
    if finished {
        let finish = FinishJob { org: message.org, message: message.id, idle: 0 };
        app.queues.send(Queue::Finish, message.org, &finish, 1).await
    } else {
        app.queues.send(Queue::Plan, message.org, &job, 0).await
    }
}

/// When people have to have written within 24 hours to get a message: now, if it is free text on WhatsApp.
async fn window_at(app: &App, message: &Message) -> Result<Option<Timestamp>> {
    if message.channel != Channel::WhatsApp || message.whatsapp.is_some() {
        return Ok(None);
    }
    let config = providers::get(&app.table, message.org, message.provider_id).await?;
    let by = (!message.auto).then_some(&config);
    let bound = free_text::binds(app, message.org, message.channel, by).await?;
    Ok(bound.then(|| app.now()))
}

struct Resumed {
    /// The next chunk to write.
    chunk: u32,
    /// Where its audience begins.
    cursor: Option<String>,
    /// Whether the last existing chunk is the last of all.
    finished: bool,
}

/// Finds the highest existing chunk, mends what a crash left between its plan, its board and its job.
async fn resume(app: &App, message: &Message) -> Result<Resumed> {
    let (org, id) = (message.org, message.id);
    let mut chunk = message.chunks;
    let mut cursor = None;
    let mut found = false;
    if chunk > 0 {
        // `chunks` is written after them, so the one before it exists.
        if let Some(plan) = ledger::plan(&app.table, org, id, chunk - 1).await? {
            cursor = plan.cursor;
            found = true;
        }
    }
    let mut jobs = Vec::new();
    while let Some(plan) = ledger::plan(&app.table, org, id, chunk).await? {
        ledger::put_board(&app.table, org, id, &ledger::Board::new(chunk, &plan.recipients)).await?;
        // It may have been in work before: a pause stops chunks between two windows, and a job of round 0 would be stale.
        let round = ledger::board(&app.table, org, id, chunk).await?.map_or(0, |board| board.round);
        jobs.push(SendJob::new(org, id, chunk, round));
        cursor = plan.cursor;
        found = true;
        chunk += 1;
    }
    app.queues.send_many(Queue::Send, org, &jobs, 0).await?;
    Ok(Resumed { chunk, finished: found && cursor.is_none(), cursor })
}

/// Ends a message that cannot begin.
pub(crate) async fn fail(app: &App, message: &Message, detail: &str) -> Result<()> {
    let now: Timestamp = app.now();
    let writes = messages::transition(&app.table, message, MessageStatus::Failed, now, |update| {
        update.set("error", detail).set("finishedAt", now).remove("duePartition").remove("dueAt")
    })?;
    match app.table.transact(writes).await {
        Ok(()) => {
            let failed = Message { status: MessageStatus::Failed, finished_at: Some(now), ..message.clone() };
            crate::notify::closed(app, &failed).await
        }
        Err(store::Cancelled::Conditions(_)) => Ok(()),
        Err(other) => Err(other.into()),
    }
}
