//! `BULKSMS`: SMS through BulkSMS, API version 1. <https://www.bulksms.com/developer/json/v1/>
//!
//! One call takes many texts to many numbers, each its own; the answer lists them in the same order. It is all or
//! nothing: a bad request refuses the whole call. Our own id comes back as `userSuppliedId`, in the 20 characters that it
//! may have. `deduplication-id` is of a whole call, and a text that is sent again goes in another call: so a text whose
//! fate is open is looked up, and not sent again. Not verified against the live provider: what it answers when called too
//! fast.

use std::time::Duration;

use domain::{Violation, delivery::ErrorClass};
use http::Method;
use serde::Deserialize;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::{
    answer::{self, Known},
    bulksms_id, json,
    look_up::{Sought, unclear},
    number::international,
    outbound::{Answer, Call, Outbound},
    outgoing::Outgoing,
    provider::{
        Account, Failure, Forged, Inbound, Outcome, Provider, Receipt, ReceiptStatus, Sending, TestReport, Unreadable,
        WebhookRequest,
    },
    request, validate,
};

/// The adapter.
pub struct BulkSms;

const LIVE: &str = "https://api.bulksms.com/v1";
/// Texts in a call. They take 30,000; answers of more than these would not be read to their end.
const TEXTS: usize = 500;
/// How long after a submission they list it for certain. No time is published: our choice.
const LISTED_AFTER: Duration = Duration::from_mins(5);
/// They cut a text after three parts unless told otherwise.
const PARTS: u32 = 20;

use ErrorClass as E;

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase", deny_unknown_fields)]
struct Settings {
    /// `ECONOMY`, `STANDARD` or `PREMIUM`; what the account is set to without it.
    routing_group: Option<String>,
}

/// `status.id` of a text that failed: the class and what it means.
const FAILURES: &[(&str, ErrorClass, &str)] = &[
    ("FAILED.BLOCKED", E::OptedOut, "the recipient opted out"),
    ("FAILED.EXPIRED", E::InvalidRecipient, "it could not be delivered in time"),
    ("FAILED.HANDSET_ERROR", E::InvalidRecipient, "the handset did not take it"),
    ("FAILED.NOT_SENT", E::BadContent, "it was not sent"),
];

/// A text, as answers and webhooks show it.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Message {
    id: Option<String>,
    #[serde(rename = "type")]
    kind: Option<String>,
    from: Option<String>,
    to: Option<String>,
    body: Option<String>,
    status: Option<Status>,
    user_supplied_id: Option<String>,
    submission: Option<Submission>,
}

#[derive(Deserialize)]
struct Submission {
    date: Option<String>,
}

#[derive(Deserialize)]
struct Status {
    id: Option<String>,
    #[serde(rename = "type")]
    kind: Option<String>,
}

impl Status {
    /// How far the text got; `None` while it waits.
    fn reached(&self) -> Option<ReceiptStatus> {
        match self.kind.as_deref() {
            Some("SENT") => Some(ReceiptStatus::Sent),
            Some("DELIVERED") => Some(ReceiptStatus::Delivered),
            Some("FAILED") => Some(ReceiptStatus::Failed),
            _ => None,
        }
    }
}

impl Message {
    fn receipt(&self, status: ReceiptStatus) -> Receipt {
        let why = || {
            let word = self.status.as_ref()?.id.as_deref()?;
            failure(word).map(|(class, meaning)| (class, format!("BulkSMS {word}: {meaning}")))
        };
        Receipt {
            correlation: self.user_supplied_id.as_deref().and_then(bulksms_id::long),
            provider_message_id: self.id.clone(),
            phone: self.to.as_deref().and_then(international),
            ..Receipt::new(status, why, "BulkSMS")
        }
    }
}

fn call(account: &Account, method: Method, path: &str) -> Result<Call, Failure> {
    Call::to(account, method, LIVE, path)?.basic(account.require("tokenId")?, account.require("tokenSecret")?)
}

fn text(account: &Account, settings: &Settings, outgoing: &Outgoing) -> Value {
    let mut text = json!({
        "to": [{ "type": "INTERNATIONAL", "address": outgoing.to }],
        "body": outgoing.body,
        "longMessageMaxParts": PARTS,
        "deliveryReports": "ALL",
    });
    if let Some(id) = bulksms_id::short(outgoing.delivery_id) {
        text["userSuppliedId"] = json!(id);
    }
    if let Some(sender) = account.sender() {
        text["from"] = json!(sender);
    }
    if let Some(group) = &settings.routing_group {
        text["routingGroup"] = json!(group);
    }
    text
}

/// The same try of the same texts has the same number, and any other another: so a call that is doubled on its way counts
/// once, and sending again sends.
fn deduplication(batch: &[Outgoing]) -> u32 {
    let mut hash = Sha256::new();
    for outgoing in batch {
        hash.update(format!("{} {}\n", outgoing.delivery_id, outgoing.attempt));
    }
    u32::from_be_bytes(*hash.finalize().first_chunk().expect("a digest has 32 bytes")) >> 1
}

fn send_call(account: &Account, batch: &[Outgoing]) -> Result<Call, Failure> {
    let settings: Settings = account.settings();
    // Without `auto-unicode` they turn what GSM-7 lacks into question marks.
    let path = format!("/messages?auto-unicode=true&deduplication-id={}", deduplication(batch));
    let texts = batch.iter().map(|outgoing| text(account, &settings, outgoing)).collect();
    Ok(call(account, Method::POST, &path)?.json(&texts))
}

fn outcomes(answer: &Answer, count: usize) -> Vec<Outcome> {
    match serde_json::from_slice::<Vec<Message>>(&answer.body) {
        Ok(messages) if messages.len() == count => messages.iter().map(taken).collect(),
        _ => {
            let reason = "the answer does not list every text that was submitted".to_owned();
            vec![Outcome::Unknown { reason }; count]
        }
    }
}

fn taken(message: &Message) -> Outcome {
    let status = message.status.as_ref().and_then(|status| status.id.as_deref()).unwrap_or_default();
    match failure(status) {
        Some((class, meaning)) => answer::outcome(class, format!("BulkSMS {status}: {meaning}"), None, status.into()),
        None => Outcome::accepted(message.id.clone(), status.into()),
    }
}

fn failure(status: &str) -> Option<(ErrorClass, &'static str)> {
    let known = FAILURES.iter().find(|(id, ..)| *id == status).map(|&(_, class, meaning)| (class, meaning));
    known.or_else(|| status.starts_with("FAILED").then_some((E::Transient, "it failed")))
}

fn messages(request: &WebhookRequest) -> Result<Vec<Message>, Unreadable> {
    serde_json::from_slice(&request.body).map_err(|_| Unreadable("the body is not a list of messages".to_owned()))
}

impl Provider for BulkSms {
    fn check(&self, account: &Account, _: &Outbound) -> Vec<Violation> {
        validate::check_settings(account, |settings: Settings, found| {
            if !matches!(settings.routing_group.as_deref(), None | Some("ECONOMY" | "STANDARD" | "PREMIUM")) {
                let detail = "ECONOMY, STANDARD or PREMIUM";
                found.push(Violation::new("/settings/routingGroup", "pattern_mismatch", detail));
            }
        })
    }

    fn send<'a>(&'a self, account: &'a Account, outbound: &'a Outbound, batch: &'a [Outgoing]) -> Sending<'a> {
        let part = |part: &'a [Outgoing]| {
            let (call, count) = (send_call(account, part), part.len());
            let known = |answer: &Answer| self.known(answer);
            request::together(account, outbound, count, call, known, move |answer| outcomes(answer, count))
        };
        let calls = batch.chunks(TEXTS).map(part).collect();
        Box::pin(async { request::all(1, calls).await.concat() })
    }

    /// A problem (RFC 7807). Used-up credits are a 403 like that for a bad token, but for the words.
    fn known(&self, answer: &Answer) -> Known {
        let problem = json::answer(answer);
        let told = |pointer: &str| json::text(&problem, pointer).unwrap_or_default();
        let no_credits = told("/type").ends_with("#insufficient-credits")
            || told("/title").eq_ignore_ascii_case("Insufficient Credits");
        let is_that = answer.status == 403 && no_credits;
        is_that.then(|| (E::InsufficientBalance, "BulkSMS: the credits are used up".to_owned()))
    }

    /// Reads the account's page, which also proves the token.
    fn question(&self, account: &Account) -> Result<Call, Failure> {
        call(account, Method::GET, "/profile")
    }

    fn answered(&self, _: &Account, page: &Value) -> Result<TestReport, Failure> {
        let credits = json::text(page, "/credits/balance").unwrap_or_else(|| "an unknown number of".to_owned());
        Ok(TestReport::good(format!("the token is good; {credits} credits are left")))
    }

    /// They sign nothing: the token in the path is all there is.
    fn verify(&self, _: &Account, _: &WebhookRequest) -> Result<(), Forged> {
        Ok(())
    }

    /// A list of sent texts; an empty one when the webhook is registered.
    fn receipts(&self, _: &Account, request: &WebhookRequest) -> Result<Vec<Receipt>, Unreadable> {
        let mut receipts = Vec::new();
        for message in messages(request)? {
            if message.kind.as_deref() == Some("RECEIVED") {
                continue;
            }
            if message.id.is_none() {
                return Err(Unreadable("a message without `id`".to_owned()));
            }
            let Some(told) = &message.status else { return Err(Unreadable("a message without `status`".to_owned())) };
            receipts.extend(told.reached().map(|status| message.receipt(status)));
        }
        Ok(receipts)
    }

    /// The same list, of texts that came in.
    fn inbound(&self, _: &Account, request: &WebhookRequest) -> Result<Vec<Inbound>, Unreadable> {
        let received = messages(request)?.into_iter().filter(|message| message.kind.as_deref() == Some("RECEIVED"));
        Ok(received
            .filter_map(|message| {
                Some(Inbound {
                    provider_message_id: message.id,
                    to: message.to,
                    text: message.body.unwrap_or_default(),
                    ..Inbound::by(international(message.from.as_deref()?)?)
                })
            })
            .collect())
    }

    fn batch_size(&self, _: &Account) -> usize {
        TEXTS
    }

    fn can_be_asked(&self) -> bool {
        true
    }

    /// Shows what webhooks do. <https://www.bulksms.com/developer/json/v1/#tag/Message>
    fn how_far(&self, account: &Account, id: &str) -> Result<Call, Failure> {
        call(account, Method::GET, &format!("/messages/{id}"))
    }

    fn got(&self, page: &Value) -> Result<Option<Receipt>, Unreadable> {
        let message = Message::deserialize(page).map_err(|_| Unreadable("the answer is no message".to_owned()))?;
        Ok(message.status.as_ref().and_then(Status::reached).map(|status| message.receipt(status)))
    }

    fn look_up_after(&self) -> Option<Duration> {
        Some(LISTED_AFTER)
    }

    fn search(&self, sought: &Sought<'_>) -> Result<Call, Failure> {
        let id = bulksms_id::short(sought.outgoing.delivery_id);
        let id = id.ok_or_else(|| unclear("the text was sent without an id of ours"))?;
        let mut call = call(sought.account, Method::GET, "/messages")?;
        call.url.query_pairs_mut().append_pair("filter", &format!("userSuppliedId={id}"));
        Ok(call)
    }

    fn found(&self, sought: &Sought<'_>, page: &Value) -> Result<Vec<Receipt>, Failure> {
        let listed = Vec::<Message>::deserialize(page).map_err(|_| unclear("the answer is no list of messages"))?;
        let mut found = Vec::new();
        for message in listed {
            let date = message.submission.as_ref().and_then(|submission| submission.date.as_ref()?.parse().ok());
            let reached = message.status.as_ref().and_then(Status::reached).unwrap_or(ReceiptStatus::Sent);
            let receipt = message.receipt(reached);
            if receipt.correlation == Some(sought.outgoing.delivery_id) && !sought.is_too_old(date)? {
                found.push(receipt);
            }
        }
        Ok(found)
    }
}

#[cfg(test)]
#[path = "tests/bulksms.rs"]
mod tests;
