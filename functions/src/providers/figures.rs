//! How a config did in the last days.

use ::providers::{Feature, Kind, spec};
use domain::{board::Counts, id::ProviderId, message::Channel, schedule};
use jiff::{SignedDuration, Timestamp, ToSpan};
use schemars::JsonSchema;
use serde::Serialize;
use store::{
    Table,
    days::{self, Day},
    health::{self, Figures},
    organizations::Organization,
    providers::ProviderConfig,
    routing::{self, Circuit},
};

use super::view::{BalanceView, HealthStatus, HealthView, TestView};

/// How many days count, today included.
const DAYS: i64 = 7;

/// How long ago is recent.
const RECENT: SignedDuration = SignedDuration::from_hours(1);

/// Fewer settled copies say nothing.
const ENOUGH: u64 = 20;

/// How a config is and how it did.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct ProviderHealth {
    /// The config.
    pub provider_id: ProviderId,
    /// Its name.
    pub name: String,
    /// Its channel.
    pub channel: Channel,
    /// How it is.
    pub status: HealthStatus,
    /// Why, in words.
    pub detail: Option<String>,
    /// Since when it is paused.
    pub paused_at: Option<Timestamp>,
    /// The last connection test.
    pub last_test: Option<TestView>,
    /// Copies accepted in the last seven days.
    pub accepted: u64,
    /// Copies failed in the last seven days.
    pub failed: u64,
    /// The failed part of both, 0 to 1; null if there were none.
    pub failure_rate: Option<f64>,
    /// Copies of the last seven days before today, accepted, of which the provider told nothing more; null where it reports
    /// nothing at all.
    pub receipts_missing: Option<u64>,
    /// What it did in the last hour.
    pub recent: RecentFigures,
    /// What was left on the account when it was last asked.
    pub balance: Option<BalanceView>,
    /// Countries to which routing sends nothing by it just now.
    pub circuits: Vec<CircuitView>,
}

/// What a config did in the last hour.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct RecentFigures {
    /// Copies handed over.
    pub handed_over: u64,
    /// Copies accepted.
    pub accepted: u64,
    /// The part that failed in passing, or of which nobody knows, 0 to 1; null if none was handed over.
    pub error_rate: Option<f64>,
    /// How long a call took on average, in milliseconds.
    pub latency_ms: Option<u64>,
    /// The last error.
    pub last_error: Option<String>,
    /// When it was.
    pub last_error_at: Option<Timestamp>,
}

impl From<Figures> for RecentFigures {
    fn from(figures: Figures) -> Self {
        let all = figures.handed_over();
        Self {
            handed_over: all,
            accepted: figures.accepted,
            error_rate: (all > 0).then(|| (figures.failed + figures.unknown) as f64 / all as f64),
            latency_ms: figures.took_ms.checked_div(all),
            last_error: figures.last_error,
            last_error_at: figures.last_error_at.and_then(|at| Timestamp::from_millisecond(at).ok()),
        }
    }
}

/// A country to which routing sends nothing by a config.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "OpenCircuit")]
pub(super) struct CircuitView {
    /// The country; `-` for addresses without one.
    pub country: String,
    /// When it is tried again.
    pub until: Timestamp,
    /// Why.
    pub reason: Option<String>,
}

/// What is read of one config beside itself.
pub(super) struct Read {
    /// The day that it is, in the organization's zone.
    today: String,
    figures: Figures,
    circuits: Vec<Circuit>,
}

/// Reads what a config did in the last hour, and its circuits.
pub(super) async fn read(
    table: &Table,
    organization: &Organization,
    config: &ProviderConfig,
    now: Timestamp,
) -> domain::Result<Read> {
    let (org, id) = (config.org, config.id);
    let today = schedule::day_of(now, &organization.timezone);
    let circuits =
        routing::circuits(table, org, id).await?.into_iter().filter(|circuit| circuit.is_open(now)).collect();
    Ok(Read { today, figures: health::since(table, org, id, now - RECENT).await?, circuits })
}

/// The day totals that health looks at.
pub(super) async fn recent(table: &Table, organization: &Organization, now: Timestamp) -> domain::Result<Vec<Day>> {
    let today = schedule::date_of(now, &organization.timezone);
    let from = today.saturating_sub((DAYS - 1).days());
    days::range(table, organization.id, &from.to_string(), &today.to_string()).await
}

/// How a config is, by itself and by what became of its copies.
pub(super) fn health(config: &ProviderConfig, days: &[Day], read: Read) -> ProviderHealth {
    let of_config = || days.iter().filter(|day| day.provider == config.id);
    let counts: Counts = of_config().map(|day| day.counts.clone()).sum();
    let reports = config.kind.parse().is_ok_and(|kind: Kind| spec(kind).features.contains(&Feature::Receipts));
    let missing = || of_config().filter(|day| day.date < read.today).map(|day| day.counts.sent).sum();
    let receipts_missing = reports.then(missing);
    let (accepted, failed) = (counts.accepted(), counts.failed);
    let settled = accepted + failed;
    let mut health = HealthView::of(config);
    if health.status == HealthStatus::Healthy && settled >= ENOUGH && failed * 5 > settled {
        let detail = format!("{failed} of {settled} copies failed in the last {DAYS} days.");
        health = HealthView { status: HealthStatus::Degraded, detail: Some(detail) };
    }
    ProviderHealth {
        provider_id: config.id,
        name: config.name.clone(),
        channel: config.channel,
        status: health.status,
        detail: health.detail,
        paused_at: config.paused.as_ref().map(|paused| paused.at),
        last_test: config.last_test.as_ref().map(TestView::from),
        accepted,
        failed,
        failure_rate: (settled > 0).then(|| failed as f64 / settled as f64),
        receipts_missing,
        recent: read.figures.into(),
        balance: config.balance.as_ref().map(|balance| BalanceView::new(config.id, balance)),
        circuits: read
            .circuits
            .into_iter()
            .filter_map(|circuit| {
                let until = Timestamp::from_millisecond(circuit.open_until?).ok()?;
                Some(CircuitView { country: circuit.country, until, reason: circuit.reason })
            })
            .collect(),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use domain::{Violation, id::OrgId, message::PauseReason};
    use store::providers::{LastTest, Paused};

    use super::*;

    fn config() -> ProviderConfig {
        let at = Timestamp::UNIX_EPOCH;
        ProviderConfig {
            id: ProviderId::new(at, 1),
            org: OrgId::new(at, 1),
            channel: Channel::Sms,
            kind: "CUSTOM".into(),
            name: "one".into(),
            credentials: String::new(),
            masked: BTreeMap::new(),
            settings: "{}".into(),
            sender_id: None,
            api_url: None,
            is_active: true,
            is_default: false,
            rate_per_minute: 60,
            retry_attempts: 3,
            batch_size: 1,
            unknown_policy: "HOLD".into(),
            smart: None,
            webhook_token: String::new(),
            violations: Vec::new(),
            paused: None,
            balance: None,
            last_test: None,
            version: 1,
            created_at: at,
            updated_at: at,
        }
    }

    fn health_of(config: &ProviderConfig, days: &[Day]) -> ProviderHealth {
        health(config, days, Read { today: "2026-01-31".into(), figures: Figures::default(), circuits: Vec::new() })
    }

    fn day(provider: ProviderId, delivered: u64, failed: u64) -> Day {
        let counts = Counts { total: delivered + failed, delivered, failed, ..Counts::default() };
        Day { date: "2026-01-31".into(), channel: Channel::Sms, provider, counts }
    }

    #[test]
    fn failures_of_this_config_make_it_degraded() {
        let config = config();
        let other = ProviderId::new(Timestamp::UNIX_EPOCH, 2);
        let status = |days: &[Day]| health_of(&config, days).status;
        assert_eq!(status(&[day(config.id, 80, 20), day(other, 0, 900)]), HealthStatus::Healthy);
        assert_eq!(status(&[day(config.id, 40, 10), day(config.id, 38, 12)]), HealthStatus::Degraded);
        assert_eq!(status(&[day(config.id, 0, 19)]), HealthStatus::Healthy);
        assert_eq!(health_of(&config, &[]).failure_rate, None);
    }

    #[test]
    fn receipts_are_missing_of_days_before_today_where_there_are_any() {
        let config = config();
        let sent = |date: &str, sent| {
            let counts = Counts { total: sent, sent, ..Counts::default() };
            Day { date: date.into(), channel: Channel::Sms, provider: config.id, counts }
        };
        let days = [sent("2026-01-29", 2), sent("2026-01-30", 3), sent("2026-01-31", 100)];
        assert_eq!(health_of(&config, &days).receipts_missing, Some(5));
        let silent = ProviderConfig { kind: "SMTP".into(), ..config.clone() };
        assert_eq!(health_of(&silent, &days).receipts_missing, None);
    }

    #[test]
    fn a_pause_says_more_than_what_is_missing_and_that_more_than_a_test() {
        let at = Timestamp::UNIX_EPOCH;
        let failing = ProviderConfig { last_test: Some(LastTest { ok: false, detail: "no".into(), at }), ..config() };
        assert_eq!(health_of(&failing, &[]).status, HealthStatus::Failing);
        let inactive = ProviderConfig { is_active: false, ..failing };
        assert_eq!(health_of(&inactive, &[]).status, HealthStatus::Inactive);
        let unready = ProviderConfig { violations: vec![Violation::new("/x", "required", "")], ..inactive };
        assert_eq!(health_of(&unready, &[]).status, HealthStatus::NotReady);
        let paused = Paused { reason: PauseReason::Credits, detail: "empty".into(), at };
        let paused = ProviderConfig { paused: Some(paused), ..unready };
        assert_eq!(health_of(&paused, &[]).status, HealthStatus::Paused);
    }
}
