//! How the host calls a function: the one thing the event source mappings, the scheduler and the HTTP bridge know
//! about Lambda.

use std::{panic::AssertUnwindSafe, time::Duration};

use futures::{FutureExt as _, future::BoxFuture};
use serde_json::Value;
use store::Clock;

/// Lambda's longest time limit.
const LONGEST: Duration = Duration::from_mins(15);

/// Runs a function by name, as Lambda's `Invoke` does.
pub trait FunctionInvoker: Send + Sync + 'static {
    /// Whether there is a function of this name.
    fn exists(&self, function: &str) -> bool;

    /// The function's own time limit, for callers that set none (the scheduler); Lambda's longest if not overridden.
    fn time_limit(&self, _function: &str) -> Duration {
        LONGEST
    }

    /// Calls `function` with `event` and gives back its answer, or the error's text (which names no personal data).
    ///
    /// `timeout` is the longest the caller waits: when it is over, the caller drops the future and counts the call as
    /// failed, as Lambda ends a sandbox. The function may see it as its deadline.
    fn invoke(&self, function: String, event: Value, timeout: Duration) -> BoxFuture<'static, Result<Value, String>>;
}

/// Calls a function within its time; a panic is an error of the function.
pub(crate) async fn call(
    invoker: &dyn FunctionInvoker,
    clock: &Clock,
    function: &str,
    event: Value,
    timeout: Duration,
) -> Result<Value, String> {
    let call = invoker.invoke(function.to_owned(), event, timeout);
    tokio::select! {
        result = AssertUnwindSafe(call).catch_unwind() => {
            result.unwrap_or_else(|_| Err("the function panicked".to_owned()))
        }
        () = clock.sleep(timeout) => Err(format!("timed out after {} s", timeout.as_secs_f64())),
    }
}
