//! AiSensy. <https://wiki.aisensy.com/en/articles/11501889-api-reference-docs>

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
pub struct AiSensy;

const SECRET: &str = "aisensy_webhook_secret";

fn refused(status: u16, message: &str) -> Reply {
    answer(status, json!({ "name": "ERR", "message": message, "errorCode": status, "aisTraceId": "t" }))
}

fn event(topic: &str, message: &Value) -> WebhookRequest {
    let body = json!({
        "id": "evt-1", "created_at": "2026-03-01T12:00:00Z", "topic": topic, "delivery_attempt": 1, "project_id": "p",
        "data": { "message": message },
    });
    json_call(&[("x-aisensy-signature", &sign::sha256_hex(SECRET, &body.to_string()))], "", &body)
}

impl Contract for AiSensy {
    fn account(&self) -> Account {
        let mut account = testing::account(Kind::AiSensy);
        account.settings = json!({ "campaign": "plain_text" });
        account.credentials.insert("webhookSecret".into(), SECRET.into());
        account
    }

    fn texts(&self, seen: &Seen) -> Vec<Text> {
        let body = json_of(seen);
        if body.get("destination").is_none() {
            return Vec::new();
        }
        assert_eq!(text(&body, "/campaignName"), "plain_text");
        let (to, sent) = (text(&body, "/destination"), text(&body, "/templateParams/0"));
        vec![Text { to, body: sent, reference: String::new() }]
    }

    fn taken(&self, _: &[Text], ids: &[String]) -> Reply {
        answer(200, json!({ "success": "true", "submitted_message_id": ids[0] }))
    }

    fn refusals(&self) -> Vec<(E, Reply)> {
        vec![
            (E::InvalidRecipient, refused(400, "Invalid Number")),
            (E::Template, refused(400, "Campaign does not exist.")),
            (E::BadContent, refused(400, "Template params does not match")),
            (E::InsufficientBalance, refused(402, "Insufficient WhatsApp conversation credits")),
            (E::BadContent, answer(200, json!({ "success": "false" }))),
        ]
    }

    fn tested(&self) -> Reply {
        answer(200, json!({ "success": true, "requestBody": { "templateParams": ["$FirstName"] } }))
    }

    fn report(&self, sent: &Text, id: &str, status: ReceiptStatus) -> Option<WebhookRequest> {
        let message = json!({
            "messageId": id, "phone_number": bare(&sent.to), "status": word(status).to_uppercase(),
            "failureResponse": { "code": 131_026, "reason": "…" },
        });
        Some(event("message.status.updated", &message))
    }

    fn stop(&self) -> WebhookRequest {
        let message = json!({
            "messageId": "in-1", "phone_number": "254700000009", "message_type": "TEXT", "message_content": { "text": "stop" },
        });
        event("message.sender.user", &message)
    }

    fn proof(&self) -> Proof {
        Proof::Signature
    }

    fn correlates(&self) -> bool {
        false
    }
}
