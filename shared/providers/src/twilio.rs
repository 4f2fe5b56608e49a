//! `TWILIO`: Programmable Messaging, SMS and WhatsApp. <https://www.twilio.com/docs/messaging/api/message-resource>
//!
//! One recipient a call. Our delivery id rides in the query of `StatusCallback`, which is part of what Twilio signs.

use std::time::Duration;

use domain::{Violation, delivery::ErrorClass, money::Money};
use futures::future::BoxFuture;
use http::Method;
use jiff::Timestamp;
use serde::Deserialize;
use serde_json::Value;
use url::Url;

use crate::{
    answer::{self, Codes, class_of_code, meaning},
    form::{Form, query_field},
    json,
    kind::Channel,
    outbound::{Answer, Call, Outbound},
    outgoing::Outgoing,
    provider::{
        Account, Failure, Forged, Inbound, Outcome, Provider, Receipt, ReceiptStatus, TestReport, Unreadable,
        WebhookRequest,
    },
    request::{self, Known},
    twilio_look_up, twilio_signature, validate,
    whatsapp::{self, Carrier},
};

/// The adapter.
pub struct Twilio;

const HOST: &str = "https://api.twilio.com";
/// Their only version since then; an `apiUrl` with a path of its own has it already.
const VERSION: &str = "2010-04-01";
/// Calls in flight for one batch.
const CONCURRENT: usize = 50;
/// The query field of `StatusCallback` that holds our delivery id.
const CORRELATION: &str = "delivery";

#[derive(Deserialize, Default)]
#[serde(default, rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Settings {
    /// `MG…`: a messaging service chooses the sender instead of `senderId`.
    messaging_service_sid: Option<String>,
    /// How long Twilio may hold the text, in seconds, 1–36,000.
    validity_period: Option<u32>,
    /// Replaces look-alike characters, so that a text stays in the cheap encoding.
    pub(crate) smart_encoded: Option<bool>,
    /// For WhatsApp: the approved template (`HX…`) of texts that name none.
    pub(crate) template: Option<Carrier>,
}

use ErrorClass as E;

/// Codes of errors and callbacks by class. <https://www.twilio.com/docs/api/errors>. Codes are added over time; the HTTP
/// status decides for the rest.
const CODES: &Codes = &[
    (E::BadCredentials, &[20003]),
    (E::AccountSuspended, &[20005, 90010, 30002]),
    (E::InvalidRecipient, &[21211, 21217, 21401, 21407, 21421, 21614, 21612, 30003, 30005, 30006, 63003, 63015, 63024]),
    (E::OptedOut, &[21610, 63033]),
    (E::BadSender, &[21212, 21603, 21606, 21659, 21660, 21661, 21701, 21703, 21704, 21705, 63007, 21408, 30032, 30034]),
    (
        E::BadContent,
        &[21602, 21617, 21620, 21654, 21655, 21656, 30007, 63013, 63021, 63027, 63028, 63040, 63041, 63042],
    ),
    (E::Template, &[63016]),
    (E::RateLimited, &[20429, 14107, 21611, 30001, 30022, 30023, 63017, 63018, 63038]),
    // An internal error: nobody says whether it came before or after the text was taken.
    (E::Ambiguous, &[20500]),
    (E::Transient, &[20503, 30008, 30017, 30410, 63010, 63012]),
];

/// The class of a code in a report, and the reason for people.
pub(crate) fn explain(code: u32) -> (ErrorClass, String) {
    let class = class_of_code(CODES, code).unwrap_or(E::Transient);
    (class, format!("Twilio {code}: {}", meaning(class)))
}

#[derive(Deserialize)]
struct Message {
    sid: Option<String>,
    status: Option<String>,
    num_segments: Option<String>,
    price: Option<String>,
    price_unit: Option<String>,
    error_code: Option<u32>,
}

#[derive(Deserialize)]
struct Balance {
    balance: String,
    currency: String,
}

#[derive(Deserialize)]
struct AccountPage {
    status: Option<String>,
}

pub(crate) fn call(account: &Account, method: Method, path: &str) -> Result<Call, Failure> {
    let sid = account.require("accountSid")?;
    let base: Result<Url, _> = account.api_url.as_deref().unwrap_or(HOST).parse();
    let mut url = base.map_err(|_| Failure::new(E::BadSender, "the API address is not a URL", String::new()))?;
    let base = if url.path() == "/" { VERSION } else { url.path().trim_matches('/') };
    let path = format!("/{base}/Accounts/{sid}{path}");
    url.set_path(&path);
    let (user, password) = match account.credential("apiKeySid") {
        Some(key) => (key.expose(), account.require("apiKeySecret")?),
        None => (sid, account.require("authToken")?),
    };
    Call::new(method, url).basic(user, password)
}

fn send_call(account: &Account, settings: &Settings, outgoing: &Outgoing) -> Result<Call, Failure> {
    let prefix = if account.channel == Channel::WhatsApp { "whatsapp:" } else { "" };
    let mut form = vec![("To", format!("{prefix}{}", outgoing.to))];
    form.push(match (settings.messaging_service_sid.as_deref(), account.sender()) {
        (Some(service), _) => ("MessagingServiceSid", service.to_owned()),
        (None, Some(service)) if is_service(service) => ("MessagingServiceSid", service.to_owned()),
        (None, Some(sender)) if sender.starts_with("whatsapp:") => ("From", sender.to_owned()),
        (None, Some(sender)) => ("From", format!("{prefix}{sender}")),
        (None, None) => return Err(Failure::new(E::BadSender, "the config has no sender", String::new())),
    });
    match whatsapp::template(settings.template.as_ref(), outgoing) {
        None => form.push(("Body", outgoing.body.clone())),
        // A text beside it would be refused.
        Some(template) => {
            let variables: serde_json::Map<_, _> = (1..)
                .zip(whatsapp::values(&template))
                .map(|(place, value)| (place.to_string(), value.into()))
                .collect();
            form.push(("ContentSid", template.name.clone()));
            form.push(("ContentVariables", Value::Object(variables).to_string()));
        }
    }
    if let Some(webhook) = &account.webhook_url {
        form.push(("StatusCallback", format!("{webhook}?{CORRELATION}={}", outgoing.delivery_id)));
    }
    form.extend(settings.validity_period.map(|seconds| ("ValidityPeriod", seconds.to_string())));
    form.extend(settings.smart_encoded.map(|smart| ("SmartEncoded", smart.to_string())));
    Ok(call(account, Method::POST, "/Messages.json")?.form(form))
}

fn number(address: &str) -> String {
    address.strip_prefix("whatsapp:").unwrap_or(address).to_owned()
}

fn is_service(sender: &str) -> bool {
    sender.len() == 34 && sender.starts_with("MG") && sender[2..].chars().all(|c| c.is_ascii_hexdigit())
}

/// A 201 means taken, even if its text is cut off: the callback brings our id.
fn accepted(account: &Account, answer: &Answer) -> Outcome {
    let response = answer::kept(account, &answer.body);
    let Ok(message) = serde_json::from_slice::<Message>(&answer.body) else {
        return Outcome::Accepted { id: None, cost: None, segments: None, response };
    };
    if let (Some("failed" | "undelivered" | "canceled"), code) = (message.status.as_deref(), message.error_code) {
        let class = code.and_then(|code| class_of_code(CODES, code)).unwrap_or(E::BadContent);
        return answer::outcome(class, format!("Twilio {}: {}", code.unwrap_or(0), meaning(class)), None, response);
    }
    // Prices are negative, and usually come later than this answer.
    let cost = message.price.as_deref().zip(message.price_unit.as_deref());
    let cost = cost.and_then(|(price, unit)| answer::amount(price.trim_start_matches('-'), unit));
    // A messaging service counts later too: 0 until then.
    let segments = message.num_segments.and_then(|text| text.parse().ok()).filter(|&count: &u32| count > 0);
    Outcome::Accepted { id: message.sid, cost, segments, response }
}

/// What a refusal says by its code.
pub(crate) fn known(answer: &Answer) -> Known {
    answer::known("Twilio", CODES, json::number(&json::answer(answer), "/code")?)
}

async fn get<T: serde::de::DeserializeOwned>(account: &Account, outbound: &Outbound, path: &str) -> Result<T, Failure> {
    request::ask(account, outbound, call(account, Method::GET, path)?, known).await
}

impl Provider for Twilio {
    fn check(&self, account: &Account, _: &Outbound) -> Vec<Violation> {
        let settings = match validate::settings::<Settings>(&account.settings) {
            Ok(settings) => settings,
            Err(violation) => return vec![violation],
        };
        let mut found = Vec::new();
        if settings.messaging_service_sid.as_deref().is_some_and(|service| !is_service(service)) {
            let detail = "a messaging service is `MG` and 32 characters";
            found.push(Violation::new("/settings/messagingServiceSid", "pattern_mismatch", detail));
        }
        if settings.validity_period.is_some_and(|seconds| !(1..=36_000).contains(&seconds)) {
            found.push(Violation::new("/settings/validityPeriod", "out_of_range", "1 to 36,000 seconds"));
        }
        if settings.messaging_service_sid.is_none() && account.sender_id.as_deref().is_none_or(str::is_empty) {
            let detail = "a number of yours (+1…), a sender name, or a messaging service (MG…)";
            found.push(Violation::new("/senderId", "required", detail));
        }
        if account.credential("apiKeySid").is_some() != account.credential("apiKeySecret").is_some() {
            let detail = "an API key consists of its SID and its secret";
            found.push(Violation::new("/credentials/apiKeySecret", "required", detail));
        }
        found
    }

    fn send<'a>(
        &'a self,
        account: &'a Account,
        outbound: &'a Outbound,
        batch: &'a [Outgoing],
    ) -> BoxFuture<'a, Vec<Outcome>> {
        let settings: Settings = validate::settings(&account.settings).unwrap_or_default();
        let call = |outgoing: &Outgoing| send_call(account, &settings, outgoing);
        request::each(account, outbound, batch, CONCURRENT, call, accepted, known)
    }

    fn test<'a>(&'a self, account: &'a Account, outbound: &'a Outbound) -> BoxFuture<'a, Result<TestReport, Failure>> {
        Box::pin(async move {
            let page: AccountPage = get(account, outbound, ".json").await?;
            match page.status.as_deref() {
                Some("suspended" | "closed") => {
                    Err(Failure::new(E::AccountSuspended, "the account is suspended or closed", String::new()))
                }
                _ => Ok(TestReport { message: "the credentials are good".to_owned(), asked: true, balance: None }),
            }
        })
    }

    fn balance<'a>(
        &'a self,
        account: &'a Account,
        outbound: &'a Outbound,
    ) -> BoxFuture<'a, Result<Option<Money>, Failure>> {
        Box::pin(async move {
            let page: Balance = get(account, outbound, "/Balance.json").await?;
            Ok(answer::amount(&page.balance, &page.currency))
        })
    }

    fn verify(&self, account: &Account, request: &WebhookRequest) -> Result<(), Forged> {
        twilio_signature::verify(account, request)
    }

    /// Status callbacks. Incoming texts come to the same address and give none.
    fn receipts(&self, _: &Account, request: &WebhookRequest) -> Result<Vec<Receipt>, Unreadable> {
        let form = Form::read(request)?;
        let Some(sid) = form.get("MessageSid").or_else(|| form.get("SmsSid")) else {
            return Err(Unreadable("a callback without `MessageSid`".to_owned()));
        };
        let status = match form.get("MessageStatus") {
            Some("sent") => ReceiptStatus::Sent,
            Some("delivered") => ReceiptStatus::Delivered,
            Some("read") => ReceiptStatus::Read,
            Some("failed" | "undelivered" | "canceled") => ReceiptStatus::Failed,
            Some(_) => return Ok(Vec::new()),
            None if form.get("From").is_some() => return Ok(Vec::new()),
            None => return Err(Unreadable("a callback without `MessageStatus`".to_owned())),
        };
        let why = || form.get("ErrorCode").and_then(|code| code.parse().ok()).map(explain);
        Ok(vec![Receipt {
            correlation: query_field(request, CORRELATION).and_then(|id| id.parse().ok()),
            provider_message_id: Some(sid.to_owned()),
            phone: form.get("To").map(number),
            ..Receipt::new(status, why, "Twilio")
        }])
    }

    /// `MessageSid, From, To, Body, NumMedia, OptOutType?`. `OptOutType` is there with their Advanced Opt-Out, which
    /// answers by itself.
    fn inbound(&self, _: &Account, request: &WebhookRequest) -> Result<Vec<Inbound>, Unreadable> {
        let form = Form::read(request)?;
        let (None, Some(from)) = (form.get("MessageStatus"), form.get("From")) else { return Ok(Vec::new()) };
        Ok(vec![Inbound {
            provider_message_id: form.get("MessageSid").or_else(|| form.get("SmsSid")).map(str::to_owned),
            to: form.get("To").map(number),
            text: form.get("Body").unwrap_or_default().to_owned(),
            keyword: form.get("OptOutType").and_then(|word| word.parse().ok()),
            ..Inbound::by(number(from))
        }])
    }

    /// They read it as TwiML.
    fn replies_with_body(&self) -> bool {
        true
    }

    fn look_up_after(&self) -> Option<Duration> {
        Some(twilio_look_up::AFTER)
    }

    fn look_up<'a>(
        &'a self,
        account: &'a Account,
        outbound: &'a Outbound,
        outgoing: &'a Outgoing,
        since: Timestamp,
    ) -> BoxFuture<'a, Result<Vec<Receipt>, Failure>> {
        Box::pin(twilio_look_up::look_up(account, outbound, outgoing, since))
    }

    fn at_once(&self, _: &Account) -> usize {
        CONCURRENT
    }
}

#[cfg(test)]
#[path = "tests/twilio.rs"]
mod tests;
