//! `GET /api/providers/{id}/profile`: the business profile that people see on WhatsApp.

use store::providers as configs;
use web::prelude::*;

use super::profile::ProfileView;

/// The row.
pub fn row() -> Row {
    Row::get("providers-profile-get", "/api/providers/{id}/profile", handle)
        .summary("Get the business profile")
        .description(
            "As the provider has it now: Meta and Twilio, on WhatsApp. Others have none: 409 `profile_unsupported`.",
        )
        .tag("Providers")
        .access(Role::Viewer, Scope::ProvidersRead)
        .grants(&[Grant::TableRead, Grant::RootSecret])
        .errors(&["409 profile_unsupported", "409 provider_failed"])
}

async fn handle(cx: Cx, Path(id): Path<id::ProviderId>) -> Result<Success<ProfileView>> {
    let config = configs::get(&cx.app.table, cx.org(), id).await?;
    Ok(Success(engine::providers::profile(&cx.app, &config).await?.into()))
}
