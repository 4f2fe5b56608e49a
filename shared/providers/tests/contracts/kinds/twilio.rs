//! Twilio, SMS and WhatsApp. <https://www.twilio.com/docs/messaging/api/message-resource>

use std::collections::BTreeMap;

use domain::delivery::ErrorClass as E;
use jiff::Timestamp;
use providers::{Account, Channel, Kind, ReceiptStatus, WebhookRequest};
use serde_json::json;

use super::{answer, form_call, word};
use crate::{
    contract::{Contract, Proof, Text},
    sign,
    testing::{self, Reply, Seen},
};

#[derive(Clone, Copy)]
pub struct Twilio(pub Channel);

impl Twilio {
    fn address(self, number: &str) -> String {
        if self.0 == Channel::WhatsApp { format!("whatsapp:{number}") } else { number.to_owned() }
    }
}

fn refused(status: u16, code: u32) -> Reply {
    answer(status, json!({ "code": code, "message": "The 'To' number +254700000001 …", "status": status }))
}

fn signed(query: &str, fields: &[(&str, &str)]) -> WebhookRequest {
    let url = testing::account(Kind::Twilio).webhook_url.unwrap();
    let mut text = if query.is_empty() { url } else { format!("{url}?{query}") };
    for (name, value) in fields.iter().copied().collect::<BTreeMap<_, _>>() {
        text.push_str(name);
        text.push_str(value);
    }
    form_call(&[("x-twilio-signature", &sign::sha1_base64("twilio_token_1234", &text))], query, fields)
}

impl Contract for Twilio {
    fn account(&self) -> Account {
        Account { channel: self.0, ..testing::account(Kind::Twilio) }
    }

    fn texts(&self, seen: &Seen) -> Vec<Text> {
        let form = seen.form();
        let Some(to) = form.get("To") else { return Vec::new() };
        let number = to.strip_prefix(&self.address("")).expect("the channel's address").to_owned();
        assert_eq!(form["From"], self.address("+15005550006"));
        vec![Text { to: number, body: form["Body"].clone(), reference: form["StatusCallback"].clone() }]
    }

    fn taken(&self, _: &[Text], ids: &[String]) -> Reply {
        answer(
            201,
            json!({ "sid": ids[0], "status": "queued", "num_segments": "1", "price": null, "price_unit": "USD", "error_code": null }),
        )
    }

    fn refusals(&self) -> Vec<(E, Reply)> {
        vec![
            (E::InvalidRecipient, refused(400, 21_211)),
            (E::BadCredentials, refused(401, 20_003)),
            (E::OptedOut, refused(400, 21_610)),
            (E::BadSender, refused(400, 21_606)),
            (E::BadContent, refused(400, 21_617)),
            (E::Template, refused(400, 63_016)),
            (E::RateLimited, refused(429, 20_429)),
            (E::AccountSuspended, refused(401, 20_005)),
            (E::Transient, refused(503, 20_503)),
            (E::BadContent, refused(400, 99_999)),
        ]
    }

    fn tested(&self) -> Reply {
        answer(200, json!({ "status": "active", "balance": "17.2", "currency": "USD" }))
    }

    fn listed(&self, _: &Seen, held: &[(Text, &str)], at: Timestamp) -> Option<Reply> {
        let made = at.strftime("%a, %d %b %Y %H:%M:%S +0000").to_string();
        let listed = held.iter().map(|(text, id)| {
            json!({
                "sid": id, "to": self.address(&text.to), "body": text.body, "direction": "outbound-api",
                "status": "delivered", "date_created": made,
            })
        });
        Some(answer(200, json!({ "messages": listed.collect::<Vec<_>>(), "next_page_uri": null })))
    }

    fn report(&self, sent: &Text, id: &str, status: ReceiptStatus) -> Option<WebhookRequest> {
        if status == ReceiptStatus::Read && self.0 == Channel::Sms {
            return None;
        }
        let (to, from) = (self.address(&sent.to), self.address("+15005550006"));
        let mut fields = vec![
            ("MessageSid", id),
            ("SmsSid", id),
            ("AccountSid", "AC00000000000000000000000000000001"),
            ("From", &from),
            ("To", &to),
            ("MessageStatus", word(status)),
            ("ApiVersion", "2010-04-01"),
        ];
        if status == ReceiptStatus::Failed {
            fields.push(("ErrorCode", "30005"));
        }
        Some(signed(sent.reference.split_once('?').map_or("", |(_, query)| query), &fields))
    }

    fn stop(&self) -> WebhookRequest {
        let (from, to) = (self.address("+254700000009"), self.address("+15005550006"));
        signed("", &[("MessageSid", "SM9"), ("From", &from), ("To", &to), ("Body", "Stop!"), ("NumMedia", "0")])
    }

    fn proof(&self) -> Proof {
        Proof::Signature
    }

    fn correlates(&self) -> bool {
        true
    }
}
