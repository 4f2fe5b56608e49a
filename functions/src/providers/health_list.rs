//! `GET /api/providers/health`: how all configs are.

use futures::future::try_join_all;
use store::{organizations, providers as configs};
use web::prelude::*;

use super::figures::{self, ProviderHealth};

/// The row.
pub fn row() -> Row {
    Row::get("providers-health-list", "/api/providers/health", handle)
        .summary("List the health of all provider configs")
        .description(
            "From settings, pauses, last tests, the last hour and the last seven days. No provider is asked. All in one page.",
        )
        .tag("Providers")
        .access(Role::Viewer, Scope::ProvidersRead)
        .grants(&[Grant::TableRead])
}

async fn handle(cx: Cx) -> Result<Success<Page<ProviderHealth>>> {
    let configs = configs::all(&cx.app.table, cx.org()).await?;
    let organization = organizations::get(&cx.app.table, cx.org()).await?;
    let days = figures::recent(&cx.app.table, &organization, cx.now()).await?;
    let read = configs.iter().map(|config| figures::read(&cx.app.table, &organization, config, cx.now()));
    let read = try_join_all(read).await?;
    let data: Vec<_> = configs.iter().zip(read).map(|(config, read)| figures::health(config, &days, read)).collect();
    let total = Some(data.len() as u64);
    Ok(Success(Page { data, next_cursor: None, total }))
}
