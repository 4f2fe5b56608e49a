//! Gupshup: what is its own. What all providers do alike stands in `tests/contracts`.

use super::*;
use crate::{
    Kind, ReceiptStatus,
    outgoing::{Button, ButtonKind},
    testing::{self, Server, outbound, outgoing, webhook},
};

fn read(body: &Value) -> Vec<Receipt> {
    Gupshup.receipts(&testing::account(Kind::Gupshup), &webhook(Method::POST, &[], "", &body.to_string())).unwrap()
}

fn heard(body: &Value) -> Vec<Inbound> {
    Gupshup.inbound(&testing::account(Kind::Gupshup), &webhook(Method::POST, &[], "", &body.to_string())).unwrap()
}

#[tokio::test]
async fn a_template_is_a_list_of_values_and_its_picture_a_message() {
    let server = Server::start(|_| testing::json(202, &json!({ "status": "submitted", "messageId": "u-1" }))).await;
    let account = Account { api_url: Some(server.url.clone()), ..testing::account(Kind::Gupshup) };
    let template = Template {
        name: "c6aecef6".to_owned(),
        language: "en".to_owned(),
        header: Some(Header::Image { url: "https://a.example/x.png".to_owned() }),
        body: vec!["Ann".to_owned()],
        buttons: vec![Button { index: 0, kind: ButtonKind::Url, value: "o/12".to_owned() }],
        names: Vec::new(),
    };
    let text = Outgoing { template: Some(template.clone()), ..outgoing("+254700000001", "is not sent") };
    let headed = Template { header: Some(Header::Text { text: "Hello".to_owned() }), ..template };
    let second = Outgoing { template: Some(headed), ..text.clone() };
    Gupshup.send(&account, &outbound(), &[text]).await;
    Gupshup.send(&account, &outbound(), &[second]).await;
    let seen = server.seen();
    assert_eq!(
        (seen[0].path.as_str(), seen[0].header("apikey")),
        ("/wa/api/v1/template/msg", "gupshup_key_0123456789")
    );
    let form = seen[0].form();
    assert_eq!(form["template"], r#"{"id":"c6aecef6","params":["Ann","o/12"]}"#);
    assert_eq!(form["message"], r#"{"type":"image","image":{"link":"https://a.example/x.png"}}"#);
    let form = seen[1].form();
    assert_eq!(form["template"], r#"{"id":"c6aecef6","params":["Hello","Ann","o/12"]}"#);
    assert!(!form.contains_key("message"));
}

#[test]
fn events_of_their_own_form() {
    let event =
        |payload: Value| json!({ "app": "AcmeApp", "timestamp": 1, "type": "message-event", "payload": payload });
    let told = |payload: Value| read(&event(payload));
    assert_eq!(told(json!({ "id": "gs-1", "type": "enqueued", "destination": "254700000001" })), []);
    assert_eq!(told(json!({ "id": "gs-1", "type": "deleted" })), []);
    // A week later only WhatsApp's id is left.
    assert_eq!(told(json!({ "id": "wa-1", "type": "read" }))[0].provider_message_id.as_deref(), Some("wa-1"));
    for (code, class) in
        [(1002, E::InvalidRecipient), (1003, E::InsufficientBalance), (1006, E::Template), (1012, E::OptedOut)]
    {
        let failed = told(json!({ "id": "gs-1", "type": "failed", "payload": { "code": code, "reason": "…" } }));
        assert_eq!(failed[0].error.as_ref().unwrap().class, class, "{code}");
    }
    // All other codes are the Cloud API's.
    let failed = told(json!({ "id": "gs-1", "type": "failed", "payload": { "code": 131_047 } }));
    assert_eq!(failed[0].error.as_ref().unwrap().class, E::Template);
    assert_eq!(read(&json!({ "type": "billing-event", "payload": {} })), []);
}

#[test]
fn events_that_are_passed_through() {
    let status = json!({ "id": "wamid.1", "gs_id": "gs-1", "status": "delivered", "recipient_id": "254700000001" });
    let message = json!({ "id": "wamid.2", "from": "254700000009", "type": "text", "text": { "body": "STOP" } });
    let value = json!({ "metadata": { "phone_number_id": "7" }, "statuses": [status], "messages": [message] });
    let body = json!({ "gs_app_id": "a", "object": "whatsapp_business_account", "entry": [{ "changes": [{ "value": value }] }] });
    let receipts = read(&body);
    assert_eq!(
        (receipts[0].status, receipts[0].provider_message_id.as_deref()),
        (ReceiptStatus::Delivered, Some("gs-1"))
    );
    assert_eq!(heard(&body)[0].text, "STOP");
}

#[test]
fn opting_out_there_counts_here() {
    let event = |word: &str| json!({ "type": "user-event", "payload": { "phone": "254700000009", "type": word } });
    assert_eq!(heard(&event("opted-out"))[0].keyword, Some(Keyword::Stop));
    assert_eq!(heard(&event("opted-in"))[0].keyword, Some(Keyword::Start));
    assert_eq!(heard(&event("sandbox-start")), []);
}

#[test]
fn the_app_and_its_number_are_needed() {
    let account = Account { settings: Value::Null, sender_id: None, ..testing::account(Kind::Gupshup) };
    let pointers: Vec<String> = crate::validate(&account, &outbound()).into_iter().map(|found| found.pointer).collect();
    assert_eq!(pointers, ["/settings", "/senderId"]);
}
