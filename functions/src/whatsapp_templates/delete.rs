//! `DELETE /api/whatsapp-templates/{id}`: removes a WhatsApp template.

use store::whatsapp_templates;
use web::prelude::*;

/// The row.
pub fn row() -> Row {
    Row::delete("whatsapp-templates-delete", "/api/whatsapp-templates/{id}", handle)
        .summary("Delete a WhatsApp template")
        .description(
            "At the provider too, where its API can (Meta, Twilio, Gupshup) and the template came from there; one that was \
             recorded is forgotten here only. Messages that were accepted keep what they took from it.",
        )
        .tag("WhatsApp templates")
        .access(Role::Admin, Scope::TemplatesWrite)
        .grants(&[Grant::Table, Grant::RootSecret])
        .errors(&["409 provider_failed"])
}

async fn handle(cx: Cx, Path(id): Path<id::WhatsAppTemplateId>) -> Result<NoContent> {
    let template = whatsapp_templates::get(&cx.app.table, cx.org(), id).await?;
    engine::whatsapp_templates::remove(&cx.app, cx.org(), &template).await?;
    Ok(NoContent)
}
