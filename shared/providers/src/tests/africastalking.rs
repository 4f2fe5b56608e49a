//! Africa's Talking as its pages and the recorded answers of its SDKs show it.

use std::time::Duration;

use http::Method;
use serde_json::{Value, json};

use super::*;
use crate::{
    Kind,
    testing::{self, Reply, Seen, Server, broken, nobody, outbound, outgoing, reply, webhook},
};

fn account(url: &str) -> Account {
    Account { api_url: Some(url.to_owned()), ..testing::account(Kind::AfricasTalking) }
}

async fn send(url: &str, batch: &[Outgoing]) -> Vec<Outcome> {
    AfricasTalking.send(&account(url), &outbound(), batch).await
}

fn row(number: &str, code: u16, status: &str) -> Value {
    json!({
        "number": number,
        "status": status,
        "statusCode": code,
        "messageId": format!("ATXid_{number}"),
        "cost": "KES 0.8000",
    })
}

fn sent(message: &str, rows: &[Value]) -> Reply {
    testing::json(201, &json!({ "SMSMessageData": { "Message": message, "Recipients": rows } }))
}

fn numbers(seen: &Seen) -> Vec<String> {
    seen.form()["to"].split(',').map(str::to_owned).collect()
}

/// Takes everybody, in reverse order.
fn takes_all(seen: &Seen) -> Reply {
    let rows: Vec<_> = numbers(seen).iter().rev().map(|number| row(number, 102, "Success")).collect();
    sent("Sent to 2/2 Total Cost: KES 1.6000 Message parts: 2", &rows)
}

fn class(outcome: &Outcome) -> Option<ErrorClass> {
    match outcome {
        Outcome::Accepted { .. } => None,
        Outcome::Rejected { class, .. } | Outcome::Retry { class, .. } => Some(*class),
        Outcome::Unknown { .. } => Some(E::Ambiguous),
    }
}

#[tokio::test]
async fn one_text_is_one_call_and_answers_are_matched_by_number() {
    let server = Server::start(takes_all).await;
    let outcomes =
        send(&server.url, &[outgoing("+254700000001", "Hi & bye"), outgoing("+254700000002", "Hi & bye")]).await;
    let Outcome::Accepted { id, cost, segments, response } = &outcomes[1] else { panic!("{outcomes:?}") };
    assert_eq!(id.as_deref(), Some("ATXid_+254700000002"));
    assert_eq!((cost.clone(), *segments, response.as_str()), (answer::amount("0.8000", "KES"), Some(2), "102 Success"));
    let seen = server.seen();
    assert_eq!((seen.len(), seen[0].method.as_str(), seen[0].path.as_str()), (1, "POST", "/version1/messaging"));
    assert_eq!((seen[0].header("apikey"), seen[0].header("accept")), ("at_key_0123456789", "application/json"));
    assert_eq!(seen[0].header("content-type"), "application/x-www-form-urlencoded");
    let form = seen[0].form();
    let expected = [
        ("bulkSMSMode", "1"),
        ("enqueue", "1"),
        ("from", "ACME"),
        ("message", "Hi & bye"),
        ("to", "+254700000001,+254700000002"),
        ("username", "acme"),
    ];
    assert_eq!(form.iter().map(|(key, value)| (key.as_str(), value.as_str())).collect::<Vec<_>>(), expected);
}

#[tokio::test]
async fn a_batch_is_grouped_by_text_and_keeps_its_order() {
    let server = Server::start(takes_all).await;
    let batch = [
        outgoing("+254700000001", "Hi Ann"),
        outgoing("+254700000002", "Hi Bob"),
        outgoing("+254700000003", "Hi Ann"),
        outgoing("+254700000004", "Hi Cat"),
    ];
    let outcomes = send(&server.url, &batch).await;
    for (outgoing, outcome) in batch.iter().zip(&outcomes) {
        let Outcome::Accepted { id: Some(id), .. } = outcome else { panic!("{outcome:?}") };
        assert_eq!(*id, format!("ATXid_{}", outgoing.to));
    }
    assert_eq!(outcomes.len(), 4);
    assert_eq!(server.seen().len(), 3);
}

#[test]
fn a_window_has_few_texts_or_few_numbers() {
    let window = |batch: &[Outgoing]| AfricasTalking.window(&testing::account(Kind::AfricasTalking), batch);
    let same: Vec<_> = (0..150).map(|n| outgoing(&format!("+2547{n:08}"), "Hi")).collect();
    assert_eq!(window(&same), 100);
    let own: Vec<_> = (0..150).map(|n| outgoing(&format!("+2547{n:08}"), &format!("Hi {}", n / 2))).collect();
    assert_eq!((window(&own), window(&own[..3]), window(&[])), (20, 3, 0));
}

#[tokio::test]
async fn each_recipient_has_its_own_answer() {
    let server = Server::start(|seen| {
        let codes = STATUS_CODES.iter().map(|(code, ..)| *code).chain([999]);
        let rows: Vec<_> = numbers(seen).iter().zip(codes).map(|(number, code)| row(number, code, "Word")).collect();
        sent("Sent to some", &rows)
    })
    .await;
    let count = STATUS_CODES.len() + 2;
    let batch: Vec<_> = (0..count).map(|n| outgoing(&format!("+2547000000{n:02}"), "Hi")).collect();
    let outcomes = send(&server.url, &batch).await;
    for ((code, wanted, _), outcome) in STATUS_CODES.iter().zip(&outcomes) {
        assert_eq!(class(outcome), *wanted, "{code}");
        let retried = matches!(outcome, Outcome::Retry { .. });
        assert_eq!(retried, *code >= 500, "{code}");
    }
    assert_eq!(class(&outcomes[count - 2]), Some(E::Transient)); // 999 is not in the table
    assert_eq!(class(&outcomes[count - 1]), Some(E::InvalidRecipient)); // not in the answer
}

#[tokio::test]
async fn a_201_that_lists_nobody_took_nobody() {
    for (message, wanted) in
        [("InvalidSenderId", E::BadSender), ("InsufficientBalance", E::InsufficientBalance), ("?", E::BadContent)]
    {
        let server = Server::start(move |_| sent(message, &[])).await;
        let outcomes = send(&server.url, &[outgoing("+254700000001", "Hi"), outgoing("+254700000002", "Hi")]).await;
        assert!(outcomes.iter().all(|outcome| class(outcome) == Some(wanted)), "{message}: {outcomes:?}");
    }
}

#[tokio::test]
async fn statuses_of_the_whole_call() {
    let texts = [outgoing("+254700000001", "Hi")];
    let server = Server::start(|_| reply(401, "text/plain", "The supplied authentication is invalid")).await;
    let outcomes = send(&server.url, &texts).await;
    let Outcome::Rejected { class: E::BadCredentials, response, .. } = &outcomes[0] else { panic!("{outcomes:?}") };
    assert_eq!(response, "The supplied authentication is invalid");
    let cases: [(u16, Option<&str>, ErrorClass, Option<u64>); 3] = [
        (429, Some("7"), E::RateLimited, Some(7)),
        (429, None, E::RateLimited, None),
        (503, Some("2"), E::Transient, Some(2)),
    ];
    for (status, after, wanted, pause) in cases {
        let server = Server::start(move |_| match after {
            Some(after) => reply(status, "text/html", "<h1>").header("retry-after", after),
            None => reply(status, "text/html", "<h1>"),
        })
        .await;
        let outcomes = send(&server.url, &texts).await;
        let Outcome::Retry { after, class, .. } = &outcomes[0] else { panic!("{outcomes:?}") };
        assert_eq!((*class, after.map(|after| after.as_secs())), (wanted, pause));
    }
    // It may have been taken before whatever failed.
    let server = Server::start(|_| reply(500, "text/html", "<h1>")).await;
    let outcomes = send(&server.url, &texts).await;
    assert!(matches!(outcomes[0], Outcome::Unknown { .. }), "{outcomes:?}");
}

#[tokio::test]
async fn what_left_without_an_answer_is_unknown() {
    let texts = [outgoing("+254700000001", "Hi"), outgoing("+254700000002", "Hi")];
    assert!(
        send(&nobody().await, &texts)
            .await
            .iter()
            .all(|outcome| matches!(outcome, Outcome::Retry { class: E::Transient, .. }))
    );
    assert!(send(&broken(None).await, &texts).await.iter().all(|outcome| matches!(outcome, Outcome::Unknown { .. })));
    let server = Server::start(|_| reply(201, "application/json", "{\"SMSMessageData\":{\"Mess")).await;
    assert!(send(&server.url, &texts).await.iter().all(|outcome| matches!(outcome, Outcome::Unknown { .. })));
    let refused = AfricasTalking.send(&account("http://10.0.0.1"), &outbound(), &texts).await;
    assert!(matches!(&refused[0], Outcome::Rejected { class: E::BadSender, .. }));
}

#[tokio::test]
async fn balance_and_test_send_nothing() {
    let server = Server::start(|_| testing::json(200, &json!({ "UserData": { "balance": "USD 99.61" } }))).await;
    let account = account(&server.url);
    assert_eq!(AfricasTalking.balance(&account, &outbound()).await, Ok(answer::amount("99.61", "USD")));
    assert!(AfricasTalking.test(&account, &outbound()).await.unwrap().asked);
    let seen = server.seen();
    assert!(seen.iter().all(|seen| seen.method == Method::GET && seen.path == "/version1/user?username=acme"));
    let server = Server::start(|_| reply(401, "text/plain", "bad at_key_0123456789")).await;
    let failure = AfricasTalking.test(&self::account(&server.url), &outbound()).await.unwrap_err();
    assert_eq!((failure.class, failure.response.as_str()), (E::BadCredentials, "bad ****"));
}

#[test]
fn the_sandbox_has_its_own_address() {
    let mut account = testing::account(Kind::AfricasTalking);
    let address = |account: &Account| call(account, Method::GET, "/x").unwrap().url.to_string();
    assert_eq!(address(&account), format!("{LIVE}/x"));
    account.credentials.insert("username".into(), "sandbox".into());
    assert_eq!(address(&account), format!("{TEST}/x"));
    account.api_url = Some("http://127.0.0.1:1/".to_owned());
    assert_eq!(address(&account), "http://127.0.0.1:1/x");
}

#[test]
fn delivery_reports() {
    let account = testing::account(Kind::AfricasTalking);
    let read = |body: &str| {
        let headers = [("content-type", "application/x-www-form-urlencoded")];
        AfricasTalking.receipts(&account, &webhook(Method::POST, &headers, "", body))
    };
    let first = read("id=ATXid_1&status=Success&phoneNumber=%2B254700000001&networkCode=63902&retryCount=0").unwrap();
    assert_eq!(first[0].status, ReceiptStatus::Delivered);
    assert_eq!(
        (first[0].provider_message_id.as_deref(), first[0].phone.as_deref()),
        (Some("ATXid_1"), Some("+254700000001"))
    );
    // Twice the same, the same; the engine takes it once.
    assert_eq!(
        read("id=ATXid_1&status=Success&phoneNumber=%2B254700000001&networkCode=63902&retryCount=0").unwrap(),
        first
    );
    for (word, status) in
        [("Sent", ReceiptStatus::Sent), ("Submitted", ReceiptStatus::Sent), ("Buffered", ReceiptStatus::Sent)]
    {
        assert_eq!(read(&format!("id=1&status={word}&phoneNumber=254700000001")).unwrap()[0].status, status);
    }
    for (word, wanted, _) in FAILURE_REASONS {
        let receipts = read(&format!("id=1&status=Failed&failureReason={word}")).unwrap();
        assert_eq!(receipts[0].error.as_ref().unwrap().class, *wanted);
    }
    assert_eq!(read("id=1&status=Rejected").unwrap()[0].error.as_ref().unwrap().class, E::Transient);
    assert_eq!(read("id=1&status=Dreaming").unwrap(), []);
    // Incoming texts and opt-outs may be sent to the same address.
    assert_eq!(read("from=%2B254700000001&to=22884&text=STOP&date=x&id=1&linkId=y").unwrap(), []);
    assert_eq!(read("senderId=ACME&phoneNumber=%2B254700000001").unwrap(), []);
    for cut in ["", "id=ATXid_1", "id=ATXid_1&sta", "status=Success", "\u{fffd}"] {
        assert!(read(cut).is_err(), "{cut}");
    }
}

#[tokio::test]
async fn a_slow_answer_within_the_limit_counts() {
    // The limits come from the client, so that tests can shorten them.
    let slow = outbound().with_timeouts(Duration::from_millis(50), Duration::from_millis(100));
    let outcomes = AfricasTalking.send(&account(&broken(None).await), &slow, &[outgoing("+254700000001", "Hi")]).await;
    assert_eq!(
        outcomes,
        [Outcome::Unknown { reason: "the provider may have received the request: no answer in time".to_owned() }]
    );
}

#[test]
fn incoming_texts_and_opt_outs() {
    let account = testing::account(Kind::AfricasTalking);
    let read = |body: &str| AfricasTalking.inbound(&account, &webhook(Method::POST, &[], "", body));
    // The plus comes plain, and so as a blank, or encoded.
    for from in ["+254700000001", "%2B254700000001", "254700000001"] {
        let body =
            format!("id=in-1&from={from}&to=22141&text=STOP&date=2026-11-21+10%3A00%3A00&linkId=l1&networkCode=63902");
        let text = read(&body).unwrap();
        assert_eq!(
            text,
            [Inbound {
                provider_message_id: Some("in-1".into()),
                from: "+254700000001".into(),
                to: Some("22141".into()),
                text: "STOP".into(),
                keyword: None,
                occurred_at: None,
            }]
        );
    }
    let opted_out = read("senderId=ACME&phoneNumber=%2B254700000001").unwrap();
    assert_eq!((opted_out[0].keyword, opted_out[0].from.as_str()), (Some(Keyword::Stop), "+254700000001"));
    assert_eq!(opted_out[0].text, "");
    assert_eq!(read("id=ATXid_1&status=Success&phoneNumber=%2B254700000001").unwrap(), []);
    assert!(read("id=in-1&from=ACME&text=Hi").is_err(), "a name is nobody to answer");
}
