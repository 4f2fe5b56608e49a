//! Meta: what is its own. What all providers do alike stands in `tests/contracts`.

use http::Method;
use serde_json::json;

use super::*;
use crate::{
    Kind,
    outgoing::{Button, ButtonKind, Header, Template},
    testing::{self, Server, outbound, outgoing, webhook},
};

#[test]
fn the_official_vector() {
    let mut account = testing::account(Kind::Meta);
    account.credentials.insert("appSecret".into(), "app_secret".into());
    let signature = "sha256=c236c758c9b2bd40b388a550eeca09eaca72384dd0aa5e7c31d19cddac5bba46";
    let body = r#"{"object":"whatsapp_business_account","entry":[]}"#;
    let signed = webhook(Method::POST, &[("x-hub-signature-256", signature)], "", body);
    assert_eq!(Meta.verify(&account, &signed), Ok(()));
    assert_eq!(Meta.receipts(&account, &signed), Ok(Vec::new()));
    assert!(Meta.verify(&account, &webhook(Method::POST, &[], "", body)).is_err());
}

#[test]
fn the_address_is_tried_with_the_token_that_was_typed_beside_it() {
    let account = testing::account(Kind::Meta);
    let tried = |token: &str, body: &str| {
        let query = format!("hub.mode=subscribe&hub.verify_token={token}&hub.challenge=1158201444");
        let request = webhook(Method::GET, &[], &query, body);
        Meta.verify(&account, &request).map(|()| Meta.handshake(&request))
    };
    assert_eq!(tried("my-verify-token", ""), Ok(Some("1158201444".to_owned())));
    assert!(tried("another", "").is_err());
    assert!(tried("", "").is_err());
    // Nothing signs it, so it cannot bring receipts.
    assert!(tried("my-verify-token", "{}").is_err());
    assert_eq!(Meta.handshake(&webhook(Method::POST, &[], "hub.mode=subscribe&hub.challenge=1", "")), None);
}

/// A text and what is sent of it.
async fn sent(account: &Account, text: Outgoing) -> Value {
    let server = Server::start(|_| testing::json(200, &json!({ "messages": [{ "id": "wamid.1" }] }))).await;
    let account = Account { api_url: Some(server.url.clone()), ..account.clone() };
    assert!(matches!(Meta.send(&account, &outbound(), &[text]).await[0], Outcome::Accepted { .. }));
    server.seen()[0].json()
}

#[tokio::test]
async fn a_template_with_header_and_buttons() {
    let template = Template {
        name: "order_ready".to_owned(),
        language: "en_US".to_owned(),
        header: Some(Header::Document { url: "https://a.example/x.pdf".to_owned(), filename: "Bill.pdf".to_owned() }),
        body: vec!["Ann".to_owned(), "12".to_owned()],
        buttons: vec![
            Button { index: 0, kind: ButtonKind::Url, value: "o/12".to_owned() },
            Button { index: 1, kind: ButtonKind::QuickReply, value: "no".to_owned() },
            Button { index: 2, kind: ButtonKind::CopyCode, value: "SAVE5".to_owned() },
        ],
        names: Vec::new(),
    };
    let text = Outgoing { template: Some(template), ..outgoing("+254700000001", "is not sent") };
    let body = sent(&testing::account(Kind::Meta), text).await;
    assert_eq!(body["to"], "254700000001");
    assert_eq!(
        body["template"],
        json!({
            "name": "order_ready",
            "language": { "policy": "deterministic", "code": "en_US" },
            "components": [
                { "type": "header", "parameters": [
                    { "type": "document", "document": { "link": "https://a.example/x.pdf", "filename": "Bill.pdf" } },
                ] },
                { "type": "body", "parameters": [{ "type": "text", "text": "Ann" }, { "type": "text", "text": "12" }] },
                { "type": "button", "sub_type": "url", "index": "0", "parameters": [{ "type": "text", "text": "o/12" }] },
                { "type": "button", "sub_type": "quick_reply", "index": "1",
                  "parameters": [{ "type": "payload", "payload": "no" }] },
                { "type": "button", "sub_type": "copy_code", "index": "2",
                  "parameters": [{ "type": "coupon_code", "coupon_code": "SAVE5" }] },
            ],
        })
    );
    assert!(body.get("text").is_none());
}

#[tokio::test]
async fn the_settings_template_carries_a_text_line_by_line() {
    let mut account = testing::account(Kind::Meta);
    account.settings = json!({ "template": { "name": "two_lines", "language": "sw" }, "version": "v24.0" });
    let body = sent(&account, outgoing("+254700000001", "Habari Ann\n\n  Salio ni 12 ")).await;
    let values: Vec<&str> = json::list(&body, "/template/components/0/parameters")
        .iter()
        .map(|one| one["text"].as_str().unwrap())
        .collect();
    assert_eq!(values, ["Habari Ann", "Salio ni 12"]);
    assert_eq!(body["template"]["language"]["code"], "sw");
    account.settings = json!({ "version": "23" });
    assert_eq!(crate::validate(&account, &outbound())[0].pointer, "/settings/version");
}

#[test]
fn calls_about_other_numbers_of_the_app_are_left_alone() {
    let account = testing::account(Kind::Meta);
    let change = |number: &str| {
        json!({ "value": { "metadata": { "phone_number_id": number }, "statuses": [
            { "id": "wamid.1", "status": "read", "recipient_id": "254700000001", "timestamp": "1772366400" },
            { "id": "wamid.2", "status": "played", "recipient_id": "254700000001" },
        ], "messages": [
            { "id": "wamid.3", "from": "254700000002", "type": "interactive", "interactive": { "button_reply": { "title": "Yes" } } },
            // Somebody who hides their number.
            { "id": "wamid.4", "from_user_id": "u1", "type": "text", "text": { "body": "Hi" } },
        ] } })
    };
    let body = json!({ "entry": [{ "changes": [change("106540352242922"), change("1")] }] }).to_string();
    let request = webhook(Method::POST, &[], "", &body);
    let receipts = Meta.receipts(&account, &request).unwrap();
    assert_eq!((receipts.len(), receipts[0].provider_message_id.as_deref()), (1, Some("wamid.1")));
    assert!(receipts[0].occurred_at.is_some());
    let inbound = Meta.inbound(&account, &request).unwrap();
    assert_eq!((inbound.len(), inbound[0].text.as_str()), (1, "Yes"));
    assert!(Meta.receipts(&account, &webhook(Method::POST, &[], "", "{}")).is_err());
}
