//! Mailgun. <https://documentation.mailgun.com/docs/mailgun/api-reference/send/mailgun/messages>

use std::collections::BTreeMap;

use domain::delivery::ErrorClass as E;
use jiff::Timestamp;
use providers::{Account, Kind, ReceiptStatus, WebhookRequest};
use serde_json::{Value, json};

use super::{answer, json_call, text, without_footer};
use crate::{
    contract::{Contract, Proof, Text},
    sign,
    testing::{self, Reply, Seen},
};

#[derive(Clone, Copy)]
pub struct Mailgun;

const TIME: i64 = 1_772_366_400;

fn refused(status: u16, message: &str) -> Reply {
    answer(status, json!({ "message": message }))
}

/// A token stands for one call: theirs are random, so these are another one for each event.
fn signed(event: &Value) -> WebhookRequest {
    let token = &sign::digest_hex(&event.to_string())[..50];
    let signature = sign::sha256_hex("key-test-1234", &format!("{TIME}{token}"));
    let proof = json!({ "timestamp": TIME.to_string(), "token": token, "signature": signature });
    let call = json_call(&[], "", &json!({ "signature": proof, "event-data": event }));
    WebhookRequest { received_at: Timestamp::from_second(TIME).unwrap(), ..call }
}

impl Contract for Mailgun {
    fn account(&self) -> Account {
        testing::account(Kind::Mailgun)
    }

    fn one_id_a_call(&self) -> bool {
        true
    }

    fn texts(&self, seen: &Seen) -> Vec<Text> {
        let form = seen.form();
        let Some(variables) = form.get("recipient-variables") else { return Vec::new() };
        assert_eq!((seen.path.as_str(), form["text"].as_str()), ("/v3/mg.acme.example/messages", "%recipient.text%"));
        assert_eq!(form["v:dundun_delivery"], "%recipient.id%");
        let variables: Value = serde_json::from_str(variables).unwrap();
        let fields = url::form_urlencoded::parse(seen.body.as_bytes());
        let to: Vec<_> = fields.filter(|(name, _)| name == "to").map(|(_, to)| to.into_owned()).collect();
        // Without them everybody would see all addresses.
        assert!(to.iter().all(|to| variables.get(to).is_some()), "{variables}");
        to.into_iter()
            .map(|to| Text {
                body: without_footer(&text(&variables[&to], "/text")),
                reference: text(&variables[&to], "/id"),
                to,
            })
            .collect()
    }

    fn taken(&self, _: &[Text], ids: &[String]) -> Reply {
        answer(200, json!({ "id": format!("<{}>", ids[0]), "message": "Queued. Thank you." }))
    }

    /// A bad address refuses the whole call.
    fn partly(&self, _: &[Text], _: &[String], _: usize) -> Reply {
        self.refusals().swap_remove(0).1
    }

    fn refusals(&self) -> Vec<(E, Reply)> {
        vec![
            (E::InvalidRecipient, refused(400, "'to' parameter is not a valid address: a1@x.example")),
            (E::BadSender, refused(400, "Domain mg.acme.example is not allowed to send: not verified")),
            (E::BadContent, refused(400, "need at least one of 'text' or 'html'")),
            (E::BadCredentials, testing::reply(401, "text/plain", "Forbidden")),
            (E::InsufficientBalance, refused(402, "Payment required")),
            (E::AccountSuspended, refused(403, "not allowed to send large batches yet")),
            (E::BadSender, refused(404, "Domain not found: mg.acme.example")),
            (E::BadContent, refused(413, "Request Entity Too Large")),
            (E::RateLimited, refused(429, "Domain mg.acme.example: request limit exceeded")),
        ]
    }

    fn tested(&self) -> Reply {
        answer(200, json!({ "domain": { "name": "mg.acme.example", "state": "active" } }))
    }

    fn denied(&self) -> Reply {
        testing::reply(401, "text/plain", "Forbidden")
    }

    /// Events of the recipient since the beginning that is named, and behind them always one more page.
    fn listed(&self, seen: &Seen, held: &[(Text, &str)], at: Timestamp) -> Option<Reply> {
        let (path, query) = seen.path.split_once('?').unwrap_or((&seen.path, ""));
        let asked: BTreeMap<_, _> = url::form_urlencoded::parse(query.as_bytes()).collect();
        let mut items = Vec::new();
        if path == "/v3/mg.acme.example/events" {
            assert_eq!((&*asked["event"], &*asked["ascending"]), ("accepted", "yes"));
            let listed = held.iter().filter(|(text, _)| {
                asked["recipient"] == text.to && asked["begin"].parse::<i64>().unwrap() <= at.as_second()
            });
            items.extend(listed.map(|(text, id)| {
                json!({
                    "event": "accepted", "timestamp": at.as_second(), "recipient": text.to,
                    "message": { "headers": { "message-id": id } }, "user-variables": { "dundun_delivery": text.reference },
                })
            }));
        }
        Some(answer(200, json!({ "items": items, "paging": { "next": "/v3/mg.acme.example/events/W3siYSI6" } })))
    }

    fn report(&self, sent: &Text, id: &str, status: ReceiptStatus) -> Option<WebhookRequest> {
        let mut event = json!({
            "id": "event-1", "timestamp": 1_772_366_400.5, "recipient": sent.to,
            "message": { "headers": { "message-id": id, "to": sent.to } },
            "user-variables": { "dundun_delivery": sent.reference },
        });
        let own = match status {
            ReceiptStatus::Sent => json!({ "event": "accepted" }),
            ReceiptStatus::Delivered => {
                json!({ "event": "delivered", "delivery-status": { "code": 250, "message": "OK" } })
            }
            ReceiptStatus::Read => return None,
            ReceiptStatus::Failed => json!({
                "event": "failed", "severity": "permanent", "reason": "bounce",
                "delivery-status": { "code": 550, "message": "5.1.1 no such user", "attempt-no": 1 },
            }),
        };
        event.as_object_mut().unwrap().extend(own.as_object().unwrap().clone());
        Some(signed(&event))
    }

    fn stop(&self) -> WebhookRequest {
        let event = json!({ "event": "unsubscribed", "id": "event-9", "timestamp": 1_772_366_400.5, "recipient": "a9@x.example" });
        signed(&event)
    }

    /// The body is not signed: a token proves the first body that it came with.
    fn proof(&self) -> Proof {
        Proof::Signature
    }

    fn expires_after(&self) -> Option<i64> {
        Some(900)
    }

    fn correlates(&self) -> bool {
        true
    }
}
