//! Vonage's Messages API. <https://developer.vonage.com/en/messages/overview>

use domain::delivery::ErrorClass as E;
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use providers::{Account, Channel, Kind, ReceiptStatus, WebhookRequest};
use serde_json::{Value, json};

use super::{answer, bare, json_call, json_of, text};
use crate::{
    contract::{Contract, Proof, Text},
    sign,
    testing::{self, Reply, Seen},
};

#[derive(Clone, Copy)]
pub struct Vonage(pub Channel);

pub const SECRET: &str = "vonage_signature_secret_of_32_letters";

fn refused(status: u16, code: &str) -> Reply {
    let kind = format!("https://developer.vonage.com/api-errors/messages#{code}");
    answer(status, json!({ "type": kind, "title": "Refused", "detail": "to 254700000001", "instance": "i" }))
}

fn signed(body: &Value) -> WebhookRequest {
    let claims = json!({
        "iat": 1_772_366_400, "jti": "j", "iss": "Vonage", "payload_hash": sign::digest_hex(&body.to_string()),
        "api_key": "abcd1234", "application_id": "app",
    });
    let key = EncodingKey::from_secret(SECRET.as_bytes());
    let token = jsonwebtoken::encode(&Header::new(Algorithm::HS256), &claims, &key).unwrap();
    json_call(&[("authorization", &format!("Bearer {token}"))], "", body)
}

impl Vonage {
    fn name(self) -> &'static str {
        if self.0 == Channel::WhatsApp { "whatsapp" } else { "sms" }
    }
}

impl Contract for Vonage {
    fn account(&self) -> Account {
        let mut account = Account { channel: self.0, ..testing::account(Kind::Vonage) };
        account.credentials.insert("signatureSecret".into(), SECRET.into());
        account
    }

    fn texts(&self, seen: &Seen) -> Vec<Text> {
        let body = json_of(seen);
        if body.get("to").is_none() {
            return Vec::new();
        }
        assert_eq!(text(&body, "/channel"), self.name());
        vec![Text {
            to: format!("+{}", text(&body, "/to")),
            body: text(&body, "/text"),
            reference: text(&body, "/client_ref"),
        }]
    }

    fn taken(&self, _: &[Text], ids: &[String]) -> Reply {
        answer(202, json!({ "message_uuid": ids[0] }))
    }

    fn refusals(&self) -> Vec<(E, Reply)> {
        vec![
            (E::InvalidRecipient, refused(422, "1040")),
            (E::BadCredentials, refused(401, "unauthorized")),
            (E::InsufficientBalance, refused(402, "1070")),
            (E::RateLimited, refused(429, "1000")),
            (E::BadSender, refused(422, "1120")),
            (E::Template, refused(422, "1022")),
            (E::AccountSuspended, refused(403, "1060")),
            (E::BadContent, refused(422, "unheard-of")),
        ]
    }

    fn tested(&self) -> Reply {
        answer(200, json!({ "value": 3.25, "autoReload": false }))
    }

    fn report(&self, sent: &Text, id: &str, status: ReceiptStatus) -> Option<WebhookRequest> {
        let word = match status {
            ReceiptStatus::Sent => "submitted",
            ReceiptStatus::Delivered => "delivered",
            ReceiptStatus::Read if self.0 == Channel::WhatsApp => "read",
            ReceiptStatus::Read => return None,
            ReceiptStatus::Failed => "rejected",
        };
        let mut body = json!({
            "message_uuid": id, "to": bare(&sent.to), "from": "ACME", "timestamp": "2026-03-01T12:00:00Z", "status": word,
            "channel": self.name(), "client_ref": sent.reference, "usage": { "price": "0.0333", "currency": "EUR" },
        });
        if status == ReceiptStatus::Failed {
            body["error"] = json!({ "type": "https://developer.vonage.com/api-errors/messages#1050", "title": "1050" });
        }
        Some(signed(&body))
    }

    fn stop(&self) -> WebhookRequest {
        signed(&json!({
            "message_uuid": "in-1", "from": "254700000009", "to": "15550001111", "text": "STOP", "channel": self.name(),
            "message_type": "text", "timestamp": "2026-03-01T12:00:00Z",
        }))
    }

    fn proof(&self) -> Proof {
        Proof::Signature
    }

    fn correlates(&self) -> bool {
        true
    }
}
