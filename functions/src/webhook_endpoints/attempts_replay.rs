//! `POST /api/webhook-endpoints/{id}/attempts/{attemptId}/replay`: sends an event to an endpoint again.

use store::{webhook_attempts, webhook_endpoints};
use web::prelude::*;

use super::view::AttemptView;

/// The row.
pub fn row() -> Row {
    Row::post("webhook-endpoints-attempts-replay", "/api/webhook-endpoints/{id}/attempts/{attemptId}/replay", handle)
        .summary("Send an event again")
        .description(
            "Under the same `webhook-id`, now and, where that fails, for another day. What is told of it is read anew.",
        )
        .tag("Webhook endpoints")
        .access(Role::Admin, Scope::WebhookEndpointsWrite)
        .idempotent_record_first()
        .grants(&[Grant::Table, Grant::Enqueue(Queue::Notify)])
        .errors(&["409 webhook_endpoint_inactive"])
}

async fn handle(
    cx: Cx,
    Path((id, attempt)): Path<(id::WebhookEndpointId, id::EventId)>,
) -> Result<Accepted<AttemptView>> {
    let endpoint = webhook_endpoints::get(&cx.app.table, cx.org(), id).await?;
    let attempt = webhook_attempts::get(&cx.app.table, cx.org(), id, attempt).await?;
    if !endpoint.is_active {
        return Err(Error::conflict("webhook_endpoint_inactive", "The endpoint is not active; activate it first."));
    }
    Ok(Accepted(engine::notify::replay(&cx.app, &endpoint, attempt).await?.into()))
}
