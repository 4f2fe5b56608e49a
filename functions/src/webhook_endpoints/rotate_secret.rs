//! `POST /api/webhook-endpoints/{id}/rotate-secret`: a new secret; the old one holds for another day.

use engine::notify::{self, PREVIOUS_VALID, Secrets};
use store::webhook_endpoints;
use web::prelude::*;

use super::view::{EndpointView, SecretView};

/// The row.
pub fn row() -> Row {
    Row::post("webhook-endpoints-rotate-secret", "/api/webhook-endpoints/{id}/rotate-secret", handle)
        .summary("Change an endpoint's secret")
        .description(
            "`secret` is the new one, shown once. For 24 hours events carry two signatures, one by each secret; a secret \
             older than those two is valid no more.",
        )
        .tag("Webhook endpoints")
        .access(Role::Admin, Scope::WebhookEndpointsWrite)
        .grants(&[Grant::Table, Grant::RootSecret])
}

async fn handle(cx: Cx, Path(id): Path<id::WebhookEndpointId>) -> Result<Success<SecretView>> {
    let endpoint = webhook_endpoints::get(&cx.app.table, cx.org(), id).await?;
    let old = notify::open(&cx.app, &endpoint).await?;
    let secret = notify::new_secret(&cx.app);
    let secrets = Secrets { current: secret.clone(), previous: Some(old.current) };
    let sealed = notify::seal(&cx.app, cx.org(), &secrets).await?;
    let until = cx.now() + PREVIOUS_VALID;
    let new = webhook_endpoints::change(&cx.app.table, cx.org(), id, |update| {
        update.set("secrets", sealed).set("previousSecretUntil", until).set("updatedAt", cx.now())
    })
    .await?;
    Ok(Success(SecretView { view: EndpointView::from(new), secret: Some(secret.expose().to_owned()) }))
}
