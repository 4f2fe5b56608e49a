//! `GET /api/health`: says that the API answers. It asks nothing else, so that it tells whether *this* works.

use web::prelude::*;

/// The row.
pub fn row() -> Row {
    Row::get("health-get", "/api/health", handle)
        .summary("Whether the API answers")
        .tag("Service")
        .public()
        .limits(128, 5)
}

/// That all is well.
#[derive(Serialize, JsonSchema)]
struct Health {
    /// Always `ok`.
    #[schemars(extend("examples" = ["ok"]))]
    status: &'static str,
    /// The program's version.
    #[schemars(extend("examples" = ["0.1.0"]))]
    version: &'static str,
    /// What time the service takes it to be.
    time: jiff::Timestamp,
}

async fn handle(cx: Cx) -> Result<Success<Health>> {
    Ok(Success(Health { status: "ok", version: env!("CARGO_PKG_VERSION"), time: cx.now() }))
}
