//! Gupshup. <https://docs.gupshup.io/docs/session-message>

use domain::delivery::ErrorClass as E;
use providers::{Account, Kind, ReceiptStatus, WebhookRequest};
use serde_json::{Value, json};

use super::{answer, bare, json_call, text, word};
use crate::{
    contract::{Contract, Proof, Text},
    testing::{self, Reply, Seen},
};

#[derive(Clone, Copy)]
pub struct Gupshup;

impl Contract for Gupshup {
    fn account(&self) -> Account {
        testing::account(Kind::Gupshup)
    }

    fn texts(&self, seen: &Seen) -> Vec<Text> {
        let form = seen.form();
        let Some(message) = form.get("message") else { return Vec::new() };
        assert_eq!((&*form["channel"], &*form["src.name"], &*form["source"]), ("whatsapp", "AcmeApp", "15550002222"));
        let message: Value = serde_json::from_str(message).unwrap();
        vec![Text { to: format!("+{}", form["destination"]), body: text(&message, "/text"), reference: String::new() }]
    }

    fn taken(&self, _: &[Text], ids: &[String]) -> Reply {
        answer(202, json!({ "status": "submitted", "messageId": ids[0] }))
    }

    fn refusals(&self) -> Vec<(E, Reply)> {
        vec![
            (E::BadContent, answer(400, json!({ "status": "error", "message": "Invalid Destination" }))),
            (E::BadContent, answer(200, json!({ "status": "error", "message": "Invalid App Details" }))),
            (E::BadCredentials, answer(401, json!({ "status": "error", "message": "Authentication Failed" }))),
        ]
    }

    fn tested(&self) -> Reply {
        answer(200, json!({ "status": "success", "balance": 12.3 }))
    }

    /// Except for a failure, `id` is WhatsApp's and `gsId` is the one that the submission was answered with.
    fn report(&self, sent: &Text, id: &str, status: ReceiptStatus) -> Option<WebhookRequest> {
        let mut payload = json!({ "type": word(status), "destination": bare(&sent.to) });
        if status == ReceiptStatus::Failed {
            payload["id"] = id.into();
            payload["payload"] = json!({ "code": 1002, "reason": "Number does not exist on WhatsApp" });
        } else {
            payload["id"] = "wamid.x".into();
            payload["gsId"] = id.into();
            payload["payload"] = json!({ "ts": 1_772_366_400 });
        }
        let event = json!({
            "app": "AcmeApp", "timestamp": 1_772_366_400_000_i64, "version": 2, "type": "message-event", "payload": payload,
        });
        Some(json_call(&[], "", &event))
    }

    fn stop(&self) -> WebhookRequest {
        let message = json!({
            "id": "in-1", "source": "254700000009", "type": "text", "payload": { "text": "Stop" },
            "sender": { "phone": "254700000009", "name": "Ama", "country_code": "254", "dial_code": "700000009" },
        });
        let event = json!({
            "app": "AcmeApp", "timestamp": 1_772_366_400_000_i64, "version": 2, "type": "message", "payload": message,
        });
        json_call(&[], "", &event)
    }

    fn proof(&self) -> Proof {
        Proof::Nothing
    }

    fn correlates(&self) -> bool {
        false
    }
}
