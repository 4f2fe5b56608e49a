//! `POST /api/providers/{id}/resume`: lifts a config's pause.

use web::prelude::*;

use super::view::{ProviderView, view};

/// The row.
pub fn row() -> Row {
    Row::post("providers-resume", "/api/providers/{id}/resume", handle)
        .summary("Resume a provider config")
        .description("The messages that waited for it go on. One that is not paused stays as it is.")
        .tag("Providers")
        .access(Role::Admin, Scope::ProvidersWrite)
        .grants(&[
            Grant::Table,
            Grant::Enqueue(Queue::Plan),
            Grant::Enqueue(Queue::Send),
            Grant::Enqueue(Queue::Finish),
        ])
}

async fn handle(cx: Cx, Path(id): Path<id::ProviderId>) -> Result<Success<ProviderView>> {
    let config = engine::providers::resume(&cx.app, cx.org(), id).await?;
    view(&cx, &config).map(Success)
}
