//! Settle: the outcomes of a round onto the board, the lease off, and a job for what is to be tried again.

use std::time::Duration;

use domain::{Result, board::State, retry::backoff};
use store::ledger::{self, Board};

use crate::{App, app::Queue, jobs::SendJob};

/// Settles a round. `None`: the lease was lost meanwhile, and so was the right to settle.
///
/// With `stopped` nothing is queued: what waits goes on when the provider config is resumed.
pub(super) async fn settle(
    app: &App,
    job: SendJob,
    owner: &str,
    settled: &[(usize, State)],
    retry_after: Option<Duration>,
    stopped: bool,
) -> Result<Option<Board>> {
    let mut ours = true;
    let board = ledger::change(&app.table, job.org, job.message, job.chunk, |board| {
        ours = board.lease_owner.as_deref() == Some(owner);
        if !ours {
            return Ok(false);
        }
        for (index, state) in settled {
            // A receipt may have been quicker: the further state stays.
            board.states[*index] = board.states[*index].merge(*state);
        }
        board.round = job.round + 1;
        board.started_up_to = 0;
        board.lease_owner = None;
        board.lease_until = None;
        if board.states.contains(&State::Retry) {
            board.retries += 1;
        }
        Ok(true)
    })
    .await?;
    let Some(board) = board.filter(|_| ours) else { return Ok(None) };
    if stopped {
        return Ok(Some(board));
    }
    let next = SendJob { round: board.round, slot: None, ..job };
    if board.states.contains(&State::Pending) {
        // Time ran out before all windows were sent.
        app.queues.send(Queue::Send, job.org, &next, 0).await?;
    } else if board.states.contains(&State::Retry) {
        let wait = backoff(board.retries, app.random.bits() as u64).max(retry_after.unwrap_or_default());
        app.queues.send(Queue::Send, job.org, &next, wait.as_secs().max(1)).await?;
    }
    Ok(Some(board))
}
