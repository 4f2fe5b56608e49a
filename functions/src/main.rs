//! `bootstrap`: the one binary of all functions. `_HANDLER` names the row that this instance is.

use std::sync::Arc;

use engine::App;
use jiff::Timestamp;
use lambda_runtime::{Error, LambdaEvent, service_fn};
use serde_json::value::RawValue;
use web::{Kit, telemetry};

/// Reads one of the two variables that are not settings of the product: Lambda's own, and the log filter, which is
/// needed before anything else.
#[expect(clippy::disallowed_methods, reason = "before there are settings")]
fn variable(name: &str) -> String {
    std::env::var(name).unwrap_or_default()
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    telemetry::init(&variable("DUNDUN_LOG"));
    let name = variable("_HANDLER");
    let kit = Kit::new(Arc::new(App::load().await?), functions::catalogue());
    let row = kit.row(&name).ok_or_else(|| format!("there is no function `{name}`"))?.clone();

    let (kit, row) = (&kit, &row);
    lambda_runtime::run(service_fn(move |event: LambdaEvent<Box<RawValue>>| async move {
        let deadline = Timestamp::from_millisecond(event.context.deadline as i64)?;
        let answer = kit.invoke(row, event.payload.get(), deadline).await?;
        Ok::<_, Error>(RawValue::from_string(answer)?)
    }))
    .await
}
