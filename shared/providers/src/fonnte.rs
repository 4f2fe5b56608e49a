//! `FONNTE`: WhatsApp through a phone that is linked to Fonnte. <https://docs.fonnte.com/api-send-message/>
//!
//! Unofficial: it drives an ordinary WhatsApp account, which WhatsApp may block. A call takes many messages (`data`), each
//! its own; the answer lists their ids in order. Every answer is a 200, also a refusal. Nothing is signed. Not verified
//! against the live provider: its words for delivered and read, and how many messages a call takes.

use std::collections::{HashMap, VecDeque};

use domain::{Violation, delivery::ErrorClass as E};
use http::{Method, header};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::{
    answer::{self, Known},
    json,
    number::{digits, international},
    outbound::{Answer, Call, Outbound},
    outgoing::Outgoing,
    provider::{
        Account, Failure, Forged, Inbound, Outcome, Provider, Receipt, ReceiptStatus, Sending, TestReport, Unreadable,
        WebhookRequest,
    },
    request, validate, whatsapp,
};

/// The adapter.
pub struct Fonnte;

const LIVE: &str = "https://api.fonnte.com";
/// Messages in a call. Our choice: theirs is not published.
const MESSAGES: usize = 20;
const NAME: &str = "Fonnte";

#[derive(Deserialize)]
#[serde(default, rename_all = "camelCase", deny_unknown_fields)]
struct Settings {
    /// Seconds between two messages, or a range of them (`5-10`): a pace that WhatsApp takes for a person's.
    delay: String,
    /// Shows that somebody types.
    typing: bool,
}

impl Default for Settings {
    fn default() -> Self {
        Self { delay: "2".to_owned(), typing: false }
    }
}

/// `reason` of a refusal, and the class.
const REASONS: &[(&str, E)] = &[
    ("token invalid", E::BadCredentials),
    ("insufficient quota", E::InsufficientBalance),
    ("target invalid", E::InvalidRecipient),
    ("input invalid", E::BadContent),
    ("json format invalid", E::BadContent),
    // `connectOnly`: the phone is offline, or was unlinked.
    ("disconnect", E::BadSender),
];

/// `status` or `state` of a message that will not arrive.
const FAILURES: &[(&str, E)] =
    &[("invalid", E::InvalidRecipient), ("expired", E::Transient), ("url unreachable", E::BadContent)];

/// The class of a text that holds one of the words, and the reason for people.
fn explain(table: &[(&str, E)], text: &str) -> Known {
    let text = text.to_ascii_lowercase();
    let found = table.iter().find(|(word, _)| text.contains(word));
    found.map(|(word, class)| (*class, format!("{NAME}: {word}")))
}

/// An answer with its keys in small letters: they come in either case.
fn small(answer: &Value) -> Value {
    let lower = |(key, value): (&String, &Value)| (key.to_ascii_lowercase(), value.clone());
    answer.as_object().map_or(Value::Null, |members| members.iter().map(lower).collect())
}

fn call(account: &Account, path: &str) -> Result<Call, Failure> {
    // No scheme: the token alone.
    Call::to(account, Method::POST, LIVE, path)?.secret(header::AUTHORIZATION, account.require("token")?)
}

fn send_call(account: &Account, batch: &[Outgoing]) -> Result<Call, Failure> {
    let settings: Settings = account.settings();
    let message = |outgoing: &Outgoing| {
        let mut message = json!({
            "target": digits(&outgoing.to),
            "message": outgoing.body,
            "delay": settings.delay,
            "typing": settings.typing,
            // Else a number that begins with 0 would become an Indonesian one.
            "countryCode": "0",
        });
        if let Some((file, _, url)) = whatsapp::file(outgoing) {
            message["url"] = url.into();
            message["filename"] = file.name.as_str().into();
        }
        message
    };
    let data = Value::Array(batch.iter().map(message).collect());
    Ok(call(account, "/send")?.form([("data", data.to_string())]))
}

/// Ids stand in the order of `target`, which tells whom they are of. Whoever is missing there may have been dropped, or
/// merely be written in another way: nobody knows.
fn outcomes(account: &Account, answer: &Answer, batch: &[Outgoing]) -> Vec<Outcome> {
    let body = small(&json::answer(answer));
    let response = answer::kept(account, &answer.body);
    match body.get("status") {
        Some(Value::Bool(true)) => {}
        Some(Value::Bool(false)) => {
            let reason = json::text(&body, "/reason").unwrap_or_default();
            let (class, reason) = explain(REASONS, &reason).unwrap_or((E::BadContent, format!("{NAME}: refused")));
            return vec![answer::outcome(class, reason, None, response); batch.len()];
        }
        _ => return vec![Outcome::unreadable(); batch.len()],
    }
    let mut ids: HashMap<String, VecDeque<String>> = HashMap::new();
    for (place, target) in json::list(&body, "/target").iter().enumerate() {
        let id = json::text(&body, &format!("/id/{place}"));
        ids.entry(digits(target.as_str().unwrap_or_default())).or_default().extend(id);
    }
    let outcome = |outgoing: &Outgoing| match ids.get_mut(&digits(&outgoing.to)).and_then(VecDeque::pop_front) {
        Some(id) => Outcome::accepted(Some(id), response.clone()),
        None => Outcome::Unknown { reason: "the answer does not list this number".to_owned() },
    };
    batch.iter().map(outcome).collect()
}

impl Provider for Fonnte {
    fn check(&self, account: &Account, _: &Outbound) -> Vec<Violation> {
        let is_number = |text: &str| text.parse::<u16>().is_ok();
        validate::check_settings(account, |settings: Settings, found| {
            let mut bounds = settings.delay.split('-');
            if bounds.clone().count() > 2 || !bounds.all(is_number) {
                let detail = "seconds, such as 2, or a range, such as 5-10";
                found.push(Violation::new("/settings/delay", "pattern_mismatch", detail));
            }
        })
    }

    fn send<'a>(&'a self, account: &'a Account, outbound: &'a Outbound, batch: &'a [Outgoing]) -> Sending<'a> {
        let part = |part: &'a [Outgoing]| {
            let taken = move |answer: &Answer| outcomes(account, answer, part);
            request::together(account, outbound, part.len(), send_call(account, part), |_| None, taken)
        };
        let calls = batch.chunks(MESSAGES).map(part).collect();
        Box::pin(async { request::all(1, calls).await.concat() })
    }

    /// Reads the device.
    fn question(&self, account: &Account) -> Result<Call, Failure> {
        call(account, "/device")
    }

    /// The token is good, the phone is linked, and how many messages are left.
    fn answered(&self, account: &Account, page: &Value) -> Result<TestReport, Failure> {
        let failed = |class, reason: String| {
            Err(Failure::new(class, reason, answer::kept(account, page.to_string().as_bytes())))
        };
        let page = &small(page);
        if page.get("status") != Some(&Value::Bool(true)) {
            let told = json::text(page, "/reason").unwrap_or_default();
            let (class, reason) = explain(REASONS, &told).unwrap_or((E::Transient, format!("{NAME}: refused")));
            return failed(class, reason);
        }
        if json::text(page, "/device_status").as_deref() != Some("connect") {
            return failed(E::BadSender, "the phone is not linked: scan its code again".to_owned());
        }
        let quota = json::text(page, "/quota").unwrap_or_else(|| "an unknown number of".to_owned());
        Ok(TestReport::good(format!("the token is good and the phone is linked; {quota} messages are left")))
    }

    /// They sign nothing: the token in the path is all there is.
    fn verify(&self, _: &Account, _: &WebhookRequest) -> Result<(), Forged> {
        Ok(())
    }

    /// `device, id, stateid, status, state`. The first report has `id` and `stateid`, later ones perhaps the latter alone.
    fn receipts(&self, _: &Account, request: &WebhookRequest) -> Result<Vec<Receipt>, Unreadable> {
        let body = json::body(request)?;
        if json::text(&body, "/sender").is_some() {
            return Ok(Vec::new());
        }
        let (id, state_id) = (json::text(&body, "/id"), json::text(&body, "/stateid"));
        let word = json::text(&body, "/state").or_else(|| json::text(&body, "/status"));
        let word = word.ok_or_else(|| Unreadable("a report without `status` or `state`".to_owned()))?;
        let failure = explain(FAILURES, &word);
        let status = match word.to_ascii_lowercase().as_str() {
            "delivered" => ReceiptStatus::Delivered,
            "read" => ReceiptStatus::Read,
            "sent" => ReceiptStatus::Sent,
            _ if failure.is_some() => ReceiptStatus::Failed,
            // It says nothing new (`pending`), except that both ids are of one message.
            _ if id.is_some() && state_id.is_some() => ReceiptStatus::Sent,
            _ => return Ok(Vec::new()),
        };
        let (provider_message_id, alias) = match (id, state_id) {
            (None, None) => return Err(Unreadable("a report without `id` or `stateid`".to_owned())),
            (Some(id), state_id) => (Some(id), state_id),
            (None, state_id) => (state_id, None),
        };
        Ok(vec![Receipt { provider_message_id, alias, ..Receipt::new(status, || failure, NAME) }])
    }

    /// What somebody wrote to the phone; what is written in a group is nobody's business here.
    fn inbound(&self, _: &Account, request: &WebhookRequest) -> Result<Vec<Inbound>, Unreadable> {
        let body = json::body(request)?;
        let in_group = matches!(body.get("isgroup"), Some(Value::Bool(true)));
        let from = json::text(&body, "/sender").filter(|_| !in_group).as_deref().and_then(international);
        let told = from.map(|from| Inbound {
            provider_message_id: json::text(&body, "/inboxid"),
            to: json::text(&body, "/device").as_deref().and_then(international),
            text: json::text(&body, "/message").or_else(|| json::text(&body, "/text")).unwrap_or_default(),
            occurred_at: json::moment(&body, "/timestamp"),
            ..Inbound::by(from)
        });
        Ok(told.into_iter().collect())
    }

    fn names_only_ids(&self) -> bool {
        true
    }

    fn batch_size(&self, _: &Account) -> usize {
        MESSAGES
    }
}

#[cfg(test)]
#[path = "tests/fonnte.rs"]
mod tests;
