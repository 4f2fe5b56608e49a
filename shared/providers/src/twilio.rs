//! `TWILIO`: Programmable Messaging, SMS and WhatsApp. <https://www.twilio.com/docs/messaging/api/message-resource>
//!
//! One recipient a call. Our delivery id rides in the query of `StatusCallback`, which is part of what Twilio signs.

use std::time::Duration;

use domain::{Violation, delivery::ErrorClass, money::Money};
use http::Method;
use serde::Deserialize;
use serde_json::Value;
use url::Url;

use crate::{
    answer::{self, Codes, Known, class_of_code, meaning},
    form::{Form, query_field},
    json,
    kind::Channel,
    look_up::Sought,
    outbound::{Answer, Call, Outbound},
    outgoing::Outgoing,
    provider::{
        Account, Failure, Forged, Inbound, Outcome, Provider, Receipt, ReceiptStatus, TestReport, Unreadable,
        WebhookRequest,
    },
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

pub(crate) fn call(account: &Account, method: Method, path: &str) -> Result<Call, Failure> {
    let sid = account.require("accountSid")?;
    let base: Result<Url, _> = account.api_url.as_deref().unwrap_or(HOST).parse();
    let mut url = base.map_err(|_| Failure::new(E::BadSender, "the API address is not a URL", String::new()))?;
    let base = if url.path() == "/" { VERSION } else { url.path().trim_matches('/') };
    let path = format!("/{base}/Accounts/{sid}{path}");
    url.set_path(&path);
    signed(account, Call::new(method, url))
}

/// A call with the account's key, or its token.
pub(crate) fn signed(account: &Account, call: Call) -> Result<Call, Failure> {
    let (user, password) = match account.credential("apiKeySid") {
        Some(key) => (key.expose(), account.require("apiKeySecret")?),
        None => (account.require("accountSid")?, account.require("authToken")?),
    };
    call.basic(user, password)
}

pub(crate) fn known(answer: &Answer) -> Known {
    answer::known("Twilio", CODES, json::number(&json::answer(answer), "/code")?)
}

fn number(address: &str) -> String {
    address.strip_prefix("whatsapp:").unwrap_or(address).to_owned()
}

pub(crate) fn is_service(sender: &str) -> bool {
    sender.len() == 34 && sender.starts_with("MG") && sender[2..].chars().all(|c| c.is_ascii_hexdigit())
}

/// What a text cost. Prices are negative, and usually come later than the answer to a submission.
pub(crate) fn price(message: &Value) -> Option<Money> {
    let cost = json::text(message, "/price").zip(json::text(message, "/price_unit"));
    cost.and_then(|(price, unit)| answer::amount(price.trim_start_matches('-'), &unit))
}

/// A word of theirs; `None` for steps before the text left them.
pub(crate) fn status_of(word: &str) -> Option<ReceiptStatus> {
    Some(match word {
        "sent" => ReceiptStatus::Sent,
        "delivered" => ReceiptStatus::Delivered,
        "read" => ReceiptStatus::Read,
        "failed" | "undelivered" | "canceled" => ReceiptStatus::Failed,
        _ => return None,
    })
}

impl Provider for Twilio {
    fn check(&self, account: &Account, _: &Outbound) -> Vec<Violation> {
        validate::check_settings(account, |settings: Settings, found| {
            if settings.messaging_service_sid.as_deref().is_some_and(|service| !is_service(service)) {
                let detail = "a messaging service is `MG` and 32 characters";
                found.push(Violation::new("/settings/messagingServiceSid", "pattern_mismatch", detail));
            }
            if settings.validity_period.is_some_and(|seconds| !(1..=36_000).contains(&seconds)) {
                found.push(Violation::new("/settings/validityPeriod", "out_of_range", "1 to 36,000 seconds"));
            }
            if settings.messaging_service_sid.is_none() && account.sender().is_none() {
                let detail = "a number of yours (+1…), a sender name, or a messaging service (MG…)";
                found.push(Violation::new("/senderId", "required", detail));
            }
            if account.credential("apiKeySid").is_some() != account.credential("apiKeySecret").is_some() {
                let detail = "an API key consists of its SID and its secret";
                found.push(Violation::new("/credentials/apiKeySecret", "required", detail));
            }
        })
    }

    fn submission(&self, account: &Account, outgoing: &Outgoing) -> Result<Call, Failure> {
        let settings: Settings = account.settings();
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
            None => {
                form.push(("Body", outgoing.body.clone()));
                form.extend(whatsapp::file(outgoing).map(|(_, _, url)| ("MediaUrl", url.to_owned())));
            }
            // A text beside it would be refused.
            Some(template) => {
                form.push(("ContentSid", template.name.clone()));
                form.push(("ContentVariables", Value::Object(whatsapp::by_name(&template)).to_string()));
            }
        }
        if let Some(webhook) = &account.webhook_url {
            form.push(("StatusCallback", format!("{webhook}?{CORRELATION}={}", outgoing.delivery_id)));
        }
        form.extend(settings.validity_period.map(|seconds| ("ValidityPeriod", seconds.to_string())));
        form.extend(settings.smart_encoded.map(|smart| ("SmartEncoded", smart.to_string())));
        Ok(call(account, Method::POST, "/Messages.json")?.form(form))
    }

    /// A 201 means taken, even if its text is cut off: the callback brings our id.
    fn taken(&self, account: &Account, answer: &Answer) -> Outcome {
        let response = answer::kept(account, &answer.body);
        let message = json::answer(answer);
        let code = json::number(&message, "/error_code");
        if matches!(json::text(&message, "/status").as_deref(), Some("failed" | "undelivered" | "canceled")) {
            let class = code.and_then(|code| class_of_code(CODES, code)).unwrap_or(E::BadContent);
            let reason = format!("Twilio {}: {}", code.unwrap_or(0), meaning(class));
            return answer::outcome(class, reason, None, response);
        }
        let cost = price(&message);
        // A messaging service counts later too: 0 until then.
        let segments = json::number(&message, "/num_segments").filter(|&count| count > 0);
        Outcome::Accepted { id: json::text(&message, "/sid"), cost, segments, response }
    }

    fn known(&self, answer: &Answer) -> Known {
        known(answer)
    }

    /// Reads the account's own page.
    fn question(&self, account: &Account) -> Result<Call, Failure> {
        call(account, Method::GET, ".json")
    }

    fn answered(&self, _: &Account, page: &Value) -> Result<TestReport, Failure> {
        match json::text(page, "/status").as_deref() {
            Some("suspended" | "closed") => {
                Err(Failure::new(E::AccountSuspended, "the account is suspended or closed", String::new()))
            }
            _ => Ok(TestReport::good("the credentials are good")),
        }
    }

    fn balance_question(&self, account: &Account) -> Result<Option<Call>, Failure> {
        call(account, Method::GET, "/Balance.json").map(Some)
    }

    fn left(&self, page: &Value) -> Result<Option<Money>, Failure> {
        Ok(json::amount(page, "/balance", "/currency"))
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
        let status = match form.get("MessageStatus").map(status_of) {
            Some(Some(status)) => status,
            Some(None) => return Ok(Vec::new()),
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

    fn can_be_asked(&self) -> bool {
        true
    }

    /// <https://www.twilio.com/docs/messaging/api/message-resource#fetch-a-message-resource>
    fn how_far(&self, account: &Account, id: &str) -> Result<Call, Failure> {
        call(account, Method::GET, &format!("/Messages/{id}.json"))
    }

    fn got(&self, page: &Value) -> Result<Option<Receipt>, Unreadable> {
        Ok(twilio_look_up::reached(page))
    }

    fn look_up_after(&self) -> Option<Duration> {
        Some(twilio_look_up::AFTER)
    }

    fn search(&self, sought: &Sought<'_>) -> Result<Call, Failure> {
        twilio_look_up::search(sought)
    }

    fn found(&self, sought: &Sought<'_>, page: &Value) -> Result<Vec<Receipt>, Failure> {
        twilio_look_up::found(sought, page)
    }

    fn next_page(&self, page: &Value) -> Option<String> {
        json::text(page, "/next_page_uri")
    }

    fn at_once(&self, _: &Account) -> usize {
        CONCURRENT
    }
}

#[cfg(test)]
#[path = "tests/twilio.rs"]
mod tests;
