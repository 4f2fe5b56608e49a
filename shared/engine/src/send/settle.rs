//! Settle: the outcomes of a round onto the board, the lease off, and a job for what is to be tried again.

use std::time::Duration;

use domain::{Result, board::State, retry::backoff};
use store::ledger::{self, Board};

use super::unknown::{self, Policy};
use crate::{App, app::Queue, jobs::SendJob};

/// How a round went.
pub(super) struct Ended<'a> {
    /// The name in the lease.
    pub owner: &'a str,
    /// The recipients by index, with their state.
    pub settled: &'a [(usize, State)],
    /// When the first of them may have been handed over, in epoch milliseconds.
    pub since: i64,
    /// What is done about unknown ones.
    pub policy: Policy,
    /// The longest wait that the provider asked for.
    pub retry_after: Option<Duration>,
    /// Nothing is queued: what waits goes on when the message, or the provider config, is resumed.
    pub stopped: bool,
}

/// Settles a round. `None`: the lease was lost meanwhile, and so was the right to settle.
pub(super) async fn settle(app: &App, job: SendJob, ended: Ended<'_>) -> Result<Option<Board>> {
    let mut ours = true;
    let board = ledger::change(&app.table, job.org, job.message, job.chunk, |board| {
        ours = board.lease_owner.as_deref() == Some(ended.owner);
        if !ours {
            return Ok(false);
        }
        let mut unknown = Vec::new();
        for (index, state) in ended.settled {
            // A receipt may have been quicker: the further state stays.
            board.states[*index] = board.states[*index].merge(*state);
            if (*state, board.states[*index]) == (State::Unknown, State::Unknown) {
                unknown.push(*index as u32);
            }
        }
        board.round = job.round + 1;
        board.started_up_to = 0;
        board.lease_owner = None;
        board.lease_until = None;
        if board.states.contains(&State::Retry) {
            board.retries += 1;
        }
        board.forget_the_sure();
        ended.policy.note(board, unknown, ended.since, app.now());
        Ok(true)
    })
    .await?;
    let Some(board) = board.filter(|_| ours) else { return Ok(None) };
    unknown::enqueue(app, job, &board).await?;
    if ended.stopped {
        return Ok(Some(board));
    }
    let next = SendJob { round: board.round, slot: None, ..job };
    if board.states.contains(&State::Pending) {
        // Time ran out before all windows were sent.
        app.queues.send(Queue::Send, job.org, &next, 0).await?;
    } else if board.states.contains(&State::Retry) {
        let wait = backoff(board.retries, app.random.bits() as u64).max(ended.retry_after.unwrap_or_default());
        app.queues.send(Queue::Send, job.org, &next, wait.as_secs().max(1)).await?;
    }
    Ok(Some(board))
}
