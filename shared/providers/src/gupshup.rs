//! `GUPSHUP`: WhatsApp through Gupshup. <https://docs.gupshup.io/docs/session-message>
//!
//! One recipient a call; nearly everything that goes wrong is told later, by webhook. Nothing is signed. Not verified
//! against the live provider: its limits, and the answer to a balance query, which is known from its users' code.

use domain::{Violation, delivery::ErrorClass as E, keywords::Keyword, media::MediaKind};
use http::{HeaderName, Method};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::{
    answer::{self, Codes},
    json,
    number::{digits, international},
    outbound::{Answer, Call, Outbound},
    outgoing::{Header, Outgoing, Template},
    provider::{Account, Failure, Forged, Inbound, Outcome, Provider, Receipt, TestReport, Unreadable, WebhookRequest},
    validate,
    whatsapp::{self, Carrier},
};

/// The adapter.
pub struct Gupshup;

const LIVE: &str = "https://api.gupshup.io";
/// Calls in flight for one batch.
const CONCURRENT: usize = 20;
const NAME: &str = "Gupshup";

/// Their own codes in a failed event; all others are those of the Cloud API.
const CODES: &Codes = &[
    (E::InvalidRecipient, &[1002]),
    (E::InsufficientBalance, &[1003]),
    // The window, an opt-in, or a template.
    (E::Template, &[1004, 1005, 1006, 1007, 1008, 4003]),
    (E::BadContent, &[1010, 1011]),
    (E::OptedOut, &[1012]),
    (E::RateLimited, &[4001]),
    (E::Transient, &[4002, 500]),
];

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Settings {
    /// The app's name, which they want beside its number.
    app_name: String,
    /// The app's id, by which its templates and webhooks are found.
    #[serde(default)]
    app_id: Option<String>,
    /// The approved template of texts that name none.
    #[serde(default)]
    template: Option<Carrier>,
}

/// Where the app's own things are.
pub(crate) fn app(account: &Account) -> Result<String, Failure> {
    let settings = validate::settings::<Settings>(&account.settings).ok();
    let id = settings.and_then(|settings| settings.app_id).filter(|id| !id.is_empty());
    let missing = || Failure::new(E::BadSender, "the app's id is missing: fill in `settings.appId`", String::new());
    let id: String = url::form_urlencoded::byte_serialize(id.ok_or_else(missing)?.as_bytes()).collect();
    Ok(format!("/wa/app/{id}"))
}

pub(crate) fn call(account: &Account, method: Method, path: &str) -> Result<Call, Failure> {
    Call::to(account, method, LIVE, path)?.secret(HeaderName::from_static("apikey"), account.require("apiKey")?)
}

/// What is said within the window: a text, or a file with it. <https://docs.gupshup.io/docs/session-message>
fn session(outgoing: &Outgoing) -> Value {
    match whatsapp::file(outgoing) {
        None => json!({ "type": "text", "text": outgoing.body }),
        Some((_, MediaKind::Image, url)) => {
            json!({ "type": "image", "originalUrl": url, "previewUrl": url, "caption": outgoing.body })
        }
        Some((_, MediaKind::Video, url)) => json!({ "type": "video", "url": url, "caption": outgoing.body }),
        Some((file, _, url)) => {
            json!({ "type": "file", "url": url, "filename": file.name, "caption": outgoing.body })
        }
    }
}

/// `template`: a list of values, without a header's file, which is a message of its own.
fn filled(template: &Template) -> Value {
    let text = template.header.iter().filter_map(|header| match header {
        Header::Text { text } => Some(text),
        _ => None,
    });
    let buttons = template.buttons.iter().map(|button| &button.value);
    let values: Vec<&String> = text.chain(&template.body).chain(buttons).collect();
    json!({ "id": template.name, "params": values })
}

fn media(header: Option<&Header>) -> Option<Value> {
    Some(match header? {
        Header::Text { .. } => return None,
        Header::Image { url } => json!({ "type": "image", "image": { "link": url } }),
        Header::Video { url } => json!({ "type": "video", "video": { "link": url } }),
        Header::Document { url, filename } => {
            json!({ "type": "document", "document": { "link": url, "filename": filename } })
        }
    })
}

/// Their own form of an event (version 2), or the Cloud API's ("pass through", version 3).
fn is_passed_through(body: &Value) -> bool {
    body.get("entry").is_some()
}

impl Provider for Gupshup {
    fn check(&self, account: &Account, _: &Outbound) -> Vec<Violation> {
        let mut found: Vec<_> = validate::settings::<Settings>(&account.settings).err().into_iter().collect();
        if account.sender().is_none() {
            found.push(Violation::new("/senderId", "required", "the app's WhatsApp number"));
        }
        found
    }

    fn submission(&self, account: &Account, outgoing: &Outgoing) -> Result<Call, Failure> {
        let bad = |reason: &str| Failure::new(E::BadSender, reason, String::new());
        let settings: Settings = validate::settings(&account.settings).map_err(|_| bad("the settings name no app"))?;
        let source = account.sender().ok_or_else(|| bad("the config has no sender"))?;
        let mut form = vec![
            ("channel", "whatsapp".to_owned()),
            ("source", digits(source)),
            ("destination", digits(&outgoing.to)),
            ("src.name", settings.app_name),
        ];
        let path = match whatsapp::template(settings.template.as_ref(), outgoing) {
            None => {
                form.push(("message", session(outgoing).to_string()));
                "/wa/api/v1/msg"
            }
            Some(template) => {
                form.push(("template", filled(&template).to_string()));
                form.extend(media(template.header.as_ref()).map(|media| ("message", media.to_string())));
                "/wa/api/v1/template/msg"
            }
        };
        Ok(call(account, Method::POST, path)?.form(form))
    }

    /// An answer of 2xx may still say `error`.
    fn taken(&self, account: &Account, answer: &Answer) -> Outcome {
        let body = json::answer(answer);
        let response = answer::kept(account, &answer.body);
        if json::text(&body, "/status").as_deref() == Some("error") {
            return answer::outcome(E::BadContent, format!("{NAME}: refused"), None, response);
        }
        Outcome::accepted(json::text(&body, "/messageId"), response)
    }

    /// Reads the wallet. It names no currency, so there is no balance to give.
    fn question(&self, account: &Account) -> Result<Call, Failure> {
        call(account, Method::GET, "/sm/api/v2/wallet/balance")
    }

    fn answered(&self, _: &Account, page: &Value) -> Result<TestReport, Failure> {
        let wallet = json::text(page, "/balance").map(|balance| format!("; the wallet holds {balance}"));
        Ok(TestReport::good(format!("the key is good{}", wallet.unwrap_or_default())))
    }

    /// They sign nothing: the token in the path is all there is.
    fn verify(&self, _: &Account, _: &WebhookRequest) -> Result<(), Forged> {
        Ok(())
    }

    fn receipts(&self, _: &Account, request: &WebhookRequest) -> Result<Vec<Receipt>, Unreadable> {
        let body = json::body(request)?;
        if is_passed_through(&body) {
            return Ok(whatsapp::receipts(NAME, &body, None));
        }
        let kind = json::text(&body, "/type").ok_or_else(|| Unreadable("a call without `type`".to_owned()))?;
        if kind != "message-event" {
            return Ok(Vec::new());
        }
        let word = json::text(&body, "/payload/type");
        let word = word.ok_or_else(|| Unreadable("an event without `payload.type`".to_owned()))?;
        let Some(status) = whatsapp::status(&word) else { return Ok(Vec::new()) };
        // `id` is WhatsApp's where `gsId` is theirs; about a week later `gsId` is left out.
        let id = json::text(&body, "/payload/gsId").or_else(|| json::text(&body, "/payload/id"));
        let id = id.ok_or_else(|| Unreadable("an event without `payload.id`".to_owned()))?;
        let why = || {
            let code = json::number(&body, "/payload/payload/code")?;
            answer::known(NAME, CODES, code).or_else(|| whatsapp::known(NAME, code))
        };
        Ok(vec![Receipt {
            provider_message_id: Some(id),
            phone: json::text(&body, "/payload/destination").as_deref().and_then(international),
            occurred_at: json::moment(&body, "/payload/payload/ts").or_else(|| json::moment(&body, "/timestamp")),
            ..Receipt::new(status, why, NAME)
        }])
    }

    /// `message`: what somebody wrote. `user-event`: somebody opted in or out there.
    fn inbound(&self, _: &Account, request: &WebhookRequest) -> Result<Vec<Inbound>, Unreadable> {
        let body = json::body(request)?;
        if is_passed_through(&body) {
            return Ok(whatsapp::inbound(&body, None));
        }
        let number = |pointer: &str| json::text(&body, pointer).as_deref().and_then(international);
        let occurred_at = json::moment(&body, "/timestamp");
        let told = match json::text(&body, "/type").as_deref() {
            Some("message") => {
                number("/payload/sender/phone").or_else(|| number("/payload/source")).map(|from| Inbound {
                    provider_message_id: json::text(&body, "/payload/id"),
                    text: json::text(&body, "/payload/payload/text").unwrap_or_default(),
                    occurred_at,
                    ..Inbound::by(from)
                })
            }
            Some("user-event") => {
                let keyword = match json::text(&body, "/payload/type").as_deref() {
                    Some("opted-out") => Some(Keyword::Stop),
                    Some("opted-in") => Some(Keyword::Start),
                    _ => None,
                };
                let from = number("/payload/phone").filter(|_| keyword.is_some());
                from.map(|from| Inbound { keyword, occurred_at, ..Inbound::by(from) })
            }
            _ => None,
        };
        Ok(told.into_iter().collect())
    }

    fn at_once(&self, _: &Account) -> usize {
        CONCURRENT
    }
}

#[cfg(test)]
#[path = "tests/gupshup.rs"]
mod tests;
