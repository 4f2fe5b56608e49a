//! `MAILJET`: e-mail through Mailjet, Send API version 3.1. <https://dev.mailjet.com/email/guides/send-api-v31/>
//!
//! One call takes 50 messages, each its own; the answer lists them in the same order, taken and refused ones mixed. They
//! sign nothing: a password in the registered address proves their calls. Not verified against the live provider: the
//! status of a mixed answer (the body is read whatever it is), and which page is the lightest for a test.

use domain::{Violation, delivery::ErrorClass, money::Money, suppression::SuppressionReason};
use futures::{StreamExt, future::BoxFuture, stream};
use http::Method;
use jiff::Timestamp;
use lettre::message::Mailbox;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::{
    answer,
    email::{self, Mail, Sender, call},
    outbound::{Answer, Call, Outbound},
    provider::{
        Account, Failure, Forged, Outcome, Outgoing, Provider, Receipt, ReceiptError, ReceiptStatus, Suppressed,
        TestReport, Unreadable, WebhookRequest,
    },
    signature,
};

/// The adapter.
pub struct Mailjet;

const LIVE: &str = "https://api.mailjet.com";
/// Messages in a call.
const MESSAGES: usize = 50;
/// Calls in flight for one batch.
const CONCURRENT: usize = 4;
/// The name before the password in the registered address.
const WEBHOOK_USER: &str = "dundun";

use ErrorClass as E;

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase", deny_unknown_fields)]
struct Settings {
    /// They check mails and deliver none.
    sandbox_mode: bool,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Sent {
    messages: Vec<SentMessage>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct SentMessage {
    #[serde(default)]
    status: String,
    #[serde(default)]
    to: Vec<SentTo>,
    #[serde(default)]
    errors: Vec<Problem>,
}

#[derive(Deserialize)]
struct SentTo {
    #[serde(rename = "MessageUUID")]
    uuid: Option<String>,
}

/// Of a message, or of the whole call.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Problem {
    error_code: String,
    #[serde(default)]
    status_code: u16,
    #[serde(default)]
    error_message: String,
    #[serde(default)]
    error_related_to: Vec<String>,
}

/// `ErrorCode`s of refusals: the class. Others of the same families concern the message.
const CODES: &[(&str, ErrorClass)] = &[
    ("mj-0001", E::AccountSuspended),
    ("mj-0013", E::InvalidRecipient),
    ("mj-0015", E::BadCredentials),
    ("send-0006", E::BadSender),
    ("send-0007", E::BadSender),
    ("send-0008", E::BadSender),
];

/// `error` of a bounce or block: the class, and whether mails to the address never arrive.
const ERRORS: &[(&str, ErrorClass, Option<SuppressionReason>)] = &[
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
}

fn request(account: &Account, method: Method, path: &str) -> Result<Call, Failure> {
    let mut call = call::to(account, LIVE, method, path)?;
    call::basic(&mut call, account.require("apiKey")?, account.require("secretKey")?);
    Ok(call)
}

fn message(sender: &Sender<Settings>, mail: &Mail<'_>) -> Value {
    let address = |mailbox: &Mailbox| json!({ "Email": mailbox.email.to_string(), "Name": mailbox.name.as_deref().unwrap_or_default() });
    let mut message = json!({
        "From": address(&sender.from),
        "To": [{ "Email": mail.to }],
        "Subject": mail.subject,
        "TextPart": mail.text,
        "HTMLPart": mail.html,
        "CustomID": mail.id.to_string(),
    });
    if let Some(reply_to) = &sender.reply_to {
        message["ReplyTo"] = address(reply_to);
    }
    for (name, value) in mail.headers() {
        message["Headers"][name] = json!(value);
    }
    message
}

async fn send(account: &Account, outbound: &Outbound, sender: &Sender<Settings>, mails: &[Outgoing]) -> Vec<Outcome> {
    let messages: Vec<Value> = mails.iter().map(|outgoing| message(sender, &sender.mail(outgoing))).collect();
    let call = request(account, Method::POST, "/v3.1/send").map(|mut call| {
        call::json(&mut call, &json!({ "SandboxMode": sender.own.sandbox_mode, "Messages": messages }));
        call
    });
    let answer = match call::exchange(outbound, call).await {
        Ok(answer) => answer,
        Err(outcome) => return vec![outcome; mails.len()],
    };
    match serde_json::from_slice::<Sent>(&answer.body) {
        Ok(sent) if sent.messages.len() == mails.len() => {
            sent.messages.iter().map(|message| outcome(account, &answer, message)).collect()
        }
        Ok(_) => {
            let reason = "the answer does not list every mail that was submitted".to_owned();
            vec![Outcome::Unknown { reason }; mails.len()]
        }
        Err(_) if answer.status < 300 => {
            vec![Outcome::Unknown { reason: "the answer to the submission cannot be read".to_owned() }; mails.len()]
        }
        Err(_) => vec![refused(account, &answer); mails.len()],
    }
}

fn outcome(account: &Account, answer: &Answer, message: &SentMessage) -> Outcome {
    if message.status == "success" {
        let id = message.to.first().and_then(|to| to.uuid.clone());
        return Outcome::Accepted { id, cost: None, segments: None, response: message.status.clone() };
    }
    match message.errors.first() {
        Some(problem) => explain(account, answer, problem),
        None => Outcome::Unknown { reason: "the answer tells neither success nor error of the mail".to_owned() },
    }
}

/// A refusal of the whole call.
fn refused(account: &Account, answer: &Answer) -> Outcome {
    match serde_json::from_slice::<Problem>(&answer.body) {
        Ok(problem) => explain(account, answer, &problem),
        Err(_) => answer::outcome_of_status(account, answer),
    }
}

fn explain(account: &Account, answer: &Answer, problem: &Problem) -> Outcome {
    let known = CODES.iter().find(|(code, _)| *code == problem.error_code).map(|(_, class)| *class);
    let to = problem.error_related_to.iter().any(|field| field.starts_with("To"));
    let class = match (known, problem.status_code) {
        (Some(class), _) => class,
        (None, status @ (401..=403 | 408 | 429 | 500..)) => answer::class_of_status(status),
        (None, _) if to => E::InvalidRecipient,
        (None, _) => E::BadContent,
    };
    let said = domain::text::cut(&problem.error_message, 120);
    let response = answer::kept(account, problem.error_message.as_bytes());
    let reason = format!("Mailjet {}: {said}", problem.error_code);
    answer::outcome(class, reason, answer::retry_after(&answer.headers), response)
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

impl Provider for Mailjet {
    fn check(&self, account: &Account, _: &Outbound) -> Vec<Violation> {
        email::check::<Settings>(account).0
    }

    fn send<'a>(
        &'a self,
        account: &'a Account,
        outbound: &'a Outbound,
        batch: &'a [Outgoing],
    ) -> BoxFuture<'a, Vec<Outcome>> {
        Box::pin(async move {
            let sender = match Sender::<Settings>::of(account) {
                Ok(sender) => sender,
                Err(failure) => return vec![call::refusal(&failure); batch.len()],
            };
            let calls: Vec<_> = batch.chunks(MESSAGES).map(|part| send(account, outbound, &sender, part)).collect();
            stream::iter(calls).buffered(CONCURRENT).concat().await
        })
    }

    /// Reads the page of the key.
    fn test<'a>(&'a self, account: &'a Account, outbound: &'a Outbound) -> BoxFuture<'a, Result<TestReport, Failure>> {
        Box::pin(async move {
            call::read::<Value>(account, outbound, request(account, Method::GET, "/v3/REST/apikey")?).await?;
            Ok(TestReport { message: "the keys are good".to_owned(), asked: true, balance: None })
        })
    }

    /// They bill by the month.
    fn balance<'a>(&'a self, _: &'a Account, _: &'a Outbound) -> BoxFuture<'a, Result<Option<Money>, Failure>> {
        Box::pin(std::future::ready(Ok(None)))
    }

    /// `Authorization: Basic`, if the config has a password for it; else the token in the path is all there is.
    fn verify(&self, account: &Account, request: &WebhookRequest) -> Result<(), Forged> {
        let Some(password) = account.credential("webhookPassword") else { return Ok(()) };
        let pair = signature::base64(format!("{WEBHOOK_USER}:{}", password.expose()));
        let given = request.header("authorization").unwrap_or_default();
        if signature::same(given.as_bytes(), format!("Basic {pair}").as_bytes()) {
            Ok(())
        } else {
            Err(Forged("the password in the registered address is another one".to_owned()))
        }
    }

    /// Opens and clicks are no steps of a delivery. `sent` means that the receiving server took it.
    fn receipts(&self, _: &Account, request: &WebhookRequest) -> Result<Vec<Receipt>, Unreadable> {
        let receipt = |event: Event| {
            let status = match event.event.as_str() {
                "sent" => ReceiptStatus::Delivered,
                _ if event.has_failed() => ReceiptStatus::Failed,
                _ => return None,
            };
            let error = (status == ReceiptStatus::Failed).then(|| ReceiptError {
                class: event.failure().0,
                reason: format!("Mailjet {}: {}", event.error, domain::text::cut(&event.comment, 120)),
            });
            Some(Receipt {
                correlation: event.custom_id.as_deref().and_then(|id| id.parse().ok()),
                provider_message_id: event.uuid,
                phone: event.email,
                status,
                error,
                alias: None,
                cost: None,
                occurred_at: Timestamp::from_second(event.time).ok(),
            })
        };
        Ok(events(request)?.into_iter().filter_map(receipt).collect())
    }

    fn suppressed(&self, _: &Account, request: &WebhookRequest) -> Result<Vec<Suppressed>, Unreadable> {
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

    fn batch_size(&self, _: &Account) -> usize {
        MESSAGES
    }

    fn window(&self, _: &Account, rest: &[Outgoing]) -> usize {
        rest.len().min(MESSAGES * CONCURRENT)
    }
}

#[cfg(test)]
#[path = "tests/mailjet.rs"]
mod tests;
