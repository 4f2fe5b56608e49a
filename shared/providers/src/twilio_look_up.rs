//! Asking Twilio whether it has a text: the list of messages to a recipient, newest first.
//! <https://www.twilio.com/docs/messaging/api/message-resource#read-multiple-message-resources>
//!
//! `DateSent` is left out of the query, though it would make the list shorter: a text that still waits at Twilio has none
//! yet, would not be listed, and would be taken for one that never was. `date_created` is compared here instead.

use std::time::Duration;

use domain::delivery::ErrorClass;
use http::Method;
use jiff::{SignedDuration, Timestamp, fmt::rfc2822::DateTimeParser};
use serde::Deserialize;
use url::Url;

use crate::{
    kind::Channel,
    outbound::Outbound,
    outgoing::Outgoing,
    provider::{Account, Failure, Receipt, ReceiptStatus},
    request,
    twilio::{self, Settings},
    validate, whatsapp,
};

/// How long after a submission the list has it for certain. No time is published; this is our choice, far above the time
/// that a call may take.
pub(crate) const AFTER: Duration = Duration::from_mins(2);

/// Texts of one page: pages stay below [`crate::outbound::LARGEST_ANSWER`] then, even of the longest texts.
const PAGE_SIZE: u32 = 50;
/// Whoever got more texts than this many pages hold is left to a person.
const PAGES: usize = 10;
/// How far Twilio's clock may be behind ours.
const SKEW: SignedDuration = SignedDuration::from_secs(60);

#[derive(Deserialize)]
struct Page {
    messages: Vec<Listed>,
    next_page_uri: Option<String>,
}

#[derive(Deserialize)]
struct Listed {
    sid: String,
    body: Option<String>,
    to: Option<String>,
    direction: Option<String>,
    status: Option<String>,
    date_created: Option<String>,
    error_code: Option<u32>,
}

/// The texts to the recipient of `outgoing` with its text that were made at `since` or later.
pub(crate) async fn look_up(
    account: &Account,
    outbound: &Outbound,
    outgoing: &Outgoing,
    since: Timestamp,
) -> Result<Vec<Receipt>, Failure> {
    let settings = validate::settings::<Settings>(&account.settings).unwrap_or_default();
    let is_template = whatsapp::template(settings.template.as_ref(), outgoing).is_some();
    let prefix = if account.channel == Channel::WhatsApp { "whatsapp:" } else { "" };
    let to = format!("{prefix}{}", outgoing.to);
    let first = twilio::call(account, Method::GET, "/Messages.json")?;
    let mut url = first.url.clone();
    url.query_pairs_mut().append_pair("To", &to).append_pair("PageSize", &PAGE_SIZE.to_string());
    let mut found = Vec::new();
    for _ in 0..PAGES {
        let mut call = first.clone();
        call.url = url;
        let page: Page = request::ask(account, outbound, call, twilio::known).await?;
        for listed in page.messages {
            let outbound = listed.direction.as_deref().is_none_or(|direction| direction.starts_with("outbound"));
            if !outbound || listed.to.as_deref() != Some(&to) || made_before(&listed, since)? {
                continue;
            }
            if is_text(listed.body.as_deref().unwrap_or_default(), &outgoing.body) {
                found.push(receipt(outgoing, listed));
            } else if settings.smart_encoded == Some(true) {
                return Err(unclear("Twilio was asked to change characters, so texts cannot be compared"));
            } else if is_template {
                return Err(unclear("Twilio lists what a template became, which cannot be compared"));
            }
        }
        match page.next_page_uri.filter(|next| !next.is_empty()) {
            None => return Ok(found),
            Some(next) => url = follow(&first.url, &next)?,
        }
    }
    Err(unclear("the recipient got too many texts to look through"))
}

fn unclear(reason: &str) -> Failure {
    Failure::new(ErrorClass::Ambiguous, reason, String::new())
}

fn made_before(listed: &Listed, since: Timestamp) -> Result<bool, Failure> {
    let made = listed.date_created.as_deref().and_then(|text| DateTimeParser::new().parse_timestamp(text).ok());
    made.map(|made| made + SKEW < since).ok_or_else(|| unclear("a listed text has no date"))
}

/// A trial account puts a line before each text.
fn is_text(listed: &str, ours: &str) -> bool {
    listed.trim_end().ends_with(ours.trim())
}

/// The next page; never at another host, because our credentials go there.
fn follow(first: &Url, next: &str) -> Result<Url, Failure> {
    first
        .join(next)
        .ok()
        .filter(|url| url.origin() == first.origin())
        .ok_or_else(|| unclear("the next page is not at the same address"))
}

fn receipt(outgoing: &Outgoing, listed: Listed) -> Receipt {
    let status = match listed.status.as_deref() {
        Some("delivered") => ReceiptStatus::Delivered,
        Some("read") => ReceiptStatus::Read,
        Some("failed" | "undelivered" | "canceled") => ReceiptStatus::Failed,
        _ => ReceiptStatus::Sent,
    };
    Receipt {
        correlation: Some(outgoing.delivery_id),
        provider_message_id: Some(listed.sid),
        phone: Some(outgoing.to.clone()),
        ..Receipt::new(status, || listed.error_code.map(twilio::explain), "Twilio")
    }
}

#[cfg(test)]
#[path = "tests/twilio_look_up.rs"]
mod tests;
