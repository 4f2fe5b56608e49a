//! `TELNYX`: SMS through Telnyx, API version 2. <https://developers.telnyx.com/api/messaging>
//!
//! One recipient a call. Our delivery id rides in the query of the text's own `webhook_url`. A call may be repeated with
//! its `Idempotency-Key`: <https://developers.telnyx.com/docs/development/api-fundamentals/idempotency>. Not verified
//! against the live provider: the codes from 40005 on, and what their own answer to STOP looks like in a webhook.

use std::time::Duration;

use domain::{Violation, delivery::ErrorClass as E, keywords::Keyword, money::Money};
use ed25519_dalek::{Signature, VerifyingKey};
use http::{HeaderName, HeaderValue, Method};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::{
    answer::{self, Codes, Known},
    form::query_field,
    json,
    outbound::{Answer, Call, Outbound},
    outgoing::Outgoing,
    provider::{
        Account, Failure, Forged, Inbound, Outcome, Provider, Receipt, ReceiptStatus, Unreadable, WebhookRequest,
    },
    signature, validate,
};

/// The adapter.
pub struct Telnyx;

const LIVE: &str = "https://api.telnyx.com/v2";
/// Calls in flight for one batch.
const CONCURRENT: usize = 25;
/// How long a key is known. They say up to 24 hours; the rest is for clocks.
const REMEMBERED: Duration = Duration::from_hours(20);
/// How far a webhook's time may be from ours, in seconds. Their libraries take as much.
const SKEW: i64 = 300;
/// The query field of `webhook_url` that holds our delivery id. Only the body is signed, not the address.
const CORRELATION: &str = "delivery";

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase", deny_unknown_fields)]
struct Settings {
    /// Chooses a number of its pool instead of `senderId`, and is needed beside a sender that is a name.
    messaging_profile_id: Option<String>,
}

/// Codes of answers and receipts. <https://support.telnyx.com/en/articles/6505121-telnyx-messaging-error-codes>
const CODES: &Codes = &[
    (E::BadCredentials, &[10_009, 10_010]),
    (E::RateLimited, &[10_011]),
    (E::InsufficientBalance, &[20_100]),
    (E::OptedOut, &[40_300]),
    (E::InvalidRecipient, &[40_310, 40_012, 10_002, 10_016, 40_001, 40_005, 40_008, 40_014, 40_309]),
    (E::BadSender, &[40_013, 40_305, 40_306, 40_312, 40_315, 40_321, 40_100, 40_010]),
    (E::BadContent, &[40_316, 40_317, 40_302, 40_009, 40_322, 40_015, 40_003]),
    (E::Transient, &[40_002, 40_004, 40_006, 40_011, 40_318, 10_007, 10_008]),
];

/// The first of `errors`. 40300 is an opt-out only if its title says so.
fn explain(value: &Value, errors: &str) -> Known {
    let code = json::number(value, &format!("{errors}/0/code"))?;
    let title = json::text(value, &format!("{errors}/0/title")).unwrap_or_default();
    if code == 40_300 && !title.to_ascii_uppercase().contains("STOP") {
        return Some((E::InvalidRecipient, format!("Telnyx {code}: blocked on its way to the number")));
    }
    answer::known("Telnyx", CODES, code)
}

fn call(account: &Account, method: Method, path: &str) -> Result<Call, Failure> {
    Call::to(account, method, LIVE, path)?.bearer(account.require("apiKey")?)
}

fn cost(value: &Value, pointer: &str) -> Option<Money> {
    json::amount(value.pointer(pointer)?, "/amount", "/currency")
}

/// The event of a webhook call: its type and what it is about.
fn event(request: &WebhookRequest) -> Result<(String, Value), Unreadable> {
    let mut body = json::body(request)?;
    let kind = json::text(&body, "/data/event_type");
    let kind = kind.ok_or_else(|| Unreadable("an event without `data.event_type`".to_owned()))?;
    let payload = body.pointer_mut("/data/payload").map(Value::take);
    payload.map(|payload| (kind, payload)).ok_or_else(|| Unreadable("an event without `data.payload`".to_owned()))
}

/// How far a text is, as webhooks and its own page tell it; `None` before it left them.
fn receipt(text: &Value) -> Result<Option<Receipt>, Unreadable> {
    let id = json::text(text, "/id").ok_or_else(|| Unreadable("a text without `id`".to_owned()))?;
    let word = json::text(text, "/to/0/status");
    let word = word.ok_or_else(|| Unreadable("a text without `to[0].status`".to_owned()))?;
    let status = match word.as_str() {
        // Unconfirmed is final: the network tells nothing more.
        "sent" | "delivery_unconfirmed" => ReceiptStatus::Sent,
        "delivered" => ReceiptStatus::Delivered,
        "read" => ReceiptStatus::Read,
        "sending_failed" | "delivery_failed" | "expired" => ReceiptStatus::Failed,
        _ => return Ok(None),
    };
    Ok(Some(Receipt {
        provider_message_id: Some(id),
        phone: json::text(text, "/to/0/phone_number"),
        cost: cost(text, "/cost"),
        occurred_at: json::moment(text, "/completed_at"),
        ..Receipt::new(status, || explain(text, "/errors"), "Telnyx")
    }))
}

impl Provider for Telnyx {
    fn check(&self, account: &Account, _: &Outbound) -> Vec<Violation> {
        let is_number = |sender: &str| sender.trim_start_matches('+').bytes().all(|letter| letter.is_ascii_digit());
        validate::check_settings(account, |settings: Settings, found| {
            match (account.sender(), settings.messaging_profile_id) {
                (_, Some(_)) => {}
                (Some(sender), None) if is_number(sender) => {}
                (Some(_), None) => {
                    let detail = "a sender that is a name needs the id of a messaging profile";
                    found.push(Violation::new("/settings/messagingProfileId", "required", detail));
                }
                (None, None) => {
                    let detail = "a number of yours (+1…), or the id of a messaging profile in the settings";
                    found.push(Violation::new("/senderId", "required", detail));
                }
            }
        })
    }

    fn submission(&self, account: &Account, outgoing: &Outgoing) -> Result<Call, Failure> {
        let mut text = json!({ "to": outgoing.to, "text": outgoing.body });
        if let Some(sender) = account.sender() {
            text["from"] = sender.into();
        }
        if let Some(profile) = account.settings::<Settings>().messaging_profile_id {
            text["messaging_profile_id"] = profile.into();
        }
        if let Some(webhook) = &account.webhook_url {
            text["webhook_url"] = format!("{webhook}?{CORRELATION}={}", outgoing.delivery_id).into();
        }
        let mut call = call(account, Method::POST, "/messages")?.json(&text);
        let key = HeaderValue::try_from(outgoing.idempotency_key()).expect("an id is fit for a header");
        call.headers.insert(HeaderName::from_static("idempotency-key"), key);
        Ok(call)
    }

    /// An answer of 200 means taken, whatever becomes of its text.
    fn taken(&self, account: &Account, answer: &Answer) -> Outcome {
        let body = json::answer(answer);
        Outcome::Accepted {
            id: json::text(&body, "/data/id"),
            cost: cost(&body, "/data/cost"),
            segments: json::number(&body, "/data/parts"),
            response: answer::kept(account, &answer.body),
        }
    }

    fn known(&self, answer: &Answer) -> Known {
        explain(&json::answer(answer), "/errors")
    }

    fn balance_question(&self, account: &Account) -> Result<Option<Call>, Failure> {
        call(account, Method::GET, "/balance").map(Some)
    }

    fn left(&self, page: &Value) -> Result<Option<Money>, Failure> {
        Ok(json::amount(page, "/data/balance", "/data/currency"))
    }

    /// Ed25519 over the time, a bar and the body. <https://developers.telnyx.com/docs/messaging/messages/receiving-webhooks>
    fn verify(&self, account: &Account, request: &WebhookRequest) -> Result<(), Forged> {
        let forged = |why: &str| Forged(format!("Telnyx: {why}"));
        let bytes = |text: &str, what: &str| signature::from_base64(text).ok_or_else(|| forged(what));
        let key = account.credential("publicKey").ok_or_else(|| forged("no key to check with"))?;
        let key: [u8; 32] = bytes(key.expose(), "the public key is no base64")?
            .try_into()
            .map_err(|_| forged("the public key has not 32 bytes"))?;
        let key = VerifyingKey::from_bytes(&key).map_err(|_| forged("the public key is none"))?;
        let given = request.header("telnyx-signature-ed25519").ok_or_else(|| forged("no signature"))?;
        let given = bytes(given, "the signature is no base64")?;
        let given = Signature::from_slice(&given).map_err(|_| forged("the signature has not 64 bytes"))?;
        let time = request.header("telnyx-timestamp").ok_or_else(|| forged("no time"))?;
        let seconds: i64 = time.parse().map_err(|_| forged("the time is no number"))?;
        if request.received_at.as_second().abs_diff(seconds) > SKEW.unsigned_abs() {
            return Err(forged("signed too long ago, or in the future"));
        }
        let signed = [time.as_bytes(), b"|", &request.body].concat();
        key.verify_strict(&signed, &given).map_err(|_| forged("the signature does not match"))
    }

    fn receipts(&self, _: &Account, request: &WebhookRequest) -> Result<Vec<Receipt>, Unreadable> {
        let (kind, text) = event(request)?;
        if !matches!(kind.as_str(), "message.sent" | "message.finalized" | "message.read") {
            return Ok(Vec::new());
        }
        let correlation = query_field(request, CORRELATION).and_then(|id| id.parse().ok());
        Ok(receipt(&text)?.map(|receipt| Receipt { correlation, ..receipt }).into_iter().collect())
    }

    fn can_be_asked(&self) -> bool {
        true
    }

    /// <https://developers.telnyx.com/api/messaging/get-message>
    fn how_far(&self, account: &Account, id: &str) -> Result<Call, Failure> {
        call(account, Method::GET, &format!("/messages/{id}"))
    }

    fn got(&self, page: &Value) -> Result<Option<Receipt>, Unreadable> {
        receipt(page.pointer("/data").unwrap_or(&Value::Null))
    }

    /// `autoresponse_type` is there where their own list took the text for a keyword.
    fn inbound(&self, _: &Account, request: &WebhookRequest) -> Result<Vec<Inbound>, Unreadable> {
        let (kind, text) = event(request)?;
        if kind != "message.received" {
            return Ok(Vec::new());
        }
        let from = json::text(&text, "/from/phone_number");
        let from = from.ok_or_else(|| Unreadable("a text without `payload.from.phone_number`".to_owned()))?;
        Ok(vec![Inbound {
            provider_message_id: json::text(&text, "/id"),
            to: json::text(&text, "/to/0/phone_number"),
            text: json::text(&text, "/text").unwrap_or_default(),
            keyword: json::text(&text, "/autoresponse_type").and_then(|word| keyword(&word)),
            occurred_at: json::moment(&text, "/received_at"),
            ..Inbound::by(from)
        }])
    }

    fn at_once(&self, _: &Account) -> usize {
        CONCURRENT
    }

    fn remembers(&self, _: &Account) -> Option<Duration> {
        Some(REMEMBERED)
    }
}

fn keyword(word: &str) -> Option<Keyword> {
    match word.to_ascii_uppercase().as_str() {
        "STOP" | "OPT_OUT" => Some(Keyword::Stop),
        "START" | "OPT_IN" => Some(Keyword::Start),
        "HELP" => Some(Keyword::Help),
        _ => None,
    }
}

#[cfg(test)]
#[path = "tests/telnyx.rs"]
mod tests;
