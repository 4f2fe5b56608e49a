//! What the events of Amazon SES say, as a configuration set publishes them.
//! <https://docs.aws.amazon.com/ses/latest/dg/event-publishing-retrieving-sns-contents.html>

use std::collections::BTreeMap;

use domain::{delivery::ErrorClass, suppression::SuppressionReason};
use serde::Deserialize;

use crate::{
    email::{CORRELATION, reply},
    provider::{Engagement, Receipt, ReceiptStatus, Suppressed, Unreadable, WebhookRequest},
    ses_sns,
};

use ErrorClass as E;

/// An event, as the configuration set publishes it.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
#[expect(clippy::struct_field_names, reason = "named as they name it")]
struct Event {
    #[serde(alias = "notificationType")]
    event_type: Option<String>,
    mail: Option<EventMail>,
    bounce: Option<Bounce>,
    complaint: Option<Complaint>,
    reject: Option<Reject>,
    delivery: Option<Delivery>,
    failure: Option<RenderingFailure>,
    open: Option<Engaged>,
    click: Option<Engaged>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct EventMail {
    message_id: Option<String>,
    #[serde(default)]
    destination: Vec<String>,
    #[serde(default)]
    tags: BTreeMap<String, Vec<String>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
#[expect(clippy::struct_field_names, reason = "named as they name it")]
struct Bounce {
    #[serde(default)]
    bounce_type: String,
    #[serde(default)]
    bounced_recipients: Vec<Bounced>,
    timestamp: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Bounced {
    email_address: String,
    #[serde(default)]
    status: String,
    #[serde(default)]
    diagnostic_code: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Complaint {
    #[serde(default)]
    complained_recipients: Vec<Bounced>,
}

/// An open, or a click with its link.
#[derive(Deserialize)]
struct Engaged {
    timestamp: Option<String>,
    link: Option<String>,
}

#[derive(Deserialize)]
struct Delivery {
    timestamp: Option<String>,
}

#[derive(Deserialize)]
struct Reject {
    #[serde(default)]
    reason: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct RenderingFailure {
    #[serde(default)]
    error_message: String,
}

/// The event in a notification; `None` for calls about the subscription itself.
fn event(request: &WebhookRequest) -> Result<Option<Event>, Unreadable> {
    let Some(message) = ses_sns::notification(request)? else { return Ok(None) };
    serde_json::from_str(&message).map(Some).map_err(|_| Unreadable("the message is no event of SES".to_owned()))
}

fn time(text: Option<&String>) -> Option<jiff::Timestamp> {
    text?.parse().ok()
}

impl Event {
    fn failure(&self) -> (ErrorClass, String) {
        let (class, reason) = if let Some(bounce) = &self.bounce {
            let first = bounce.bounced_recipients.first();
            let (status, said) = first.map_or(("", ""), |one| (one.status.as_str(), one.diagnostic_code.as_str()));
            (reply::class(550, &format!("{status} {said}")), format!("bounce {status} {said}"))
        } else if let Some(reject) = &self.reject {
            (E::BadContent, format!("rejected: {}", reject.reason))
        } else {
            (E::Template, self.failure.as_ref().map_or_else(String::new, |failure| failure.error_message.clone()))
        };
        (class, format!("Amazon SES {}", reply::said(&reason)))
    }

    fn is_permanent(&self) -> bool {
        self.bounce.as_ref().is_some_and(|bounce| bounce.bounce_type == "Permanent")
    }
}

/// Opens, clicks and delays are no steps of a delivery.
pub(crate) fn receipts(request: &WebhookRequest) -> Result<Vec<Receipt>, Unreadable> {
    let Some(event) = event(request)? else { return Ok(Vec::new()) };
    let status = match event.event_type.as_deref() {
        Some("Send") => ReceiptStatus::Sent,
        Some("Delivery") => ReceiptStatus::Delivered,
        Some("Bounce") if event.is_permanent() => ReceiptStatus::Failed,
        Some("Reject" | "Rendering Failure") => ReceiptStatus::Failed,
        _ => return Ok(Vec::new()),
    };
    let receipt = Receipt::new(status, || Some(event.failure()), "Amazon SES");
    let at = event.bounce.as_ref().map(|bounce| bounce.timestamp.as_ref());
    let at = at.or_else(|| event.delivery.as_ref().map(|delivery| delivery.timestamp.as_ref()));
    let occurred_at = at.and_then(time);
    let Some(mail) = event.mail else { return Err(Unreadable("an event without `mail`".to_owned())) };
    let id = mail.tags.get(CORRELATION).and_then(|values| values.first());
    Ok(vec![Receipt {
        correlation: id.and_then(|id| id.parse().ok()),
        provider_message_id: mail.message_id,
        phone: mail.destination.into_iter().next(),
        occurred_at,
        ..receipt
    }])
}

/// What somebody did with a mail.
pub(crate) fn engagements(request: &WebhookRequest) -> Result<Vec<Engagement>, Unreadable> {
    let Some(event) = event(request)? else { return Ok(Vec::new()) };
    let id = event.mail.and_then(|mail| mail.tags.get(CORRELATION)?.first()?.parse().ok());
    let (word, done) = (event.event_type.unwrap_or_default(), event.click.or(event.open));
    let at = time(done.as_ref().and_then(|done| done.timestamp.as_ref()));
    Ok(Engagement::of(&word, id, done.and_then(|done| done.link), at).into_iter().collect())
}

/// Who is to get no more mails.
pub(crate) fn suppressed(request: &WebhookRequest) -> Result<Vec<Suppressed>, Unreadable> {
    let Some(event) = event(request)? else { return Ok(Vec::new()) };
    let all = |recipients: Vec<Bounced>, reason| {
        recipients.into_iter().map(|one| Suppressed { address: one.email_address, reason }).collect()
    };
    Ok(match (event.event_type.as_deref(), event.is_permanent()) {
        (Some("Bounce"), true) => {
            all(event.bounce.map(|bounce| bounce.bounced_recipients).unwrap_or_default(), SuppressionReason::Bounced)
        }
        (Some("Complaint"), _) => {
            let complaint = event.complaint.map(|complaint| complaint.complained_recipients);
            all(complaint.unwrap_or_default(), SuppressionReason::Complained)
        }
        // By their own link, where the account has one.
        (Some("Subscription"), _) => {
            let gone = event.mail.map(|mail| mail.destination).unwrap_or_default();
            let reason = SuppressionReason::OptedOut;
            gone.into_iter().map(|address| Suppressed { address, reason }).collect()
        }
        _ => Vec::new(),
    })
}
