//! `POST /api/whatsapp-templates/sync`: takes over the templates that a config's provider has.

use engine::whatsapp_templates::{self as templates, Synced};
use web::prelude::*;

/// The row.
pub fn row() -> Row {
    Row::post("whatsapp-templates-sync", "/api/whatsapp-templates/sync", handle)
        .summary("Sync WhatsApp templates")
        .description(
            "Meta, Twilio, Gupshup and Interakt tell what they have: new ones are added, changed ones updated, and those \
             that they do not have any more removed. Recorded ones stay, unless the provider has them too.",
        )
        .tag("WhatsApp templates")
        .access(Role::Admin, Scope::TemplatesWrite)
        .grants(&[Grant::Table, Grant::RootSecret])
        .errors(&["409 provider_failed", "provider_not_found", "templates_unsupported", "sync_unsupported"])
}

/// Of which config.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct SyncWhatsAppTemplates {
    /// The provider config.
    provider_id: id::ProviderId,
}

/// What a sync changed.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct WhatsAppTemplatesSynced {
    /// New ones.
    added: u64,
    /// Changed ones.
    updated: u64,
    /// Those that the provider does not have any more.
    removed: u64,
    /// Those that were as they are.
    unchanged: u64,
}

async fn handle(cx: Cx, body: Json<SyncWhatsAppTemplates>) -> Result<Success<WhatsAppTemplatesSynced>> {
    let config = templates::config(&cx.app, cx.org(), body.read()?.provider_id).await?;
    let Synced { added, updated, removed, unchanged } = templates::sync(&cx.app, &config, &cx.actor()).await?;
    Ok(Success(WhatsAppTemplatesSynced { added, updated, removed, unchanged }))
}
