//! The health of provider configs: what they did, in a counter a minute, kept for a day.

use domain::{
    Result,
    id::{OrgId, ProviderId},
};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::{keys, range::Range, table::Table, update::Update};

/// How long the counters are kept.
const KEPT: SignedDuration = SignedDuration::from_hours(25);

/// What a config did.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Figures {
    /// Copies that were accepted.
    pub accepted: u64,
    /// Copies that were refused for good.
    pub refused: u64,
    /// Copies that failed in passing, the account itself refused among them.
    pub failed: u64,
    /// Copies of which nobody knows.
    pub unknown: u64,
    /// How long the calls took together, in milliseconds, weighted by their copies.
    pub took_ms: u64,
    /// The last error.
    pub last_error: Option<String>,
    /// When it was, in epoch milliseconds.
    pub last_error_at: Option<i64>,
}

impl Figures {
    /// How many copies were handed over.
    pub fn handed_over(&self) -> u64 {
        self.accepted + self.refused + self.failed + self.unknown
    }

    /// Adds later figures.
    pub fn add(&mut self, later: Self) {
        self.accepted += later.accepted;
        self.refused += later.refused;
        self.failed += later.failed;
        self.unknown += later.unknown;
        self.took_ms += later.took_ms;
        if later.last_error.is_some() {
            (self.last_error, self.last_error_at) = (later.last_error, later.last_error_at);
        }
    }
}

/// Counts what a config did just now. One write, however many copies it were.
pub async fn count(table: &Table, org: OrgId, provider: ProviderId, figures: &Figures, now: Timestamp) -> Result<()> {
    let mut update = Update::of(keys::health_minute(org, provider, now)).set("ttl", (now + KEPT).as_second());
    for (name, by) in [
        ("accepted", figures.accepted),
        ("refused", figures.refused),
        ("failed", figures.failed),
        ("unknown", figures.unknown),
        ("tookMs", figures.took_ms),
    ] {
        if by > 0 {
            update = update.add(name, by as i64);
        }
    }
    if let Some(error) = &figures.last_error {
        update = update.set("lastError", error).set("lastErrorAt", now.as_millisecond());
    }
    table.update(update).await.map(|_| ())
}

/// What a config did from `from` on.
pub async fn since(table: &Table, org: OrgId, provider: ProviderId, from: Timestamp) -> Result<Figures> {
    let range = Range {
        partitions: vec![keys::health(org, provider)],
        low: keys::minute(from),
        high: "M#~".into(),
        after: None,
        forward: true,
        limit: 2_000,
        consistent: false,
    };
    let minutes: Vec<(String, Figures)> = table.range(&range).await?;
    let mut sum = Figures::default();
    for (_, figures) in minutes {
        sum.add(figures);
    }
    Ok(sum)
}
