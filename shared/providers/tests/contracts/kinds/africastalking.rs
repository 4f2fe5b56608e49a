//! Africa's Talking. <https://developers.africastalking.com/docs/sms/overview>

use domain::delivery::ErrorClass as E;
use providers::{Account, Kind, ReceiptStatus, WebhookRequest};
use serde_json::{Value, json};

use super::{answer, form_call};
use crate::{
    contract::{Contract, Proof, Text},
    testing::{self, Reply, Seen, reply},
};

#[derive(Clone, Copy)]
pub struct AfricasTalking;

fn row(text: &Text, id: &str, code: u16, status: &str) -> Value {
    json!({ "number": text.to, "status": status, "statusCode": code, "messageId": id, "cost": "KES 0.8000" })
}

fn sent(rows: &[Value], message: &str) -> Reply {
    answer(201, json!({ "SMSMessageData": { "Message": message, "Recipients": rows } }))
}

impl Contract for AfricasTalking {
    fn account(&self) -> Account {
        testing::account(Kind::AfricasTalking)
    }

    fn texts(&self, seen: &Seen) -> Vec<Text> {
        let form = seen.form();
        let (Some(to), Some(body)) = (form.get("to"), form.get("message")) else { return Vec::new() };
        let text = |to: &str| Text { to: to.to_owned(), body: body.clone(), reference: String::new() };
        to.split(',').map(text).collect()
    }

    fn taken(&self, texts: &[Text], ids: &[String]) -> Reply {
        let rows: Vec<_> = texts.iter().zip(ids).map(|(text, id)| row(text, id, 102, "Success")).collect();
        sent(&rows, "Sent to 1/1 Total Cost: KES 0.8000 Message parts: 1")
    }

    fn partly(&self, texts: &[Text], ids: &[String], bad: usize) -> Reply {
        let rows = texts.iter().zip(ids).enumerate().map(|(place, (text, id))| {
            if place == bad { row(text, "None", 403, "InvalidPhoneNumber") } else { row(text, id, 101, "Success") }
        });
        // In another order than asked for: only the numbers say whose answer it is.
        sent(&rows.rev().collect::<Vec<_>>(), "Sent to 2/3 Total Cost: KES 1.6000 Message parts: 1")
    }

    fn refusals(&self) -> Vec<(E, Reply)> {
        let number = Text { to: "+254700000001".to_owned(), body: String::new(), reference: String::new() };
        let code = |code, word| sent(&[row(&number, "None", code, word)], "Sent to 0/1 Total Cost: 0");
        vec![
            (E::BadSender, sent(&[], "InvalidSenderId")),
            (E::BadCredentials, reply(401, "text/plain", "The supplied authentication is invalid")),
            (E::BadContent, code(401, "RiskHold")),
            (E::BadSender, code(402, "InvalidSenderId")),
            (E::InvalidRecipient, code(403, "InvalidPhoneNumber")),
            (E::InvalidRecipient, code(404, "UnsupportedNumberType")),
            (E::InsufficientBalance, code(405, "InsufficientBalance")),
            (E::OptedOut, code(406, "UserInBlacklist")),
            (E::OptedOut, code(409, "DoNotDisturbRejection")),
            (E::Transient, code(501, "GatewayError")),
            // Taken for nobody at all.
            (E::BadContent, sent(&[], "Sent to 0/1 Total Cost: 0")),
        ]
    }

    fn tested(&self) -> Reply {
        answer(200, json!({ "UserData": { "balance": "USD 99.61" } }))
    }

    fn denied(&self) -> Reply {
        reply(401, "text/plain", "The supplied authentication is invalid")
    }

    fn report(&self, text: &Text, id: &str, status: ReceiptStatus) -> Option<WebhookRequest> {
        let word = match status {
            ReceiptStatus::Sent => "Submitted",
            ReceiptStatus::Delivered => "Success",
            ReceiptStatus::Failed => "Rejected",
            ReceiptStatus::Read => return None,
        };
        let mut fields = vec![("id", id), ("status", word), ("phoneNumber", &text.to), ("networkCode", "63902")];
        if status == ReceiptStatus::Failed {
            fields.push(("failureReason", "UserInBlackList"));
        }
        Some(form_call(&[], "", &fields))
    }

    fn stop(&self) -> WebhookRequest {
        let fields =
            [("id", "1"), ("from", "+254700000009"), ("to", "24123"), ("text", "Stop."), ("date", "2026-03-01")];
        form_call(&[], "", &fields)
    }

    fn proof(&self) -> Proof {
        Proof::Nothing
    }

    fn correlates(&self) -> bool {
        false
    }
}
