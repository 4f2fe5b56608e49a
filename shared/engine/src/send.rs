//! `send`: claims a chunk, waits its turn on the rate, hands its recipients to the provider in small windows, and
//! settles.
//!
//! ```text
//! read message ── not SENDING ──▶ drop
//! rate slot    ── later ────────▶ same job again, with the slot, after a delay
//! claim        ── lost ─────────▶ drop, or come back when the lease of the other is over
//! window: mark startedUpTo → provider → write deliveries      (again and again, while the message is SENDING)
//! settle: outcomes onto the board, lease off; RETRY ──▶ job of the next round, after a delay
//! ```
//!
//! Between windows the message is looked at again, so that a cancel or a pause stops a chunk in work within two seconds.
//!
//! Invariants: a recipient is handed to the provider only above the mark that was written before; a delivery row is
//! written right after the answers of a window; so whoever takes over after a crash knows the outcome of every
//! recipient but those of one window, and these become `UNKNOWN`.

mod claim;
mod settle;
mod unknown;
mod window;

pub(crate) use claim::recover;

use std::time::Duration;

use domain::{Result, message::MessageStatus};
use jiff::Timestamp;
use store::{
    ledger::{self, Board},
    messages,
    providers::ProviderConfig,
};

use self::unknown::Policy;
use crate::{
    App, app::Queue, control, finish, jobs::FinishJob, jobs::SendJob, notify, providers, receive, suppressions,
};

/// No provider call starts later than this before the deadline.
const RESERVE: Duration = Duration::from_secs(15);

/// A slot this near is not waited for on the queue.
const NEAR: Duration = Duration::from_secs(1);

/// How old the news that the message is `SENDING` may be when a window starts.
const FRESH: Duration = Duration::from_secs(1);

/// Handles one job from the `send` queue; `deadline` is the invocation's. Harmless however often and whenever it comes.
pub async fn run(app: &App, job: SendJob, deadline: Timestamp) -> Result<()> {
    if job.decide {
        return unknown::decide(app, job, deadline).await;
    }
    let Some(message) = messages::find(&app.table, job.org, job.message).await? else { return Ok(()) };
    if message.status != MessageStatus::Sending {
        return Ok(());
    }
    let Some(mut board) = ledger::board(&app.table, job.org, job.message, job.chunk).await? else { return Ok(()) };
    if board.round != job.round {
        return Ok(());
    }
    let now = app.now();
    if board.is_leased(now) {
        // Another invocation has it, or had it before a crash. Come back when its time is over.
        let wait = board.lease_until.unwrap_or(0) - now.as_millisecond();
        return app.queues.send(Queue::Send, job.org, &job, (wait.max(0) as u64).div_ceil(1_000).max(1)).await;
    }
    let config = providers::get(&app.table, job.org, message.provider_id).await?;
    if config.paused.is_some() {
        return control::pause_for_provider(app, &message, &config).await;
    }
    if let Some(slot) = slot(app, &job, &board, &config, now).await? {
        let wait = slot.duration_since(now).as_secs().max(1) as u64;
        return app.queues.send(Queue::Send, job.org, &SendJob { slot: Some(slot), ..job }, wait).await;
    }

    let plan = ledger::plan(&app.table, job.org, job.message, job.chunk).await?.ok_or_else(|| {
        domain::Error::internal(format!("chunk {} of {} has a board but no plan", job.chunk, job.message))
    })?;
    suppressions::leave_out_since(app, &message, &plan, &mut board).await?;
    let policy = Policy::of(app, &config)?;
    let times = (now, lease(app, now, deadline));
    let sender = window::Sender::new(app, &message, &plan, &config, job, board.asks).await?;
    let Some(claim) = claim::claim(app, &message, &board, &plan, policy, times, |todo| sender.window(todo)).await?
    else {
        return Ok(());
    };

    let mut settled = claim.recovered;
    let mut stop = None;
    let mut rest = &claim.todo[..];
    let mut marked = true; // the claim marked the first window already
    let mut seen = now;
    let mut halted = false;
    while !rest.is_empty() && stop.is_none() && app.now() + RESERVE <= deadline {
        if app.now() > seen + FRESH {
            seen = app.now();
            halted = !is_sending(app, job).await?;
            if halted {
                break;
            }
        }
        let (indexes, behind) = rest.split_at(sender.window(rest));
        let up_to = indexes[indexes.len() - 1] as u32 + 1;
        if !marked && !ledger::mark(&app.table, job.org, job.message, job.chunk, &claim.owner, up_to).await? {
            // The lease went to someone else. What was done is in the deliveries, so they know.
            return Ok(());
        }
        marked = false;
        let sent = sender.send(indexes, board.retries).await?;
        stop = sent.stop;
        settled.extend(sent.settled);
        rest = behind;
    }
    let ended = settle::Ended {
        owner: &claim.owner,
        settled: &settled,
        since: claim.since,
        policy,
        retry_after: sender.retry_after(),
        stopped: stop.is_some() || halted,
    };
    notify::settled(app, job.org, job.message, job.chunk, &settled).await?;
    sender.meter.write(app, &config).await;
    let board = settle::settle(app, job, ended).await?;
    if halted && is_sending(app, job).await? {
        // Resumed while the board was ours, so that nobody could put its job back.
        let round = board.as_ref().map_or(job.round, |board| board.round);
        app.queues.send(Queue::Send, job.org, &SendJob::new(job.org, job.message, job.chunk, round), 0).await?;
    }
    if let Some(stop) = stop {
        let config = providers::pause(app, &config, &stop).await?;
        control::pause_for_provider(app, &message, &config).await?;
    }
    receive::simulate(app, &config, job).await?;
    match board {
        // A message of one chunk needs no polling to be closed.
        Some(board)
            if message.planned && message.chunks == 1 && !board.states.iter().any(|state| state.is_waiting()) =>
        {
            finish::run(app, FinishJob { org: job.org, message: job.message, idle: 0 }).await
        }
        _ => Ok(()),
    }
}

async fn is_sending(app: &App, job: SendJob) -> Result<bool> {
    let message = messages::find(&app.table, job.org, job.message).await?;
    Ok(message.is_some_and(|message| message.status == MessageStatus::Sending))
}

/// Until when a claim made now holds.
fn lease(app: &App, now: Timestamp, deadline: Timestamp) -> Timestamp {
    match app.settings.lease_seconds {
        0 => deadline,
        seconds => now + Duration::from_secs(seconds),
    }
}

/// The moment to wait for, if it is not now. A chunk takes its slot once; after a crash it has had it.
async fn slot(
    app: &App,
    job: &SendJob,
    board: &Board,
    config: &ProviderConfig,
    now: Timestamp,
) -> Result<Option<Timestamp>> {
    let slot = match job.slot {
        Some(slot) => slot,
        None if board.started_up_to > 0 => return Ok(None),
        None => {
            let waiting = board.states.iter().filter(|state| state.is_waiting()).count() as u64;
            store::rates::reserve(&app.table, job.org, config.id, now, waiting, config.rate_per_minute).await?
        }
    };
    Ok((slot > now + NEAR).then_some(slot))
}
