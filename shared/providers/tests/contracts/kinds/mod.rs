//! The providers' own side, one file each.

pub mod africastalking;
pub mod aisensy;
pub mod bulksms;
pub mod custom;
pub mod fonnte;
pub mod gupshup;
pub mod interakt;
pub mod mailgun;
pub mod mailjet;
pub mod meta;
pub mod sendgrid;
pub mod ses;
pub mod telnyx;
pub mod twilio;
pub mod vonage;
pub mod vonage_sms;

use http::Method;
use providers::{ReceiptStatus, WebhookRequest};
use serde_json::Value;

use crate::testing::{self, Reply};

/// A call in JSON.
fn json_call(headers: &[(&'static str, &str)], query: &str, body: &Value) -> WebhookRequest {
    let all: Vec<_> = headers.iter().copied().chain([("content-type", "application/json")]).collect();
    testing::webhook(Method::POST, &all, query, &body.to_string())
}

/// A form.
fn form_body(fields: &[(&str, &str)]) -> String {
    url::form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish()
}

/// A call with a form.
fn form_call(headers: &[(&'static str, &str)], query: &str, fields: &[(&str, &str)]) -> WebhookRequest {
    let all: Vec<_> = headers.iter().copied().chain([("content-type", "application/x-www-form-urlencoded")]).collect();
    testing::webhook(Method::POST, &all, query, &form_body(fields))
}

/// The word of a step that most of them use.
fn word(status: ReceiptStatus) -> &'static str {
    match status {
        ReceiptStatus::Sent => "sent",
        ReceiptStatus::Delivered => "delivered",
        ReceiptStatus::Read => "read",
        ReceiptStatus::Failed => "failed",
    }
}

/// A number without its `+`.
fn bare(number: &str) -> &str {
    number.trim_start_matches('+')
}

/// The plain part of a mail without its footer.
fn without_footer(text: &str) -> String {
    text.split("\n\n-- \n").next().unwrap_or_default().to_owned()
}

/// What stands at a pointer.
fn text(value: &Value, pointer: &str) -> String {
    value.pointer(pointer).and_then(Value::as_str).unwrap_or_default().to_owned()
}

/// A body in JSON, or null.
fn json_of(seen: &testing::Seen) -> Value {
    serde_json::from_str(&seen.body).unwrap_or_default()
}

/// An answer in JSON.
#[allow(clippy::needless_pass_by_value, reason = "it is made where it is given")]
fn answer(status: u16, body: Value) -> Reply {
    testing::json(status, &body)
}
