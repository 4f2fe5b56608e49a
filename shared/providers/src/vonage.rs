//! `VONAGE`: SMS and WhatsApp by the Messages API, or SMS by the older SMS API (`vonage_sms.rs`).
//! <https://developer.vonage.com/en/messages/overview>
//!
//! One recipient a call; our delivery id comes back as `client_ref`. Signed in with key and secret, so no private key has
//! to be handed over. Not verified against the live provider: templates with a header or buttons.

use domain::{Violation, delivery::ErrorClass as E, media::MediaKind, money::Money};
use http::Method;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::{
    answer::{self, Codes, Known},
    json,
    kind::Channel,
    number::{digits, international},
    outbound::{Answer, Call, Outbound},
    outgoing::Outgoing,
    provider::{
        Account, Failure, Forged, Inbound, Outcome, Provider, Receipt, ReceiptStatus, TestReport, Unreadable,
        WebhookRequest,
    },
    validate, vonage_signature, vonage_sms,
    whatsapp::{self, Carrier},
};

/// The adapter.
pub struct Vonage;

const MESSAGES: &str = "https://api.nexmo.com";
/// The SMS API and the account.
pub(crate) const REST: &str = "https://rest.nexmo.com";
/// Calls in flight for one batch. They take 30 a second.
const CONCURRENT: usize = 25;
const NAME: &str = "Vonage";

/// Which of their two ways an SMS goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Api {
    #[default]
    Messages,
    Sms,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Settings {
    /// `messages` without it, or `sms`.
    pub(crate) api: Api,
    /// How the SMS API signs, as the account is set: `sha256` without it.
    pub(crate) signature_method: vonage_signature::Method,
    /// How long a text may wait, in seconds, 20–604,800.
    pub(crate) ttl: Option<u32>,
    /// The approved template of WhatsApp messages that name none.
    template: Option<Carrier>,
}

/// Codes of errors and of status webhooks. <https://developer.vonage.com/en/api-errors/messages>
const CODES: &Codes = &[
    (E::RateLimited, &[1000]),
    (E::BadContent, &[1010, 1020, 1021, 1130, 1150]),
    (E::Template, &[1022]),
    (E::Transient, &[1100]),
    (E::InvalidRecipient, &[1040, 1050, 1160]),
    (E::AccountSuspended, &[1060]),
    (E::InsufficientBalance, &[1070]),
    (E::BadSender, &[1080, 1120, 1140]),
];

/// The code is the title, or the end of the type's address.
fn explain(value: &Value, problem: &str) -> Known {
    let title = json::number(value, &format!("{problem}/title"));
    let kind = || json::text(value, &format!("{problem}/type"))?.rsplit(['#', '/']).next()?.parse().ok();
    answer::known(NAME, CODES, title.or_else(kind)?)
}

pub(crate) fn call(account: &Account, method: Method, base: &str, path: &str) -> Result<Call, Failure> {
    Call::to(account, method, base, path)?.basic(account.require("apiKey")?, account.require("apiSecret")?)
}

/// A number without its `+`; a name as it is.
pub(crate) fn sender(account: &Account) -> Result<&str, Failure> {
    let sender = account.sender().map(|sender| sender.trim_start_matches('+'));
    sender.ok_or_else(|| Failure::new(E::BadSender, "the config has no sender", String::new()))
}

/// The call of the Messages API that submits a text.
fn message_call(account: &Account, settings: &Settings, outgoing: &Outgoing) -> Result<Call, Failure> {
    let mut message = match account.channel {
        Channel::WhatsApp => whatsapp_message(settings, outgoing),
        _ => {
            json!({ "channel": "sms", "message_type": "text", "text": outgoing.body, "sms": { "encoding_type": "auto" } })
        }
    };
    message["to"] = digits(&outgoing.to).into();
    message["from"] = sender(account)?.into();
    message["client_ref"] = outgoing.delivery_id.to_string().into();
    if let Some(ttl) = settings.ttl {
        message["ttl"] = ttl.into();
    }
    if let Some(webhook) = &account.webhook_url {
        message["webhook_url"] = webhook.as_str().into();
    }
    Ok(call(account, Method::POST, MESSAGES, "/v1/messages")?.json(&message))
}

/// A text, or a file with it.
fn free_text(outgoing: &Outgoing) -> Value {
    let Some((file, kind, url)) = whatsapp::file(outgoing) else {
        return json!({ "channel": "whatsapp", "message_type": "text", "text": outgoing.body });
    };
    let (kind, mut shown) = match kind {
        MediaKind::Image => ("image", json!({ "url": url })),
        MediaKind::Video => ("video", json!({ "url": url })),
        MediaKind::Audio | MediaKind::Document => ("file", json!({ "url": url, "name": file.name })),
    };
    shown["caption"] = outgoing.body.as_str().into();
    json!({ "channel": "whatsapp", "message_type": kind, kind: shown })
}

/// Their own form of a template holds values of its body; with a header or buttons it is Meta's.
fn whatsapp_message(settings: &Settings, outgoing: &Outgoing) -> Value {
    let Some(template) = whatsapp::template(settings.template.as_ref(), outgoing) else {
        return free_text(outgoing);
    };
    if template.header.is_some() || !template.buttons.is_empty() {
        let custom = whatsapp::content(outgoing, Some(&template));
        return json!({ "channel": "whatsapp", "message_type": "custom", "custom": custom });
    }
    json!({
        "channel": "whatsapp",
        "message_type": "template",
        "template": { "name": template.name, "parameters": template.body },
        "whatsapp": { "policy": "deterministic", "locale": template.language },
    })
}

fn settings(account: &Account) -> Settings {
    account.settings()
}

impl Provider for Vonage {
    fn check(&self, account: &Account, _: &Outbound) -> Vec<Violation> {
        validate::check_settings(account, |settings: Settings, found| {
            if account.sender().is_none() {
                found.push(Violation::new("/senderId", "required", "a number of yours (+1…), or a sender name"));
            }
            if settings.api == Api::Sms && account.channel != Channel::Sms {
                let detail = "the SMS API sends SMS only: use `messages`";
                found.push(Violation::new("/settings/api", "invalid", detail));
            }
            if settings.ttl.is_some_and(|seconds| !(20..=604_800).contains(&seconds)) {
                found.push(Violation::new("/settings/ttl", "out_of_range", "20 to 604,800 seconds"));
            }
        })
    }

    fn submission(&self, account: &Account, outgoing: &Outgoing) -> Result<Call, Failure> {
        let settings = settings(account);
        match settings.api {
            Api::Messages => message_call(account, &settings, outgoing),
            Api::Sms => vonage_sms::message_call(account, &settings, outgoing),
        }
    }

    /// An answer of 202 of the Messages API means taken, whatever becomes of its text.
    fn taken(&self, account: &Account, answer: &Answer) -> Outcome {
        match settings(account).api {
            Api::Messages => {
                let id = json::text(&json::answer(answer), "/message_uuid");
                Outcome::accepted(id, answer::kept(account, &answer.body))
            }
            Api::Sms => vonage_sms::taken(account, answer),
        }
    }

    fn known(&self, answer: &Answer) -> Known {
        explain(&json::answer(answer), "")
    }

    fn answered(&self, _: &Account, page: &Value) -> Result<TestReport, Failure> {
        Ok(TestReport { balance: self.left(page)?, ..TestReport::good("key and secret are good") })
    }

    fn balance_question(&self, account: &Account) -> Result<Option<Call>, Failure> {
        call(account, Method::GET, REST, "/account/get-balance").map(Some)
    }

    /// In euros.
    fn left(&self, page: &Value) -> Result<Option<Money>, Failure> {
        Ok(json::text(page, "/value").and_then(|value| answer::amount(&value, "EUR")))
    }

    /// Without a signature secret there is nothing to check with: then the token in the path is all there is.
    fn verify(&self, account: &Account, request: &WebhookRequest) -> Result<(), Forged> {
        let Some(secret) = account.credential("signatureSecret") else { return Ok(()) };
        let settings = settings(account);
        match settings.api {
            Api::Messages => vonage_signature::verify_token(account, secret, request),
            Api::Sms => vonage_signature::verify_fields(settings.signature_method, secret, request),
        }
    }

    fn receipts(&self, account: &Account, request: &WebhookRequest) -> Result<Vec<Receipt>, Unreadable> {
        if settings(account).api == Api::Sms {
            return vonage_sms::receipts(request);
        }
        let body = json::body(request)?;
        let Some(word) = json::text(&body, "/status") else {
            let is_text = json::text(&body, "/from").is_some();
            return if is_text { Ok(Vec::new()) } else { Err(Unreadable("a call without `status`".to_owned())) };
        };
        let status = match word.as_str() {
            "submitted" => ReceiptStatus::Sent,
            "delivered" => ReceiptStatus::Delivered,
            "read" => ReceiptStatus::Read,
            "rejected" | "undeliverable" => ReceiptStatus::Failed,
            _ => return Ok(Vec::new()),
        };
        let id = json::text(&body, "/message_uuid");
        let id = id.ok_or_else(|| Unreadable("a status without `message_uuid`".to_owned()))?;
        Ok(vec![Receipt {
            correlation: json::text(&body, "/client_ref").and_then(|id| id.parse().ok()),
            provider_message_id: Some(id),
            phone: json::text(&body, "/to").as_deref().and_then(international),
            cost: json::amount(&body, "/usage/price", "/usage/currency"),
            occurred_at: json::moment(&body, "/timestamp"),
            ..Receipt::new(status, || explain(&body, "/error"), NAME)
        }])
    }

    fn inbound(&self, account: &Account, request: &WebhookRequest) -> Result<Vec<Inbound>, Unreadable> {
        if settings(account).api == Api::Sms {
            return vonage_sms::inbound(request);
        }
        let body = json::body(request)?;
        let from = json::text(&body, "/from").filter(|_| body.get("status").is_none());
        let told = from.as_deref().and_then(international).map(|from| Inbound {
            provider_message_id: json::text(&body, "/message_uuid"),
            to: json::text(&body, "/to"),
            text: json::text(&body, "/text").or_else(|| json::text(&body, "/button/text")).unwrap_or_default(),
            occurred_at: json::moment(&body, "/timestamp"),
            ..Inbound::by(from)
        });
        Ok(told.into_iter().collect())
    }

    fn at_once(&self, _: &Account) -> usize {
        CONCURRENT
    }
}

#[cfg(test)]
#[path = "tests/vonage.rs"]
mod tests;
