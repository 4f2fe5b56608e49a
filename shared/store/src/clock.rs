//! The clock that is handed in. Nothing else reads the time or sleeps.
//!
//! On AWS and in a normal local run it is the system's; tests turn a manual one, and everything that waits on it
//! (delayed queue messages, schedules, leases) moves along.

use std::{sync::Arc, time::Duration};

use jiff::Timestamp;
use tokio::sync::watch;

/// A clock: the system's, or one that only moves when told to. Cheap to clone.
#[derive(Clone, Debug, Default)]
pub struct Clock(Option<Arc<watch::Sender<Timestamp>>>);

impl Clock {
    /// The system's clock.
    pub fn system() -> Self {
        Self(None)
    }

    /// A clock that stands at `start` until [`Clock::advance`].
    pub fn manual(start: Timestamp) -> Self {
        Self(Some(Arc::new(watch::Sender::new(start))))
    }

    /// What time it is, to the millisecond: finer times would only make answers harder to read.
    #[expect(clippy::disallowed_methods, reason = "the one place that reads the system's clock")]
    pub fn now(&self) -> Timestamp {
        match &self.0 {
            None => Timestamp::from_millisecond(Timestamp::now().as_millisecond()).unwrap_or_default(),
            Some(manual) => *manual.borrow(),
        }
    }

    /// Moves a manual clock forward and wakes who sleeps on it. A system clock cannot be moved: nothing happens.
    pub fn advance(&self, by: Duration) {
        if let Some(manual) = &self.0 {
            manual.send_modify(|now| *now = now.checked_add(by).unwrap_or(Timestamp::MAX));
        }
    }

    /// Waits until `until`. On a manual clock this returns when the clock has been moved that far.
    #[expect(clippy::disallowed_methods, reason = "the one place that sleeps")]
    pub async fn sleep_until(&self, until: Timestamp) {
        match &self.0 {
            None => {
                let wait = Duration::try_from(until.duration_since(Timestamp::now())).unwrap_or_default();
                tokio::time::sleep(wait).await;
            }
            Some(manual) => {
                // The sender lives in `self`, so this cannot fail.
                let _ = manual.subscribe().wait_for(|now| *now >= until).await;
            }
        }
    }

    /// Waits for `duration` by this clock.
    pub async fn sleep(&self, duration: Duration) {
        self.sleep_until(self.now().checked_add(duration).unwrap_or(Timestamp::MAX)).await;
    }
}
