//! Meta's Cloud API. <https://developers.facebook.com/docs/whatsapp/cloud-api>

use domain::delivery::ErrorClass as E;
use providers::{Account, Kind, ReceiptStatus, WebhookRequest};
use serde_json::{Value, json};

use super::{answer, bare, json_call, json_of, text, word};
use crate::{
    contract::{Contract, Proof, Text},
    sign,
    testing::{self, Reply, Seen},
};

#[derive(Clone, Copy)]
pub struct Meta;

fn refused(status: u16, code: u32) -> Reply {
    answer(status, json!({ "error": { "message": "(#1) to +254700000001", "type": "OAuthException", "code": code } }))
}

fn signed(value: &Value) -> WebhookRequest {
    let body = json!({
        "object": "whatsapp_business_account",
        "entry": [{ "id": "1", "changes": [{ "field": "messages", "value": value }] }],
    });
    let signature = format!("sha256={}", sign::sha256_hex("0123456789abcdef", &body.to_string()));
    json_call(&[("x-hub-signature-256", &signature)], "", &body)
}

fn metadata() -> Value {
    json!({ "display_phone_number": "15550003333", "phone_number_id": "106540352242922" })
}

impl Contract for Meta {
    fn account(&self) -> Account {
        testing::account(Kind::Meta)
    }

    fn texts(&self, seen: &Seen) -> Vec<Text> {
        let body = json_of(seen);
        if body.get("to").is_none() {
            return Vec::new();
        }
        assert_eq!(seen.path, "/v23.0/106540352242922/messages");
        assert_eq!((text(&body, "/messaging_product"), text(&body, "/type")), ("whatsapp".into(), "text".into()));
        vec![Text {
            to: format!("+{}", text(&body, "/to")),
            body: text(&body, "/text/body"),
            reference: text(&body, "/biz_opaque_callback_data"),
        }]
    }

    fn taken(&self, texts: &[Text], ids: &[String]) -> Reply {
        let contact = json!({ "input": bare(&texts[0].to), "wa_id": bare(&texts[0].to) });
        let message = json!({ "id": ids[0], "message_status": "accepted" });
        answer(200, json!({ "messaging_product": "whatsapp", "contacts": [contact], "messages": [message] }))
    }

    fn refusals(&self) -> Vec<(E, Reply)> {
        vec![
            (E::InvalidRecipient, refused(400, 131_026)),
            (E::BadCredentials, refused(401, 190)),
            (E::BadCredentials, refused(403, 200)),
            (E::RateLimited, refused(429, 130_429)),
            (E::RateLimited, refused(400, 131_056)),
            (E::AccountSuspended, refused(403, 368)),
            (E::InsufficientBalance, refused(400, 131_042)),
            (E::OptedOut, refused(400, 131_050)),
            (E::BadContent, refused(400, 131_049)),
            // More than 24 hours after the person wrote.
            (E::Template, refused(400, 131_047)),
            (E::Template, refused(404, 132_001)),
            (E::Transient, refused(500, 131_016)),
            (E::BadContent, refused(400, 999_999)),
        ]
    }

    fn tested(&self) -> Reply {
        answer(
            200,
            json!({ "display_phone_number": "+1 555-000-3333", "verified_name": "Acme", "quality_rating": "GREEN" }),
        )
    }

    fn denied(&self) -> Reply {
        refused(400, 190)
    }

    fn report(&self, sent: &Text, id: &str, status: ReceiptStatus) -> Option<WebhookRequest> {
        let mut told = json!({
            "id": id, "status": word(status), "timestamp": "1772366400", "recipient_id": bare(&sent.to),
            "biz_opaque_callback_data": sent.reference,
        });
        if status == ReceiptStatus::Failed {
            told["errors"] = json!([{ "code": 131_026, "title": "Message undeliverable" }]);
        }
        Some(signed(&json!({ "messaging_product": "whatsapp", "metadata": metadata(), "statuses": [told] })))
    }

    fn stop(&self) -> WebhookRequest {
        let message = json!({
            "from": "254700000009", "id": "wamid.in", "timestamp": "1772366400", "type": "text", "text": { "body": "STOP" },
        });
        signed(
            &json!({ "messaging_product": "whatsapp", "metadata": metadata(), "contacts": [], "messages": [message] }),
        )
    }

    fn proof(&self) -> Proof {
        Proof::Signature
    }

    fn correlates(&self) -> bool {
        true
    }
}
