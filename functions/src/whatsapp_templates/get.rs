//! `GET /api/whatsapp-templates/{id}`: one WhatsApp template.

use store::whatsapp_templates;
use web::prelude::*;

use super::view::WhatsAppTemplateView;

/// The row.
pub fn row() -> Row {
    Row::get("whatsapp-templates-get", "/api/whatsapp-templates/{id}", handle)
        .summary("Get a WhatsApp template")
        .tag("WhatsApp templates")
        .access(Role::Viewer, Scope::TemplatesRead)
        .grants(&[Grant::TableRead])
}

async fn handle(cx: Cx, Path(id): Path<id::WhatsAppTemplateId>) -> Result<Success<WhatsAppTemplateView>> {
    let template = whatsapp_templates::get(&cx.app.table, cx.org(), id).await?;
    Ok(Success(template.into()))
}
