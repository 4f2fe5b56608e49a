//! Keys of webhook endpoints and of what is sent to them.

use domain::id::{EventId, OrgId, WebhookEndpointId};
use jiff::Timestamp;

use super::{Key, of_org};

/// A webhook endpoint. Prefix of all: [`WEBHOOK_ENDPOINTS`].
pub fn webhook_endpoint(org: OrgId, endpoint: WebhookEndpointId) -> Key {
    of_org(org, format!("{WEBHOOK_ENDPOINTS}{endpoint}"))
}

/// Sort-key prefix of webhook endpoints.
pub const WEBHOOK_ENDPOINTS: &str = "WEBHOOK#";

/// The partition of what was sent, or waits to be sent, to an endpoint.
pub fn webhook_attempts(org: OrgId, endpoint: WebhookEndpointId) -> String {
    format!("O#{org}#WH#{endpoint}")
}

/// What became of an event at an endpoint. Prefix of all: [`WEBHOOK_ATTEMPTS`].
pub fn webhook_attempt(org: OrgId, endpoint: WebhookEndpointId, event: EventId) -> Key {
    Key::new(webhook_attempts(org, endpoint), event.to_string())
}

/// Sort-key prefix of what became of events.
pub const WEBHOOK_ATTEMPTS: &str = "evt_";

/// That an event is due for another try. Prefix of all: [`WEBHOOK_WAITING`].
pub fn webhook_waiting(org: OrgId, endpoint: WebhookEndpointId, due: Timestamp, event: EventId) -> Key {
    Key::new(webhook_attempts(org, endpoint), format!("{WEBHOOK_WAITING}{:014}#{event}", due.as_millisecond()))
}

/// Sort-key prefix of what waits.
pub const WEBHOOK_WAITING: &str = "W#";
