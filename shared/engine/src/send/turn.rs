//! A chunk's turn on the provider config's rate.

use std::time::Duration;

use domain::{Result, board::State};
use jiff::Timestamp;
use store::{
    ledger::Board,
    messages::Message,
    providers::ProviderConfig,
    rates::{self, HORIZON, Slot},
};

use crate::{App, jobs::SendJob};

/// A slot this near is not waited for on the queue.
const NEAR: Duration = Duration::from_secs(1);

/// How long a chunk waits, at least and at most, before it asks again for a slot.
const ASK_AGAIN: (u64, u64) = (10, 900);

/// When a chunk may be sent.
pub(super) enum Turn {
    /// Now.
    Now,
    /// Not before so long; with the slot that is kept for it, if there is one.
    Later(Option<Timestamp>, Duration),
}

/// Finds the turn of a chunk. It takes its slot once; after a crash it has had it.
pub(super) async fn turn(
    app: &App,
    job: &SendJob,
    message: &Message,
    board: &Board,
    config: &ProviderConfig,
    now: Timestamp,
) -> Result<Turn> {
    let slot = match job.slot {
        Some(slot) => slot,
        None if board.started_up_to > 0 => return Ok(Turn::Now),
        None => {
            let goes = |(index, state): &(usize, &State)| state.is_waiting() && !board.is_apart(*index);
            let waiting = board.states.iter().enumerate().filter(goes).count() as u64;
            match rates::reserve(&app.table, job.org, config.id, now, waiting, config.rate_per_minute).await? {
                Slot::At(slot) => slot,
                Slot::Full => {
                    return Ok(Turn::Later(None, until_near(message, job.chunk, config, app.random.bits() as u64)));
                }
            }
        }
    };
    if slot <= now + NEAR {
        return Ok(Turn::Now);
    }
    Ok(Turn::Later(Some(slot), Duration::try_from(slot.duration_since(now)).unwrap_or_default()))
}

/// How long it takes at least until a slot for this chunk may be near, by what of its message is still before it; spread a
/// little, so that chunks do not come back together.
fn until_near(message: &Message, chunk: u32, config: &ProviderConfig, bits: u64) -> Duration {
    let settled = message.counts.total.saturating_sub(message.counts.pending);
    let before = (u64::from(chunk) * u64::from(message.chunk_size)).saturating_sub(settled);
    let seconds = before.saturating_mul(60) / config.rate_per_minute.max(1);
    let (least, most) = ASK_AGAIN;
    let wait = seconds.saturating_sub(HORIZON.as_secs() as u64 / 2).clamp(least, most);
    Duration::from_secs(wait + bits % least)
}
