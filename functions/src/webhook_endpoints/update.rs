//! `PUT /api/webhook-endpoints/{id}`: changes an endpoint. What is left out stays as it is.

use domain::event::EventType;
use store::webhook_endpoints;
use web::prelude::*;

use super::{request, view::EndpointView};

/// The row.
pub fn row() -> Row {
    Row::put("webhook-endpoints-update", "/api/webhook-endpoints/{id}", handle)
        .summary("Change a webhook endpoint")
        .description(
            "With `isActive: true` one that was disabled gets events again, and what waited for it is sent; what happened in \
             between is not.",
        )
        .tag("Webhook endpoints")
        .access(Role::Admin, Scope::WebhookEndpointsWrite)
        .grants(&[Grant::Table])
        .errors(&["url_invalid", "url_refused", "description_too_long"])
}

/// What changes.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct UpdateWebhookEndpoint {
    /// Where events are sent: https, a public host.
    url: Option<String>,
    /// Which events; empty: all.
    events: Option<Vec<EventType>>,
    /// What it is for, at most 500 characters; null: nothing.
    #[serde(default)]
    description: Patch<String>,
    /// Whether it gets events.
    is_active: Option<bool>,
}

async fn handle(
    cx: Cx,
    Path(id): Path<id::WebhookEndpointId>,
    body: Json<UpdateWebhookEndpoint>,
) -> Result<Success<EndpointView>> {
    let (table, org) = (&cx.app.table, cx.org());
    let old = webhook_endpoints::get(table, org, id).await?;
    let body = body.read()?;
    let url = body.url.map_or_else(|| Ok(old.url.clone()), |url| request::url(&cx, &url))?;
    let events = body.events.map_or(old.events, request::events);
    let description = request::description(body.description.apply(old.description))?;
    let is_active = body.is_active.unwrap_or(old.is_active);
    let resumes = is_active && !old.is_active;
    let new = webhook_endpoints::change(table, org, id, |update| {
        let update = update
            .set("url", &url)
            .set("events", &events)
            .set_or_remove("description", description)
            .set("isActive", is_active)
            .set("updatedAt", cx.now());
        if resumes {
            update.set("failures", 0).remove("failingSince").remove("disabledAt").remove("disabledReason")
        } else {
            update
        }
    })
    .await?;
    if resumes {
        webhook_endpoints::due(table, org, id, cx.now()).await?;
    }
    cx.app.endpoints.forget(org);
    Ok(Success(new.into()))
}
