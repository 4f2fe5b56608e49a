//! Sums of day totals.
//!
//! Invariant: every figure is a sum of folds over boards, so it is exact as soon as a message shows `SENT`.
//! `sent` is what providers accepted (and did not report as failed since), `delivered` what arrived, read or not.

use std::collections::BTreeMap;

use domain::{board::Counts, id::ProviderId, message::Channel, schedule};
use jiff::civil::Date;
use schemars::JsonSchema;
use serde::Serialize;
use store::days::Day;

/// The sums of a period.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, JsonSchema)]
pub(crate) struct Totals {
    /// Copies that a provider accepted, and that did not fail since.
    #[serde(rename = "totalSent")]
    pub sent: u64,
    /// Those of them that arrived.
    #[serde(rename = "totalDelivered")]
    pub delivered: u64,
    /// Copies that failed, at once or after they were accepted.
    #[serde(rename = "totalFailed")]
    pub failed: u64,
    /// Copies still to be sent.
    #[serde(rename = "totalPending")]
    pub pending: u64,
}

impl Totals {
    /// Over these days.
    pub fn of(days: &[Day]) -> Self {
        let Figures { sent, delivered, failed, pending } = Figures::of(&counts(days));
        Self { sent, delivered, failed, pending }
    }
}

/// The figures of one thing in a period.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Figures {
    /// Copies that a provider accepted, and that did not fail since.
    pub sent: u64,
    /// Those of them that arrived.
    pub delivered: u64,
    /// Copies that failed.
    pub failed: u64,
    /// Copies still to be sent.
    pub pending: u64,
}

impl Figures {
    fn of(counts: &Counts) -> Self {
        Self {
            sent: counts.accepted(),
            delivered: counts.delivered + counts.read,
            failed: counts.failed,
            pending: counts.pending,
        }
    }
}

/// The figures of a day.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub(crate) struct DayTotals {
    /// The day (`2026-01-31`) on which the messages began, in the organization's zone.
    pub date: String,
    /// Its figures.
    #[serde(flatten)]
    pub figures: Figures,
}

/// Why copies did not get through.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub(crate) struct ReasonTotals {
    /// The state that they ended in: `FAILED`, `SKIPPED`, `UNKNOWN` or `CANCELLED`.
    pub reason: String,
    /// How many.
    pub count: u64,
}

/// What counts as a month in `monthlyStats`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, JsonSchema)]
pub(crate) struct MonthTotals {
    /// Copies that a provider accepted, and that did not fail since.
    pub sent: u64,
    /// Those of them that arrived.
    pub delivered: u64,
    /// Copies that failed.
    pub failed: u64,
}

fn counts(days: &[Day]) -> Counts {
    days.iter().map(|day| day.counts.clone()).sum()
}

/// Sums by a key, in the order of the keys.
fn by<K: Ord>(days: &[Day], key: impl Fn(&Day) -> K) -> BTreeMap<K, Counts> {
    let mut sums: BTreeMap<K, Counts> = BTreeMap::new();
    for day in days {
        *sums.entry(key(day)).or_default() += day.counts.clone();
    }
    sums
}

/// The days on which anything began, in order.
pub(crate) fn by_day(days: &[Day]) -> Vec<DayTotals> {
    let sums = by(days, |day| day.date.clone());
    sums.into_iter().map(|(date, counts)| DayTotals { date, figures: Figures::of(&counts) }).collect()
}

/// The channels that anything was sent on.
pub(crate) fn by_channel(days: &[Day]) -> Vec<(Channel, Figures)> {
    by(days, |day| day.channel).into_iter().map(|(channel, counts)| (channel, Figures::of(&counts))).collect()
}

/// The configs that anything was sent by.
pub(crate) fn by_provider(days: &[Day]) -> Vec<(ProviderId, Figures)> {
    by(days, |day| day.provider).into_iter().map(|(provider, counts)| (provider, Figures::of(&counts))).collect()
}

/// Why copies did not get through, by the state that they ended in. Finer reasons stand with each delivery; these are
/// the finest that sums of folds know exactly.
pub(crate) fn by_reason(days: &[Day]) -> Vec<ReasonTotals> {
    let sum = counts(days);
    [("FAILED", sum.failed), ("SKIPPED", sum.skipped), ("UNKNOWN", sum.unknown), ("CANCELLED", sum.cancelled)]
        .into_iter()
        .filter(|(_, count)| *count > 0)
        .map(|(reason, count)| ReasonTotals { reason: reason.into(), count })
        .collect()
}

/// Months (`2026-01`) with their figures.
pub(crate) fn by_month(days: &[Day]) -> BTreeMap<String, MonthTotals> {
    by(days, |day| day.date.get(..7).unwrap_or(&day.date).to_owned())
        .into_iter()
        .map(|(month, counts)| {
            let Figures { sent, delivered, failed, .. } = Figures::of(&counts);
            (month, MonthTotals { sent, delivered, failed })
        })
        .collect()
}

/// What the first page shows at a glance.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Glance {
    /// Accepted SMS.
    pub sms: u64,
    /// Accepted copies.
    pub sent: u64,
    /// Failed copies.
    pub failed: u64,
    /// Accepted copies of today's messages.
    pub today: u64,
    /// … of this week's, from Monday.
    pub week: u64,
    /// … of this month's.
    pub month: u64,
}

impl Glance {
    /// From all days there are.
    pub fn of(days: &[Day], today: Date) -> Self {
        let since = |first: Date| -> u64 {
            let first = first.to_string();
            days.iter().filter(|day| day.date >= first).map(|day| day.counts.accepted()).sum()
        };
        let all = counts(days);
        Self {
            sms: days.iter().filter(|day| day.channel == Channel::Sms).map(|day| day.counts.accepted()).sum(),
            sent: all.accepted(),
            failed: all.failed,
            today: since(today),
            week: since(schedule::week_start(today)),
            month: since(schedule::month_start(today)),
        }
    }
}

#[cfg(test)]
mod tests {
    use jiff::{Timestamp, civil::date};

    use super::*;

    fn day(date: &str, channel: Channel, provider: u128, counts: Counts) -> Day {
        Day { date: date.into(), channel, provider: ProviderId::new(Timestamp::UNIX_EPOCH, provider), counts }
    }

    fn sent(count: u64) -> Counts {
        Counts { total: count, sent: count, ..Counts::default() }
    }

    #[test]
    fn accepted_copies_are_sent_whatever_became_of_them() {
        let mixed = Counts {
            total: 21,
            pending: 1,
            sent: 2,
            delivered: 3,
            read: 4,
            failed: 5,
            skipped: 6,
            ..Counts::default()
        };
        let days = [day("2026-01-31", Channel::Sms, 1, mixed), day("2026-02-01", Channel::Email, 2, sent(10))];
        let totals = Totals::of(&days);
        assert_eq!(totals, Totals { sent: 19, delivered: 7, failed: 5, pending: 1 });
        let reasons: Vec<_> = by_reason(&days).into_iter().map(|one| (one.reason, one.count)).collect();
        assert_eq!(reasons, [("FAILED".to_owned(), 5), ("SKIPPED".to_owned(), 6)]);
        assert_eq!(by_month(&days)["2026-01"], MonthTotals { sent: 9, delivered: 7, failed: 5 });
        assert_eq!(by_month(&days)["2026-02"], MonthTotals { sent: 10, delivered: 0, failed: 0 });
        assert_eq!(by_day(&days).len(), 2);
    }

    #[test]
    fn parts_add_up_to_the_whole() {
        let days = [
            day("2026-01-30", Channel::Sms, 1, sent(1)),
            day("2026-01-30", Channel::Sms, 2, sent(2)),
            day("2026-01-31", Channel::Email, 1, sent(4)),
        ];
        let all = Totals::of(&days).sent;
        assert_eq!(all, 7);
        assert_eq!(by_day(&days).iter().map(|one| one.figures.sent).sum::<u64>(), all);
        assert_eq!(by_channel(&days).iter().map(|(_, one)| one.sent).collect::<Vec<_>>(), [3, 4]);
        assert_eq!(by_provider(&days).iter().map(|(_, one)| one.sent).collect::<Vec<_>>(), [5, 2]);
    }

    #[test]
    fn weeks_begin_on_monday_and_months_on_the_first() {
        let days = [
            day("2026-01-31", Channel::Sms, 1, sent(1)),   // Saturday
            day("2026-02-01", Channel::Sms, 1, sent(2)),   // Sunday
            day("2026-02-02", Channel::Email, 1, sent(4)), // Monday
            day("2026-02-03", Channel::Sms, 1, sent(8)),
        ];
        let glance = Glance::of(&days, date(2026, 2, 3));
        assert_eq!(glance, Glance { sms: 11, sent: 15, failed: 0, today: 8, week: 12, month: 14 });
        assert_eq!(Glance::of(&[], date(2026, 2, 3)), Glance::default());
    }
}
