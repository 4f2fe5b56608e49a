//! What the events of Mailgun say, one a call.
//! <https://documentation.mailgun.com/docs/mailgun/user-manual/events/event-structure>

use domain::{delivery::ErrorClass, id::DeliveryId, suppression::SuppressionReason};
use jiff::Timestamp;
use serde::Deserialize;
use serde_json::{Map, Value};

use crate::{
    email::{self, CORRELATION, reply},
    provider::{Engagement, Receipt, ReceiptStatus, Suppressed, Unreadable, WebhookRequest},
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
    /// The link that was followed.
    url: Option<String>,
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
        (class, format!("Mailgun {reason} {code}: {}", reply::said(said)), dead)
    }

    fn is_permanent(&self) -> bool {
        self.event == "rejected" || (self.event == "failed" && self.severity.as_deref() == Some("permanent"))
    }

    fn receipt(self) -> Option<Receipt> {
        let status = match self.event.as_str() {
            "accepted" => ReceiptStatus::Sent,
            "delivered" => ReceiptStatus::Delivered,
            _ if self.is_permanent() => ReceiptStatus::Failed,
            _ => return None,
        };
        let why = || {
            let (class, reason, _) = self.failure();
            Some((class, reason))
        };
        let receipt = Receipt::new(status, why, "Mailgun");
        Some(Receipt {
            correlation: self.correlation(),
            provider_message_id: self.message.as_ref().and_then(|message| message.headers.as_ref()?.message_id.clone()),
            occurred_at: self.occurred_at(),
            phone: self.recipient,
            ..receipt
        })
    }

    fn occurred_at(&self) -> Option<Timestamp> {
        Timestamp::from_millisecond((self.timestamp * 1e3) as i64).ok()
    }

    fn correlation(&self) -> Option<DeliveryId> {
        self.variables.as_ref()?.get(CORRELATION)?.as_str()?.parse().ok()
    }
}

/// An event of a list that says that a mail was taken, as a receipt.
pub(crate) fn accepted(listed: &Value) -> Option<Receipt> {
    Event::deserialize(listed).ok()?.receipt()
}

/// What somebody did with a mail.
pub(crate) fn engagements(request: &WebhookRequest) -> Result<Vec<Engagement>, Unreadable> {
    let event = event(request)?;
    let (delivery, at) = (event.correlation(), event.occurred_at());
    Ok(Engagement::of(&event.event, delivery, event.url, at).into_iter().collect())
}

/// One event a call. Opens and clicks are no steps of a delivery.
pub(crate) fn receipts(request: &WebhookRequest) -> Result<Vec<Receipt>, Unreadable> {
    Ok(event(request)?.receipt().into_iter().collect())
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
