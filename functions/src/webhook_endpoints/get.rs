//! `GET /api/webhook-endpoints/{id}`: one endpoint.

use store::webhook_endpoints;
use web::prelude::*;

use super::view::EndpointView;

/// The row.
pub fn row() -> Row {
    Row::get("webhook-endpoints-get", "/api/webhook-endpoints/{id}", handle)
        .summary("Get a webhook endpoint")
        .tag("Webhook endpoints")
        .access(Role::Viewer, Scope::WebhookEndpointsRead)
        .grants(&[Grant::TableRead])
}

async fn handle(cx: Cx, Path(id): Path<id::WebhookEndpointId>) -> Result<Success<EndpointView>> {
    Ok(Success(webhook_endpoints::get(&cx.app.table, cx.org(), id).await?.into()))
}
