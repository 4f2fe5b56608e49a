//! `GET /api/alerts`: alerts, newest first.

use store::alerts;
use web::prelude::*;

use super::view::AlertView;

/// The row.
pub fn row() -> Row {
    Row::get("alerts-list", "/api/alerts", handle)
        .summary("List alerts")
        .description("Newest first. `total` is exact without a filter.")
        .tag("Alerts")
        .access(Role::Viewer, Scope::AlertsRead)
        .grants(&[Grant::TableRead])
}

/// Which alerts.
#[derive(Deserialize, JsonSchema)]
struct AlertFilter {
    /// `true`: only those that nobody acknowledged.
    open: Option<bool>,
}

async fn handle(cx: Cx, list: List<AlertFilter>) -> Result<Success<Page<AlertView>>> {
    let open = list.filter.open.unwrap_or(false);
    let after = list.after(&cx).await?;
    let page = alerts::list(&cx.app.table, cx.org(), open, after, list.limit).await?;
    let total = if open { None } else { Some(alerts::total(&cx.app.table, cx.org()).await?) };
    let page = page.map(AlertView::from);
    list.page(&cx, page.rows, page.next, total).await
}
