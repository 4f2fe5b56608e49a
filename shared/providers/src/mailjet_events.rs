//! What the events of Mailjet say, one or a list a call. <https://dev.mailjet.com/email/guides/webhooks/>

use domain::{delivery::ErrorClass, suppression::SuppressionReason};
use jiff::Timestamp;
use serde::Deserialize;
use serde_json::Value;

use crate::{
    email::{self, reply},
    provider::{Engagement, Receipt, ReceiptStatus, Suppressed, Unreadable, WebhookRequest},
};

use ErrorClass as E;

/// `error` of a bounce or block: the class, and whether mails to the address never arrive.
pub(crate) const ERRORS: &[(&str, ErrorClass, Option<SuppressionReason>)] = &[
    ("user unknown", E::InvalidRecipient, Some(SuppressionReason::Bounced)),
    ("invalid domain", E::InvalidRecipient, Some(SuppressionReason::Bounced)),
    ("mailbox inactive", E::InvalidRecipient, Some(SuppressionReason::Bounced)),
    ("no mail host", E::InvalidRecipient, Some(SuppressionReason::Bounced)),
    ("typofix", E::InvalidRecipient, Some(SuppressionReason::Bounced)),
    ("blacklisted", E::OptedOut, Some(SuppressionReason::OptedOut)),
    ("spam reporter", E::OptedOut, Some(SuppressionReason::Complained)),
    ("preblocked", E::OptedOut, Some(SuppressionReason::Bounced)),
    ("greylisted", E::Transient, None),
    ("system issue", E::Transient, None),
    ("protocol issue", E::Transient, None),
    ("connection issue", E::Transient, None),
    ("quota exceeded", E::Transient, None),
    ("sender blocked", E::BadSender, None),
    ("content blocked", E::BadContent, None),
    ("policy issue", E::BadContent, None),
];

#[derive(Deserialize)]
#[expect(clippy::struct_field_names, reason = "named as they name it")]
struct Event {
    event: String,
    email: Option<String>,
    #[serde(default)]
    time: i64,
    #[serde(rename = "Message_GUID")]
    uuid: Option<String>,
    #[serde(rename = "CustomID")]
    custom_id: Option<String>,
    #[serde(default, deserialize_with = "email::or_default")]
    hard_bounce: bool,
    #[serde(default, deserialize_with = "email::or_default")]
    blocked: bool,
    #[serde(default, deserialize_with = "email::or_default")]
    error: String,
    #[serde(default, deserialize_with = "email::or_default")]
    comment: String,
    /// The link that was followed.
    url: Option<String>,
}

/// They send one event, or a list if grouping is on.
fn events(request: &WebhookRequest) -> Result<Vec<Event>, Unreadable> {
    let unreadable = || Unreadable("the body is neither an event nor a list of events".to_owned());
    match serde_json::from_slice(&request.body).map_err(|_| unreadable())? {
        Value::Array(events) => events.into_iter().map(serde_json::from_value).collect::<Result<_, _>>(),
        event => serde_json::from_value(event).map(|event| vec![event]),
    }
    .map_err(|_| unreadable())
}

impl Event {
    fn failure(&self) -> (ErrorClass, Option<SuppressionReason>) {
        let known = ERRORS.iter().find(|(error, ..)| self.error.eq_ignore_ascii_case(error));
        match known {
            Some(&(_, class, reason)) => (class, reason),
            None if self.hard_bounce => (E::InvalidRecipient, Some(SuppressionReason::Bounced)),
            None => (E::Transient, None),
        }
    }

    /// Whether it will not arrive. A soft bounce is tried again by them.
    fn has_failed(&self) -> bool {
        match self.event.as_str() {
            "bounce" => self.hard_bounce || self.blocked,
            "blocked" => true,
            _ => false,
        }
    }
}

/// Opens and clicks are no steps of a delivery. `sent` means that the receiving server took it.
pub(crate) fn receipts(request: &WebhookRequest) -> Result<Vec<Receipt>, Unreadable> {
    let receipt = |event: Event| {
        let status = match event.event.as_str() {
            "sent" => ReceiptStatus::Delivered,
            _ if event.has_failed() => ReceiptStatus::Failed,
            _ => return None,
        };
        let reason = || format!("Mailjet {}: {}", event.error, reply::said(&event.comment));
        let receipt = Receipt::new(status, || Some((event.failure().0, reason())), "Mailjet");
        Some(Receipt {
            correlation: event.custom_id.as_deref().and_then(|id| id.parse().ok()),
            provider_message_id: event.uuid,
            phone: event.email,
            occurred_at: Timestamp::from_second(event.time).ok(),
            ..receipt
        })
    };
    Ok(events(request)?.into_iter().filter_map(receipt).collect())
}

/// Who is to get no more mails.
pub(crate) fn suppressed(request: &WebhookRequest) -> Result<Vec<Suppressed>, Unreadable> {
    let suppressed = |event: Event| {
        let reason = match event.event.as_str() {
            "spam" => SuppressionReason::Complained,
            "unsub" => SuppressionReason::OptedOut,
            _ if event.has_failed() => event.failure().1?,
            _ => return None,
        };
        Some(Suppressed { address: event.email?, reason })
    };
    Ok(events(request)?.into_iter().filter_map(suppressed).collect())
}

/// What people did with mails.
pub(crate) fn engagements(request: &WebhookRequest) -> Result<Vec<Engagement>, Unreadable> {
    let engagement = |event: Event| {
        let delivery = event.custom_id.as_deref().and_then(|id| id.parse().ok());
        Engagement::of(&event.event, delivery, event.url, Timestamp::from_second(event.time).ok())
    };
    Ok(events(request)?.into_iter().filter_map(engagement).collect())
}
