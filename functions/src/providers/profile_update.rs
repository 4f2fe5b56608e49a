//! `PUT /api/providers/{id}/profile`: changes the business profile that people see on WhatsApp.

use store::providers as configs;
use web::prelude::*;

use super::profile::{ProfileChange, ProfileView};

/// The row.
pub fn row() -> Row {
    Row::put("providers-profile-update", "/api/providers/{id}/profile", handle)
        .summary("Change the business profile")
        .description(
            "What is left out stays. Meta takes the picture from its address (JPEG or PNG, at most 256 KB). The display name is \
             checked by WhatsApp, and changed in its own console only.",
        )
        .tag("Providers")
        .access(Role::Admin, Scope::ProvidersWrite)
        .grants(&[Grant::TableRead, Grant::RootSecret])
        .errors(&["409 profile_unsupported", "409 provider_failed", "display_name_fixed", "too_long", "too_many", "url_invalid"])
}

async fn handle(cx: Cx, Path(id): Path<id::ProviderId>, body: Json<ProfileChange>) -> Result<Success<ProfileView>> {
    let config = configs::get(&cx.app.table, cx.org(), id).await?;
    let change = body.read()?.into_profile()?;
    engine::providers::change_profile(&cx.app, &config, &change).await?;
    Ok(Success(engine::providers::profile(&cx.app, &config).await?.into()))
}
