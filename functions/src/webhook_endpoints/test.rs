//! `POST /api/webhook-endpoints/{id}/test`: calls the endpoint now, with an event of no consequence.

use store::webhook_endpoints;
use web::prelude::*;

use super::view::AttemptView;

/// The row.
pub fn row() -> Row {
    Row::post("webhook-endpoints-test", "/api/webhook-endpoints/{id}/test", handle)
        .summary("Try a webhook endpoint")
        .description("Sends `webhook.test`, whether the endpoint is active or not, and answers with what came of it. Not tried again.")
        .tag("Webhook endpoints")
        .access(Role::Admin, Scope::WebhookEndpointsWrite)
        .grants(&[Grant::Table, Grant::RootSecret])
}

async fn handle(cx: Cx, Path(id): Path<id::WebhookEndpointId>) -> Result<Success<AttemptView>> {
    let endpoint = webhook_endpoints::get(&cx.app.table, cx.org(), id).await?;
    Ok(Success(engine::notify::test(&cx.app, &endpoint).await?.into()))
}
