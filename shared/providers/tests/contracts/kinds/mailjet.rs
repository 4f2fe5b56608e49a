//! Mailjet. <https://dev.mailjet.com/email/guides/send-api-v31/>

use domain::delivery::ErrorClass as E;
use jiff::Timestamp;
use providers::{Account, Kind, ReceiptStatus, WebhookRequest};
use serde_json::{Value, json};

use super::{answer, json_call, json_of, text, without_footer};
use crate::{
    contract::{Contract, Proof, Text},
    testing::{self, Reply, Seen},
};

#[derive(Clone, Copy)]
pub struct Mailjet;

fn problem(code: &str, status: u16, related: &[&str]) -> Value {
    let said = "\"a1@x.example\" is an invalid email address.";
    json!({
        "ErrorIdentifier": "f987008f", "ErrorCode": code, "StatusCode": status, "ErrorMessage": said,
        "ErrorRelatedTo": related,
    })
}

fn refused(code: &str, status: u16, related: &[&str]) -> Value {
    json!({ "Status": "error", "Errors": [problem(code, status, related)] })
}

fn taken(sent: &Text, id: &str) -> Value {
    let to =
        json!({ "Email": sent.to, "MessageUUID": id, "MessageID": 576_460_752_303_u64, "MessageHref": "https://x" });
    json!({ "Status": "success", "CustomID": sent.reference, "To": [to], "Cc": [], "Bcc": [] })
}

fn called(event: &Value) -> WebhookRequest {
    // dundun:webhook_password, as the registered address has it.
    json_call(&[("authorization", "Basic ZHVuZHVuOndlYmhvb2tfcGFzc3dvcmQ=")], "", &json!([event]))
}

impl Contract for Mailjet {
    fn account(&self) -> Account {
        let mut account = testing::account(Kind::Mailjet);
        account.credentials.insert("webhookPassword".into(), "webhook_password".into());
        account
    }

    fn texts(&self, seen: &Seen) -> Vec<Text> {
        let body = json_of(seen);
        let read = |sent: &Value| Text {
            to: text(sent, "/To/0/Email"),
            body: without_footer(&text(sent, "/TextPart")),
            reference: text(sent, "/CustomID"),
        };
        body["Messages"].as_array().into_iter().flatten().map(read).collect()
    }

    fn taken(&self, texts: &[Text], ids: &[String]) -> Reply {
        let all: Vec<_> = texts.iter().zip(ids).map(|(text, id)| taken(text, id)).collect();
        answer(200, json!({ "Messages": all }))
    }

    /// No page says which status a mixed answer has.
    fn partly(&self, texts: &[Text], ids: &[String], bad: usize) -> Reply {
        let all = texts.iter().zip(ids).enumerate().map(|(place, (text, id))| {
            if place == bad { refused("mj-0013", 400, &["To[0].Email"]) } else { taken(text, id) }
        });
        answer(400, json!({ "Messages": all.collect::<Vec<_>>() }))
    }

    fn refusals(&self) -> Vec<(E, Reply)> {
        let of_one = |code: &str, related: &[&str]| answer(400, json!({ "Messages": [refused(code, 400, related)] }));
        let whole = |status: u16, code: &str| answer(status, problem(code, status, &[]));
        vec![
            (E::InvalidRecipient, of_one("mj-0013", &["To[0].Email"])),
            (E::BadContent, of_one("mj-0003", &["HTMLPart"])),
            (E::BadSender, of_one("send-0008", &["From"])),
            (E::AccountSuspended, whole(401, "mj-0001")),
            (E::BadCredentials, whole(401, "mj-0015")),
            (E::RateLimited, whole(429, "mj-0099")),
            // An answer that lists another number of mails than were sent says nothing about any.
            (E::Ambiguous, answer(200, json!({ "Messages": [] }))),
        ]
    }

    fn tested(&self) -> Reply {
        answer(200, json!({ "Count": 1, "Data": [], "Total": 1 }))
    }

    fn listed(&self, seen: &Seen, held: &[(Text, &str)], at: Timestamp) -> Option<Reply> {
        let asked = |text: &Text| seen.path.starts_with(&format!("/v3/REST/message?CustomID={}&", text.reference));
        let listed = held.iter().filter(|(text, _)| asked(text)).map(|(text, id)| {
            json!({ "ID": 576_460_752_303_u64, "UUID": id, "CustomID": text.reference, "ArrivedAt": at.to_string(), "Status": "sent" })
        });
        let data: Vec<_> = listed.collect();
        Some(answer(200, json!({ "Count": data.len(), "Data": data, "Total": data.len() })))
    }

    fn report(&self, sent: &Text, id: &str, status: ReceiptStatus) -> Option<WebhookRequest> {
        let own = match status {
            ReceiptStatus::Delivered => json!({ "event": "sent", "smtp_reply": "250 OK" }),
            ReceiptStatus::Failed => {
                json!({ "event": "bounce", "hard_bounce": true, "blocked": false, "error": "user unknown", "comment": "5.1.1" })
            }
            ReceiptStatus::Sent | ReceiptStatus::Read => return None,
        };
        let mut event = json!({
            "time": 1_772_366_400, "email": sent.to, "MessageID": 576_460_752_303_u64, "Message_GUID": id,
            "CustomID": sent.reference, "Payload": "", "mj_campaign_id": 0,
        });
        event.as_object_mut().unwrap().extend(own.as_object().unwrap().clone());
        Some(called(&event))
    }

    fn stop(&self) -> WebhookRequest {
        called(&json!({ "event": "unsub", "time": 1_772_366_400, "email": "a9@x.example", "mj_list_id": 1 }))
    }

    fn proof(&self) -> Proof {
        Proof::Password
    }

    fn correlates(&self) -> bool {
        true
    }
}
