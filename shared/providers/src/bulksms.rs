//! `BULKSMS`: SMS through BulkSMS, API version 1. <https://www.bulksms.com/developer/json/v1/>
//!
//! One call takes many texts to many numbers, each its own; the answer lists them in the same order. It is all or
//! nothing: a bad request refuses the whole call. Not verified against the live provider: what it answers when called
//! too fast.

use domain::{Violation, delivery::ErrorClass};
use futures::future::BoxFuture;
use http::Method;
use serde::Deserialize;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::{
    answer,
    number::international,
    outbound::{Answer, Call, Outbound},
    outgoing::Outgoing,
    provider::{
        Account, Failure, Forged, Inbound, Outcome, Provider, Receipt, ReceiptStatus, TestReport, Unreadable,
        WebhookRequest,
    },
    request::ask,
    validate,
};

/// The adapter.
pub struct BulkSms;

const LIVE: &str = "https://api.bulksms.com/v1";
/// Texts in a call. They take 30,000; answers of more than these would not be read to their end.
const TEXTS: usize = 500;
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
struct Message {
    id: Option<String>,
    #[serde(rename = "type")]
    kind: Option<String>,
    from: Option<String>,
    to: Option<String>,
    body: Option<String>,
    status: Option<Status>,
}

#[derive(Deserialize)]
struct Status {
    id: Option<String>,
    #[serde(rename = "type")]
    kind: Option<String>,
}

/// RFC 7807.
#[derive(Deserialize)]
struct Problem {
    #[serde(rename = "type", default)]
    kind: String,
    #[serde(default)]
    title: String,
}

#[derive(Deserialize)]
struct Profile {
    credits: Credits,
}

#[derive(Deserialize)]
struct Credits {
    balance: f64,
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

async fn send(account: &Account, outbound: &Outbound, batch: &[Outgoing]) -> Vec<Outcome> {
    let settings = validate::settings::<Settings>(&account.settings).unwrap_or_default();
    // Without `auto-unicode` they turn what GSM-7 lacks into question marks.
    let path = format!("/messages?auto-unicode=true&deduplication-id={}", deduplication(batch));
    let call = match call(account, Method::POST, &path) {
        Ok(call) => call,
        Err(failure) => {
            return vec![answer::outcome(failure.class, failure.reason, None, String::new()); batch.len()];
        }
    };
    let texts: Vec<Value> = batch.iter().map(|outgoing| text(account, &settings, outgoing)).collect();
    let answer = match outbound.call(call.json(&Value::Array(texts))).await {
        Ok(answer) => answer,
        Err(error) => return vec![answer::outcome_of_error(&error); batch.len()],
    };
    if !(200..300).contains(&answer.status) {
        return vec![refused(account, &answer); batch.len()];
    }
    match serde_json::from_slice::<Vec<Message>>(&answer.body) {
        Ok(messages) if messages.len() == batch.len() => messages.iter().map(taken).collect(),
        _ => {
            let reason = "the answer does not list every text that was submitted".to_owned();
            vec![Outcome::Unknown { reason }; batch.len()]
        }
    }
}

fn taken(message: &Message) -> Outcome {
    let status = message.status.as_ref().and_then(|status| status.id.as_deref()).unwrap_or_default();
    match failure(status) {
        Some((class, meaning)) => answer::outcome(class, format!("BulkSMS {status}: {meaning}"), None, status.into()),
        None => Outcome::Accepted { id: message.id.clone(), cost: None, segments: None, response: status.into() },
    }
}

fn failure(status: &str) -> Option<(ErrorClass, &'static str)> {
    let known = FAILURES.iter().find(|(id, ..)| *id == status).map(|&(_, class, meaning)| (class, meaning));
    known.or_else(|| status.starts_with("FAILED").then_some((E::Transient, "it failed")))
}

fn refused(account: &Account, answer: &Answer) -> Outcome {
    let problem = serde_json::from_slice::<Problem>(&answer.body).ok();
    // A 403 like those for a bad token, but for the words.
    let no_credits = |problem: &Problem| {
        problem.kind.ends_with("#insufficient-credits") || problem.title.eq_ignore_ascii_case("Insufficient Credits")
    };
    if answer.status == 403 && problem.as_ref().is_some_and(no_credits) {
        let reason = "BulkSMS: the credits are used up".to_owned();
        return answer::outcome(E::InsufficientBalance, reason, None, answer::kept(account, &answer.body));
    }
    answer::outcome_of_status(account, answer)
}

fn messages(request: &WebhookRequest) -> Result<Vec<Message>, Unreadable> {
    serde_json::from_slice(&request.body).map_err(|_| Unreadable("the body is not a list of messages".to_owned()))
}

impl Provider for BulkSms {
    fn check(&self, account: &Account, _: &Outbound) -> Vec<Violation> {
        let settings = match validate::settings::<Settings>(&account.settings) {
            Ok(settings) => settings,
            Err(violation) => return vec![violation],
        };
        match settings.routing_group.as_deref() {
            None | Some("ECONOMY" | "STANDARD" | "PREMIUM") => Vec::new(),
            Some(_) => {
                let detail = "ECONOMY, STANDARD or PREMIUM";
                vec![Violation::new("/settings/routingGroup", "pattern_mismatch", detail)]
            }
        }
    }

    fn send<'a>(
        &'a self,
        account: &'a Account,
        outbound: &'a Outbound,
        batch: &'a [Outgoing],
    ) -> BoxFuture<'a, Vec<Outcome>> {
        Box::pin(async move {
            let mut outcomes = Vec::with_capacity(batch.len());
            for part in batch.chunks(TEXTS) {
                outcomes.extend(send(account, outbound, part).await);
            }
            outcomes
        })
    }

    /// Reads the account's page, which also proves the token.
    fn test<'a>(&'a self, account: &'a Account, outbound: &'a Outbound) -> BoxFuture<'a, Result<TestReport, Failure>> {
        Box::pin(async move {
            let call = call(account, Method::GET, "/profile")?;
            let profile: Profile = ask(account, outbound, call, |_| None).await?;
            let message = format!("the token is good; {} credits are left", profile.credits.balance);
            Ok(TestReport { message, asked: true, balance: None })
        })
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
            let Some(id) = message.id else { return Err(Unreadable("a message without `id`".to_owned())) };
            let Some(told) = message.status else { return Err(Unreadable("a message without `status`".to_owned())) };
            let status = match told.kind.as_deref() {
                Some("SENT") => ReceiptStatus::Sent,
                Some("DELIVERED") => ReceiptStatus::Delivered,
                Some("FAILED") => ReceiptStatus::Failed,
                _ => continue,
            };
            let why = || {
                let word = told.id.as_deref()?;
                failure(word).map(|(class, meaning)| (class, format!("BulkSMS {word}: {meaning}")))
            };
            receipts.push(Receipt {
                provider_message_id: Some(id),
                phone: message.to.as_deref().and_then(international),
                ..Receipt::new(status, why, "BulkSMS")
            });
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
}

#[cfg(test)]
#[path = "tests/bulksms.rs"]
mod tests;
