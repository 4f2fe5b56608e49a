//! Day totals: what was accepted, delivered and failed on a day, by channel and provider config. They move by the
//! difference of two folds, in the transaction that caches the fold, so they are exact against a recount.

use aws_sdk_dynamodb::types::TransactWriteItem;
use domain::{
    Result,
    board::Counts,
    id::{OrgId, ProviderId},
    message::Channel,
};
use serde::Deserialize;

use crate::{keys, messages::Message, range::Range, table::Table, update::Update};

/// The totals of one day, channel and provider config.
#[derive(Debug, Clone)]
pub struct Day {
    /// `2026-01-31`, in the organization's zone at the time.
    pub date: String,
    /// The channel.
    pub channel: Channel,
    /// The provider config.
    pub provider: ProviderId,
    /// The counts of recipients whose message began on that day.
    pub counts: Counts,
}

#[derive(Deserialize)]
struct DayItem {
    #[serde(flatten)]
    counts: std::collections::HashMap<String, serde_json::Value>,
}

/// The write that moves a day's totals from `old` to `new` counts of one message; `None` where nothing changed.
pub fn shift(table: &Table, message: &Message, old: &Counts, new: &Counts) -> Result<Option<TransactWriteItem>> {
    let Some(day) = &message.day else { return Ok(None) };
    let key = keys::day(message.org, day, message.channel.name(), message.provider_id, message.id);
    let mut update = Update::of(key);
    let mut moved = false;
    for ((name, old), (_, new)) in old.columns().into_iter().zip(new.columns()) {
        if old != new {
            update = update.add(name, new as i64 - old as i64);
            moved = true;
        }
    }
    moved.then(|| table.tx_update(update)).transpose()
}

/// The totals of the days `from..=to` (`2026-01-31`), one row per day, channel and provider config.
pub async fn range(table: &Table, org: OrgId, from: &str, to: &str) -> Result<Vec<Day>> {
    let range = Range {
        partitions: keys::days(org),
        low: from.to_owned(),
        high: format!("{to}\u{10FFFF}"),
        after: None,
        forward: true,
        limit: usize::MAX / 2,
        consistent: true,
    };
    let rows: Vec<(String, DayItem)> = table.range(&range).await?;
    let mut days: Vec<Day> = Vec::new();
    for (sk, row) in rows {
        let mut parts = sk.splitn(3, '#');
        let (Some(date), Some(Ok(channel)), Some(Ok(provider))) =
            (parts.next(), parts.next().map(str::parse), parts.next().map(str::parse))
        else {
            return Err(domain::Error::internal("a day's key is malformed"));
        };
        let read = |name: &str| row.counts.get(name).and_then(serde_json::Value::as_i64).unwrap_or(0).max(0) as u64;
        let counts = Counts {
            total: read("total"),
            pending: read("pending"),
            sent: read("sent"),
            delivered: read("delivered"),
            read: read("read"),
            failed: read("failed"),
            skipped: read("skipped"),
            unknown: read("unknown"),
            cancelled: read("cancelled"),
        };
        match days.iter_mut().find(|day| day.date == date && day.channel == channel && day.provider == provider) {
            Some(day) => day.counts += counts,
            None => days.push(Day { date: date.to_owned(), channel, provider, counts }),
        }
    }
    Ok(days)
}
