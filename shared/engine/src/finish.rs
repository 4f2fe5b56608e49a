//! `finish`: folds the boards of a message, caches the counts, moves the day totals by the difference, and closes
//! the message when all is settled. Comes back by a delayed queue message while there is work.

use std::{collections::HashMap, sync::Mutex, time::Duration};

use domain::{
    Result,
    board::{Counts, State},
    id::{MessageId, OrgId},
    message::{MessageStatus, PauseReason, closing},
};
use jiff::Timestamp;
use store::{
    Update, days, keys,
    ledger::{self, Board},
    messages::{self, Message},
};

use crate::{App, app::Queue, engagement, jobs::FinishJob, notify, plan::LOOK_AFTER, send};

/// Handles one job from the `finish` queue. Harmless however often and whenever it comes.
pub async fn run(app: &App, job: FinishJob) -> Result<()> {
    let Some(message) = messages::find(&app.table, job.org, job.message).await? else { return Ok(()) };
    let before = message.counts.clone();
    let (message, open) = fold(app, message).await?;
    let in_work =
        matches!(message.status, MessageStatus::Sending) || (message.status == MessageStatus::Cancelled && open);
    if in_work {
        let idle = if message.counts == before { job.idle + 1 } else { 0 };
        let pause = u64::from(message.chunks / 500).max(1) + u64::from(idle.min(30));
        app.queues.send(Queue::Finish, job.org, &FinishJob { idle, ..job }, pause).await?;
    }
    Ok(())
}

/// Folds a message now. Gives it as it is then, and whether recipients are still to be settled.
pub async fn fold(app: &App, message: Message) -> Result<(Message, bool)> {
    if message.started_at.is_none() {
        // Read before it began: it may have boards by now, but no day that their counts could be moved to.
        return Ok((message, false));
    }
    let message = Box::pin(engagement::cache(app, message)).await?;
    let chunks = message.planned.then_some(message.chunks);
    let mut boards = ledger::boards(&app.table, message.org, message.id, chunks).await?;
    if message.status == MessageStatus::Cancelled {
        cancel_open(app, &message, &mut boards).await?;
    }
    let counts = ledger::fold(&boards);
    let undecided = boards.iter().any(Board::is_undecided);
    let open = counts.pending > 0 || undecided;
    let closed = if undecided { None } else { closes(&message, &counts) };
    if counts == message.counts && closed.is_none() {
        return Ok((message, open));
    }
    cache(app, message, counts, closed).await.map(|message| (message, open))
}

/// The state that a message ends in with these counts, if it ends.
fn closes(message: &Message, counts: &Counts) -> Option<MessageStatus> {
    let waiting = match message.status {
        MessageStatus::Sending => message.planned,
        // A receipt said that somebody got it after all.
        MessageStatus::Failed => counts.accepted() > 0,
        MessageStatus::Paused => {
            message.planned && message.pause_reason == Some(PauseReason::Review) && counts.unknown == 0
        }
        _ => false,
    };
    if waiting { closing(counts) } else { None }
}

/// What nobody has claimed is cancelled; what is claimed comes to its end.
async fn cancel_open(app: &App, message: &Message, boards: &mut [Board]) -> Result<()> {
    let now = app.now();
    for board in boards {
        if board.is_leased(now) || !board.states.iter().any(|state| state.is_waiting()) {
            continue;
        }
        // Below the mark of a round that never settled: its rows say what became of them, or nobody knows.
        let mark = board.started_up_to as usize;
        let left = if mark > 0 { left_open(app, message, board, mark).await? } else { Vec::new() };
        let version = board.version;
        let changed = ledger::change(&app.table, message.org, message.id, board.chunk, |board| {
            if board.version != version {
                // Someone was quicker; the next fold looks again.
                return Ok(false);
            }
            let unsure = board.unsure.as_ref().map_or_else(Vec::new, |unsure| unsure.places.clone());
            for (index, state) in &left {
                board.states[*index] = board.states[*index].merge(*state);
            }
            for (index, state) in board.states.iter_mut().enumerate() {
                if state.is_waiting() {
                    // What was about to be sent once more may have been sent.
                    *state = if unsure.contains(&(index as u32)) { State::Unknown } else { State::Cancelled };
                }
            }
            board.started_up_to = 0;
            board.round += 1;
            board.lease_owner = None;
            board.lease_until = None;
            Ok(true)
        })
        .await?;
        if let Some(mut changed) = changed {
            // What receipts say is in the board that was read, not in the one that was written.
            for (new, old) in changed.states.iter_mut().zip(board.states.iter()) {
                *new = new.merge(*old);
            }
            *board = changed;
        }
    }
    Ok(())
}

/// What became of the recipients below the mark of a round that never settled.
async fn left_open(app: &App, message: &Message, board: &Board, mark: usize) -> Result<Vec<(usize, State)>> {
    let plan = ledger::plan(&app.table, message.org, message.id, board.chunk).await?;
    match plan {
        Some(plan) => send::recover(app, message, board, &plan, mark).await,
        None => Ok(Vec::new()),
    }
}

/// Writes a fold, if no other fold was written since the message was read.
async fn cache(app: &App, mut message: Message, counts: Counts, closed: Option<MessageStatus>) -> Result<Message> {
    let now = app.now();
    let total = if message.planned { counts.total } else { message.recipient_count };
    let folded = |update: Update| {
        let update = update
            .set("counts", &counts)
            .set("countedAt", now)
            .set("recipientCount", total)
            .set("folds", message.folds + 1)
            .if_equal("folds", message.folds);
        match closed {
            Some(MessageStatus::Paused) => {
                update.set("pauseReason", PauseReason::Review).remove("duePartition").remove("dueAt")
            }
            Some(to) => (if to == MessageStatus::Sent { update.remove("error") } else { update })
                .set("finishedAt", now)
                .set("looks", 0)
                .set("foldAt", (now + Duration::from_secs(collect(message.chunks))).as_millisecond())
                .remove("pauseReason")
                .set("duePartition", keys::due_partition(message.id.shard(keys::DUE_SHARDS)))
                .set("dueAt", messages::due_text(now + LOOK_AFTER)),
            None => update,
        }
    };
    let mut writes = match closed {
        // Stays paused for review, with other counts: only the fold is written.
        Some(to) if to != message.status => messages::transition(&app.table, &message, to, now, folded)?,
        _ => vec![app.table.tx_update(folded(Update::of(keys::message(message.org, message.id))))?],
    };
    writes.extend(days::shift(&app.table, &message, &message.counts, &counts)?);
    match app.table.transact(writes).await {
        Ok(()) => {}
        // Another fold was quicker; its counts are as good.
        Err(store::Cancelled::Conditions(_)) => return messages::get(&app.table, message.org, message.id).await,
        Err(other) => return Err(other.into()),
    }
    message.counts = counts;
    message.recipient_count = total;
    message.counted_at = Some(now);
    message.folds += 1;
    if let Some(to) = closed {
        message.status = to;
        message.pause_reason = (to == MessageStatus::Paused).then_some(PauseReason::Review);
        message.finished_at = Some(now);
        tracing::info!(message = %message.id, status = to.name(), total = message.counts.total, "message closed");
        if let Err(error) = notify::closed(app, &message).await {
            // The sweep, which looks at closed messages too, tells it.
            tracing::warn!(message = %message.id, %error, "a message's end was not told");
        }
        if to != MessageStatus::Paused {
            // For receipts that came after these boards were read.
            fold_later(app, &message).await?;
        }
    }
    Ok(message)
}

/// How long a burst of receipts is collected before the message is folded again, in seconds: a fold reads every board, so the
/// larger the message, the longer.
fn collect(chunks: u32) -> u64 {
    u64::from(chunks / 100).max(5)
}

/// How long an instance takes a message for being in work after it saw that, in seconds; not longer than [`collect`].
const LOOK: u64 = 5;

/// Of which messages this instance knows until when that a fold is still to come, so that a burst of receipts looks once.
#[derive(Debug, Default)]
pub struct Refolds(Mutex<HashMap<MessageId, Timestamp>>);

impl Refolds {
    fn is_to_come(&self, message: MessageId, now: Timestamp) -> bool {
        self.0.lock().expect("no panic while it is held").get(&message).is_some_and(|until| *until > now)
    }

    fn comes(&self, message: MessageId, until: Timestamp, now: Timestamp) {
        let mut folds = self.0.lock().expect("no panic while it is held");
        if folds.len() > 1_000 {
            folds.retain(|_, until| *until > now);
        }
        folds.insert(message, until);
    }
}

/// After a receipt was stored: asks for a fold in a few seconds, if none is to come. If the request is lost, the sweep
/// folds later. A message in work is folded again and again, and once more after it was closed.
pub async fn refold(app: &App, org: OrgId, message: MessageId) -> Result<()> {
    let now = app.now();
    if app.refolds.is_to_come(message, now) {
        return Ok(());
    }
    let Some(message) = messages::find(&app.table, org, message).await? else { return Ok(()) };
    let until = match message.fold_at.and_then(|at| Timestamp::from_millisecond(at).ok()) {
        _ if message.status == MessageStatus::Sending => now + Duration::from_secs(LOOK),
        Some(at) if at > now => at,
        _ => {
            let at = now + Duration::from_secs(collect(message.chunks));
            if messages::ask_fold(&app.table, &message, now, at).await? {
                fold_later(app, &message).await?;
            }
            at
        }
    };
    app.refolds.comes(message.id, until, now);
    Ok(())
}

async fn fold_later(app: &App, message: &Message) -> Result<()> {
    let job = FinishJob { org: message.org, message: message.id, idle: 0 };
    app.queues.send(Queue::Finish, message.org, &job, collect(message.chunks)).await
}
