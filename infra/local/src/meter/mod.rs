//! The meter: counts what AWS would bill for the requests that are actually made, and can make the local services as
//! slow as AWS's, so that the durations of functions are those that AWS would bill.
//!
//! Off until [`Meter::start`]; while it is off a request costs one atomic load. Over HTTP: `POST /_meter/start`
//! (`?latency=aws` for [modelled latencies](latency)), `GET /_meter`, `POST /_meter/stop` on the AWS endpoint.
//!
//! How each service is counted:
//! - DynamoDB: the units that the local table reports (`ReturnConsumedCapacity`), by operation and kind of item. A write
//!   whose condition failed is one unit, one per item and doubled in a transaction.
//! - SQS: a request per call and 64 KB. For each call of a function by a queue also the poller's receive and delete.
//! - EventBridge Scheduler: what fired. S3: `PUT`, `POST` and lists apart from the rest. Secrets Manager: calls.
//! - Lambda: calls, and milliseconds (each call rounded up) at the memory of the function's row. Starts are not counted.
//! - HTTP API: calls of 512 KB, of functions that are not behind a function URL of their own.
//! - Logs: the bytes of each line and CloudWatch's 26 for each event, where the program logs through [`Meter::logs`].

mod dynamodb;
mod kinds;
pub mod latency;
mod logs;
mod reading;

use std::{
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

pub use logs::Logs;
pub use reading::{FunctionUse, Reading, TableUse};

/// What one SQS request may carry.
/// Source: <https://aws.amazon.com/sqs/pricing/>.
const SQS_CHUNK: usize = 64 * 1024;

/// What one call of an HTTP API may carry.
/// Source: <https://aws.amazon.com/api-gateway/pricing/>.
const HTTP_API_CHUNK: usize = 512 * 1024;

/// The meter; cheap to clone, all clones are one.
#[derive(Clone, Debug, Default)]
pub struct Meter(Arc<Inner>);

#[derive(Debug, Default)]
struct Inner {
    on: AtomicBool,
    slow: AtomicBool,
    /// Schedules that fired since the process began, counted always.
    fired: AtomicU64,
    fired_before: AtomicU64,
    reading: Mutex<Reading>,
}

impl Meter {
    /// Begins from zero. With `slow` the services answer as late as AWS's do.
    pub fn start(&self, slow: bool) {
        *self.lock() = Reading::default();
        self.0.fired_before.store(self.0.fired.load(Ordering::Relaxed), Ordering::Relaxed);
        self.0.slow.store(slow, Ordering::Relaxed);
        self.0.on.store(true, Ordering::Relaxed);
    }

    /// Stops counting; the reading stays.
    pub fn stop(&self) {
        self.0.on.store(false, Ordering::Relaxed);
        self.0.slow.store(false, Ordering::Relaxed);
    }

    /// What was counted since [`Meter::start`].
    pub fn reading(&self) -> Reading {
        let fired = self.0.fired.load(Ordering::Relaxed) - self.0.fired_before.load(Ordering::Relaxed);
        Reading { scheduler_invocations: fired, ..self.lock().clone() }
    }

    /// A writer for `tracing` that counts what it is given and keeps none of it.
    pub fn logs(&self) -> Logs {
        Logs::new(self.clone())
    }

    pub(crate) fn is_on(&self) -> bool {
        self.0.on.load(Ordering::Relaxed)
    }

    /// Counts, if the meter is on.
    fn count(&self, change: impl FnOnce(&mut Reading)) {
        if self.is_on() {
            change(&mut self.lock());
        }
    }

    fn lock(&self) -> MutexGuard<'_, Reading> {
        self.0.reading.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A call of SQS with a body of so many bytes.
    pub(crate) fn sqs(&self, bytes: usize) {
        self.count(|reading| reading.sqs_requests += chunks(bytes, SQS_CHUNK));
    }

    /// A call of Secrets Manager.
    pub(crate) fn secret(&self) {
        self.count(|reading| reading.secret_requests += 1);
    }

    /// A call of S3.
    pub(crate) fn s3(&self, request: &http::request::Parts) {
        let lists = request.method == http::Method::GET
            && request.uri.query().is_some_and(|query| query.contains("list-type") || query.contains("uploads"));
        self.count(|reading| match request.method {
            http::Method::PUT | http::Method::POST => reading.s3_writes += 1,
            _ if lists => reading.s3_writes += 1,
            // Deletes cost nothing.
            http::Method::DELETE => {}
            _ => reading.s3_reads += 1,
        });
    }

    /// Schedules that fired.
    pub(crate) fn fired(&self, schedules: usize) {
        self.0.fired.fetch_add(schedules as u64, Ordering::Relaxed);
    }

    /// A call of the HTTP API with so many bytes.
    pub(crate) fn http_api(&self, bytes: usize) {
        self.count(|reading| reading.http_api_requests += chunks(bytes, HTTP_API_CHUNK));
    }

    /// A call of a function by a queue's poller, with an event of so many bytes: it received, and will delete.
    pub(crate) fn polled(&self, bytes: usize) {
        self.count(|reading| reading.sqs_requests += chunks(bytes, SQS_CHUNK) + 1);
    }

    /// A call of a function, billed when the value is dropped, however it ends.
    pub(crate) fn call(&self, function: &'static str, megabytes: u32) -> Option<Call> {
        self.is_on().then(|| Call { meter: self.clone(), function, megabytes, began: now() })
    }

    /// Waits as long as AWS would take for this, if that was asked for.
    pub(crate) async fn wait(&self, service: &str, operation: &str) {
        if self.0.slow.load(Ordering::Relaxed) {
            pause(latency::of(service, operation)).await;
        }
    }
}

/// A call of a function under way.
pub(crate) struct Call {
    meter: Meter,
    function: &'static str,
    megabytes: u32,
    began: Instant,
}

impl Drop for Call {
    fn drop(&mut self) {
        let milliseconds = self.began.elapsed().as_micros().div_ceil(1_000).max(1) as u64;
        self.meter.count(|reading| {
            let used = reading.functions.entry(self.function.to_owned()).or_default();
            used.requests += 1;
            used.milliseconds += milliseconds;
            used.megabytes = self.megabytes;
        });
    }
}

fn chunks(bytes: usize, size: usize) -> u64 {
    bytes.div_ceil(size).max(1) as u64
}

#[expect(clippy::disallowed_methods, reason = "what is billed is real time, whatever the clock says")]
fn now() -> Instant {
    Instant::now()
}

#[expect(clippy::disallowed_methods, reason = "a modelled latency is real time, whatever the clock says")]
async fn pause(time: Duration) {
    tokio::time::sleep(time).await;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_counted_until_it_is_started() {
        let meter = Meter::default();
        meter.sqs(10);
        assert!(meter.call("send", 512).is_none());
        assert_eq!(meter.reading(), Reading::default());
    }

    #[test]
    fn requests_are_counted_as_they_are_billed() {
        let meter = Meter::default();
        meter.fired(3);
        meter.start(false);
        meter.fired(1);
        meter.sqs(0);
        meter.sqs(64 * 1024);
        meter.sqs(64 * 1024 + 1);
        meter.polled(100);
        meter.http_api(512 * 1024 + 1);
        drop(meter.call("send", 512));
        let reading = meter.reading();
        assert_eq!(reading.scheduler_invocations, 1, "what fired before is not counted");
        assert_eq!(reading.sqs_requests, 1 + 1 + 2 + 2);
        assert_eq!(reading.http_api_requests, 2);
        let send = &reading.functions["send"];
        assert_eq!((send.requests, send.megabytes), (1, 512));
        assert!(send.milliseconds >= 1, "a call is at least one millisecond");
        meter.stop();
        meter.sqs(1);
        assert_eq!(meter.reading().sqs_requests, reading.sqs_requests);
    }
}
