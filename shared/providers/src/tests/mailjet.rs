//! Mailjet as its guides and the samples of its libraries show it.

use domain::suppression::SuppressionReason;
use serde_json::{Value, json};

use super::*;
use crate::{
    Kind,
    testing::{self, Seen, Server, broken, class, mail, nobody, outbound, reply, webhook},
};

fn account(url: &str) -> Account {
    Account { api_url: Some(url.to_owned()), ..testing::account(Kind::Mailjet) }
}

async fn send(url: &str, batch: &[Outgoing]) -> Vec<Outcome> {
    Mailjet.send(&account(url), &outbound(), batch).await
}

fn success(message: &Value) -> Value {
    let to = &message["To"][0]["Email"];
    let uuid = format!("uuid-of-{}", to.as_str().unwrap());
    json!({
        "Status": "success", "CustomID": message["CustomID"],
        "To": [{ "Email": to, "MessageUUID": uuid, "MessageID": 576_460_752_303_u64, "MessageHref": "https://x" }],
    })
}

fn error(code: &str, status: u16, related: &[&str]) -> Value {
    let errors = json!([{
        "ErrorIdentifier": "f9", "ErrorCode": code, "StatusCode": status, "ErrorMessage": "no", "ErrorRelatedTo": related,
    }]);
    json!({ "Status": "error", "Errors": errors })
}

fn takes_all(seen: &Seen) -> testing::Reply {
    let messages: Vec<Value> = seen.json()["Messages"].as_array().unwrap().iter().map(success).collect();
    testing::json(200, &json!({ "Messages": messages }))
}

#[tokio::test]
async fn fifty_messages_make_a_call() {
    let server = Server::start(takes_all).await;
    let batch: Vec<Outgoing> = (0..120).map(|n| mail(&format!("a{n}@x.example"), &format!("Hi {n}"), "text")).collect();
    let outcomes = send(&server.url, &batch).await;
    for (outgoing, outcome) in batch.iter().zip(&outcomes) {
        let Outcome::Accepted { id: Some(id), .. } = outcome else { panic!("{outcome:?}") };
        assert_eq!(*id, format!("uuid-of-{}", outgoing.to));
    }
    let mut sizes: Vec<usize> =
        server.seen().iter().map(|seen| seen.json()["Messages"].as_array().unwrap().len()).collect();
    sizes.sort_unstable();
    assert_eq!((outcomes.len(), sizes), (120, vec![20, 50, 50]));
}

#[tokio::test]
async fn a_message_has_all_of_its_parts() {
    let server = Server::start(takes_all).await;
    let outgoing = mail("ann@x.example", "Hi Ann", "Dear Ann");
    let mut account = account(&server.url);
    account.settings = json!({ "replyTo": "help@acme.example" });
    Mailjet.send(&account, &outbound(), std::slice::from_ref(&outgoing)).await;
    let seen = &server.seen()[0];
    assert_eq!((seen.path.as_str(), seen.json()["SandboxMode"].clone()), ("/v3.1/send", json!(false)));
    assert_eq!(seen.header("authorization"), "Basic bWFpbGpldF9wdWJsaWNfMTptYWlsamV0X3NlY3JldF8x");
    let message = &seen.json()["Messages"][0];
    assert_eq!(message["From"], json!({ "Email": "hello@acme.example", "Name": "Acme" }));
    assert_eq!(message["ReplyTo"]["Email"], "help@acme.example");
    assert_eq!(
        (&message["Subject"], &message["CustomID"]),
        (&json!("Hi Ann"), &json!(outgoing.delivery_id.to_string()))
    );
    assert!(message["TextPart"].as_str().unwrap().starts_with("Dear Ann\n"));
    assert!(message["HTMLPart"].as_str().unwrap().contains("Dear Ann</p>"));
    assert_eq!(message["Headers"]["List-Unsubscribe"], format!("<{}>", outgoing.unsubscribe_url.unwrap()));
    assert_eq!(message["Headers"]["List-Unsubscribe-Post"], "List-Unsubscribe=One-Click");
}

#[tokio::test]
async fn a_mixed_answer_is_read_one_by_one_whatever_its_status() {
    for status in [200, 207, 400] {
        let server = Server::start(move |seen| {
            let sent = seen.json()["Messages"].as_array().unwrap().clone();
            let answers = json!([
                success(&sent[0]),
                error("mj-0013", 400, &["To[0].Email"]),
                error("send-0008", 403, &["From.Email"]),
                error("send-0010", 400, &["TemplateID"]),
                error("mj-0004", 429, &[]),
                error("send-0003", 400, &["To"]),
                success(&sent[6]),
            ]);
            testing::json(status, &json!({ "Messages": answers }))
        })
        .await;
        let batch: Vec<Outgoing> = (0..7).map(|n| mail(&format!("a{n}@x.example"), "S", "t")).collect();
        let classes: Vec<_> = send(&server.url, &batch).await.iter().map(class).collect();
        let expected = [
            None,
            Some(E::InvalidRecipient),
            Some(E::BadSender),
            Some(E::BadContent),
            Some(E::RateLimited),
            Some(E::InvalidRecipient),
            None,
        ];
        assert_eq!(classes, expected, "{status}");
    }
}

#[tokio::test]
async fn refusals_of_a_whole_call() {
    let batch = [mail("a@x.example", "S", "t"), mail("b@x.example", "S", "t")];
    let whole = |code: &str, status: u16| {
        let body = json!({ "ErrorIdentifier": "f", "ErrorCode": code, "StatusCode": status, "ErrorMessage": "no" });
        move |_: &Seen| testing::json(status, &body)
    };
    for (server, expected) in [
        (Server::start(whole("mj-0001", 401)).await, E::AccountSuspended),
        (Server::start(whole("mj-0015", 401)).await, E::BadCredentials),
        (Server::start(whole("mj-0002", 400)).await, E::BadContent),
        (Server::start(|_| reply(429, "text/plain", "slow")).await, E::RateLimited),
        (Server::start(|_| reply(500, "text/html", "<h1>")).await, E::Ambiguous),
        (Server::start(|_| reply(503, "text/html", "<h1>")).await, E::Transient),
        (Server::start(|_| reply(200, "application/json", "{\"Messages\":[{\"Sta")).await, E::Ambiguous),
        (Server::start(|_| testing::json(200, &json!({ "Messages": [] }))).await, E::Ambiguous),
    ] {
        assert_eq!(send(&server.url, &batch).await.iter().map(class).collect::<Vec<_>>(), [Some(expected); 2]);
    }
    assert_eq!(class(&send(&nobody().await, &batch).await[0]), Some(E::Transient));
    assert_eq!(class(&send(&broken(None).await, &batch).await[0]), Some(E::Ambiguous));
}

#[tokio::test]
async fn the_test_reads_the_page_of_the_key() {
    let server = Server::start(|_| testing::json(200, &json!({ "Count": 1, "Data": [] }))).await;
    assert!(Mailjet.test(&account(&server.url), &outbound()).await.unwrap().asked);
    assert_eq!((server.seen()[0].method.clone(), server.seen()[0].path.as_str()), (Method::GET, "/v3/REST/apikey"));
    let wrong = Server::start(|_| reply(401, "text/plain", "")).await;
    assert_eq!(Mailjet.test(&account(&wrong.url), &outbound()).await.unwrap_err().class, E::BadCredentials);
}

#[test]
fn a_password_in_the_address_proves_their_calls() {
    let mut account = testing::account(Kind::Mailjet);
    let call = |authorization: &str| webhook(Method::POST, &[("authorization", authorization)], "", "[]");
    assert!(Mailjet.verify(&account, &call("")).is_ok(), "without a password the token in the path is all there is");
    account.credentials.insert("webhookPassword".into(), "correct-horse".into());
    let good = format!("Basic {}", signature::base64("dundun:correct-horse"));
    assert!(Mailjet.verify(&account, &call(&good)).is_ok());
    for bad in ["", "Basic", "Basic ZHVuZHVuOng=", &good[..good.len() - 1], "Bearer correct-horse"] {
        assert!(Mailjet.verify(&account, &call(bad)).is_err(), "{bad}");
    }
}

#[test]
fn events_come_alone_or_grouped() {
    let account = testing::account(Kind::Mailjet);
    let id = mail("ann@x.example", "S", "t").delivery_id;
    let event = |own: Value| {
        let mut event = json!({
            "time": 1_433_333_949, "MessageID": 19_421_777_835_146_490_i64, "Message_GUID": "uuid-1",
            "email": "ann@x.example", "mj_campaign_id": 7, "CustomID": id.to_string(), "Payload": "",
        });
        event.as_object_mut().unwrap().extend(own.as_object().unwrap().clone());
        event
    };
    let read = |body: &Value| {
        let call = webhook(Method::POST, &[], "", &body.to_string());
        (Mailjet.receipts(&account, &call).unwrap(), Mailjet.suppressed(&account, &call).unwrap())
    };
    let (receipts, _) = read(&event(json!({ "event": "sent", "smtp_reply": "250 OK" })));
    assert_eq!((receipts[0].status, receipts[0].correlation), (ReceiptStatus::Delivered, Some(id)));
    assert_eq!(receipts[0].provider_message_id.as_deref(), Some("uuid-1"));
    assert_eq!(receipts[0].occurred_at.unwrap().as_second(), 1_433_333_949);
    let failed = |kind: &str, hard: bool, error: &str| {
        event(
            json!({ "event": kind, "hard_bounce": hard, "blocked": kind == "blocked", "error": error, "comment": "c" }),
        )
    };
    for (error, expected, because) in crate::mailjet_events::ERRORS {
        let (receipts, suppressed) = read(&failed("blocked", false, error));
        assert_eq!(receipts[0].error.as_ref().unwrap().class, *expected, "{error}");
        assert_eq!(suppressed.first().map(|one| one.reason), *because, "{error}");
    }
    let (receipts, suppressed) = read(&failed("bounce", true, "something new"));
    assert_eq!(receipts[0].error.as_ref().unwrap().class, E::InvalidRecipient);
    assert_eq!(suppressed[0].reason, SuppressionReason::Bounced);
    assert_eq!(read(&failed("bounce", false, "greylisted")), (vec![], vec![]), "they try again");
    let group = json!([
        event(json!({ "event": "spam", "source": "JMRPP" })),
        event(json!({ "event": "unsub", "mj_list_id": 1 })),
        event(json!({ "event": "open" })),
        event(json!({ "event": "click", "url": "https://x" })),
    ]);
    let (receipts, suppressed) = read(&group);
    let reasons: Vec<_> = suppressed.iter().map(|one| one.reason).collect();
    assert_eq!((receipts.len(), reasons), (0, vec![SuppressionReason::Complained, SuppressionReason::OptedOut]));
    for cut in ["", "[{", "7", "[7]", "{}"] {
        assert!(Mailjet.receipts(&account, &webhook(Method::POST, &[], "", cut)).is_err(), "{cut}");
    }
}
