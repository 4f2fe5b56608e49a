//! `POST /api/webhook-endpoints`: events are sent to an address from now on. The secret is in this answer and nowhere else.

use domain::event::EventType;
use engine::notify::{self, Secrets};
use store::{
    keys,
    webhook_endpoints::{self, MOST, WebhookEndpoint},
};
use web::prelude::*;

use super::{
    request,
    view::{EndpointView, SecretView},
};

/// The row.
pub fn row() -> Row {
    Row::post("webhook-endpoints-create", "/api/webhook-endpoints", handle)
        .summary("Make a webhook endpoint")
        .description(
            "Events are sent to `url` from now on (within a minute), signed as Standard Webhooks. `secret` is shown once; a \
             repeated request (same `Idempotency-Key`) shows null. An organization has at most 20.",
        )
        .tag("Webhook endpoints")
        .access(Role::Admin, Scope::WebhookEndpointsWrite)
        .idempotent()
        .grants(&[Grant::Table, Grant::RootSecret])
        .errors(&["409 webhook_endpoints_full", "url_invalid", "url_refused", "description_too_long"])
}

/// Where events are to be sent.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct CreateWebhookEndpoint {
    /// Where events are sent: https, a public host.
    #[schemars(extend("examples" = ["https://shop.example/dundun"]))]
    url: String,
    /// Which events; left out or empty: all.
    #[serde(default)]
    #[schemars(extend("examples" = [["message.sent", "delivery.delivered", "contact.opted_out"]]))]
    events: Vec<EventType>,
    /// What it is for, at most 500 characters.
    description: Option<String>,
    /// Whether it gets events; true, if nothing is said.
    is_active: Option<bool>,
}

async fn handle(cx: Cx, body: Json<CreateWebhookEndpoint>) -> Result<Created<SecretView>> {
    let body = body.read()?;
    let url = request::url(&cx, &body.url)?;
    let description = request::description(body.description)?;
    if webhook_endpoints::all(&cx.app.table, cx.org()).await?.len() >= MOST {
        let detail = format!("An organization has at most {MOST} webhook endpoints.");
        return Err(Error::conflict("webhook_endpoints_full", detail));
    }
    let secret = notify::new_secret(&cx.app);
    let secrets = Secrets { current: secret.clone(), previous: None };
    let (at, bits) = cx.repeatable("webhook-endpoint");
    let endpoint = WebhookEndpoint {
        id: id::WebhookEndpointId::new(at, bits),
        org: cx.org(),
        url,
        events: request::events(body.events),
        description,
        is_active: body.is_active.unwrap_or(true),
        secrets: notify::seal(&cx.app, cx.org(), &secrets).await?,
        previous_secret_until: None,
        failures: 0,
        failing_since: None,
        last_error: None,
        disabled_at: None,
        disabled_reason: None,
        created_by: cx.actor(),
        created_at: at,
        updated_at: at,
        due_partition: None,
        due_at: None,
    };
    let mut writes = vec![cx.app.table.tx_put_new(&keys::webhook_endpoint(cx.org(), endpoint.id), &endpoint)?];
    let view = EndpointView::from(endpoint);
    writes.extend(cx.reply_record(201, &SecretView { view: view.clone(), secret: None })?);
    cx.app.table.transact(writes).await?;
    cx.app.endpoints.forget(cx.org());
    Ok(Created(SecretView { view, secret: Some(secret.expose().to_owned()) }))
}
