//! `GET /api/templates`: an organization's templates, newest first, then the built-in ones.

use domain::message::Channel;
use store::templates::{self, Filter};
use web::prelude::*;

use super::{request, view::TemplateView};

/// The row.
pub fn row() -> Row {
    Row::get("templates-list", "/api/templates", handle)
        .summary("List templates")
        .description("Newest first; the built-in ones, which every organization sees, come last. `total` is exact without a filter.")
        .tag("Templates")
        .access(Role::Viewer, Scope::TemplatesRead)
        .grants(&[Grant::TableRead])
}

/// Which templates.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct TemplateFilter {
    /// Only for this event, in any case.
    event: Option<String>,
    /// `true`: only those that can be changed; `false`: only locked ones.
    is_custom: Option<bool>,
    /// Only for this channel.
    channel: Option<Channel>,
}

async fn handle(cx: Cx, list: List<TemplateFilter>) -> Result<Success<Page<TemplateView>>> {
    let filter = Filter {
        event: list.filter.event.as_deref().map(request::event),
        is_custom: list.filter.is_custom,
        channel: list.filter.channel,
    };
    let after = list.after(&cx).await?;
    let page = templates::list(&cx.app.table, cx.org(), &filter, after, list.limit).await?;
    let total = if filter.is_empty() { Some(templates::total(&cx.app.table, cx.org()).await?) } else { None };
    list.page(&cx, page.rows.iter().map(TemplateView::from).collect(), page.next, total).await
}
