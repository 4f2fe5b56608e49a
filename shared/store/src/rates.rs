//! Rates: the next free moment of each provider config. Reserving moves it, as far as a short horizon; nobody sleeps.

use domain::{
    Error, Result,
    id::{OrgId, ProviderId},
};
use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;

use crate::{keys, table::Table, update::Update};

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Rate {
    /// Microseconds since the epoch.
    next_free_at: i64,
}

/// What takes less than this, in microseconds, hardly ever waits.
const QUICK: i64 = 100_000;

/// How far ahead time is reserved. What a message reserved and then does not use, because it is paused or cancelled, is
/// nobody's; so it must not be much.
pub const HORIZON: SignedDuration = SignedDuration::from_secs(120);

/// What came of a reservation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Slot {
    /// The time is ours from this moment on.
    At(Timestamp),
    /// Everything within [`HORIZON`] is reserved; come back later.
    Full,
}

/// Reserves the time that `count` sends take at `per_minute`, if it begins within [`HORIZON`].
pub async fn reserve(
    table: &Table,
    org: OrgId,
    provider: ProviderId,
    now: Timestamp,
    count: u64,
    per_minute: u64,
) -> Result<Slot> {
    let key = keys::rate(org, provider);
    let length = (count.saturating_mul(60_000_000) / per_minute.max(1)) as i64;
    let horizon = (now + HORIZON).as_microsecond();
    let now = now.as_microsecond();
    let free = || Update::of(key.clone()).set("nextFreeAt", now + length).if_absent_or_below("nextFreeAt", now + 1);
    let queued = || {
        let update = Update::of(key.clone()).add("nextFreeAt", length);
        update.compare("nextFreeAt", ">", now).compare("nextFreeAt", "<=", horizon)
    };
    // Where a chunk takes no time to speak of, nobody waits: one write.
    if length < QUICK && table.update(free()).await? {
        return at(now);
    }
    // One write where others are waiting before us …
    if let Some(rate) = table.update_returning::<Rate>(queued()).await? {
        return at(rate.next_free_at - length);
    }
    // … and one where nobody is. Losing this race means that somebody is by now.
    if table.update(free()).await? {
        return at(now);
    }
    match table.update_returning::<Rate>(queued()).await? {
        Some(rate) => at(rate.next_free_at - length),
        None => Ok(Slot::Full),
    }
}

fn at(microseconds: i64) -> Result<Slot> {
    Timestamp::from_microsecond(microseconds).map(Slot::At).map_err(Error::internal)
}

/// Whether everything that was reserved lies in the past.
pub async fn is_idle(table: &Table, org: OrgId, provider: ProviderId, now: Timestamp) -> Result<bool> {
    let rate: Option<Rate> = table.get(&keys::rate(org, provider)).await?;
    Ok(rate.is_none_or(|rate| rate.next_free_at <= now.as_microsecond()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing;

    #[tokio::test]
    async fn time_is_reserved_one_after_the_other_and_not_far_ahead() {
        let table = testing::table().await;
        let now = Timestamp::from_second(1_000).unwrap();
        let (org, provider) = (OrgId::new(now, 1), ProviderId::new(now, 1));
        let take = async |at: Timestamp, count| reserve(&table, org, provider, at, count, 60).await.unwrap();
        let after = |seconds: i64| now + SignedDuration::from_secs(seconds);
        // A minute each: the third begins at the end of the horizon.
        for slot in [0, 60, 120] {
            assert_eq!(take(now, 60).await, Slot::At(after(slot)));
        }
        assert_eq!(take(now, 60).await, Slot::Full);
        assert_eq!(take(after(59), 1).await, Slot::Full, "180 s are taken");
        assert_eq!(take(after(60), 60).await, Slot::At(after(180)));
        assert!(!is_idle(&table, org, provider, after(239)).await.unwrap());
        assert!(is_idle(&table, org, provider, after(240)).await.unwrap());
        assert_eq!(take(after(1_000), 60).await, Slot::At(after(1_000)), "unused time is not made up for");
    }
}
