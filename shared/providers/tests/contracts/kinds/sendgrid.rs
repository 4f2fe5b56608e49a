//! SendGrid. <https://www.twilio.com/docs/sendgrid/api-reference/mail-send/mail-send>

use domain::delivery::ErrorClass as E;
use providers::{Account, Kind, ReceiptStatus, WebhookRequest};
use serde_json::{Value, json};

use super::{answer, json_call, json_of, text, without_footer};
use crate::{
    contract::{Contract, Proof, Text},
    sign,
    testing::{self, Reply, Seen},
};

#[derive(Clone, Copy)]
pub struct SendGrid;

fn refused(status: u16, field: &str, message: &str) -> Reply {
    answer(status, json!({ "errors": [{ "message": message, "field": field, "help": null }] }))
}

fn signed(event: &Value) -> WebhookRequest {
    let body = json!([event]);
    let signature = sign::p256_base64(&format!("1772366400{body}"));
    let headers = [
        ("x-twilio-email-event-webhook-signature", signature.as_str()),
        ("x-twilio-email-event-webhook-timestamp", "1772366400"),
    ];
    json_call(&headers, "", &body)
}

impl Contract for SendGrid {
    fn account(&self) -> Account {
        let mut account = testing::account(Kind::SendGrid);
        account.credentials.insert("webhookPublicKey".into(), sign::p256_key().as_str().into());
        account
    }

    fn one_id_a_call(&self) -> bool {
        true
    }

    /// The content, with the words of each personalization put in as they put them in.
    fn texts(&self, seen: &Seen) -> Vec<Text> {
        let body = json_of(seen);
        let content = text(&body, "/content/0/value");
        let read = |own: &Value| {
            let substitutions = own["substitutions"].as_object().into_iter().flatten();
            let text_of = |text: String, (word, own): (&String, &Value)| text.replace(word, own.as_str().unwrap());
            Text {
                to: text(own, "/to/0/email"),
                body: without_footer(&substitutions.fold(content.clone(), text_of)),
                reference: text(own, "/custom_args/dundun_delivery"),
            }
        };
        body["personalizations"].as_array().into_iter().flatten().map(read).collect()
    }

    fn taken(&self, _: &[Text], ids: &[String]) -> Reply {
        testing::reply(202, "text/plain", "").header("x-message-id", &ids[0])
    }

    /// A bad address refuses the whole call, and is named by its place.
    fn partly(&self, _: &[Text], _: &[String], bad: usize) -> Reply {
        refused(400, &format!("personalizations.{bad}.to.0.email"), "Does not contain a valid address.")
    }

    fn refusals(&self) -> Vec<(E, Reply)> {
        vec![
            (E::InvalidRecipient, refused(400, "personalizations.0.to.0.email", "a1@x.example is no valid address.")),
            (E::BadSender, refused(400, "from.email", "is not valid")),
            (E::BadContent, refused(400, "content", "is required")),
            (E::BadCredentials, refused(401, "", "The provided authorization grant is invalid")),
            (E::InsufficientBalance, refused(401, "", "Maximum credits exceeded")),
            (E::BadSender, refused(403, "from", "The from address does not match a verified Sender Identity")),
            (E::BadCredentials, refused(403, "", "access forbidden")),
            (E::BadContent, refused(413, "", "too large")),
            (E::RateLimited, refused(429, "", "too many requests")),
        ]
    }

    fn tested(&self) -> Reply {
        answer(200, json!({ "scopes": ["mail.send", "sender_verification_eligible"] }))
    }

    fn report(&self, sent: &Text, id: &str, status: ReceiptStatus) -> Option<WebhookRequest> {
        let own = match status {
            ReceiptStatus::Sent => json!({ "event": "processed" }),
            ReceiptStatus::Delivered => json!({ "event": "delivered", "response": "250 OK" }),
            ReceiptStatus::Read => return None,
            ReceiptStatus::Failed => {
                json!({ "event": "bounce", "type": "bounce", "status": "5.1.1", "reason": "550 5.1.1 no such user" })
            }
        };
        let mut event = json!({
            "email": sent.to, "timestamp": 1_772_366_400, "sg_event_id": "e1", "smtp-id": "<x>",
            "sg_message_id": format!("{id}.filterdrecv-p3mdw1-756b745b58-kmzbl-18-5F5FC76C-9.0"),
            "dundun_delivery": sent.reference,
        });
        event.as_object_mut().unwrap().extend(own.as_object().unwrap().clone());
        Some(signed(&event))
    }

    fn stop(&self) -> WebhookRequest {
        signed(
            &json!({ "event": "unsubscribe", "email": "a9@x.example", "timestamp": 1_772_366_400, "sg_event_id": "e9" }),
        )
    }

    fn proof(&self) -> Proof {
        Proof::Signature
    }

    fn correlates(&self) -> bool {
        true
    }
}
