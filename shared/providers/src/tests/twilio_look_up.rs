//! Looking up a text at a server that lists messages as Twilio's page shows it.

use serde_json::{Value, json};

use super::*;
use crate::{
    Kind, Provider as _,
    look_up::PAGES,
    testing::{self, Server, outbound, outgoing},
};

const SINCE: &str = "2026-03-01T10:00:00Z";

fn account(url: &str) -> Account {
    Account { api_url: Some(url.to_owned()), ..testing::account(Kind::Twilio) }
}

fn listed(sid: &str, body: &str, status: &str, made: &str) -> Value {
    json!({
        "sid": sid, "to": "+254700000001", "from": "+15005550006", "body": body, "direction": "outbound-api",
        "status": status, "date_created": made, "date_sent": null, "error_code": (status == "failed").then_some(30005),
    })
}

async fn ask(account: &Account) -> Result<Vec<Receipt>, Failure> {
    let text = outgoing("+254700000001", "Hi Ann.");
    let asked = twilio::Twilio.look_up(account, &outbound(), &text, SINCE.parse().unwrap()).await;
    if let Ok(found) = &asked {
        assert!(found.iter().all(|receipt| receipt.correlation.is_none()), "the same words may be another text's");
    }
    asked
}

async fn one_page(messages: Vec<Value>) -> (Server, Account) {
    let server =
        Server::start(move |_| testing::json(200, &json!({ "messages": messages.clone(), "next_page_uri": null })))
            .await;
    let account = account(&server.url);
    (server, account)
}

#[tokio::test]
async fn a_text_is_found_by_recipient_text_and_time_even_while_it_waits() {
    let after = "Sun, 01 Mar 2026 10:00:05 +0000";
    let (server, account) = one_page(vec![
        listed("SM1", "Hi Bob.", "sent", after),
        listed("SM2", "Hi Ann.", "queued", after),
        listed("SM3", "Sent from your Twilio trial account - Hi Ann.", "delivered", after),
        listed("SM4", "Hi Ann.", "failed", after),
        listed("SM5", "Hi Ann.", "delivered", "Sun, 01 Mar 2026 09:30:00 +0000"),
    ])
    .await;
    let found = ask(&account).await.unwrap();
    let found: Vec<_> =
        found.iter().map(|receipt| (receipt.provider_message_id.as_deref().unwrap(), receipt.status)).collect();
    assert_eq!(
        found,
        [("SM2", ReceiptStatus::Sent), ("SM3", ReceiptStatus::Delivered), ("SM4", ReceiptStatus::Failed)]
    );
    let seen = &server.seen()[0];
    assert_eq!(seen.method, Method::GET);
    assert!(seen.path.ends_with("/Messages.json?To=%2B254700000001&PageSize=50"), "{}", seen.path);
    assert!(seen.header("authorization").starts_with("Basic "));
}

#[tokio::test]
async fn pages_are_followed_to_the_end_and_never_elsewhere() {
    let page = |next: Value| json!({ "messages": [], "next_page_uri": next });
    let server = Server::start(move |seen| {
        let next = if seen.path.contains("Page=2") { Value::Null } else { json!("/2010-04-01/x.json?Page=2") };
        testing::json(200, &page(next))
    })
    .await;
    assert_eq!(ask(&account(&server.url)).await.unwrap(), []);
    assert_eq!(server.seen().len(), 2);

    let server = Server::start(move |_| testing::json(200, &page(json!("https://elsewhere.example/x.json")))).await;
    assert!(ask(&account(&server.url)).await.unwrap_err().reason.contains("same address"));
    let server = Server::start(move |_| testing::json(200, &page(json!("/x.json")))).await;
    assert!(ask(&account(&server.url)).await.unwrap_err().reason.contains("too many"));
    assert_eq!(server.seen().len(), PAGES);
}

#[tokio::test]
async fn what_cannot_be_told_is_a_failure_and_not_an_absence() {
    let (_server, account) = one_page(vec![json!({ "sid": "SM1", "to": "+254700000001", "body": "Hi Ann." })]).await;
    assert!(ask(&account).await.unwrap_err().reason.contains("no date"));
    let (_server, mut account) =
        one_page(vec![listed("SM1", "Hi \"Ann\".", "sent", "Sun, 01 Mar 2026 10:00:05 +0000")]).await;
    assert_eq!(ask(&account).await.unwrap(), []);
    for settings in [json!({ "smartEncoded": true }), json!({ "template": { "name": "HX1" } })] {
        account.settings = settings;
        assert!(ask(&account).await.unwrap_err().reason.contains("compared"));
    }
    let server = Server::start(|_| testing::json(500, &json!({ "code": 20500 }))).await;
    assert!(ask(&super::tests::account(&server.url)).await.is_err());
}
