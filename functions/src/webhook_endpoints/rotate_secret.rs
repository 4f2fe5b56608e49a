//! `POST /api/webhook-endpoints/{id}/rotate-secret`: a new secret; the old one holds for another day.

use engine::notify::{self, PREVIOUS_VALID, Secrets};
use store::{
    Update, keys,
    webhook_endpoints::{self, WebhookEndpoint},
};
use web::prelude::*;

use super::view::{EndpointView, SecretView};

/// The row.
pub fn row() -> Row {
    Row::post("webhook-endpoints-rotate-secret", "/api/webhook-endpoints/{id}/rotate-secret", handle)
        .summary("Change an endpoint's secret")
        .description(
            "`secret` is the new one, shown once; a repeated request (same `Idempotency-Key`) shows null. For 24 hours events carry two signatures, one by each secret; a secret \
             older than those two is valid no more.",
        )
        .tag("Webhook endpoints")
        .access(Role::Admin, Scope::WebhookEndpointsWrite)
        .idempotent()
        .grants(&[Grant::Table, Grant::RootSecret])
        .errors(&["409 changed_meanwhile"])
}

async fn handle(cx: Cx, Path(id): Path<id::WebhookEndpointId>) -> Result<Success<SecretView>> {
    let endpoint = webhook_endpoints::get(&cx.app.table, cx.org(), id).await?;
    let old = notify::open(&cx.app, &endpoint).await?;
    let secret = notify::new_secret(&cx.app);
    let secrets = Secrets { current: secret.clone(), previous: Some(old.current) };
    let sealed = notify::seal(&cx.app, cx.org(), &secrets).await?;
    let until = cx.now() + PREVIOUS_VALID;
    let new = WebhookEndpoint { previous_secret_until: Some(until), updated_at: cx.now(), ..endpoint };
    let update = Update::of(keys::webhook_endpoint(cx.org(), id))
        .set("secrets", sealed)
        .set("previousSecretUntil", until)
        .set("updatedAt", new.updated_at)
        // Two at once would leave one of the two new secrets valid nowhere.
        .if_equal("secrets", &new.secrets);
    let mut writes = vec![cx.app.table.tx_update(update)?];
    let view = EndpointView::from(new);
    writes.extend(cx.reply_record(200, &SecretView { view: view.clone(), secret: None })?);
    cx.app.table.transact(writes).await?;
    Ok(Success(SecretView { view, secret: Some(secret.expose().to_owned()) }))
}
