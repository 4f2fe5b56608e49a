//! `GET /api/providers/{id}`: one provider config.

use store::providers as configs;
use web::prelude::*;

use super::view::{ProviderView, view};

/// The row.
pub fn row() -> Row {
    Row::get("providers-get", "/api/providers/{id}", handle)
        .summary("Get a provider config")
        .tag("Providers")
        .access(Role::Viewer, Scope::ProvidersRead)
        .grants(&[Grant::TableRead])
}

async fn handle(cx: Cx, Path(id): Path<id::ProviderId>) -> Result<Success<ProviderView>> {
    let config = configs::get(&cx.app.table, cx.org(), id).await?;
    view(&cx, &config).map(Success)
}
