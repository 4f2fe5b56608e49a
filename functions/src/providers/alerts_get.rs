//! `GET /api/providers/{id}/alerts`: when a config raises alerts.

use store::{providers as configs, thresholds};
use web::prelude::*;

use super::alerts_update::ThresholdsView;

/// The row.
pub fn row() -> Row {
    Row::get("providers-alerts-get", "/api/providers/{id}/alerts", handle)
        .summary("Get the thresholds of a provider config")
        .tag("Providers")
        .access(Role::Viewer, Scope::ProvidersRead)
        .grants(&[Grant::TableRead])
}

async fn handle(cx: Cx, Path(id): Path<id::ProviderId>) -> Result<Success<ThresholdsView>> {
    let config = configs::get(&cx.app.table, cx.org(), id).await?;
    Ok(Success(thresholds::get(&cx.app.table, cx.org(), config.id).await?.into()))
}
