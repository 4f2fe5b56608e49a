//! `GET /api/webhook-endpoints`: all endpoints of the organization.

use store::webhook_endpoints;
use web::prelude::*;

use super::view::EndpointView;

/// The row.
pub fn row() -> Row {
    Row::get("webhook-endpoints-list", "/api/webhook-endpoints", handle)
        .summary("List webhook endpoints")
        .description("Oldest first, all in one page.")
        .tag("Webhook endpoints")
        .access(Role::Viewer, Scope::WebhookEndpointsRead)
        .grants(&[Grant::TableRead])
}

async fn handle(cx: Cx) -> Result<Success<Page<EndpointView>>> {
    let endpoints = webhook_endpoints::all(&cx.app.table, cx.org()).await?;
    let total = Some(endpoints.len() as u64);
    Ok(Success(Page { data: endpoints.into_iter().map(EndpointView::from).collect(), next_cursor: None, total }))
}
