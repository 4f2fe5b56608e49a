//! Asking Twilio whether it has a text: the list of messages to a recipient, newest first.
//! <https://www.twilio.com/docs/messaging/api/message-resource#read-multiple-message-resources>
//!
//! `DateSent` is left out of the query, though it would make the list shorter: a text that still waits at Twilio has none
//! yet, would not be listed, and would be taken for one that never was. `date_created` is compared here instead.

use std::time::Duration;

use http::Method;
use jiff::fmt::rfc2822::DateTimeParser;
use serde_json::Value;

use crate::{
    json,
    kind::Channel,
    look_up::{Sought, unclear},
    outbound::Call,
    outgoing::Outgoing,
    provider::{Account, Failure, Receipt, ReceiptStatus},
    twilio::{self, Settings},
    whatsapp,
};

/// How long after a submission the list has it for certain. No time is published; this is our choice, far above the time
/// that a call may take.
pub(crate) const AFTER: Duration = Duration::from_mins(2);

/// Texts of one page: pages stay below [`crate::outbound::LARGEST_ANSWER`] then, even of the longest texts.
const PAGE_SIZE: u32 = 50;

fn to(account: &Account, outgoing: &Outgoing) -> String {
    let prefix = if account.channel == Channel::WhatsApp { "whatsapp:" } else { "" };
    format!("{prefix}{}", outgoing.to)
}

/// The call that lists the texts to a recipient.
pub(crate) fn search(&Sought { account, outgoing, .. }: &Sought<'_>) -> Result<Call, Failure> {
    let mut call = twilio::call(account, Method::GET, "/Messages.json")?;
    let mut query = call.url.query_pairs_mut();
    query.append_pair("To", &to(account, outgoing)).append_pair("PageSize", &PAGE_SIZE.to_string());
    drop(query);
    Ok(call)
}

/// Those of a page that have the same text, and were not made before.
pub(crate) fn found(sought: &Sought<'_>, page: &Value) -> Result<Vec<Receipt>, Failure> {
    let &Sought { account, outgoing, .. } = sought;
    let settings: Settings = account.settings();
    let is_template = whatsapp::template(settings.template.as_ref(), outgoing).is_some();
    let to = to(account, outgoing);
    let mut found = Vec::new();
    for listed in json::list(page, "/messages") {
        let told = |name: &str| json::text(listed, name);
        let outbound = told("/direction").is_none_or(|direction| direction.starts_with("outbound"));
        let made = told("/date_created").and_then(|text| DateTimeParser::new().parse_timestamp(&text).ok());
        if !outbound || told("/to").as_deref() != Some(&to) || sought.is_too_old(made)? {
            continue;
        }
        if is_text(&told("/body").unwrap_or_default(), &outgoing.body) {
            found.push(receipt(outgoing, listed));
        } else if settings.smart_encoded == Some(true) {
            return Err(unclear("Twilio was asked to change characters, so texts cannot be compared"));
        } else if is_template {
            return Err(unclear("Twilio lists what a template became, which cannot be compared"));
        }
    }
    Ok(found)
}

/// A trial account puts a line before each text.
fn is_text(listed: &str, ours: &str) -> bool {
    listed.trim_end().ends_with(ours.trim())
}

/// It has no id of ours: another text to the same recipient may read the same.
fn receipt(outgoing: &Outgoing, listed: &Value) -> Receipt {
    let phone = Some(outgoing.to.clone());
    let receipt = reached(listed).unwrap_or_else(|| Receipt {
        provider_message_id: json::text(listed, "/sid"),
        ..Receipt::new(ReceiptStatus::Sent, || None, "Twilio")
    });
    Receipt { phone, ..receipt }
}

/// How far a text is, as lists and the text's own page tell it; `None` before it left them.
pub(crate) fn reached(text: &Value) -> Option<Receipt> {
    let status = twilio::status_of(&json::text(text, "/status")?)?;
    let updated = json::text(text, "/date_updated");
    Some(Receipt {
        provider_message_id: json::text(text, "/sid"),
        cost: twilio::price(text),
        occurred_at: updated.and_then(|text| DateTimeParser::new().parse_timestamp(&text).ok()),
        ..Receipt::new(status, || json::number(text, "/error_code").map(twilio::explain), "Twilio")
    })
}

#[cfg(test)]
#[path = "tests/twilio_look_up.rs"]
mod tests;
