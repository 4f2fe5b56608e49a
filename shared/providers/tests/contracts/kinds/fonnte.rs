//! Fonnte. <https://docs.fonnte.com/api-send-message/>

use domain::delivery::ErrorClass as E;
use providers::{Account, Kind, ReceiptStatus, WebhookRequest};
use serde_json::{Value, json};

use super::{answer, json_call, text, word};
use crate::{
    contract::{Contract, Proof, Text},
    testing::{self, Reply, Seen},
};

#[derive(Clone, Copy)]
pub struct Fonnte;

fn queued(texts: &[Text], ids: &[String], except: Option<usize>) -> Reply {
    let kept = texts.iter().zip(ids).enumerate().filter(|(place, _)| Some(*place) != except);
    let (targets, ids): (Vec<&str>, Vec<&str>) = kept.map(|(_, (text, id))| (&text.to[1..], id.as_str())).unzip();
    answer(
        200,
        json!({
            "status": true, "detail": "success! message in queue", "id": ids, "target": targets, "process": "pending",
            "requestid": 2_937_124,
        }),
    )
}

fn refused(reason: &str) -> Reply {
    answer(200, json!({ "Status": false, "reason": reason, "requestid": 1 }))
}

impl Contract for Fonnte {
    fn account(&self) -> Account {
        testing::account(Kind::Fonnte)
    }

    fn texts(&self, seen: &Seen) -> Vec<Text> {
        let form = seen.form();
        let data: Value = form.get("data").map_or(Value::Null, |data| serde_json::from_str(data).unwrap());
        let read = |sent: &Value| Text {
            to: format!("+{}", text(sent, "/target")),
            body: text(sent, "/message"),
            reference: String::new(),
        };
        data.as_array().into_iter().flatten().map(read).collect()
    }

    fn taken(&self, texts: &[Text], ids: &[String]) -> Reply {
        queued(texts, ids, None)
    }

    /// It leaves the number out.
    fn partly(&self, texts: &[Text], ids: &[String], bad: usize) -> Reply {
        queued(texts, ids, Some(bad))
    }

    fn refusals(&self) -> Vec<(E, Reply)> {
        vec![
            (E::BadCredentials, refused("token invalid")),
            (E::BadContent, refused("input invalid")),
            (E::InvalidRecipient, refused("target invalid")),
            (E::InsufficientBalance, refused("insufficient quota")),
            (E::BadContent, refused("JSON format invalid")),
            (E::BadSender, refused("request invalid on disconnected device")),
            (E::BadContent, refused("something new")),
            (E::Ambiguous, answer(200, json!("ok"))),
        ]
    }

    fn tested(&self) -> Reply {
        answer(200, json!({ "device": "254700000000", "device_status": "connect", "quota": "78", "status": true }))
    }

    fn denied(&self) -> Reply {
        refused("token invalid")
    }

    /// The first report names both ids.
    fn report(&self, _: &Text, id: &str, status: ReceiptStatus) -> Option<WebhookRequest> {
        let word = if status == ReceiptStatus::Failed { "expired" } else { word(status) };
        Some(json_call(
            &[],
            "",
            &json!({ "device": "254700000000", "id": id, "stateid": "s-1", "status": word, "state": word }),
        ))
    }

    fn stop(&self) -> WebhookRequest {
        let message = json!({
            "device": "254700000000", "sender": "254700000009", "message": "STOP", "name": "Ama", "inboxid": 12,
            "timestamp": 1_772_366_400, "isgroup": false,
        });
        json_call(&[], "", &message)
    }

    fn proof(&self) -> Proof {
        Proof::Nothing
    }

    fn correlates(&self) -> bool {
        false
    }
}
