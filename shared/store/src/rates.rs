//! Rates: the next free moment of each provider config. Reserving moves it; nobody sleeps.

use domain::{
    Error, Result,
    id::{OrgId, ProviderId},
};
use jiff::Timestamp;
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

/// Reserves the time that `count` sends take at `per_minute`, and gives the moment from which it is ours.
pub async fn reserve(
    table: &Table,
    org: OrgId,
    provider: ProviderId,
    now: Timestamp,
    count: u64,
    per_minute: u64,
) -> Result<Timestamp> {
    let key = keys::rate(org, provider);
    let length = (count.saturating_mul(60_000_000) / per_minute.max(1)) as i64;
    let now = now.as_microsecond();
    let free = || Update::of(key.clone()).set("nextFreeAt", now + length).if_absent_or_below("nextFreeAt", now + 1);
    // Where a chunk takes no time to speak of, nobody waits: one write.
    if length < QUICK && table.update(free()).await? {
        return moment(now);
    }
    // One write where others are waiting before us …
    let queued = Update::of(key.clone()).add("nextFreeAt", length).compare("nextFreeAt", ">", now);
    if let Some(rate) = table.update_returning::<Rate>(queued).await? {
        return moment(rate.next_free_at - length);
    }
    // … and one where nobody is. Losing this race means that somebody is by now.
    if table.update(free()).await? {
        return moment(now);
    }
    let queued = Update::of(key).add("nextFreeAt", length);
    let rate: Option<Rate> = table.update_returning(queued).await?;
    moment(rate.map_or(now, |rate| rate.next_free_at - length))
}

fn moment(microseconds: i64) -> Result<Timestamp> {
    Timestamp::from_microsecond(microseconds).map_err(Error::internal)
}

/// Whether everything that was reserved lies in the past.
pub async fn is_idle(table: &Table, org: OrgId, provider: ProviderId, now: Timestamp) -> Result<bool> {
    let rate: Option<Rate> = table.get(&keys::rate(org, provider)).await?;
    Ok(rate.is_none_or(|rate| rate.next_free_at <= now.as_microsecond()))
}
