//! `GET /api/whatsapp-templates`: WhatsApp templates, newest first.

use domain::whatsapp::{TemplateCategory, TemplateStatus};
use store::whatsapp_templates::{self as stored, Filter};
use web::prelude::*;

use super::view::WhatsAppTemplateView;

/// The row.
pub fn row() -> Row {
    Row::get("whatsapp-templates-list", "/api/whatsapp-templates", handle)
        .summary("List WhatsApp templates")
        .description("Newest first. `total` is exact without a filter.")
        .tag("WhatsApp templates")
        .access(Role::Viewer, Scope::TemplatesRead)
        .grants(&[Grant::TableRead])
}

/// Which templates.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct WhatsAppTemplateFilter {
    /// Only of this provider config.
    provider_id: Option<id::ProviderId>,
    /// Only in this state.
    status: Option<TemplateStatus>,
    /// Only of this category.
    category: Option<TemplateCategory>,
    /// Only of this language.
    language: Option<String>,
}

async fn handle(cx: Cx, list: List<WhatsAppTemplateFilter>) -> Result<Success<Page<WhatsAppTemplateView>>> {
    let filter = Filter {
        provider_id: list.filter.provider_id,
        status: list.filter.status,
        category: list.filter.category,
        language: list.filter.language.clone(),
    };
    let after = list.after(&cx).await?;
    let page = stored::list(&cx.app.table, cx.org(), &filter, after, list.limit).await?;
    let total = if filter.is_empty() { Some(stored::total(&cx.app.table, cx.org()).await?) } else { None };
    let page = page.map(WhatsAppTemplateView::from);
    list.page(&cx, page.rows, page.next, total).await
}
