//! Claim: takes the lease of a board, and finds out what a crash left.

use domain::{Result, board::State};
use jiff::Timestamp;
use store::{
    deliveries,
    ledger::{self, Board, Plan},
    messages::Message,
};

use super::unknown::Policy;
use crate::App;

/// A board that is ours until the lease ends.
pub(super) struct Claim {
    /// The name in the lease.
    pub owner: String,
    /// The board as it was then.
    pub board: Board,
    /// The recipients to send to in this round, by index, in order. The first window of them is marked as started.
    pub todo: Vec<usize>,
    /// What an invocation before us did in this round, where it did not get to settle; and who may not be sent to again
    /// because the provider may have forgotten the first time.
    pub recovered: Vec<(usize, State)>,
    /// When the first recipient of this round may have been handed over, in epoch milliseconds.
    pub since: i64,
}

/// Claims `board`. `window` tells how many of the recipients still to be sent to are handed over first.
/// `None`: someone else was quicker.
pub(super) async fn claim(
    app: &App,
    message: &Message,
    board: &Board,
    plan: &Plan,
    policy: Policy,
    (now, until): (Timestamp, Timestamp),
    window: impl FnOnce(&[usize]) -> usize,
) -> Result<Option<Claim>> {
    let mark = board.started_up_to as usize;
    let mut recovered = if mark > 0 { recover(app, message, board, plan, mark).await? } else { Vec::new() };
    let crashed = || board.claimed_at.unwrap_or(message.created_at.as_millisecond());
    let since = if mark > 0 { crashed() } else { now.as_millisecond() };
    let forgotten = forgotten(board, policy, now);
    let todo: Vec<usize> = board
        .states
        .iter()
        .enumerate()
        .skip(mark)
        .filter(|(index, state)| state.is_waiting() && !forgotten.contains(index) && !board.is_apart(*index))
        .map(|(index, _)| index)
        .collect();
    recovered.extend(forgotten.into_iter().filter(|index| *index >= mark).map(|index| (index, State::Unknown)));
    let marked = todo[..window(&todo)].last().map_or(board.started_up_to, |last| *last as u32 + 1);
    let owner = format!("{:032x}", app.random.bits());
    let claimed = ledger::claim(&app.table, message.org, message.id, board, &owner, (now, until), marked).await?;
    Ok(claimed.map(|board| Claim { owner, board, todo, recovered, since }))
}

/// Who would be sent to for a second time, without the provider being sure to notice.
fn forgotten(board: &Board, policy: Policy, now: Timestamp) -> Vec<usize> {
    let Some(unsure) = board.unsure.as_ref().filter(|unsure| !policy.may_resend(unsure.since, now)) else {
        return Vec::new();
    };
    let places = unsure.places.iter().map(|place| *place as usize);
    places.filter(|index| board.states.get(*index) == Some(&State::Retry)).collect()
}

/// What became of the recipients below the mark: a delivery row of this round says it; without a row nobody knows.
pub(crate) async fn recover(
    app: &App,
    message: &Message,
    board: &Board,
    plan: &Plan,
    mark: usize,
) -> Result<Vec<(usize, State)>> {
    let open: Vec<usize> = board
        .states
        .iter()
        .enumerate()
        .take(mark)
        .filter(|(index, state)| state.is_waiting() && !board.is_apart(*index))
        .map(|(index, _)| index)
        .collect();
    let places: Vec<_> = open.iter().map(|index| (plan.recipients[*index].address.clone(), message.id)).collect();
    let rows = deliveries::get_many(&app.table, message.org, &places).await?;
    Ok(open
        .into_iter()
        .zip(rows)
        .map(|(index, row)| (index, row.filter(|row| row.round == board.round).map_or(State::Unknown, |row| row.state)))
        .collect())
}
