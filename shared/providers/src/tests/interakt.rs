//! Interakt: what is its own. What all providers do alike stands in `tests/contracts`.

use super::*;
use crate::{
    Kind,
    outgoing::{Button, ButtonKind},
    testing::{self, Server, outbound, outgoing, webhook},
};

async fn sent(text: Outgoing) -> Value {
    let server = Server::start(|_| testing::json(201, &json!({ "result": true, "id": "u-1" }))).await;
    let account = Account { api_url: Some(server.url.clone()), ..testing::account(Kind::Interakt) };
    assert!(matches!(Interakt.send(&account, &outbound(), &[text]).await[0], Outcome::Accepted { .. }));
    assert_eq!(server.seen()[0].header("authorization"), "Basic aW50ZXJha3Rfa2V5OjEyMw==", "the key as it is shown");
    server.seen()[0].json()
}

#[tokio::test]
async fn country_and_number_stand_apart() {
    let text = outgoing("+254712345678", "Hi");
    let body = sent(text.clone()).await;
    assert_eq!(
        body,
        json!({
            "countryCode": "+254", "phoneNumber": "712345678", "callbackData": text.delivery_id.to_string(),
            "type": "Text", "data": { "message": "Hi" },
        })
    );
    assert!(text.delivery_id.to_string().len() <= 512);
}

#[tokio::test]
async fn a_template_with_header_and_buttons() {
    let template = Template {
        name: "order_ready".to_owned(),
        language: "en".to_owned(),
        header: Some(Header::Document { url: "https://a.example/x.pdf".to_owned(), filename: "Bill.pdf".to_owned() }),
        body: vec!["Ann".to_owned()],
        buttons: vec![Button { index: 1, kind: ButtonKind::Url, value: "o/12".to_owned() }],
        names: Vec::new(),
    };
    let body = sent(Outgoing { template: Some(template), ..outgoing("+254712345678", "") }).await;
    assert_eq!(
        body["template"],
        json!({
            "name": "order_ready", "languageCode": "en", "bodyValues": ["Ann"], "headerValues": ["https://a.example/x.pdf"],
            "fileName": "Bill.pdf", "buttonValues": { "1": ["o/12"] },
        })
    );
}

#[test]
fn without_a_secret_only_the_address_keeps_forgers_out() {
    let mut account = testing::account(Kind::Interakt);
    let bare = webhook(Method::POST, &[], "", "{}");
    assert_eq!(Interakt.verify(&account, &bare), Ok(()));
    account.credentials.insert("webhookSecret".into(), "s3cret".into());
    assert!(Interakt.verify(&account, &bare).is_err());
}

#[test]
fn clicks_say_nothing_about_the_way_of_a_message() {
    let account = testing::account(Kind::Interakt);
    let read = |body: &Value| Interakt.receipts(&account, &webhook(Method::POST, &[], "", &body.to_string()));
    let event = |kind: &str| json!({ "type": kind, "data": { "message": { "id": "1" } } });
    assert_eq!(read(&event("message_api_clicked")), Ok(Vec::new()));
    assert_eq!(read(&event("message_received")), Ok(Vec::new()));
    assert_eq!(read(&event("message_campaign_sent")).unwrap().len(), 1);
    assert!(read(&json!({ "type": "message_api_sent" })).is_err() && read(&json!({})).is_err());
}
