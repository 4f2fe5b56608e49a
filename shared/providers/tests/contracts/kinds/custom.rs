//! A provider of one's own, described in the settings, that signs its calls.

use domain::delivery::ErrorClass as E;
use providers::{Account, Kind, ReceiptStatus, WebhookRequest};
use serde_json::json;

use super::{answer, json_call, json_of, text, word};
use crate::{
    contract::{Contract, Proof, Text},
    sign,
    testing::{self, Reply, Seen},
};

#[derive(Clone, Copy)]
pub struct Custom;

const SECRET: &str = "custom_webhook_secret";

fn signed(body: &serde_json::Value) -> WebhookRequest {
    let signature = format!("sha256={}", sign::sha256_hex(SECRET, &body.to_string()));
    json_call(&[("x-signature", &signature)], "", body)
}

impl Contract for Custom {
    fn account(&self) -> Account {
        let settings = json!({
            "request": {
                "url": "/send",
                "headers": { "authorization": "Bearer {{secret.apiKey}}" },
                "body": { "kind": "json", "template": { "to": "{{to}}", "text": "{{body}}", "ref": "{{messageId}}" } },
            },
            "success": { "http": ["200-299"], "all": [{ "pointer": "/ok", "equals": true }] },
            "messageId": { "from": "json", "pointer": "/id" },
            "errors": [{ "when": { "pointer": "/code", "in": ["21610"] }, "class": "OPTED_OUT" }],
            "test": { "url": "/account" },
            "dlr": {
                "idPointer": "/id", "messageIdPointer": "/ref", "statusPointer": "/status", "errorPointer": "/err",
                "auth": {
                    "kind": "hmac-sha256", "header": "X-Signature", "encoding": "hex", "prefix": "sha256=",
                    "secret": "webhookSecret",
                },
            },
            "inbound": { "fromPointer": "/from", "toPointer": "/to", "textPointer": "/text", "idPointer": "/id" },
        });
        let mut account = Account { settings, ..testing::account(Kind::Custom) };
        account.credentials.insert("apiKey".into(), "custom_key_0123".into());
        account.credentials.insert("webhookSecret".into(), SECRET.into());
        account
    }

    fn texts(&self, seen: &Seen) -> Vec<Text> {
        let body = json_of(seen);
        let sent = Text { to: text(&body, "/to"), body: text(&body, "/text"), reference: text(&body, "/ref") };
        if sent.to.is_empty() { Vec::new() } else { vec![sent] }
    }

    fn taken(&self, _: &[Text], ids: &[String]) -> Reply {
        answer(200, json!({ "ok": true, "id": ids[0] }))
    }

    fn refusals(&self) -> Vec<(E, Reply)> {
        vec![
            (E::OptedOut, answer(400, json!({ "ok": false, "code": "21610" }))),
            (E::BadCredentials, answer(403, json!({}))),
            (E::BadContent, answer(422, json!({}))),
        ]
    }

    fn tested(&self) -> Reply {
        answer(200, json!({}))
    }

    fn report(&self, sent: &Text, id: &str, status: ReceiptStatus) -> Option<WebhookRequest> {
        Some(signed(&json!({ "id": id, "ref": sent.reference, "status": word(status), "err": "no route" })))
    }

    fn stop(&self) -> WebhookRequest {
        signed(&json!({ "id": "in-1", "from": "+254700000009", "to": "24123", "text": "stop" }))
    }

    fn proof(&self) -> Proof {
        Proof::Signature
    }

    fn correlates(&self) -> bool {
        true
    }
}
