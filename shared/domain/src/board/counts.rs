//! Counts: the fold of boards.

use std::{
    iter::Sum,
    ops::{Add, AddAssign, Sub, SubAssign},
};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::State;
use crate::delivery::DeliveryStatus;

/// How many recipients are in each state. Each recipient is counted once: `total` is the sum of all others.
///
/// So `sent` means accepted and nothing heard since; who was delivered to or read is not in it. All that the provider
/// took are [`Counts::accepted`].
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
pub struct Counts {
    /// All recipients.
    pub total: u64,
    /// Still to be sent.
    pub pending: u64,
    /// Accepted by the provider, nothing heard since.
    pub sent: u64,
    /// Arrived, not known to be read.
    pub delivered: u64,
    /// Read.
    pub read: u64,
    /// Refused or not delivered.
    pub failed: u64,
    /// Left out, with a reason.
    pub skipped: u64,
    /// Maybe sent: a crash or a timeout hides the answer.
    pub unknown: u64,
    /// Cancelled before their turn.
    pub cancelled: u64,
}

impl Counts {
    /// All that the provider took and that did not fail since: sent, delivered and read.
    pub const fn accepted(&self) -> u64 {
        self.sent + self.delivered + self.read
    }

    /// Recipients of whom nothing more is to be done.
    pub const fn settled(&self) -> u64 {
        self.total - self.pending
    }

    /// The count of one state.
    pub const fn of(&self, status: DeliveryStatus) -> u64 {
        match status {
            DeliveryStatus::Pending => self.pending,
            DeliveryStatus::Sent => self.sent,
            DeliveryStatus::Delivered => self.delivered,
            DeliveryStatus::Read => self.read,
            DeliveryStatus::Failed => self.failed,
            DeliveryStatus::Skipped => self.skipped,
            DeliveryStatus::Unknown => self.unknown,
            DeliveryStatus::Cancelled => self.cancelled,
        }
    }

    /// Every column with its name, as items of the table and answers show it.
    pub const fn columns(&self) -> [(&'static str, u64); 9] {
        [
            ("total", self.total),
            ("pending", self.pending),
            ("sent", self.sent),
            ("delivered", self.delivered),
            ("read", self.read),
            ("failed", self.failed),
            ("skipped", self.skipped),
            ("unknown", self.unknown),
            ("cancelled", self.cancelled),
        ]
    }

    /// One recipient more.
    pub const fn count(&mut self, state: State) {
        self.total += 1;
        let column = match state {
            State::Pending | State::Sending | State::Retry => &mut self.pending,
            State::Skipped => &mut self.skipped,
            State::Cancelled => &mut self.cancelled,
            State::Unknown => &mut self.unknown,
            State::Sent => &mut self.sent,
            State::Failed => &mut self.failed,
            State::Delivered => &mut self.delivered,
            State::Read => &mut self.read,
        };
        *column += 1;
    }

    fn each(self, other: &Self, change: impl Fn(u64, u64) -> u64) -> Self {
        Self {
            total: change(self.total, other.total),
            pending: change(self.pending, other.pending),
            sent: change(self.sent, other.sent),
            delivered: change(self.delivered, other.delivered),
            read: change(self.read, other.read),
            failed: change(self.failed, other.failed),
            skipped: change(self.skipped, other.skipped),
            unknown: change(self.unknown, other.unknown),
            cancelled: change(self.cancelled, other.cancelled),
        }
    }
}

impl Add for Counts {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        self.each(&other, |a, b| a + b)
    }
}

impl AddAssign for Counts {
    fn add_assign(&mut self, other: Self) {
        *self = std::mem::take(self) + other;
    }
}

/// Takes a part from the whole. Columns never go below 0.
impl Sub for Counts {
    type Output = Self;

    fn sub(self, part: Self) -> Self {
        self.each(&part, u64::saturating_sub)
    }
}

impl SubAssign for Counts {
    fn sub_assign(&mut self, part: Self) {
        *self = std::mem::take(self) - part;
    }
}

impl Sum for Counts {
    fn sum<I: Iterator<Item = Self>>(all: I) -> Self {
        all.fold(Self::default(), Add::add)
    }
}

impl FromIterator<State> for Counts {
    fn from_iter<I: IntoIterator<Item = State>>(states: I) -> Self {
        let mut counts = Self::default();
        for state in states {
            counts.count(state);
        }
        counts
    }
}
