//! The health of provider configs: what sending brought, counted a minute, and alerts for thresholds that people set.
//!
//! One write a config and chunk, none a recipient.

use std::{
    collections::BTreeMap,
    sync::{Mutex, MutexGuard},
};

use ::providers::Outcome;
use domain::{
    Error, Result,
    board::Counts,
    destination::Whereabouts,
    id::{OrgId, ProviderId},
    schedule,
};
use jiff::SignedDuration;
use store::{
    days,
    health::{self, Figures},
    organizations,
    providers::{self as configs, ProviderConfig},
    thresholds,
};

use crate::{
    App,
    alerts::{self, Kind},
    app::Queue,
    notify::NotifyJob,
    providers,
};

/// How often thresholds are looked at.
pub const LOOK_EVERY: SignedDuration = SignedDuration::from_hours(1);

/// Fewer settled copies of a day say nothing about its delivery rate.
const ENOUGH: u64 = 100;

/// The longest error that is kept, in characters.
const LONGEST_ERROR: usize = 200;

/// What came of the recipients of a country: accepted ones, and those that failed in passing.
pub type Countries = BTreeMap<String, (u64, u64)>;

/// Counts what one chunk brought.
#[derive(Default)]
pub struct Meter(Mutex<(Figures, Countries)>);

impl Meter {
    fn inner(&self) -> MutexGuard<'_, (Figures, Countries)> {
        self.0.lock().expect("no panic while it is held")
    }

    /// Notes calls that handed over `copies` in `took`.
    pub fn took(&self, copies: usize, took: SignedDuration) {
        let took = u64::try_from(took.as_millis()).unwrap_or(0);
        let figures = &mut self.inner().0;
        figures.took_ms = figures.took_ms.saturating_add(took.saturating_mul(copies as u64));
    }

    /// Notes what came of one recipient; `by_country` where that matters.
    pub fn note(&self, address: &str, outcome: &Outcome, by_country: bool) {
        let mut inner = self.inner();
        let (figures, countries) = &mut *inner;
        let (good, bad) = match outcome {
            Outcome::Accepted { .. } => {
                figures.accepted += 1;
                (1, 0)
            }
            Outcome::Rejected { class, reason, .. } => {
                figures.last_error = Some(reason.chars().take(LONGEST_ERROR).collect());
                if class.pauses_config() {
                    figures.failed += 1;
                    (0, 1)
                } else {
                    // The provider works: it is this recipient or this text.
                    figures.refused += 1;
                    (1, 0)
                }
            }
            Outcome::Retry { reason, .. } => {
                figures.failed += 1;
                figures.last_error = Some(reason.chars().take(LONGEST_ERROR).collect());
                (0, 1)
            }
            Outcome::Unknown { reason } => {
                figures.unknown += 1;
                figures.last_error = Some(reason.chars().take(LONGEST_ERROR).collect());
                (0, 1)
            }
        };
        if by_country {
            let country = countries.entry(Whereabouts::of(address).country_name()).or_default();
            *country = (country.0 + good, country.1 + bad);
        }
    }

    /// What came of the recipients, by country.
    pub fn countries(&self) -> Countries {
        self.inner().1.clone()
    }

    /// Writes what was counted. What fails here must not fail the round: the figures are no ledger.
    pub async fn write(&self, app: &App, config: &ProviderConfig) {
        let figures = self.inner().0.clone();
        if figures.handed_over() == 0 {
            return;
        }
        if let Err(error) = health::count(&app.table, config.org, config.id, &figures, app.now()).await {
            tracing::warn!(provider = %config.id, %error, "figures were not counted");
        }
    }
}

/// What the sweep does with a config whose thresholds are due.
pub async fn revive(app: &App, org: OrgId, provider: ProviderId) -> Result<()> {
    if thresholds::postpone(&app.table, org, provider, app.now() + LOOK_EVERY).await? {
        app.queues.send(Queue::Notify, org, &NotifyJob::Watch { org, provider }, 0).await?;
    }
    Ok(())
}

/// Looks whether a config is beyond its thresholds, and raises alerts.
pub async fn watch(app: &App, org: OrgId, provider: ProviderId) -> Result<()> {
    let Some(config) = configs::find(&app.table, org, provider).await? else {
        return thresholds::delete(&app.table, org, provider).await;
    };
    let limits = thresholds::get(&app.table, org, provider).await?;
    if let (Some(least), true) = (limits.balance_below, config.is_active) {
        match providers::balance(app, &config, true).await {
            Ok(balance) => {
                if let Some(money) = balance.money.filter(|money| money.amount < least) {
                    let detail = format!("`{}` has {money} left, less than {least}.", config.name);
                    raise(app, &config, Kind::ProviderBalanceLow, &detail).await?;
                }
            }
            // It does not tell just now. A config that cannot be used raises alerts of its own.
            Err(Error::Conflict { .. }) => tracing::info!(%org, %provider, "the provider did not tell the balance"),
            Err(error) => return Err(error),
        }
    }
    if let Some(least) = limits.delivery_rate_below {
        let organization = organizations::get(&app.table, org).await?;
        let today = schedule::day_of(app.now(), &organization.timezone);
        let rate = delivery_rate(&days::range(&app.table, org, &today, &today).await?, provider, ENOUGH);
        if let Some(rate) = rate.filter(|rate| *rate < least) {
            let detail = format!(
                "Of today's copies by `{}` only {:.1} % arrived, less than {:.1} %.",
                config.name,
                rate * 100.0,
                least * 100.0
            );
            raise(app, &config, Kind::ProviderDeliveryDrop, &detail).await?;
        }
    }
    Ok(())
}

async fn raise(app: &App, config: &ProviderConfig, kind: Kind, detail: &str) -> Result<()> {
    alerts::raise(app, config.org, kind, Some(config.id.to_string()), detail).await
}

/// The part of a config's copies that arrived, of those of which it is known; `None` if they are fewer than `enough`.
pub fn delivery_rate(days: &[days::Day], provider: ProviderId, enough: u64) -> Option<f64> {
    let counts: Counts = days.iter().filter(|day| day.provider == provider).map(|day| day.counts.clone()).sum();
    let arrived = counts.delivered + counts.read;
    let settled = arrived + counts.failed;
    (settled >= enough.max(1)).then(|| arrived as f64 / settled as f64)
}

#[cfg(test)]
mod tests {
    use domain::{delivery::ErrorClass, message::Channel};
    use jiff::Timestamp;

    use super::*;

    #[test]
    fn a_meter_tells_the_provider_from_the_recipient() {
        let meter = Meter::default();
        let rejected = |class| Outcome::Rejected { class, reason: "no".into(), response: String::new() };
        let accepted = Outcome::Accepted { id: None, cost: None, segments: None, response: String::new() };
        for outcome in [
            accepted,
            rejected(ErrorClass::InvalidRecipient),
            rejected(ErrorClass::BadCredentials),
            Outcome::Unknown { reason: "late".into() },
        ] {
            meter.note("+254712345678", &outcome, true);
        }
        meter.took(4, SignedDuration::from_millis(50));
        let figures = meter.inner().0.clone();
        assert_eq!((figures.accepted, figures.refused, figures.failed, figures.unknown), (1, 1, 1, 1));
        assert_eq!((figures.took_ms, figures.last_error.as_deref()), (200, Some("late")));
        assert_eq!(meter.countries(), Countries::from([("KE".to_owned(), (2, 2))]));
    }

    #[test]
    fn a_delivery_rate_needs_enough_copies_that_are_known() {
        let provider = ProviderId::new(Timestamp::UNIX_EPOCH, 1);
        let day = |delivered, failed, sent| days::Day {
            date: "2026-01-31".into(),
            channel: Channel::Sms,
            provider,
            counts: Counts { total: delivered + failed + sent, delivered, failed, sent, ..Counts::default() },
        };
        assert_eq!(delivery_rate(&[day(60, 20, 900)], provider, 100), None);
        assert_eq!(delivery_rate(&[day(60, 20, 900), day(15, 5, 0)], provider, 100), Some(0.75));
        assert_eq!(delivery_rate(&[], provider, 0), None);
    }
}
