//! Vonage: what is its own. What all providers do alike stands in `tests/contracts`.

use super::*;
use crate::{
    Kind,
    outgoing::{Header, Template},
    testing::{self, Seen, Server, outbound, outgoing, webhook},
};

async fn sent(account: Account, text: Outgoing, answer: Value) -> (Seen, Outcome) {
    let server = Server::start(move |_| testing::json(200, &answer)).await;
    let account = Account { api_url: Some(server.url.clone()), ..account };
    let outcome = Vonage.send(&account, &outbound(), &[text]).await.remove(0);
    (server.seen().remove(0), outcome)
}

fn whatsapp() -> Account {
    Account { channel: Channel::WhatsApp, sender_id: Some("+15550001111".to_owned()), ..testing::account(Kind::Vonage) }
}

#[tokio::test]
async fn a_text_of_the_messages_api() {
    let text = outgoing("+254700000001", "Hi");
    let (seen, _) = sent(testing::account(Kind::Vonage), text.clone(), json!({ "message_uuid": "u-1" })).await;
    assert_eq!(seen.path, "/v1/messages");
    assert_eq!(
        seen.json(),
        json!({
            "channel": "sms", "message_type": "text", "text": "Hi", "sms": { "encoding_type": "auto" },
            "to": "254700000001", "from": "ACME", "client_ref": text.delivery_id.to_string(),
            "webhook_url": "https://app.example.test/webhooks/sms/prv_1/token",
        })
    );
    assert!(text.delivery_id.to_string().len() <= 40, "one of their pages says 40");
}

#[tokio::test]
async fn templates_of_both_forms() {
    let template = Template {
        name: "ns:tpl".to_owned(),
        language: "en-GB".to_owned(),
        header: None,
        body: vec!["Ann".to_owned()],
        buttons: Vec::new(),
        names: Vec::new(),
    };
    let text = Outgoing { template: Some(template.clone()), ..outgoing("+254700000001", "") };
    let (seen, _) = sent(whatsapp(), text.clone(), json!({ "message_uuid": "u-1" })).await;
    let body = seen.json();
    assert_eq!((&body["from"], &body["message_type"]), (&json!("15550001111"), &json!("template")));
    assert_eq!(body["template"], json!({ "name": "ns:tpl", "parameters": ["Ann"] }));
    assert_eq!(body["whatsapp"], json!({ "policy": "deterministic", "locale": "en-GB" }));
    let headed = Template { header: Some(Header::Text { text: "Hello".to_owned() }), ..template };
    let (seen, _) = sent(whatsapp(), Outgoing { template: Some(headed), ..text }, json!({ "message_uuid": "u" })).await;
    let body = seen.json();
    assert_eq!((&body["message_type"], &body["custom"]["type"]), (&json!("custom"), &json!("template")));
    assert_eq!(body["custom"]["template"]["components"][0]["type"], "header");
}

fn by_sms_api() -> Account {
    Account { settings: json!({ "api": "sms", "ttl": 3600 }), ..testing::account(Kind::Vonage) }
}

#[tokio::test]
async fn the_sms_api_is_told_the_encoding_and_answers_part_by_part() {
    let part = |price: &str| json!({ "status": "0", "message-id": "0C1", "message-price": price });
    let answer = json!({ "message-count": "2", "messages": [part("0.0333"), part("0.0333")] });
    let mut account = by_sms_api();
    account.webhook_url = Some("https://app.example.test/w/1".to_owned());
    let (seen, outcome) = sent(account, outgoing("+254700000001", "Привет"), answer).await;
    let form = seen.form();
    assert_eq!(
        (&*form["type"], &*form["ttl"], &*form["callback"]),
        ("unicode", "3600000", "https://app.example.test/w/1")
    );
    assert!(!form.contains_key("api_secret"), "it stands in a header");
    let Outcome::Accepted { cost, segments: Some(2), .. } = outcome else { panic!("{outcome:?}") };
    assert_eq!(cost, answer::amount("0.0666", "EUR"));
    let (seen, _) = sent(by_sms_api(), outgoing("+254700000001", "Hi {you}"), json!({})).await;
    assert_eq!((seen.path.as_str(), &*seen.form()["type"]), ("/sms/json", "text"));
}

#[test]
fn receipts_of_the_sms_api_come_as_query_form_or_json() {
    let account = by_sms_api();
    let fields = "msisdn=254700000001&messageId=0A01&status=delivered&err-code=0&price=0.0333";
    let body = json!({ "msisdn": "254700000001", "messageId": "0A01", "status": "delivered", "price": "0.0333" });
    let calls = [
        webhook(Method::GET, &[], fields, ""),
        webhook(Method::POST, &[], "", fields),
        webhook(Method::POST, &[("content-type", "application/json")], "", &body.to_string()),
    ];
    for call in calls {
        let receipts = Vonage.receipts(&account, &call).unwrap();
        assert_eq!(
            (receipts[0].status, receipts[0].phone.as_deref()),
            (ReceiptStatus::Delivered, Some("+254700000001"))
        );
        assert_eq!(receipts[0].cost, answer::amount("0.0333", "EUR"));
    }
    let failed = |code: &str| {
        let query = format!("msisdn=1&messageId=0A01&status=failed&err-code={code}");
        Vonage.receipts(&account, &webhook(Method::GET, &[], &query, "")).unwrap()[0].error.clone().unwrap().class
    };
    assert_eq!((failed("9"), failed("3"), failed("99")), (E::OptedOut, E::InvalidRecipient, E::Transient));
    assert_eq!(Vonage.receipts(&account, &webhook(Method::GET, &[], "messageId=1&status=unknown", "")), Ok(Vec::new()));
    assert!(Vonage.receipts(&account, &webhook(Method::GET, &[], "status=delivered", "")).is_err());
}

#[test]
fn settings_are_checked() {
    let account = Account { sender_id: None, settings: json!({ "api": "sms", "ttl": 5 }), ..whatsapp() };
    let pointers: Vec<String> = crate::validate(&account, &outbound()).into_iter().map(|found| found.pointer).collect();
    assert_eq!(pointers, ["/senderId", "/settings/api", "/settings/ttl"]);
    let account = Account { settings: json!({ "signatureMethod": "rot13" }), ..testing::account(Kind::Vonage) };
    assert_eq!(crate::validate(&account, &outbound())[0].pointer, "/settings/signatureMethod");
}
