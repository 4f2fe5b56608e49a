//! Telnyx: what is its own. What all providers do alike stands in `tests/contracts`.

use http::Method;
use jiff::Timestamp;

use super::*;
use crate::{
    Kind,
    testing::{self, Server, outbound, outgoing, webhook},
};

/// Made with the official library.
const SIGNATURE: &str = "s+zz03T84b2uklZQ1rDgPx1Tv8KL+kTSIREoRYdNssP5WJCQhVeyHPhYQAMVY1nMDn0cs192kxvEvG6YQY1/Cw==";

#[test]
fn the_official_vector() {
    let account = testing::account(Kind::Telnyx);
    let signed = |time: &str, body: &str, received: i64| {
        let headers = [("telnyx-signature-ed25519", SIGNATURE), ("telnyx-timestamp", time)];
        let call = webhook(Method::POST, &headers, "", body);
        Telnyx.verify(&account, &WebhookRequest { received_at: Timestamp::from_second(received).unwrap(), ..call })
    };
    assert_eq!(signed("1700000000", "{}", 1_700_000_000), Ok(()));
    assert!(signed("1700000001", "{}", 1_700_000_000).is_err());
    assert!(signed("1700000000", "{ }", 1_700_000_000).is_err());
    assert!(signed("1700000000", "{}", 1_700_000_301).is_err());
    assert!(signed("-9223372036854775808", "{}", 1_700_000_000).is_err());
}

#[tokio::test]
async fn a_text_has_a_key_of_its_own_and_the_same_when_it_is_tried_again() {
    let answer = json!({ "data": { "id": "4031", "parts": 2, "cost": { "amount": "0.0102", "currency": "USD" } } });
    let server = Server::start(move |_| testing::json(200, &answer)).await;
    let mut account = Account { api_url: Some(format!("{}/v2", server.url)), ..testing::account(Kind::Telnyx) };
    let text = outgoing("+254700000001", "Hi");
    let again = Outgoing { attempt: 2, ..text.clone() };
    let asked_for = Outgoing { submission: 2, ..text.clone() };
    for text in [&text, &again, &asked_for] {
        let outcome = Telnyx.send(&account, &outbound(), std::slice::from_ref(text)).await.remove(0);
        let Outcome::Accepted { cost, segments: Some(2), .. } = outcome else { panic!("{outcome:?}") };
        assert_eq!(cost, answer::amount("0.0102", "USD"));
    }
    let seen = server.seen();
    let key = |place: usize| seen[place].header("idempotency-key");
    assert_eq!((key(0), key(1)), (text.idempotency_key().as_str(), text.idempotency_key().as_str()));
    assert_ne!(key(0), key(2));
    // They compare it byte by byte.
    assert_eq!(seen[0].body, seen[1].body);
    assert!(key(0).len() <= 255 && key(0).bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_:".contains(&byte)));
    assert_eq!(
        (seen[0].path.as_str(), seen[0].header("authorization")),
        ("/v2/messages", "Bearer KEY0123456789abcdef")
    );
    assert_eq!(
        (seen[0].json()["from"].as_str(), seen[0].json().get("messaging_profile_id")),
        (Some("+15550001111"), None)
    );
    account.settings = json!({ "messagingProfileId": "3fa8" });
    account.sender_id = Some("ACME".to_owned());
    Telnyx.send(&account, &outbound(), &[text]).await;
    let last = server.seen()[3].json();
    assert_eq!((last["from"].as_str(), last["messaging_profile_id"].as_str()), (Some("ACME"), Some("3fa8")));
    assert_eq!(Telnyx.remembers(&account), Some(Duration::from_hours(20)));
}

#[test]
fn a_sender_that_is_a_name_needs_a_profile() {
    let pointer = |sender: Option<&str>, settings: Value| {
        let sender_id = sender.map(str::to_owned);
        let account = Account { settings, sender_id, ..testing::account(Kind::Telnyx) };
        let found = crate::validate(&account, &outbound());
        found.first().map(|found| found.pointer.clone())
    };
    let profile = json!({ "messagingProfileId": "3fa8" });
    assert_eq!(pointer(Some("+15550001111"), Value::Null), None);
    assert_eq!(pointer(Some("ACME"), Value::Null).as_deref(), Some("/settings/messagingProfileId"));
    assert_eq!(pointer(None, Value::Null).as_deref(), Some("/senderId"));
    assert_eq!((pointer(Some("ACME"), profile.clone()), pointer(None, profile)), (None, None));
}

#[test]
fn steps_that_say_nothing_new_and_words_that_were_understood() {
    let account = testing::account(Kind::Telnyx);
    let event = |kind: &str, payload: Value| {
        let body = json!({ "data": { "event_type": kind, "payload": payload } });
        webhook(Method::POST, &[], "", &body.to_string())
    };
    let step = |status: &str| {
        let payload = json!({ "id": "1", "to": [{ "phone_number": "+1", "status": status }] });
        let receipts = Telnyx.receipts(&account, &event("message.finalized", payload)).unwrap();
        receipts.first().map(|receipt| receipt.status)
    };
    assert_eq!(
        (step("queued"), step("sending"), step("delivery_unconfirmed")),
        (None, None, Some(ReceiptStatus::Sent))
    );
    assert_eq!(step("expired"), Some(ReceiptStatus::Failed));
    let word = |word: &str| {
        let payload =
            json!({ "id": "1", "from": { "phone_number": "+2547" }, "text": "Acha", "autoresponse_type": word });
        Telnyx.inbound(&account, &event("message.received", payload)).unwrap()[0].keyword
    };
    assert_eq!(
        (word("STOP"), word("opt_in"), word("HELP")),
        (Some(Keyword::Stop), Some(Keyword::Start), Some(Keyword::Help))
    );
    assert_eq!(word("other"), None);
}
