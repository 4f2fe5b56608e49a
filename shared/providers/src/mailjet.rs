//! `MAILJET`: e-mail through Mailjet, Send API version 3.1. <https://dev.mailjet.com/email/guides/send-api-v31/>
//!
//! One call takes 50 messages, each its own; the answer lists them in the same order, taken and refused ones mixed. They
//! sign nothing: a password in the registered address proves their calls. Not verified against the live provider: the
//! status of a mixed answer (the body is read whatever it is), which page is the lightest for a test, and how soon a mail
//! is found by our own id.

use std::time::Duration;

use domain::{Violation, delivery::ErrorClass, dns::DnsRecord};
use http::Method;
use lettre::message::Mailbox;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::{
    answer,
    email::{self, Mail, Sender, reply},
    json,
    look_up::Sought,
    mailjet_account, mailjet_events,
    outbound::{Answer, Call, Outbound},
    outgoing::Attachment,
    provider::{
        Account, Asking, Engagement, Failure, Forged, Outcome, Outgoing, Provider, Receipt, ReceiptStatus, Sending,
        Suppressed, SuppressionPage, TestReport, Unreadable, WebhookRequest,
    },
    request, signature,
};

/// The adapter.
pub struct Mailjet;

const LIVE: &str = "https://api.mailjet.com";
/// Messages in a call.
const MESSAGES: usize = 50;
/// Calls in flight for one batch.
const CONCURRENT: usize = 4;
/// How long after a submission they list it for certain. No time is published: our choice.
const LISTED_AFTER: Duration = Duration::from_mins(10);
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

pub(crate) fn call(account: &Account, method: Method, path: &str) -> Result<Call, Failure> {
    Call::to(account, method, LIVE, path)?.basic(account.require("apiKey")?, account.require("secretKey")?)
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
    for (name, wish) in [("TrackOpens", sender.tracking.opens), ("TrackClicks", sender.tracking.clicks)] {
        if let Some(wish) = wish {
            message[name] = json!(if wish { "enabled" } else { "disabled" });
        }
    }
    if !mail.files.is_empty() {
        message["Attachments"] = mail.files.iter().map(attached).collect();
    }
    message
}

fn attached(file: &Attachment) -> Value {
    json!({ "ContentType": file.content_type, "Filename": file.name, "Base64Content": signature::base64(&file.bytes) })
}

async fn send(account: &Account, outbound: &Outbound, sender: &Sender<Settings>, mails: &[Outgoing]) -> Vec<Outcome> {
    let messages: Vec<Value> = mails.iter().map(|outgoing| message(sender, &sender.mail(outgoing))).collect();
    let body = json!({ "SandboxMode": sender.own.sandbox_mode, "Messages": messages });
    let call = call(account, Method::POST, "/v3.1/send").map(|call| call.json(&body));
    let answer = match request::exchange(outbound, call).await {
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
        Err(_) if answer.is_success() => vec![Outcome::unreadable(); mails.len()],
        Err(_) => vec![refused(account, &answer); mails.len()],
    }
}

fn outcome(account: &Account, answer: &Answer, message: &SentMessage) -> Outcome {
    if message.status == "success" {
        let id = message.to.first().and_then(|to| to.uuid.clone());
        return Outcome::accepted(id, message.status.clone());
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
    let said = reply::said(&problem.error_message);
    let response = answer::kept(account, problem.error_message.as_bytes());
    let reason = format!("Mailjet {}: {said}", problem.error_code);
    answer::outcome(class, reason, answer::retry_after(&answer.headers), response)
}

impl Provider for Mailjet {
    fn check(&self, account: &Account, _: &Outbound) -> Vec<Violation> {
        email::check::<Settings>(account).0
    }

    fn send<'a>(&'a self, account: &'a Account, outbound: &'a Outbound, batch: &'a [Outgoing]) -> Sending<'a> {
        request::or_all_fail(batch, async move {
            let sender = Sender::<Settings>::of(account)?;
            let calls = batch
                .chunks(email::with_files(batch, MESSAGES))
                .map(|part| send(account, outbound, &sender, part))
                .collect();
            Ok(request::all(CONCURRENT, calls).await.concat())
        })
    }

    /// Reads the page of the key.
    fn question(&self, account: &Account) -> Result<Call, Failure> {
        call(account, Method::GET, "/v3/REST/apikey")
    }

    fn answered(&self, _: &Account, _: &Value) -> Result<TestReport, Failure> {
        Ok(TestReport::good("the keys are good"))
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

    fn receipts(&self, _: &Account, request: &WebhookRequest) -> Result<Vec<Receipt>, Unreadable> {
        mailjet_events::receipts(request)
    }

    fn suppressed(&self, _: &Account, request: &WebhookRequest) -> Result<Vec<Suppressed>, Unreadable> {
        mailjet_events::suppressed(request)
    }

    fn engagements(&self, _: &Account, request: &WebhookRequest) -> Result<Vec<Engagement>, Unreadable> {
        mailjet_events::engagements(request)
    }

    fn keeps_suppressions(&self) -> bool {
        true
    }

    fn suppressions<'a>(
        &'a self,
        account: &'a Account,
        outbound: &'a Outbound,
        after: Option<&'a str>,
    ) -> Asking<'a, SuppressionPage> {
        Box::pin(mailjet_account::suppressions(account, outbound, after))
    }

    fn domain_records<'a>(
        &'a self,
        account: &'a Account,
        outbound: &'a Outbound,
        name: &'a str,
    ) -> Asking<'a, Vec<DnsRecord>> {
        Box::pin(mailjet_account::records(account, outbound, name))
    }

    fn batch_size(&self, _: &Account) -> usize {
        MESSAGES
    }

    /// Each message carries its files itself.
    fn window(&self, _: &Account, rest: &[Outgoing]) -> usize {
        rest.len().min(email::with_files(rest, MESSAGES) * CONCURRENT)
    }

    fn at_once(&self, _: &Account) -> usize {
        CONCURRENT
    }

    fn look_up_after(&self) -> Option<Duration> {
        Some(LISTED_AFTER)
    }

    /// <https://dev.mailjet.com/email/reference/messages/>
    fn search(&self, sought: &Sought<'_>) -> Result<Call, Failure> {
        let id = sought.outgoing.delivery_id;
        call(sought.account, Method::GET, &format!("/v3/REST/message?CustomID={id}&ShowCustomID=true"))
    }

    fn found(&self, sought: &Sought<'_>, page: &Value) -> Result<Vec<Receipt>, Failure> {
        let mut found = Vec::new();
        for listed in json::list(page, "/Data") {
            let ours = json::text(listed, "/CustomID").and_then(|id| id.parse().ok());
            if ours != Some(sought.outgoing.delivery_id) || sought.is_too_old(json::moment(listed, "/ArrivedAt"))? {
                continue;
            }
            let status = match json::text(listed, "/Status").as_deref() {
                Some("sent" | "opened" | "clicked" | "spam" | "unsub") => ReceiptStatus::Delivered,
                Some("bounce" | "hardbounced" | "blocked") => ReceiptStatus::Failed,
                _ => ReceiptStatus::Sent,
            };
            found.push(Receipt {
                correlation: ours,
                provider_message_id: json::text(listed, "/UUID"),
                phone: Some(sought.outgoing.to.clone()),
                ..Receipt::new(status, || None, "Mailjet")
            });
        }
        Ok(found)
    }
}

#[cfg(test)]
#[path = "tests/mailjet.rs"]
mod tests;
