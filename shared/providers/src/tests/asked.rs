//! How far a text is, asked of the providers that tell.

use domain::delivery::ErrorClass;
use http::Method;
use serde_json::{Value, json};

use crate::{
    Kind,
    outbound::Outbound,
    provider,
    provider::{Failure, Receipt, ReceiptStatus},
    testing::{self, Server},
};

const SID: &str = "SM00000000000000000000000000000001";

async fn ask(kind: Kind, id: &str, status: u16, answer: Value) -> (Result<Option<Receipt>, Failure>, Vec<String>) {
    let server = Server::start(move |_| testing::json(status, &answer)).await;
    let mut account = testing::account(kind);
    account.api_url = Some(server.url.clone());
    let outbound = Outbound::new("127.0.0.1".parse().unwrap());
    let told = provider(kind).ask(&account, &outbound, id).await;
    let seen = server.seen();
    assert!(seen.iter().all(|call| call.method == Method::GET && !call.header("authorization").is_empty()));
    (told, seen.into_iter().map(|call| call.path).collect())
}

#[tokio::test]
async fn twilio_tells_state_error_and_price() {
    let text = json!({ "sid": SID, "status": "delivered", "price": "-0.00750", "price_unit": "USD", "error_code": null,
        "date_updated": "Sun, 01 Mar 2026 10:00:05 +0000" });
    let (told, paths) = ask(Kind::Twilio, SID, 200, text).await;
    let told = told.unwrap().expect("a receipt");
    assert_eq!((told.status, told.provider_message_id.as_deref()), (ReceiptStatus::Delivered, Some(SID)));
    assert_eq!(told.cost.unwrap().to_string(), "USD 0.00750");
    assert_eq!(told.occurred_at.unwrap().to_string(), "2026-03-01T10:00:05Z");
    assert!(paths[0].ends_with(&format!("/Messages/{SID}.json")), "{paths:?}");

    let (told, _) = ask(Kind::Twilio, SID, 200, json!({ "status": "undelivered", "error_code": 30_003 })).await;
    assert_eq!(told.unwrap().unwrap().error.unwrap().class, ErrorClass::InvalidRecipient);
    let (told, _) = ask(Kind::Twilio, SID, 200, json!({ "status": "queued" })).await;
    assert_eq!(told.unwrap(), None);
    let (told, _) = ask(Kind::Twilio, SID, 401, json!({ "code": 20_003 })).await;
    assert_eq!(told.unwrap_err().class, ErrorClass::BadCredentials);
}

#[tokio::test]
async fn telnyx_tells_what_its_webhooks_tell() {
    let text = |status: &str, errors: Value| {
        json!({ "data": { "id": "40319", "to": [{ "phone_number": "+254700000001", "status": status }],
            "cost": { "amount": "0.0045", "currency": "USD" }, "errors": errors, "completed_at": "2026-03-01T10:00:05Z" } })
    };
    let (told, paths) = ask(Kind::Telnyx, "40319", 200, text("delivered", json!([]))).await;
    let told = told.unwrap().unwrap();
    assert_eq!((told.status, told.phone.as_deref()), (ReceiptStatus::Delivered, Some("+254700000001")));
    assert!(paths[0].ends_with("/messages/40319"), "{paths:?}");
    let (told, _) = ask(
        Kind::Telnyx,
        "40319",
        200,
        text("delivery_failed", json!([{ "code": "40300", "title": "Blocked due to STOP message" }])),
    )
    .await;
    assert_eq!(told.unwrap().unwrap().error.unwrap().class, ErrorClass::OptedOut);
    let (told, _) = ask(Kind::Telnyx, "40319", 200, text("sending", json!([]))).await;
    assert_eq!(told.unwrap(), None);
    assert!(ask(Kind::Telnyx, "40319", 200, json!({})).await.0.is_err());
}

#[tokio::test]
async fn bulksms_tells_what_its_webhooks_tell() {
    let text = |kind: &str, id: &str| json!({ "id": "1234", "type": "SENT", "to": "254700000001", "status": { "id": id, "type": kind } });
    let (told, paths) = ask(Kind::BulkSms, "1234", 200, text("DELIVERED", "DELIVERED.null")).await;
    assert_eq!(told.unwrap().unwrap().status, ReceiptStatus::Delivered);
    assert!(paths[0].ends_with("/messages/1234"), "{paths:?}");
    let (told, _) = ask(Kind::BulkSms, "1234", 200, text("FAILED", "FAILED.BLOCKED")).await;
    assert_eq!(told.unwrap().unwrap().error.unwrap().class, ErrorClass::OptedOut);
    let (told, _) = ask(Kind::BulkSms, "1234", 200, text("ACCEPTED", "ACCEPTED.null")).await;
    assert_eq!(told.unwrap(), None);
}

#[tokio::test]
async fn an_id_that_would_change_the_address_is_not_asked_for() {
    for kind in [Kind::Twilio, Kind::Telnyx, Kind::BulkSms] {
        for id in ["", "../x", "a/b", "a?b", "a%2fb", "ä"] {
            let (told, paths) = ask(kind, id, 200, json!({})).await;
            assert!(told.is_err() && paths.is_empty(), "{kind} {id}");
        }
    }
}
