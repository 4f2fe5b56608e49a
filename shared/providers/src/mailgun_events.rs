//! What the events of Mailgun say, one a call.
//! <https://documentation.mailgun.com/docs/mailgun/user-manual/events/event-structure>

use domain::{delivery::ErrorClass, id::DeliveryId, suppression::SuppressionReason};
use jiff::Timestamp;
use serde::Deserialize;
use serde_json::{Map, Value};

use crate::{
    email::{self, CORRELATION, reply},
    provider::{Receipt, ReceiptError, ReceiptStatus, Suppressed, Unreadable, WebhookRequest},
};

use ErrorClass as E;

#[derive(Deserialize)]
struct Webhook {
    #[serde(rename = "event-data")]
    event: Event,
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
#[expect(clippy::struct_field_names, reason = "named as they name it")]
struct Event {
    event: String,
    #[serde(default)]
    timestamp: f64,
    severity: Option<String>,
    reason: Option<String>,
    recipient: Option<String>,
    message: Option<EventMessage>,
    #[serde(rename = "user-variables")]
    variables: Option<Map<String, Value>>,
    delivery_status: Option<DeliveryStatus>,
}

#[derive(Deserialize)]
struct EventMessage {
    headers: Option<EventHeaders>,
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
struct EventHeaders {
    message_id: Option<String>,
}

#[derive(Default, Deserialize)]
struct DeliveryStatus {
    code: Option<u16>,
    #[serde(default, deserialize_with = "email::or_default")]
    message: String,
    #[serde(default, deserialize_with = "email::or_default")]
    description: String,
}

fn event(request: &WebhookRequest) -> Result<Event, Unreadable> {
    serde_json::from_slice::<Webhook>(&request.body)
        .map(|webhook| webhook.event)
        .map_err(|_| Unreadable("the body has no `event-data`".to_owned()))
}

impl Event {
    /// Why it failed for good: the class, in words, and whether mails to the address never arrive.
    fn failure(&self) -> (ErrorClass, String, bool) {
        let status = self.delivery_status.as_ref();
        let code = status.and_then(|status| status.code).unwrap_or_default();
        let said =
            status.map_or("", |status| if status.message.is_empty() { &status.description } else { &status.message });
        let reason = self.reason.as_deref().unwrap_or_default();
        let (class, dead) = match reason {
            "suppress-unsubscribe" | "suppress-complaint" => (E::OptedOut, false),
            "suppress-bounce" => (E::InvalidRecipient, true),
            _ if self.event == "rejected" => (E::BadContent, false),
            // Given up after hours of temporary failures.
            "old" => (E::Transient, false),
            _ => (reply::class(code, said), reply::no_such_address(code, said)),
        };
        (class, format!("Mailgun {reason} {code}: {}", domain::text::cut(said, 120)), dead)
    }

    fn is_permanent(&self) -> bool {
        self.event == "rejected" || (self.event == "failed" && self.severity.as_deref() == Some("permanent"))
    }

    fn correlation(&self) -> Option<DeliveryId> {
        self.variables.as_ref()?.get(CORRELATION)?.as_str()?.parse().ok()
    }
}

/// One event a call. Opens and clicks are no steps of a delivery.
pub(crate) fn receipts(request: &WebhookRequest) -> Result<Vec<Receipt>, Unreadable> {
    let event = event(request)?;
    let (status, error) = match event.event.as_str() {
        "accepted" => (ReceiptStatus::Sent, None),
        "delivered" => (ReceiptStatus::Delivered, None),
        _ if event.is_permanent() => {
            let (class, reason, _) = event.failure();
            (ReceiptStatus::Failed, Some(ReceiptError { class, reason }))
        }
        _ => return Ok(Vec::new()),
    };
    let id = event.message.as_ref().and_then(|message| message.headers.as_ref()?.message_id.clone());
    Ok(vec![Receipt {
        correlation: event.correlation(),
        provider_message_id: id,
        phone: event.recipient,
        status,
        error,
        alias: None,
        cost: None,
        occurred_at: Timestamp::from_millisecond((event.timestamp * 1e3) as i64).ok(),
    }])
}

/// Who is to get no more mails.
pub(crate) fn suppressed(request: &WebhookRequest) -> Result<Vec<Suppressed>, Unreadable> {
    let event = event(request)?;
    let reason = match event.event.as_str() {
        "unsubscribed" => SuppressionReason::OptedOut,
        "complained" => SuppressionReason::Complained,
        _ if event.is_permanent() && event.failure().2 => SuppressionReason::Bounced,
        _ => return Ok(Vec::new()),
    };
    Ok(event.recipient.into_iter().map(|address| Suppressed { address, reason }).collect())
}
