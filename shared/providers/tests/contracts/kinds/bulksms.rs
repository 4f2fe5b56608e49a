//! BulkSMS. <https://www.bulksms.com/developer/json/v1/>

use domain::delivery::ErrorClass as E;
use jiff::Timestamp;
use providers::{Account, Kind, ReceiptStatus, WebhookRequest};
use serde_json::{Value, json};

use super::{answer, bare, json_call, json_of, text, word};
use crate::{
    contract::{Contract, Proof, Text},
    testing::{self, Reply, Seen},
};

#[derive(Clone, Copy)]
pub struct BulkSms;

fn message(sent: &Text, id: &str, status: &str) -> Value {
    let kind = status.split('.').next();
    json!({
        "id": id, "type": "SENT", "to": bare(&sent.to), "body": sent.body, "status": { "id": status, "type": kind },
        "userSuppliedId": sent.reference,
    })
}

fn problem(status: u16, kind: &str, title: &str) -> Reply {
    let kind = format!("https://developer.bulksms.com/json/v1/errors#{kind}");
    answer(status, json!({ "type": kind, "title": title, "status": status, "detail": "…" }))
}

impl Contract for BulkSms {
    fn account(&self) -> Account {
        testing::account(Kind::BulkSms)
    }

    fn texts(&self, seen: &Seen) -> Vec<Text> {
        let texts = json_of(seen);
        let read = |sent: &Value| {
            let reference = text(sent, "/userSuppliedId");
            assert!((1..=20).contains(&reference.len()), "they take 20 characters: {reference}");
            Text { to: text(sent, "/to/0/address"), body: text(sent, "/body"), reference }
        };
        texts.as_array().into_iter().flatten().map(read).collect()
    }

    fn taken(&self, texts: &[Text], ids: &[String]) -> Reply {
        let all = texts.iter().zip(ids).map(|(text, id)| message(text, id, "ACCEPTED.null"));
        answer(201, all.collect())
    }

    fn partly(&self, texts: &[Text], ids: &[String], bad: usize) -> Reply {
        let all = texts.iter().zip(ids).enumerate().map(|(place, (text, id))| {
            message(text, id, if place == bad { "FAILED.BLOCKED" } else { "ACCEPTED.null" })
        });
        answer(201, all.collect())
    }

    fn refusals(&self) -> Vec<(E, Reply)> {
        vec![
            (E::BadContent, problem(400, "bad-request", "Bad Request")),
            (E::BadCredentials, problem(401, "authentication-failed", "Authentication Failed")),
            (E::InsufficientBalance, problem(403, "insufficient-credits", "Insufficient Credits")),
            // An answer that lists another number of texts than were sent says nothing about any.
            (E::Ambiguous, answer(201, json!([]))),
        ]
    }

    fn tested(&self) -> Reply {
        answer(200, json!({ "id": "1", "credits": { "balance": 12.5, "limit": 0 }, "quota": { "size": 1000 } }))
    }

    /// Exactly those of the id that the filter names.
    fn listed(&self, seen: &Seen, held: &[(Text, &str)], at: Timestamp) -> Option<Reply> {
        let asked = |text: &Text| seen.path == format!("/messages?filter=userSuppliedId%3D{}", text.reference);
        let listed = held.iter().filter(|(text, _)| asked(text)).map(|(text, id)| {
            let mut listed = message(text, id, "DELIVERED.null");
            listed["submission"] = json!({ "id": "1-0000", "date": at.to_string() });
            listed
        });
        Some(answer(200, listed.collect()))
    }

    fn report(&self, sent: &Text, id: &str, status: ReceiptStatus) -> Option<WebhookRequest> {
        let status = match status {
            ReceiptStatus::Read => return None,
            ReceiptStatus::Failed => "FAILED.EXPIRED".to_owned(),
            other => format!("{}.null", word(other).to_uppercase()),
        };
        Some(json_call(&[], "", &json!([message(sent, id, &status)])))
    }

    fn stop(&self) -> WebhookRequest {
        let received =
            json!({ "id": "in-1", "type": "RECEIVED", "from": "254700000009", "to": "27001", "body": "STOP" });
        json_call(&[], "", &json!([received]))
    }

    fn proof(&self) -> Proof {
        Proof::Nothing
    }

    fn correlates(&self) -> bool {
        true
    }
}
