//! Receipts of a custom provider: every shape, and those that somebody else made up.

use http::Method;
use serde_json::{Value, json};

use crate::{
    Kind, Provider, ReceiptStatus,
    custom::Custom,
    provider::Account,
    signature,
    testing::{self, outgoing, webhook},
};

fn account(settings: Value) -> Account {
    Account { settings, ..testing::account(Kind::Custom) }
}

#[test]
fn receipts_in_json_form_or_query() {
    let delivery = outgoing("+254700000001", "Hi").delivery_id;
    let plain = account(json!({ "request": { "url": "https://a.example" } }));
    let read = |account: &Account, headers: &[(&'static str, &str)], query: &str, body: &str| {
        let method = if body.is_empty() { Method::GET } else { Method::POST };
        Custom.receipts(account, &webhook(method, headers, query, body))
    };
    let json_kind = [("content-type", "application/json")];
    let body =
        json!({ "id": "p1", "messageId": delivery.to_string(), "status": "DELIVRD", "to": "254700000001" }).to_string();
    let receipts = read(&plain, &json_kind, "", &body).unwrap();
    assert_eq!((receipts[0].correlation, receipts[0].status), (Some(delivery), ReceiptStatus::Delivered));
    assert_eq!(
        (receipts[0].provider_message_id.as_deref(), receipts[0].phone.as_deref()),
        (Some("p1"), Some("+254700000001"))
    );
    assert_eq!(read(&plain, &json_kind, "", &body).unwrap(), receipts, "twice the same is the same");
    let form = [("content-type", "application/x-www-form-urlencoded")];
    let fields = format!("id=p1&messageId={delivery}&status=delivered&to=+254700000001");
    assert_eq!(read(&plain, &form, "", &fields).unwrap(), receipts);
    assert_eq!(read(&plain, &[], &fields, "").unwrap(), receipts);
    // Our id given back as theirs.
    let echoed =
        read(&plain, &json_kind, "", &json!({ "id": delivery.to_string(), "status": "read" }).to_string()).unwrap();
    assert_eq!(echoed[0].correlation, Some(delivery));
    // A status that nobody knows is no receipt; a failure has its reason.
    assert_eq!(read(&plain, &json_kind, "", r#"{"id":"1","status":"dreaming"}"#).unwrap(), []);
    let failed = read(&plain, &json_kind, "", r#"{"id":"1","status":"failed","error":"E42"}"#).unwrap();
    assert_eq!(failed[0].error.as_ref().unwrap().reason, "the provider says: E42");
    for cut in [&body[..body.len() - 2], r#"{"status":"sent"}"#, r#"{"id":"1"}"#, "[1]", "{"] {
        assert!(read(&plain, &json_kind, "", cut).is_err(), "{cut}");
    }
    let mapped = account(json!({
        "request": { "url": "https://a.example" },
        "dlr": {
            "itemsPointer": "/reports", "idPointer": "/ref", "statusPointer": "/state/code", "errorPointer": "/why",
            "phonePointer": "/msisdn", "timePointer": "/at",
            "map": { "1": "SENT", "2": "DELIVERED", "3": "FAILED", "delivered": "IGNORE" },
        },
    }));
    let body = json!({ "reports": [
        { "ref": 7, "state": { "code": 2 }, "at": "2026-01-12T10:00:00Z" },
        { "ref": 8, "state": { "code": "1" }, "at": 1_768_212_000 },
        { "ref": 9, "state": { "code": 3 }, "why": "off", "msisdn": "a@b.example" },
        { "ref": 10, "state": { "code": "delivered" } },
    ] });
    let receipts = read(&mapped, &json_kind, "", &body.to_string()).unwrap();
    assert_eq!(receipts.len(), 3);
    assert_eq!(
        receipts.iter().map(|receipt| receipt.status).collect::<Vec<_>>(),
        [ReceiptStatus::Delivered, ReceiptStatus::Sent, ReceiptStatus::Failed]
    );
    assert_eq!(receipts[0].occurred_at, receipts[1].occurred_at);
    assert_eq!(receipts[2].phone.as_deref(), Some("a@b.example"));
}

#[test]
fn forged_receipts_are_refused() {
    let with = |auth: Value| {
        let mut account = account(json!({ "request": { "url": "https://a.example" }, "dlr": { "auth": auth } }));
        account.credentials.insert("webhookSecret".into(), "user:pa55".into());
        account
    };
    let verify = |account: &Account, headers: &[(&'static str, &str)], body: &str| {
        Custom.verify(account, &webhook(Method::POST, headers, "", body))
    };
    let body = r#"{"id":"1","status":"sent"}"#;
    let code = signature::hmac_sha256(b"user:pa55", &[body.as_bytes()]);
    let hex_code = format!("sha256={}", hex::encode(&code));
    let signed = with(json!({ "kind": "hmac-sha256", "prefix": "sha256=", "over": "rawBody" }));
    assert_eq!(verify(&signed, &[("x-signature", &hex_code)], body), Ok(()));
    assert!(verify(&signed, &[("x-signature", &hex_code)], &format!("{body} ")).is_err());
    assert!(verify(&signed, &[("x-signature", &hex_code[7..])], body).is_err());
    assert!(verify(&signed, &[("x-signature", "sha256=")], body).is_err());
    assert!(verify(&signed, &[], body).is_err());
    let base = with(json!({ "kind": "hmac-sha256", "header": "X-Hub", "encoding": "base64" }));
    assert_eq!(verify(&base, &[("x-hub", &signature::base64(&code))], body), Ok(()));
    let token = with(json!({ "kind": "token", "prefix": "Bearer " }));
    assert_eq!(verify(&token, &[("authorization", "Bearer user:pa55")], body), Ok(()));
    assert!(verify(&token, &[("authorization", "user:pa55")], body).is_err());
    assert!(verify(&token, &[("authorization", "Bearer ")], body).is_err());
    let basic = with(json!({ "kind": "basic" }));
    assert_eq!(
        verify(&basic, &[("authorization", &format!("Basic {}", signature::base64("user:pa55")))], body),
        Ok(())
    );
    assert!(verify(&basic, &[("authorization", &format!("Basic {}", signature::base64("user:pa56")))], body).is_err());
    assert_eq!(verify(&with(json!({})), &[], body), Ok(()));
    let mut keyless = token.clone();
    keyless.credentials.remove("webhookSecret");
    assert!(verify(&keyless, &[("authorization", "Bearer ")], body).is_err());
}

#[test]
fn incoming_texts_come_to_the_same_address() {
    let custom = account;
    let json_kind = [("content-type", "application/json")];
    let call = |body: &Value| webhook(Method::POST, &json_kind, "", &body.to_string());
    let deaf = custom(json!({}));
    let text = call(&json!({ "id": "7", "from": "254700000001", "to": "22141", "text": "Stop" }));
    assert_eq!(Custom.inbound(&deaf, &text).unwrap(), []);
    assert!(Custom.receipts(&deaf, &text).is_err(), "without `inbound` it is a receipt without a status");

    let plain = custom(json!({ "inbound": {} }));
    let found = Custom.inbound(&plain, &text).unwrap();
    assert_eq!((found[0].from.as_str(), found[0].to.as_deref()), ("+254700000001", Some("22141")));
    assert_eq!((found[0].text.as_str(), found[0].provider_message_id.as_deref()), ("Stop", Some("7")));
    assert_eq!(Custom.receipts(&plain, &text).unwrap(), []);
    let receipt = call(&json!({ "id": "7", "status": "delivered", "to": "+254700000001" }));
    assert_eq!(Custom.inbound(&plain, &receipt).unwrap(), []);
    assert_eq!(Custom.receipts(&plain, &receipt).unwrap().len(), 1);
    // A number in local form keeps its zero.
    let local = Custom.inbound(&plain, &call(&json!({ "from": "0700000001", "text": "Hi" }))).unwrap();
    assert_eq!(local[0].from, "0700000001");

    let elsewhere = custom(json!({
        "dlr": { "itemsPointer": "/results" },
        "inbound": {
            "itemsPointer": "/messages", "fromPointer": "/sender", "textPointer": "/body/text", "idPointer": "/uid",
            "timePointer": "/at",
        },
    }));
    let mixed = call(&json!({
        "results": [{ "id": "1", "status": "sent" }],
        "messages": [{ "sender": "+1", "body": { "text": "a" }, "uid": 5, "at": 1_700_000_000 }, { "sender": "+2" }],
    }));
    let found = Custom.inbound(&elsewhere, &mixed).unwrap();
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].occurred_at.unwrap().as_second(), 1_700_000_000);
    assert_eq!(Custom.receipts(&elsewhere, &mixed).unwrap().len(), 1);
    let alone = call(&json!({ "messages": [{ "sender": "+1", "body": { "text": "a" } }] }));
    assert_eq!(Custom.receipts(&elsewhere, &alone).unwrap(), []);
}
