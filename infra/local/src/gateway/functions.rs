//! The functions, by name, for everything that calls them: gateway, queues, schedules.

use std::{sync::Arc, time::Duration};

use engine::App;
use futures::{FutureExt, future::BoxFuture};
use jiff::SignedDuration;
use serde_json::Value;
use web::{Kit, Row, row::Trigger};

use crate::{invoke::FunctionInvoker, meter::Meter};

/// All functions of the catalogue, in this process.
pub struct Functions {
    kit: Arc<Kit>,
    meter: Meter,
}

impl Functions {
    /// The functions of these rows.
    pub fn new(rows: Vec<Row>, app: Arc<App>) -> Self {
        Self { kit: Kit::new(app, rows), meter: Meter::default() }
    }

    /// The same, counted by a meter.
    #[must_use]
    pub fn with_meter(self, meter: Meter) -> Self {
        Self { meter, ..self }
    }

    /// What counts their calls.
    pub fn meter(&self) -> &Meter {
        &self.meter
    }

    /// The kit that runs them.
    pub fn kit(&self) -> &Arc<Kit> {
        &self.kit
    }
}

impl FunctionInvoker for Functions {
    fn exists(&self, function: &str) -> bool {
        self.kit.row(function).is_some()
    }

    fn time_limit(&self, function: &str) -> Duration {
        self.kit.row(function).map_or(Duration::ZERO, |row| Duration::from_secs(u64::from(row.timeout)))
    }

    fn invoke(&self, function: String, event: Value, timeout: Duration) -> BoxFuture<'static, Result<Value, String>> {
        let (kit, meter) = (self.kit.clone(), self.meter.clone());
        async move {
            let row = kit.row(&function).ok_or_else(|| format!("there is no function `{function}`"))?.clone();
            let deadline = kit.app().now() + SignedDuration::try_from(timeout).unwrap_or_default();
            let event = event.to_string();
            if matches!(row.trigger, Trigger::Queue { .. }) {
                meter.polled(event.len());
            }
            let _billed = meter.call(row.name, row.memory);
            let answer = kit.invoke(&row, &event, deadline).await?;
            serde_json::from_str(&answer).map_err(|error| error.to_string())
        }
        .boxed()
    }
}
