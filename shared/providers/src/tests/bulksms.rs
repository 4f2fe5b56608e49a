//! BulkSMS as its API definition shows it.

use std::time::Duration;

use http::Method;
use serde_json::{Value, json};

use super::*;
use crate::{
    Kind,
    testing::{self, Reply, Seen, Server, broken, nobody, outbound, outgoing, reply, webhook},
};

fn account(url: &str) -> Account {
    Account { api_url: Some(format!("{url}/v1")), ..testing::account(Kind::BulkSms) }
}

async fn send(url: &str, batch: &[Outgoing]) -> Vec<Outcome> {
    BulkSms.send(&account(url), &outbound(), batch).await
}

fn message(number: &Value, status: &str) -> Value {
    let kind = status.split('.').next().unwrap_or_default();
    json!({
        "id": format!("m-{}", number.as_str().unwrap()), "type": "SENT", "to": number, "body": "Hi",
        "status": { "id": status, "type": kind }, "creditCost": null, "numberOfParts": null,
    })
}

fn answer(seen: &Seen, status: &str) -> Reply {
    let texts = seen.json();
    let rows: Vec<_> =
        texts.as_array().unwrap().iter().map(|text| message(&text["to"][0]["address"], status)).collect();
    testing::json(201, &Value::Array(rows))
}

fn class(outcome: &Outcome) -> Option<ErrorClass> {
    match outcome {
        Outcome::Accepted { .. } => None,
        Outcome::Rejected { class, .. } | Outcome::Retry { class, .. } => Some(*class),
        Outcome::Unknown { .. } => Some(E::Ambiguous),
    }
}

#[tokio::test]
async fn each_text_of_a_call_is_its_own() {
    let server = Server::start(|seen| answer(seen, "ACCEPTED.null")).await;
    let batch = [outgoing("+254700000001", "Hi Ama"), outgoing("+254700000002", "Habari Kofi – ж")];
    let outcomes = send(&server.url, &batch).await;
    let Outcome::Accepted { id, .. } = &outcomes[1] else { panic!("{outcomes:?}") };
    assert_eq!(id.as_deref(), Some("m-+254700000002"));
    let seen = &server.seen()[0];
    assert_eq!(seen.method, Method::POST);
    assert!(seen.path.starts_with("/v1/messages?auto-unicode=true&deduplication-id="), "{}", seen.path);
    assert_eq!(
        seen.header("authorization"),
        format!("Basic {}", crate::signature::base64("token-id-1:token_secret_1234"))
    );
    let texts = seen.json();
    assert_eq!(texts[1]["body"], "Habari Kofi – ж");
    assert_eq!(texts[1]["from"], "ACME");
    assert_eq!(texts[0]["longMessageMaxParts"], 20, "their default cuts after three parts");
}

#[tokio::test]
async fn a_call_that_is_doubled_has_one_number_and_another_try_another() {
    let server = Server::start(|seen| answer(seen, "ACCEPTED.null")).await;
    let text = outgoing("+254700000001", "Hi");
    let again = Outgoing { attempt: 2, ..text.clone() };
    for batch in [&text, &text, &again] {
        send(&server.url, std::slice::from_ref(batch)).await;
    }
    let paths: Vec<String> = server.seen().into_iter().map(|seen| seen.path).collect();
    assert_eq!(paths[0], paths[1]);
    assert_ne!(paths[0], paths[2]);
    let number: u32 = paths[0].rsplit('=').next().unwrap().parse().unwrap();
    assert!(i32::try_from(number).is_ok(), "they take a signed number of 32 bits");
}

#[tokio::test]
async fn refusals_have_their_classes() {
    let problem = |status: u16, kind: &str, title: &str| {
        let body = json!({ "type": format!("https://developer.bulksms.com/json/v1/errors#{kind}"), "title": title, "status": status });
        move |_: &Seen| testing::json(status, &body)
    };
    for (server, expected) in [
        (Server::start(problem(403, "insufficient-credits", "Insufficient Credits")).await, E::InsufficientBalance),
        (Server::start(problem(403, "forbidden", "Forbidden")).await, E::BadCredentials),
        (Server::start(problem(401, "authentication-failed", "Authentication Failed")).await, E::BadCredentials),
        (Server::start(problem(400, "bad-request", "Bad Request")).await, E::BadContent),
        (Server::start(problem(500, "internal", "Internal")).await, E::Ambiguous),
        (Server::start(problem(503, "unavailable", "Unavailable")).await, E::Transient),
    ] {
        let outcomes = send(&server.url, &[outgoing("+254700000001", "a"), outgoing("+254700000002", "b")]).await;
        assert_eq!(outcomes.iter().map(class).collect::<Vec<_>>(), [Some(expected); 2]);
    }
    let slow = Server::start(|_| reply(429, "text/plain", "slow down").header("retry-after", "7")).await;
    let outcomes = send(&slow.url, &[outgoing("+254700000001", "a")]).await;
    assert!(matches!(outcomes[0], Outcome::Retry { after: Some(after), .. } if after == Duration::from_secs(7)));
}

#[tokio::test]
async fn a_mixed_answer_is_taken_row_by_row_and_a_short_one_not_at_all() {
    let mixed = Server::start(|_| {
        testing::json(201, &json!([message(&json!("+1"), "ACCEPTED.null"), message(&json!("+2"), "FAILED.BLOCKED")]))
    })
    .await;
    let batch = [outgoing("+254700000001", "a"), outgoing("+254700000002", "b")];
    let outcomes = send(&mixed.url, &batch).await;
    assert_eq!(outcomes.iter().map(class).collect::<Vec<_>>(), [None, Some(E::OptedOut)]);
    let short = Server::start(|_| testing::json(201, &json!([message(&json!("+1"), "ACCEPTED.null")]))).await;
    assert_eq!(send(&short.url, &batch).await.iter().map(class).collect::<Vec<_>>(), [Some(E::Ambiguous); 2]);
    let words = Server::start(|_| reply(201, "text/plain", "OK")).await;
    assert_eq!(send(&words.url, &batch).await.iter().map(class).collect::<Vec<_>>(), [Some(E::Ambiguous); 2]);
}

#[tokio::test]
async fn without_an_answer_only_what_has_not_left_is_tried_again() {
    let batch = [outgoing("+254700000001", "a")];
    assert_eq!(class(&send(&nobody().await, &batch).await[0]), Some(E::Transient));
    assert_eq!(class(&send(&broken(None).await, &batch).await[0]), Some(E::Ambiguous));
}

#[tokio::test]
async fn the_test_reads_the_profile_and_sends_nothing() {
    let server = Server::start(|_| testing::json(200, &json!({ "id": "1", "credits": { "balance": 12.5 } }))).await;
    let report = BulkSms.test(&account(&server.url), &outbound()).await.unwrap();
    assert!(report.asked && report.message.contains("12.5"), "{report:?}");
    assert_eq!((server.seen()[0].method.clone(), server.seen()[0].path.as_str()), (Method::GET, "/v1/profile"));
    let refused = Server::start(|_| testing::json(401, &json!({ "title": "Authentication Failed" }))).await;
    assert_eq!(BulkSms.test(&account(&refused.url), &outbound()).await.unwrap_err().class, E::BadCredentials);
}

#[test]
fn webhooks_bring_receipts_and_texts() {
    let account = testing::account(Kind::BulkSms);
    let call = |body: &Value| webhook(Method::POST, &[("content-type", "application/json")], "", &body.to_string());
    assert_eq!(BulkSms.receipts(&account, &call(&json!([]))).unwrap(), [], "so they try a new webhook");
    let body = json!([
        message(&json!("254700000001"), "DELIVERED.null"),
        message(&json!("254700000002"), "FAILED.BLOCKED"),
        message(&json!("254700000003"), "ACCEPTED.null"),
        { "id": "in-1", "type": "RECEIVED", "from": "254700000004", "to": "27001", "body": "Stop", "relatedSentMessageId": "m-1" },
    ]);
    let receipts = BulkSms.receipts(&account, &call(&body)).unwrap();
    assert_eq!(receipts.len(), 2);
    assert_eq!((receipts[0].status, receipts[0].phone.as_deref()), (ReceiptStatus::Delivered, Some("+254700000001")));
    assert_eq!(receipts[1].error.as_ref().unwrap().class, E::OptedOut);
    let texts = BulkSms.inbound(&account, &call(&body)).unwrap();
    assert_eq!(texts.len(), 1);
    assert_eq!((texts[0].from.as_str(), texts[0].text.as_str()), ("+254700000004", "Stop"));
    assert_eq!(texts[0].provider_message_id.as_deref(), Some("in-1"));
    for cut in ["", "{}", "[{", r#"[{"type":"SENT"}]"#] {
        assert!(BulkSms.receipts(&account, &webhook(Method::POST, &[], "", cut)).is_err(), "{cut}");
    }
}
