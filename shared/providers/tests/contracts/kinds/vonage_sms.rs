//! Vonage's SMS API. <https://developer.vonage.com/en/messaging/sms/overview>

use std::collections::BTreeMap;

use domain::delivery::ErrorClass as E;
use providers::{Account, Kind, ReceiptStatus, WebhookRequest};
use serde_json::{Value, json};

use super::{answer, bare, form_call, vonage::SECRET};
use crate::{
    contract::{Contract, Proof, Text},
    sign,
    testing::{self, Reply, Seen},
};

#[derive(Clone, Copy)]
pub struct VonageSms;

fn parts(parts: &[Value]) -> Reply {
    answer(200, json!({ "message-count": parts.len().to_string(), "messages": parts }))
}

fn refused(status: u32) -> Reply {
    parts(&[json!({ "status": status.to_string(), "error-text": "Refused 254700000001" })])
}

/// The signature is in capital letters, which is as good.
fn signed(fields: &[(&str, &str)]) -> WebhookRequest {
    let mut all: Vec<(&str, &str)> = fields.to_vec();
    all.extend([("timestamp", "1772366400"), ("nonce", "n1")]);
    let sorted: BTreeMap<&str, &str> = all.iter().copied().collect();
    let mut text = String::new();
    for (name, value) in sorted {
        text.extend(["&", name, "=", &value.replace(['&', '='], "_")]);
    }
    let signature = sign::sha256_hex(SECRET, &text).to_uppercase();
    all.push(("sig", &signature));
    form_call(&[], "", &all)
}

impl Contract for VonageSms {
    fn account(&self) -> Account {
        let mut account = testing::account(Kind::Vonage);
        account.settings = json!({ "api": "sms" });
        account.webhook_url = Some(format!("https://app.example.test/webhooks/sms/prv_1/{}", "t".repeat(64)));
        account.credentials.insert("signatureSecret".into(), SECRET.into());
        account
    }

    fn texts(&self, seen: &Seen) -> Vec<Text> {
        let form = seen.form();
        let Some(to) = form.get("to") else { return Vec::new() };
        assert!(!form.contains_key("callback"), "longer than the 100 characters that they take");
        vec![Text { to: format!("+{to}"), body: form["text"].clone(), reference: form["client-ref"].clone() }]
    }

    fn taken(&self, texts: &[Text], ids: &[String]) -> Reply {
        parts(&[json!({
            "status": "0", "message-id": ids[0], "to": bare(&texts[0].to), "remaining-balance": "15.5",
            "message-price": "0.0333", "network": "23410", "client-ref": texts[0].reference,
        })])
    }

    fn refusals(&self) -> Vec<(E, Reply)> {
        vec![
            (E::InvalidRecipient, refused(6)),
            (E::RateLimited, refused(1)),
            (E::Transient, refused(5)),
            (E::BadContent, refused(3)),
            (E::BadCredentials, refused(4)),
            (E::InvalidRecipient, refused(7)),
            (E::AccountSuspended, refused(8)),
            (E::InsufficientBalance, refused(9)),
            (E::BadSender, refused(15)),
            (E::BadCredentials, refused(32)),
            (E::BadContent, refused(99)),
            // Only a part of it was taken.
            (E::Ambiguous, parts(&[json!({ "status": "0", "message-id": "a" }), json!({ "status": "1" })])),
            (E::Ambiguous, answer(200, json!({}))),
        ]
    }

    fn tested(&self) -> Reply {
        answer(200, json!({ "value": 3.25, "autoReload": false }))
    }

    fn report(&self, sent: &Text, id: &str, status: ReceiptStatus) -> Option<WebhookRequest> {
        let (word, code) = match status {
            ReceiptStatus::Sent => ("accepted", "0"),
            ReceiptStatus::Delivered => ("delivered", "0"),
            ReceiptStatus::Failed => ("failed", "3"),
            ReceiptStatus::Read => return None,
        };
        Some(signed(&[
            ("msisdn", bare(&sent.to)),
            ("to", "ACME"),
            ("messageId", id),
            ("price", "0.0333"),
            ("status", word),
            ("err-code", code),
            ("client-ref", &sent.reference),
        ]))
    }

    fn stop(&self) -> WebhookRequest {
        signed(&[("msisdn", "254700000009"), ("to", "15550001111"), ("messageId", "0B01"), ("text", "STOP")])
    }

    fn proof(&self) -> Proof {
        Proof::Signature
    }

    fn correlates(&self) -> bool {
        true
    }
}
