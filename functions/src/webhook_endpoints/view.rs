//! Webhook endpoints, and what was sent to them, as clients see them.

use domain::{
    event::EventType,
    id::{EventId, WebhookEndpointId},
};
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::Serialize;
use store::{
    webhook_attempts::{AttemptStatus, WebhookAttempt},
    webhook_endpoints::WebhookEndpoint,
};

/// Where events are sent.
#[derive(Debug, Clone, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "WebhookEndpoint")]
pub(super) struct EndpointView {
    /// Its id.
    pub id: WebhookEndpointId,
    /// Where events are sent.
    #[schemars(extend("examples" = ["https://shop.example/dundun"]))]
    pub url: String,
    /// Which events; empty: all.
    pub events: Vec<EventType>,
    /// What it is for.
    pub description: Option<String>,
    /// Whether it gets events.
    pub is_active: bool,
    /// Until when events are also signed with the secret before this one.
    pub previous_secret_until: Option<Timestamp>,
    /// Since when all calls go wrong; null: they go well.
    pub failing_since: Option<Timestamp>,
    /// Why the last call that went wrong did.
    pub last_error: Option<String>,
    /// When that was.
    pub last_error_at: Option<Timestamp>,
    /// When it was disabled because nothing got through.
    pub disabled_at: Option<Timestamp>,
    /// Why it was disabled.
    pub disabled_reason: Option<String>,
    /// Who made it: the id of a user or an API key.
    pub created_by: String,
    /// When it was made.
    pub created_at: Timestamp,
    /// When a person last changed it.
    pub updated_at: Timestamp,
}

impl From<WebhookEndpoint> for EndpointView {
    fn from(endpoint: WebhookEndpoint) -> Self {
        let (last_error_at, last_error) =
            endpoint.last_error.map_or((None, None), |error| (Some(error.at), Some(error.detail)));
        Self {
            id: endpoint.id,
            url: endpoint.url,
            events: endpoint.events,
            description: endpoint.description,
            is_active: endpoint.is_active,
            previous_secret_until: endpoint.previous_secret_until,
            failing_since: endpoint.failing_since,
            last_error,
            last_error_at,
            disabled_at: endpoint.disabled_at,
            disabled_reason: endpoint.disabled_reason,
            created_by: endpoint.created_by,
            created_at: endpoint.created_at,
            updated_at: endpoint.updated_at,
        }
    }
}

/// An endpoint with its secret.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "WebhookEndpointWithSecret")]
pub(super) struct SecretView {
    #[serde(flatten)]
    pub view: EndpointView,
    /// What events are signed with (Standard Webhooks). Null when the answer is repeated.
    #[schemars(extend("examples" = ["whsec_…"]))]
    pub secret: Option<String>,
}

/// What became of an event at an endpoint.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "WebhookAttempt")]
pub(super) struct AttemptView {
    /// The event's id, which the endpoint gets as `webhook-id`.
    pub id: EventId,
    /// What happened.
    pub event: EventType,
    /// The id of what it happened to.
    #[schemars(extend("examples" = ["msg_01KAJ7Q4T0M5Z8X2V9C3B6N1R4"]))]
    pub subject: Option<String>,
    /// How far it got.
    pub status: AttemptStatus,
    /// How often it was tried.
    pub tries: u32,
    /// When it happened.
    pub occurred_at: Timestamp,
    /// When it was last tried.
    pub last_tried_at: Option<Timestamp>,
    /// When it is tried next; null: not by itself.
    pub next_try_at: Option<Timestamp>,
    /// The HTTP status of the last answer; null: there was none.
    pub response_status: Option<u16>,
    /// Why the last try failed.
    pub error: Option<String>,
    /// How long the last try took, in milliseconds.
    pub duration_ms: Option<u64>,
}

impl From<WebhookAttempt> for AttemptView {
    fn from(attempt: WebhookAttempt) -> Self {
        Self {
            id: attempt.event.id,
            event: attempt.event.kind,
            subject: attempt.event.subject.id(),
            status: attempt.status,
            tries: attempt.tries,
            occurred_at: attempt.event.at,
            last_tried_at: attempt.last_tried_at,
            next_try_at: attempt.next_try_at,
            response_status: attempt.response_status,
            error: attempt.error,
            duration_ms: attempt.duration_ms,
        }
    }
}
