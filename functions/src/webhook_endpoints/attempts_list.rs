//! `GET /api/webhook-endpoints/{id}/attempts`: what was sent to an endpoint in the last week.

use store::{
    webhook_attempts::{self, AttemptStatus},
    webhook_endpoints,
};
use web::prelude::*;

use super::view::AttemptView;

/// The row.
pub fn row() -> Row {
    Row::get("webhook-endpoints-attempts-list", "/api/webhook-endpoints/{id}/attempts", handle)
        .summary("List what was sent to an endpoint")
        .description("Newest event first, of the last seven days. `total` is null.")
        .tag("Webhook endpoints")
        .access(Role::Viewer, Scope::WebhookEndpointsRead)
        .grants(&[Grant::TableRead])
}

/// Which.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct AttemptFilter {
    /// Only those that got so far.
    status: Option<AttemptStatus>,
}

async fn handle(
    cx: Cx,
    Path(id): Path<id::WebhookEndpointId>,
    list: List<AttemptFilter>,
) -> Result<Success<Page<AttemptView>>> {
    let endpoint = webhook_endpoints::get(&cx.app.table, cx.org(), id).await?;
    let after = list.after(&cx).await?;
    let status = list.filter.status;
    let keep = |attempt: &webhook_attempts::WebhookAttempt| status.is_none_or(|status| attempt.status == status);
    let page =
        webhook_attempts::list(&cx.app.table, cx.org(), endpoint.id, after, list.limit, keep, status.is_some()).await?;
    let page = page.map(AttemptView::from);
    list.page(&cx, page.rows, page.next, None).await
}
