//! Telnyx. <https://developers.telnyx.com/api/messaging>

use base64::{Engine as _, engine::general_purpose::STANDARD};
use domain::delivery::ErrorClass as E;
use ed25519_dalek::{Signer, SigningKey};
use jiff::Timestamp;
use providers::{Account, Kind, ReceiptStatus, WebhookRequest};
use serde_json::{Value, json};

use super::{answer, json_call, json_of, text, word};
use crate::{
    contract::{Contract, Proof, Text},
    testing::{self, Reply, Seen},
};

#[derive(Clone, Copy)]
pub struct Telnyx;

const TIME: i64 = 1_772_366_400;

fn refused(status: u16, code: u32, title: &str) -> Reply {
    let error = json!({ "code": code.to_string(), "title": title, "detail": "to +254700000001" });
    answer(status, json!({ "errors": [error] }))
}

fn signed(query: &str, kind: &str, payload: &Value) -> WebhookRequest {
    let body = json!({
        "data": { "id": "evt-1", "event_type": kind, "record_type": "event", "payload": payload },
        "meta": { "attempt": 1, "delivered_to": "https://app.example.test" },
    });
    let key = SigningKey::from_bytes(&std::array::from_fn(|place| place as u8));
    let signature = STANDARD.encode(key.sign(format!("{TIME}|{body}").as_bytes()).to_bytes());
    let time = TIME.to_string();
    let headers = [("telnyx-signature-ed25519", signature.as_str()), ("telnyx-timestamp", time.as_str())];
    let call = json_call(&headers, query, &body);
    WebhookRequest { received_at: Timestamp::from_second(TIME).unwrap(), ..call }
}

impl Contract for Telnyx {
    fn account(&self) -> Account {
        testing::account(Kind::Telnyx)
    }

    fn texts(&self, seen: &Seen) -> Vec<Text> {
        let body = json_of(seen);
        if body.get("to").is_none() {
            return Vec::new();
        }
        assert_eq!(
            seen.header("idempotency-key").len(),
            text(&body, "/webhook_url").rsplit('=').next().unwrap().len() + 2
        );
        vec![Text { to: text(&body, "/to"), body: text(&body, "/text"), reference: text(&body, "/webhook_url") }]
    }

    fn taken(&self, texts: &[Text], ids: &[String]) -> Reply {
        let to = json!([{ "phone_number": texts[0].to, "status": "queued", "carrier": "x" }]);
        answer(
            200,
            json!({ "data": { "id": ids[0], "to": to, "parts": 1, "encoding": "GSM-7", "cost": null, "errors": [] } }),
        )
    }

    fn refusals(&self) -> Vec<(E, Reply)> {
        vec![
            (E::OptedOut, refused(403, 40_300, "Blocked due to STOP message")),
            (E::InvalidRecipient, refused(403, 40_300, "Blocked")),
            (E::BadCredentials, refused(401, 10_009, "Authentication failed")),
            (E::RateLimited, refused(429, 10_011, "Too many requests")),
            (E::InsufficientBalance, refused(403, 20_100, "Insufficient funds")),
            (E::InvalidRecipient, refused(400, 40_310, "Invalid 'to' address")),
            (E::BadSender, refused(400, 40_305, "Invalid 'from' address")),
            (E::BadContent, refused(400, 40_302, "Message too large")),
            (E::Transient, refused(500, 10_007, "Unexpected error")),
            (E::BadContent, refused(422, 99_999, "New")),
        ]
    }

    fn tested(&self) -> Reply {
        answer(200, json!({ "data": { "balance": "300.00", "available_credit": "400.00", "currency": "USD" } }))
    }

    fn report(&self, sent: &Text, id: &str, status: ReceiptStatus) -> Option<WebhookRequest> {
        let state = if status == ReceiptStatus::Failed { "delivery_failed" } else { word(status) };
        let kind = if status == ReceiptStatus::Sent { "message.sent" } else { "message.finalized" };
        let payload = json!({
            "id": id, "direction": "outbound", "to": [{ "phone_number": sent.to, "status": state }], "parts": 1,
            "cost": { "amount": "0.0051", "currency": "USD" }, "completed_at": null,
            "errors": if status == ReceiptStatus::Failed { json!([{ "code": "40008", "title": "Undeliverable" }]) } else { json!([]) },
        });
        Some(signed(sent.reference.split_once('?').map_or("", |(_, query)| query), kind, &payload))
    }

    fn stop(&self) -> WebhookRequest {
        let payload = json!({
            "id": "in-1", "direction": "inbound", "from": { "phone_number": "+254700000009" },
            "to": [{ "phone_number": "+15550001111" }], "text": "STOP", "autoresponse_type": null,
        });
        signed("", "message.received", &payload)
    }

    fn proof(&self) -> Proof {
        Proof::Signature
    }

    fn expires_after(&self) -> Option<i64> {
        Some(300)
    }

    fn correlates(&self) -> bool {
        true
    }
}
