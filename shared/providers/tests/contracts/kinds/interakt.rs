//! Interakt. <https://www.interakt.shop/resource-center/how-to-send-whatsapp-templates-using-apis-webhooks/>

use domain::delivery::ErrorClass as E;
use providers::{Account, Kind, ReceiptStatus, WebhookRequest};
use serde_json::{Value, json};

use super::{answer, json_call, json_of, text, word};
use crate::{
    contract::{Contract, Proof, Text},
    sign,
    testing::{self, Reply, Seen},
};

#[derive(Clone, Copy)]
pub struct Interakt;

const SECRET: &str = "interakt_webhook_secret";

fn refused(status: u16, message: &str) -> Reply {
    answer(status, json!({ "result": false, "message": message }))
}

fn signed(body: &Value) -> WebhookRequest {
    let signature = format!("sha256={}", sign::sha256_hex(SECRET, &body.to_string()));
    json_call(&[("interakt-signature", &signature)], "", body)
}

fn event(kind: &str, number: &str, message: &Value) -> Value {
    json!({
        "version": "1.0", "timestamp": "2026-03-01T12:00:00Z", "type": kind,
        "data": {
            "customer": {
                "id": "c-1", "channel_phone_number": number, "country_code": "+254", "phone_number": &number[3..],
                "traits": {},
            },
            "message": message,
        },
    })
}

impl Contract for Interakt {
    fn account(&self) -> Account {
        let mut account = testing::account(Kind::Interakt);
        account.settings = json!({ "template": { "name": "plain_text", "language": "en" } });
        account.credentials.insert("webhookSecret".into(), SECRET.into());
        account
    }

    fn texts(&self, seen: &Seen) -> Vec<Text> {
        let body = json_of(seen);
        if body.get("phoneNumber").is_none() {
            return Vec::new();
        }
        assert_eq!((text(&body, "/type"), text(&body, "/template/languageCode")), ("Template".into(), "en".into()));
        vec![Text {
            to: text(&body, "/countryCode") + &text(&body, "/phoneNumber"),
            body: text(&body, "/template/bodyValues/0"),
            reference: text(&body, "/callbackData"),
        }]
    }

    fn taken(&self, _: &[Text], ids: &[String]) -> Reply {
        answer(201, json!({ "result": true, "message": "Message queued for sending via Interakt.", "id": ids[0] }))
    }

    fn refusals(&self) -> Vec<(E, Reply)> {
        vec![
            (E::BadContent, refused(400, "Please correct the following error - phoneNumber is not valid")),
            (E::Template, refused(400, "Please correct the following error - Template does not exist")),
            (E::BadContent, refused(200, "Please correct the following error")),
            (E::BadCredentials, refused(401, "Invalid API key")),
            (E::RateLimited, refused(429, "Rate limit exceeded for this resource")),
        ]
    }

    fn tested(&self) -> Reply {
        refused(400, "Please correct the following error - phoneNumber is required")
    }

    fn report(&self, sent: &Text, id: &str, status: ReceiptStatus) -> Option<WebhookRequest> {
        let message = json!({
            "id": id, "chat_message_type": "PublicApiMessage", "message_status": word(status),
            "channel_error_code": "131026", "is_template_message": true,
            "meta_data": { "source": "PublicAPI", "source_data": { "callback_data": sent.reference } },
        });
        Some(signed(&event(&format!("message_api_{}", word(status)), sent.to.trim_start_matches('+'), &message)))
    }

    fn stop(&self) -> WebhookRequest {
        signed(&event(
            "message_received",
            "254700000009",
            &json!({ "id": "in-1", "message": "STOP", "media_url": null }),
        ))
    }

    fn proof(&self) -> Proof {
        Proof::Signature
    }

    fn correlates(&self) -> bool {
        true
    }
}
