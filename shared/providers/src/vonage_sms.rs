//! The SMS API of Vonage. <https://developer.vonage.com/en/messaging/sms/overview>
//!
//! It answers 200 also when it refuses, and lists every part of a text. A long text that comes in, comes in parts too, each
//! of which is a message here.

use domain::{
    delivery::ErrorClass as E,
    segments::{Encoding, segments},
};
use http::Method;
use serde_json::Value;

use crate::{
    answer::{self, Codes},
    form::Form,
    json,
    number::{digits, international},
    outbound::{Answer, Call},
    outgoing::Outgoing,
    provider::{Account, Failure, Inbound, Outcome, Receipt, ReceiptStatus, Unreadable, WebhookRequest},
    vonage::{REST, Settings, call, sender},
};

const NAME: &str = "Vonage";
/// The longest address of a receipt that they take.
const LONGEST_CALLBACK: usize = 100;

/// `status` of a part. <https://developer.vonage.com/en/api-errors/sms>
const STATUSES: &Codes = &[
    (E::RateLimited, &[1, 10]),
    (E::Transient, &[5]),
    (E::BadContent, &[2, 3, 12, 22, 23]),
    (E::BadCredentials, &[4, 14, 32]),
    (E::InvalidRecipient, &[6, 7, 33]),
    (E::AccountSuspended, &[8]),
    (E::InsufficientBalance, &[9]),
    (E::BadSender, &[11, 15, 29]),
];

/// `err-code` of a delivery receipt. <https://developer.vonage.com/en/messaging/sms/guides/delivery-receipts>
const ERR_CODES: &Codes = &[
    (E::Transient, &[2, 5, 7, 8, 99]),
    (E::InvalidRecipient, &[3, 4, 11, 12, 14, 15]),
    (E::BadContent, &[6, 50, 51, 52, 53, 54]),
    (E::OptedOut, &[9]),
];

/// The call that submits a text.
pub(crate) fn message_call(account: &Account, settings: &Settings, outgoing: &Outgoing) -> Result<Call, Failure> {
    let unicode = segments(&outgoing.body).encoding == Encoding::Ucs2;
    let mut form = vec![
        ("from", sender(account)?.to_owned()),
        ("to", digits(&outgoing.to)),
        ("text", outgoing.body.clone()),
        // They turn what GSM-7 lacks into question marks unless told.
        ("type", if unicode { "unicode" } else { "text" }.to_owned()),
        ("client-ref", outgoing.delivery_id.to_string()),
        ("status-report-req", "1".to_owned()),
    ];
    form.extend(settings.ttl.map(|seconds| ("ttl", (u64::from(seconds) * 1000).to_string())));
    let webhook = account.webhook_url.as_ref().filter(|url| url.len() <= LONGEST_CALLBACK);
    form.extend(webhook.map(|url| ("callback", url.clone())));
    Ok(call(account, Method::POST, REST, "/sms/json")?.form(form))
}

/// A text is taken with all of its parts, or with none. Of one that was taken in part nobody can say that it was sent, and
/// sending it again would send those parts twice.
pub(crate) fn taken(account: &Account, answer: &Answer) -> Outcome {
    let body = json::answer(answer);
    let parts = json::list(&body, "/messages");
    let status = |part: &Value| json::number(part, "/status");
    let refused = parts.iter().find(|part| status(part) != Some(0));
    let response = answer::kept(account, &answer.body);
    match (parts, refused) {
        ([], _) => Outcome::unreadable(),
        ([first, ..], None) => {
            let price = |part: &Value| json::text(part, "/message-price")?.parse::<rust_decimal::Decimal>().ok();
            let prices: Option<Vec<_>> = parts.iter().map(price).collect();
            let cost = prices.map(|prices| prices.iter().sum::<rust_decimal::Decimal>().to_string());
            Outcome::Accepted {
                id: json::text(first, "/message-id"),
                cost: cost.and_then(|cost| answer::amount(&cost, "EUR")),
                segments: u32::try_from(parts.len()).ok(),
                response,
            }
        }
        (_, Some(part)) if parts.iter().all(|part| status(part) != Some(0)) => {
            let code = status(part).unwrap_or_default();
            let known = answer::known(NAME, STATUSES, code);
            let (class, reason) = known.unwrap_or((E::BadContent, format!("{NAME} {code}: refused")));
            answer::outcome(class, reason, None, response)
        }
        _ => Outcome::Unknown { reason: "only some parts of the text were taken".to_owned() },
    }
}

/// `msisdn, to, messageId, status, err-code, price, client-ref, …`: one receipt for each part.
pub(crate) fn receipts(request: &WebhookRequest) -> Result<Vec<Receipt>, Unreadable> {
    let form = Form::read(request)?;
    let Some(id) = form.get("messageId") else {
        return Err(Unreadable("a call without `messageId`".to_owned()));
    };
    let status = match form.get("status") {
        Some("accepted" | "buffered") => ReceiptStatus::Sent,
        Some("delivered") => ReceiptStatus::Delivered,
        Some("failed" | "rejected" | "expired") => ReceiptStatus::Failed,
        Some(_) => return Ok(Vec::new()),
        None if form.get("text").is_some() => return Ok(Vec::new()),
        None => return Err(Unreadable("a receipt without `status`".to_owned())),
    };
    let why = || answer::known(NAME, ERR_CODES, form.get("err-code")?.parse().ok()?);
    Ok(vec![Receipt {
        correlation: form.get("client-ref").and_then(|id| id.parse().ok()),
        provider_message_id: Some(id.to_owned()),
        phone: form.get("msisdn").and_then(international),
        cost: form.get("price").and_then(|price| answer::amount(price, "EUR")),
        ..Receipt::new(status, why, NAME)
    }])
}

/// `msisdn` (the sender), `to, messageId, text, …`.
pub(crate) fn inbound(request: &WebhookRequest) -> Result<Vec<Inbound>, Unreadable> {
    let form = Form::read(request)?;
    let (None, Some(from), Some(text)) = (form.get("status"), form.get("msisdn"), form.get("text")) else {
        return Ok(Vec::new());
    };
    let told = international(from).map(|from| Inbound {
        provider_message_id: form.get("messageId").map(str::to_owned),
        to: form.get("to").map(str::to_owned),
        text: text.to_owned(),
        ..Inbound::by(from)
    });
    Ok(told.into_iter().collect())
}
