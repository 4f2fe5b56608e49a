//! `GET /api/providers/{id}/health`: how a config is, and how it did in the last days.

use store::{organizations, providers as configs};
use web::prelude::*;

use super::figures::{self, ProviderHealth};

/// The row.
pub fn row() -> Row {
    Row::get("providers-health", "/api/providers/{id}/health", handle)
        .summary("Get the health of a provider config")
        .description("From its settings, its pause, its last test, the last hour and the last seven days. The provider is not asked.")
        .tag("Providers")
        .access(Role::Viewer, Scope::ProvidersRead)
        .grants(&[Grant::TableRead])
}

async fn handle(cx: Cx, Path(id): Path<id::ProviderId>) -> Result<Success<ProviderHealth>> {
    let config = configs::get(&cx.app.table, cx.org(), id).await?;
    let organization = organizations::get(&cx.app.table, cx.org()).await?;
    let days = figures::recent(&cx.app.table, &organization, cx.now()).await?;
    let read = figures::read(&cx.app.table, &organization, &config, cx.now()).await?;
    Ok(Success(figures::health(&config, &days, read)))
}
