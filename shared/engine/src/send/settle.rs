//! Settle: the outcomes of a round onto the board, the lease off, and a job for what is to be tried again.

use std::time::Duration;

use domain::{Result, board::State, retry::backoff};
use store::ledger::{self, Board};

use super::{
    claim::Claim,
    unknown::{self, Policy},
};
use crate::{App, app::Queue, jobs::SendJob};

/// How a round went.
pub(super) struct Ended<'a> {
    /// What was claimed.
    pub claim: &'a Claim,
    /// The recipients by index, with their state.
    pub settled: &'a [(usize, State)],
    /// What is done about unknown ones.
    pub policy: Policy,
    /// The longest wait that the provider asked for.
    pub retry_after: Option<Duration>,
    /// Nothing is queued: what waits goes on when the message, or the provider config, is resumed.
    pub stopped: bool,
}

/// Settles a round. `None`: the lease was lost meanwhile, and so was the right to settle.
pub(super) async fn settle(app: &App, job: SendJob, ended: Ended<'_>) -> Result<Option<Board>> {
    let claim = ended.claim;
    // As it was claimed: while there is a lease, nobody else writes it.
    let mut board = claim.board.clone();
    let mut unknown = Vec::new();
    for (index, state) in ended.settled {
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
    if let Some(route) = &mut board.route {
        // All that wait are routed anew.
        route.apart.clear();
    }
    ended.policy.note(&mut board, unknown, claim.since, app.now());
    if !ledger::settle(&app.table, job.org, job.message, &board, &claim.owner).await? {
        return Ok(None);
    }
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
