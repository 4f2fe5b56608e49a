//! `DELETE /api/webhook-endpoints/{id}`: no more events are sent there.

use store::webhook_endpoints;
use web::prelude::*;

/// The row.
pub fn row() -> Row {
    Row::delete("webhook-endpoints-delete", "/api/webhook-endpoints/{id}", handle)
        .summary("Remove a webhook endpoint")
        .description("Events that wait for it are not sent any more.")
        .tag("Webhook endpoints")
        .access(Role::Admin, Scope::WebhookEndpointsWrite)
        .grants(&[Grant::Table])
}

async fn handle(cx: Cx, Path(id): Path<id::WebhookEndpointId>) -> Result<NoContent> {
    let endpoint = webhook_endpoints::get(&cx.app.table, cx.org(), id).await?;
    webhook_endpoints::delete(&cx.app.table, cx.org(), endpoint.id).await?;
    cx.app.endpoints.forget(cx.org());
    Ok(NoContent)
}
