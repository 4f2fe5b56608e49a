//! `send`: claims a chunk, waits its turn on the rate, hands its recipients to the provider in small windows, and
//! settles.
//!
//! ```text
//! read message, board, plan ── not SENDING, or another round ──▶ drop
//! rate slot    ── later ────────▶ same job again, with the slot if there was one near, after a delay
//! claim        ── lost ─────────▶ drop, or come back when the lease of the other is over
//! window: mark startedUpTo → provider → write deliveries      (again and again, while the message is SENDING)
//! settle: outcomes onto the board, lease off; RETRY ──▶ job of the next round, after a delay
//! ```
//!
//! Between calls the message is looked at again, so that a cancel or a pause stops a chunk in work within two seconds.
//!
//! Invariants: a recipient is handed to the provider only above the mark that was written before; a delivery row is
//! written right after the answers of a window; so whoever takes over after a crash knows the outcome of every
//! recipient but those of one window, and these become `UNKNOWN`.

mod claim;
mod pulse;
mod settle;
mod turn;
mod unknown;
mod way;
mod window;

pub(crate) use claim::recover;

use std::time::Duration;

use domain::{Result, board::State, message::MessageStatus};
use jiff::Timestamp;
use store::ledger::{self, Work};

use self::{
    pulse::{Pulse, is_sending},
    turn::Turn,
    unknown::Policy,
    way::Way,
};
use crate::{
    App, app::Queue, control, finish, jobs::FinishJob, jobs::SendJob, notify, providers, receive, routing, suppressions,
};

/// No provider call starts later than this before the deadline.
const RESERVE: Duration = Duration::from_secs(15);

/// So many recipients in a window of whom none was taken, in passing, end a routed chunk's round.
const FAILING: usize = 5;

/// How old the news that the message is `SENDING` may be when calls start.
const FRESH: Duration = Duration::from_secs(1);

/// Handles one job from the `send` queue; `deadline` is the invocation's. Harmless however often and whenever it comes.
pub async fn run(app: &App, job: SendJob, deadline: Timestamp) -> Result<()> {
    if job.decide {
        return Box::pin(unknown::decide(app, job, deadline)).await;
    }
    let read = app.now();
    let Some(Work { message, mut board, plan, suppressions: version }) =
        ledger::work(&app.table, job.org, job.message, job.chunk).await?
    else {
        return Ok(());
    };
    if message.status != MessageStatus::Sending {
        return Ok(());
    }
    if board.round != job.round {
        return Ok(());
    }
    if job.round > 0 {
        // A receipt may tell that the recipient has it after all.
        ledger::take_in_receipts(&app.table, job.org, job.message, &mut board).await?;
    }
    let now = app.now();
    if board.is_leased(now) {
        // Another invocation has it, or had it before a crash. Come back when its time is over.
        let wait = board.lease_until.unwrap_or(0) - now.as_millisecond();
        return app.queues.send(Queue::Send, job.org, &job, (wait.max(0) as u64).div_ceil(1_000).max(1)).await;
    }
    let plan = plan.ok_or_else(|| {
        domain::Error::internal(format!("chunk {} of {} has a board but no plan", job.chunk, job.message))
    })?;
    let (config, picked) = match way::way(app, &message, &mut board, &plan).await? {
        Way::By(config, picked) => (config, picked),
        Way::Paused(config) => return control::pause_for_provider(app, &message, &config).await,
        Way::Later(wait) => return app.queues.send(Queue::Send, job.org, &job, wait.as_secs().max(1)).await,
    };
    let via = message.auto.then_some(config.id);
    let job = if job.via == via { job } else { SendJob { slot: None, via, ..job } };
    match turn::turn(app, &job, &message, &board, &config, now).await? {
        Turn::Now => {}
        Turn::Later(slot, wait) => {
            let job = SendJob { slot, ..job };
            return app.queues.send(Queue::Send, job.org, &job, wait.as_secs().max(1)).await;
        }
    }

    suppressions::leave_out_since(app, &message, &plan, &mut board, version).await?;
    let policy = if message.auto { Policy::Hold } else { Policy::of(app, &config)? };
    let times = (now, lease(app, now, deadline));
    let mut sender = window::Sender::new(app, &message, &plan, &config, job, board.asks).await?;
    sender.reasons = picked.reasons;
    let Some(claim) = claim::claim(app, &message, &board, &plan, policy, times, |todo| sender.window(todo)).await?
    else {
        return Ok(());
    };

    let mut settled = claim.recovered.clone();
    let mut stop = None;
    let mut rest = &claim.todo[..];
    let mut marked = true; // the claim marked the first window already
    let mut pulse = Pulse::new(app, job, read, deadline);
    while !rest.is_empty() && stop.is_none() && pulse.beats().await? {
        let (indexes, behind) = rest.split_at(sender.window(rest));
        let up_to = indexes[indexes.len() - 1] as u32 + 1;
        if !marked && !ledger::mark(&app.table, job.org, job.message, job.chunk, &claim.owner, up_to).await? {
            // The lease went to someone else. What was done is in the deliveries, so they know.
            return Ok(());
        }
        marked = false;
        // Boxed, as they are most of what a job keeps in memory: this and the rare decision above.
        let sent = Box::pin(sender.send(indexes, board.retries, &mut pulse)).await?;
        stop = sent.stop;
        let failing = message.auto
            && sent.settled.len() >= FAILING
            && sent.settled.iter().all(|(_, state)| *state == State::Retry);
        settled.extend(sent.settled);
        rest = behind;
        if failing {
            // Those behind it are routed again.
            break;
        }
    }
    let halted = pulse.halted();
    let ended = settle::Ended {
        claim: &claim,
        settled: &settled,
        policy,
        retry_after: sender.retry_after(),
        stopped: stop.is_some() || halted,
    };
    notify::settled(app, job.org, job.message, job.chunk, &settled).await?;
    sender.meter.write(app, &config).await;
    if message.auto {
        routing::learn(app, &config, &picked.trying, &sender.meter.countries()).await?;
    }
    let board = settle::settle(app, job, ended).await?;
    if halted && is_sending(app, job).await? {
        // Resumed while the board was ours, so that nobody could put its job back.
        let round = board.as_ref().map_or(job.round, |board| board.round);
        app.queues.send(Queue::Send, job.org, &SendJob::new(job.org, job.message, job.chunk, round), 0).await?;
    }
    if let Some(stop) = stop {
        let config = providers::pause(app, &config, &stop).await?;
        if message.auto {
            // By another config, if there is one.
            let round = board.as_ref().map_or(job.round, |board| board.round);
            app.queues.send(Queue::Send, job.org, &SendJob::new(job.org, job.message, job.chunk, round), 0).await?;
        } else {
            control::pause_for_provider(app, &message, &config).await?;
        }
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

/// Until when a claim made now holds.
fn lease(app: &App, now: Timestamp, deadline: Timestamp) -> Timestamp {
    match app.settings.lease_seconds {
        0 => deadline,
        seconds => now + Duration::from_secs(seconds),
    }
}
