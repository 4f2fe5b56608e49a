//! What WhatsApp providers share: approved templates, and the Cloud API's own form of messages and webhooks, which
//! several of them pass on. <https://developers.facebook.com/docs/whatsapp/cloud-api>

use std::borrow::Cow;

use domain::{delivery::ErrorClass as E, media::MediaKind};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::{
    answer::{self, Codes, Known},
    json,
    number::international,
    outgoing::{Attachment, Button, ButtonKind, Header, Outgoing, Template},
    provider::{Account, Forged, Inbound, Receipt, ReceiptStatus, Unreadable, WebhookRequest},
    signature,
};

/// `template` in the settings: what carries every text that names no template of its own. Each line of the text fills
/// one placeholder of its body, since WhatsApp takes no line breaks there.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Carrier {
    name: String,
    #[serde(default = "english")]
    language: String,
}

fn english() -> String {
    "en".to_owned()
}

impl Carrier {
    /// One that is known by its name alone.
    pub(crate) fn named(name: &str) -> Self {
        Self { name: name.to_owned(), language: english() }
    }
}

/// The template that a text goes out as: its own, else the settings'. `None`: as free text.
pub(crate) fn template<'a>(carrier: Option<&Carrier>, outgoing: &'a Outgoing) -> Option<Cow<'a, Template>> {
    if let Some(template) = &outgoing.template {
        return Some(Cow::Borrowed(template));
    }
    let lines = outgoing.body.lines().map(str::trim).filter(|line| !line.is_empty());
    carrier.map(|carrier| {
        Cow::Owned(Template {
            name: carrier.name.clone(),
            language: carrier.language.clone(),
            header: outgoing.media.first().and_then(header),
            body: lines.map(str::to_owned).collect(),
            buttons: Vec::new(),
            names: Vec::new(),
        })
    })
}

/// A file as the header of a template.
fn header(file: &Attachment) -> Option<Header> {
    let url = file.url.clone()?;
    Some(match file.kind() {
        MediaKind::Image => Header::Image { url },
        MediaKind::Video => Header::Video { url },
        MediaKind::Audio | MediaKind::Document => Header::Document { url, filename: file.name.clone() },
    })
}

/// The file of a text that goes out without a template: how it is shown, and where it is.
pub(crate) fn file(outgoing: &Outgoing) -> Option<(&Attachment, MediaKind, &str)> {
    let file = outgoing.media.first()?;
    Some((file, file.kind(), file.url.as_deref()?))
}

/// What fills a template where all its placeholders are one list, by their names; numbered where they have none.
pub(crate) fn by_name(template: &Template) -> serde_json::Map<String, Value> {
    let name = |place: usize| match template.names.get(place) {
        Some(name) if !name.is_empty() => name.clone(),
        _ => (place + 1).to_string(),
    };
    template.values().enumerate().map(|(place, value)| (name(place), value.as_str().into())).collect()
}

/// The parameter of a text; Meta wants the names of those that are not numbered.
fn text(name: Option<&String>, text: &str) -> Value {
    let mut parameter = json!({ "type": "text", "text": text });
    if let Some(name) = name.filter(|name| name.bytes().any(|byte| !byte.is_ascii_digit())) {
        parameter["parameter_name"] = name.as_str().into();
    }
    parameter
}

/// A message of the Cloud API.
pub(crate) fn message(outgoing: &Outgoing, template: Option<&Template>) -> Value {
    let mut message = content(outgoing, template);
    message["messaging_product"] = "whatsapp".into();
    message["recipient_type"] = "individual".into();
    message["to"] = outgoing.to.trim_start_matches('+').into();
    message
}

/// `type` and `text` or `template` of a message of the Cloud API.
pub(crate) fn content(outgoing: &Outgoing, template: Option<&Template>) -> Value {
    match (template, file(outgoing)) {
        (None, None) => json!({ "type": "text", "text": { "body": outgoing.body, "preview_url": false } }),
        (None, Some((file, kind, url))) => {
            let (kind, mut file) = match kind {
                MediaKind::Image => ("image", json!({ "link": url })),
                MediaKind::Video => ("video", json!({ "link": url })),
                MediaKind::Audio | MediaKind::Document => ("document", json!({ "link": url, "filename": file.name })),
            };
            file["caption"] = outgoing.body.as_str().into();
            json!({ "type": kind, kind: file })
        }
        (Some(template), _) => json!({
            "type": "template",
            "template": {
                "name": template.name,
                "language": { "policy": "deterministic", "code": template.language },
                "components": components(template),
            },
        }),
    }
}

fn components(template: &Template) -> Vec<Value> {
    let mut components = Vec::new();
    if let Some(header) = &template.header {
        let parameter = match header {
            Header::Text { text: value } => text(template.names.get(template.body.len()), value),
            Header::Image { url } => json!({ "type": "image", "image": { "link": url } }),
            Header::Video { url } => json!({ "type": "video", "video": { "link": url } }),
            Header::Document { url, filename } => {
                json!({ "type": "document", "document": { "link": url, "filename": filename } })
            }
        };
        components.push(json!({ "type": "header", "parameters": [parameter] }));
    }
    if !template.body.is_empty() {
        let texts: Vec<Value> =
            template.body.iter().enumerate().map(|(place, value)| text(template.names.get(place), value)).collect();
        components.push(json!({ "type": "body", "parameters": texts }));
    }
    components.extend(template.buttons.iter().filter_map(button));
    components
}

fn button(button: &Button) -> Option<Value> {
    let (kind, parameter) = match button.kind {
        ButtonKind::Url => ("url", json!({ "type": "text", "text": button.value })),
        ButtonKind::QuickReply => ("quick_reply", json!({ "type": "payload", "payload": button.value })),
        ButtonKind::CopyCode => ("copy_code", json!({ "type": "coupon_code", "coupon_code": button.value })),
        // Takes nothing.
        ButtonKind::PhoneNumber => return None,
    };
    let index = button.index.to_string();
    Some(json!({ "type": "button", "sub_type": kind, "index": index, "parameters": [parameter] }))
}

/// How far a message got, by the words that all of them use. Others (`enqueued`, `deleted`, `played`) mean nothing to us.
pub(crate) fn status(word: &str) -> Option<ReceiptStatus> {
    Some(match word.to_ascii_lowercase().as_str() {
        "sent" => ReceiptStatus::Sent,
        "delivered" => ReceiptStatus::Delivered,
        "read" => ReceiptStatus::Read,
        "failed" => ReceiptStatus::Failed,
        _ => return None,
    })
}

/// Codes of the Cloud API, in answers and in receipts.
/// <https://developers.facebook.com/docs/whatsapp/cloud-api/support/error-codes>
pub(crate) const CODES: &Codes = &[
    (E::BadCredentials, &[0, 3, 10, 190, 131_005]),
    (E::RateLimited, &[4, 80_007, 130_429, 131_056, 131_048, 131_064, 133_016]),
    (E::AccountSuspended, &[368, 131_031, 130_497, 131_057]),
    (E::InsufficientBalance, &[131_042]),
    (E::InvalidRecipient, &[131_026, 131_030, 131_021, 131_062]),
    (E::OptedOut, &[131_050]),
    // Marketing that WhatsApp holds back from this person, for now or as an experiment.
    (E::BadContent, &[131_049, 130_472, 131_008, 131_009, 131_051]),
    (
        E::Template,
        // The first: written to more than 24 hours after the person wrote.
        &[131_047, 132_000, 132_001, 132_005, 132_007, 132_008, 132_012, 132_015, 132_016, 131_063],
    ),
    (E::Transient, &[131_000, 131_016, 135_000]),
];

/// What a code of the Cloud API means.
pub(crate) fn known(provider: &str, code: u32) -> Known {
    // Missing permissions are a range.
    if (200..300).contains(&code) {
        return Some((E::BadCredentials, format!("{provider} {code}: {}", answer::meaning(E::BadCredentials))));
    }
    answer::known(provider, CODES, code)
}

/// Checks the HMAC-SHA256 of the body with `webhookSecret`. Without that credential there is nothing to check with: then
/// the token in the path is all there is.
pub(crate) fn verify_if_secret(
    provider: &str,
    header: &str,
    account: &Account,
    request: &WebhookRequest,
) -> Result<(), Forged> {
    let Some(secret) = account.credential("webhookSecret") else { return Ok(()) };
    let given = request.header(header).ok_or_else(|| Forged(format!("{provider}: no signature")))?;
    let signed = signature::signs_body(given, secret.expose().as_bytes(), &request.body);
    if signed { Ok(()) } else { Err(Forged(format!("{provider}: the signature does not match"))) }
}

/// The body of a call in the Cloud API's form.
pub(crate) fn body(request: &WebhookRequest) -> Result<Value, Unreadable> {
    let body = json::body(request)?;
    if body.get("entry").is_some_and(Value::is_array) {
        Ok(body)
    } else {
        Err(Unreadable("a call without `entry`".to_owned()))
    }
}

/// The objects below `field` of every change that is of this number (of any, if `number` is `None`): one call may bring
/// those of several numbers.
fn changes<'a>(
    body: &'a Value,
    number: Option<&'a str>,
    field: &'a str,
) -> impl Iterator<Item = (&'a Value, &'a Value)> {
    let changes = json::list(body, "/entry").iter().flat_map(|entry| json::list(entry, "/changes"));
    let ours = changes.filter_map(|change| change.get("value")).filter(move |value| {
        let told = json::text(value, "/metadata/phone_number_id");
        number.is_none() || told.is_none() || told.as_deref() == number
    });
    ours.flat_map(move |value| json::list(value, field).iter().map(move |item| (value, item)))
}

/// The receipts of a call in the Cloud API's form.
pub(crate) fn receipts(provider: &str, body: &Value, number: Option<&str>) -> Vec<Receipt> {
    let read = |(_, told): (&Value, &Value)| {
        let reached = status(&json::text(told, "/status")?)?;
        let code = json::number(told, "/errors/0/code");
        Some(Receipt {
            correlation: json::text(told, "/biz_opaque_callback_data").and_then(|id| id.parse().ok()),
            provider_message_id: json::text(told, "/gs_id").or_else(|| json::text(told, "/id")),
            phone: json::text(told, "/recipient_id").as_deref().and_then(international),
            occurred_at: json::moment(told, "/timestamp"),
            ..Receipt::new(reached, || code.and_then(|code| known(provider, code)), provider)
        })
    };
    changes(body, number, "/statuses").filter_map(read).collect()
}

/// What people wrote, in the Cloud API's form. Whoever hides their number cannot be answered, and is left out.
pub(crate) fn inbound(body: &Value, number: Option<&str>) -> Vec<Inbound> {
    let texts = ["/text/body", "/button/text", "/interactive/button_reply/title", "/interactive/list_reply/title"];
    let read = |(value, message): (&Value, &Value)| {
        Some(Inbound {
            provider_message_id: json::text(message, "/id"),
            to: json::text(value, "/metadata/display_phone_number"),
            text: texts.iter().find_map(|pointer| json::text(message, pointer)).unwrap_or_default(),
            occurred_at: json::moment(message, "/timestamp"),
            ..Inbound::by(json::text(message, "/from").as_deref().and_then(international)?)
        })
    };
    changes(body, number, "/messages").filter_map(read).collect()
}
