//! Webhook calls of a `CUSTOM` provider: is it them, and what do they say?

use base64::{Engine as _, engine::general_purpose::STANDARD};
use domain::{delivery::ErrorClass, id::DeliveryId};
use jiff::Timestamp;
use serde_json::{Map, Value};

use super::format::{Auth, AuthKind, Dlr, Encoding, Format, Inbound as InboundFormat, Pointer, Word};
use crate::{
    provider::{Account, Forged, Inbound, Receipt, Unreadable, WebhookRequest},
    signature,
};

/// The longest error text of a receipt that is kept, in characters.
const ERROR_LENGTH: usize = 100;

/// Words that need no map. Compared without case.
const WORDS: &[(&str, Word)] = &[
    ("sent", Word::Sent),
    ("submitted", Word::Sent),
    ("buffered", Word::Sent),
    ("acceptd", Word::Sent),
    ("accepted", Word::Sent),
    ("delivered", Word::Delivered),
    ("delivrd", Word::Delivered),
    ("success", Word::Delivered),
    ("read", Word::Read),
    ("seen", Word::Read),
    ("opened", Word::Read),
    ("failed", Word::Failed),
    ("failure", Word::Failed),
    ("undelivered", Word::Failed),
    ("undeliv", Word::Failed),
    ("rejected", Word::Failed),
    ("rejectd", Word::Failed),
    ("expired", Word::Failed),
    ("bounced", Word::Failed),
];

/// Checks what the format asks for, on the raw bytes.
pub(crate) fn verify(account: &Account, auth: &Auth, request: &WebhookRequest) -> Result<(), Forged> {
    let forged = |why: &str| Err(Forged(format!("custom: {why}")));
    if auth.kind == AuthKind::None {
        return Ok(());
    }
    let Some(secret) = account.credential(auth.secret()) else {
        return forged("the credential to check with is missing");
    };
    let secret = secret.expose().as_bytes();
    let default = if auth.kind == AuthKind::HmacSha256 { "x-signature" } else { "authorization" };
    let Some(given) = request.header(auth.header.as_deref().unwrap_or(default)) else {
        return forged("the header that proves the sender is missing");
    };
    let matches = match auth.kind {
        AuthKind::None => true,
        AuthKind::HmacSha256 => {
            let Some(code) = given.strip_prefix(auth.prefix.as_str()) else {
                return forged("the signature has another prefix");
            };
            let wanted = signature::hmac_sha256(secret, &[&request.body]);
            match auth.encoding {
                Encoding::Hex => signature::is_hex_of(code, &wanted),
                Encoding::Base64 => signature::is_base64_of(code, &wanted),
            }
        }
        AuthKind::Token => signature::same(given.strip_prefix(auth.prefix.as_str()).unwrap_or("").as_bytes(), secret),
        AuthKind::Basic => {
            let coded = given.strip_prefix("Basic ").unwrap_or("");
            STANDARD.decode(coded.trim()).is_ok_and(|pair| signature::same(&pair, secret))
        }
    };
    if matches { Ok(()) } else { forged("the proof of the sender does not match") }
}

/// The receipts of one call: JSON, form or query. Incoming texts are left out.
pub(crate) fn read(account: &Account, format: &Format, request: &WebhookRequest) -> Result<Vec<Receipt>, Unreadable> {
    let root = fields(request)?;
    let dlr = &format.dlr;
    let Some(items) = items(&root, &dlr.items_pointer) else {
        return if inbound(format, request)?.is_empty() {
            Err(Unreadable("there is nothing at `itemsPointer`".to_owned()))
        } else {
            Ok(Vec::new())
        };
    };
    let mut receipts = Vec::new();
    for item in items {
        if !format.inbound.as_ref().is_some_and(|inbound| is_inbound(inbound, dlr, item)) {
            receipts.extend(receipt(account, dlr, item)?);
        }
    }
    Ok(receipts)
}

/// The incoming texts of one call; none without `inbound` in the settings.
pub(crate) fn inbound(format: &Format, request: &WebhookRequest) -> Result<Vec<Inbound>, Unreadable> {
    let Some(inbound) = &format.inbound else { return Ok(Vec::new()) };
    let root = fields(request)?;
    let items = items(&root, &inbound.items_pointer).unwrap_or_default();
    Ok(items.iter().filter(|item| is_inbound(inbound, &format.dlr, item)).map(|item| text(inbound, item)).collect())
}

fn items<'a>(root: &'a Value, at: &Pointer) -> Option<&'a [Value]> {
    let items = root.pointer(&at.0)?;
    Some(items.as_array().map_or_else(|| std::slice::from_ref(items), Vec::as_slice))
}

fn is_inbound(inbound: &InboundFormat, dlr: &Dlr, item: &Value) -> bool {
    let has = |pointer: &Pointer| pointer.text(item).is_some_and(|text| !text.is_empty());
    has(&inbound.from_pointer) && has(&inbound.text_pointer) && dlr.status_pointer.text(item).is_none()
}

fn text(inbound: &InboundFormat, item: &Value) -> Inbound {
    let at = |pointer: &Pointer| pointer.text(item).filter(|text| !text.is_empty());
    let from = at(&inbound.from_pointer).unwrap_or_default();
    // A number in local form keeps its zero: the organization knows its country.
    let local = from.trim().starts_with('0');
    Inbound {
        provider_message_id: at(&inbound.id_pointer),
        from: if local { from } else { address(&from).unwrap_or(from) },
        to: at(&inbound.to_pointer),
        text: at(&inbound.text_pointer).unwrap_or_default(),
        keyword: None,
        occurred_at: inbound.time_pointer.as_ref().and_then(at).and_then(|time| moment(&time)),
    }
}

fn receipt(account: &Account, dlr: &Dlr, item: &Value) -> Result<Option<Receipt>, Unreadable> {
    let Some(word) = dlr.status_pointer.text(item) else {
        return Err(Unreadable("there is no status at `statusPointer`".to_owned()));
    };
    let id = dlr.id_pointer.text(item).filter(|id| !id.is_empty());
    let ours = |text: &String| text.parse::<DeliveryId>().ok();
    // Some providers give our id back in place of theirs.
    let correlation = dlr.message_id_pointer.text(item).as_ref().and_then(ours).or_else(|| id.as_ref().and_then(ours));
    if id.is_none() && correlation.is_none() {
        return Err(Unreadable("there is no id at `idPointer` or `messageIdPointer`".to_owned()));
    }
    let Some(status) = meaning(dlr, word.trim()).and_then(Word::status) else { return Ok(None) };
    let why = || {
        let told = dlr.error_pointer.text(item).unwrap_or(word);
        let told = crate::answer::kept(account, told.as_bytes());
        let reason = format!("the provider says: {}", told.chars().take(ERROR_LENGTH).collect::<String>());
        Some((ErrorClass::Transient, reason))
    };
    let time = dlr.time_pointer.as_ref().and_then(|pointer| pointer.text(item));
    Ok(Some(Receipt {
        correlation,
        provider_message_id: id,
        phone: dlr.phone_pointer.text(item).and_then(|phone| address(&phone)),
        occurred_at: time.and_then(|time| moment(&time)),
        ..Receipt::new(status, why, "custom")
    }))
}

fn meaning(dlr: &Dlr, word: &str) -> Option<Word> {
    let same = |other: &str| other.eq_ignore_ascii_case(word);
    let mapped = dlr.map.get(word).or_else(|| dlr.map.iter().find(|(key, _)| same(key)).map(|(_, meaning)| meaning));
    mapped.or_else(|| WORDS.iter().find(|(key, _)| same(key)).map(|(_, meaning)| meaning)).copied()
}

/// An e-mail address as it is; a number as E.164, with or without the `+` that forms turn into a space.
fn address(text: &str) -> Option<String> {
    let text = text.trim();
    if text.contains('@') {
        return Some(text.to_owned());
    }
    let digits: String = text.chars().filter(char::is_ascii_digit).collect();
    (!digits.is_empty()).then(|| format!("+{digits}"))
}

/// RFC 3339, or seconds (or milliseconds) since 1970.
fn moment(text: &str) -> Option<Timestamp> {
    match text.parse::<i64>() {
        Ok(number) if number.unsigned_abs() >= 100_000_000_000 => Timestamp::from_millisecond(number).ok(),
        Ok(number) => Timestamp::from_second(number).ok(),
        Err(_) => text.parse().ok(),
    }
}

fn fields(request: &WebhookRequest) -> Result<Value, Unreadable> {
    let body = if request.body.is_empty() { request.query.as_bytes() } else { &request.body };
    let kind = request.header("content-type").unwrap_or("").to_ascii_lowercase();
    let first = body.iter().find(|byte| !byte.is_ascii_whitespace());
    if kind.contains("json") || matches!(first, Some(b'{' | b'[')) {
        return serde_json::from_slice(body).map_err(|_| Unreadable("the body is not JSON".to_owned()));
    }
    if std::str::from_utf8(body).is_err() {
        return Err(Unreadable("the fields are not UTF-8".to_owned()));
    }
    let mut fields = Map::new();
    for (name, value) in url::form_urlencoded::parse(body) {
        fields.entry(name.into_owned()).or_insert_with(|| value.into_owned().into());
    }
    Ok(Value::Object(fields))
}

#[cfg(test)]
#[path = "../tests/custom_receipts.rs"]
mod tests;
