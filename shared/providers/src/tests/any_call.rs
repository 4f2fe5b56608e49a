//! Any webhook call gives receipts or a named refusal: never a panic, never more than the call holds.

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Method};
use jiff::Timestamp;
use proptest::prelude::*;
use serde_json::json;

use crate::{
    Kind, provider,
    provider::{Account, WebhookRequest},
    testing,
};

/// One config of every kind that takes calls; a custom one in each way to prove its sender.
fn accounts() -> Vec<Account> {
    let custom = |settings: serde_json::Value| Account { settings, ..testing::account(Kind::Custom) };
    let url = json!({ "url": "https://a.example" });
    let pointers = json!({
        "itemsPointer": "/a", "idPointer": "/0", "statusPointer": "/1", "timePointer": "/2", "phonePointer": "/3",
        "errorPointer": "/4", "messageIdPointer": "/5", "map": { "1": "DELIVERED", "x": "FAILED" },
    });
    let mut accounts: Vec<Account> =
        Kind::ALL.into_iter().filter(|kind| *kind != Kind::Custom).map(testing::account).collect();
    accounts.push(custom(json!({ "request": url })));
    accounts.push(custom(json!({ "request": url, "dlr": pointers })));
    for auth in ["hmac-sha256", "token", "basic"] {
        let mut account = custom(json!({ "request": url, "dlr": { "auth": { "kind": auth } } }));
        account.credentials.insert("webhookSecret".into(), "user:pa55".into());
        accounts.push(account);
    }
    accounts
}

fn take(method: Method, headers: &[(String, Vec<u8>)], query: &str, body: &[u8]) -> Result<(), TestCaseError> {
    let mut map = HeaderMap::new();
    for (name, value) in headers {
        if let (Ok(name), Ok(value)) = (HeaderName::try_from(name), HeaderValue::from_bytes(value)) {
            map.append(name, value);
        }
    }
    let request = WebhookRequest {
        method,
        query: query.to_owned(),
        headers: map,
        body: Bytes::copy_from_slice(body),
        received_at: Timestamp::UNIX_EPOCH,
    };
    for account in accounts() {
        let adapter = provider(account.kind);
        let _ = adapter.verify(&account, &request);
        let _ = (adapter.inbound(&account, &request), adapter.suppressed(&account, &request));
        // Each receipt needs a state, so there are fewer than bytes.
        for receipt in adapter.receipts(&account, &request).unwrap_or_default() {
            let Some(receipt) = receipt.bounded() else { continue };
            prop_assert!(receipt.correlation.is_some() || receipt.provider_message_id.is_some());
            let kept = [&receipt.provider_message_id, &receipt.phone].into_iter().flatten().map(String::len).max();
            prop_assert!(kept.unwrap_or(0) <= 255);
            prop_assert!(receipt.error.is_none_or(|error| error.reason.chars().count() < 200));
        }
    }
    Ok(())
}

fn headers() -> impl Strategy<Value = Vec<(String, Vec<u8>)>> {
    let name = prop::sample::select(vec![
        "content-type",
        "x-signature",
        "authorization",
        "x-twilio-signature",
        "i-twilio-idempotency-token",
    ]);
    let value = prop_oneof![
        prop::collection::vec(any::<u8>(), 0..40),
        prop::sample::select(vec!["application/json", "application/x-www-form-urlencoded", "Basic eDp5", "sha256=00"])
            .prop_map(|text| text.as_bytes().to_vec()),
    ];
    prop::collection::vec((name.prop_map(str::to_owned), value), 0..4)
}

/// An event of an e-mail provider, with something else in the place of some of its values.
fn email_event() -> impl Strategy<Value = String> {
    let word = || {
        prop_oneof![
            "[a-z@. 0-9<>-]{0,30}",
            Just("bounce".to_owned()),
            Just("Permanent".to_owned()),
            Just("5.1.1".to_owned()),
            Just("é€".to_owned())
        ]
    };
    (word(), word(), word(), any::<f64>()).prop_map(|(event, a, b, number)| {
        let own = json!({ "event": event, "email": a, "reason": b, "status": a, "timestamp": number as i64, "type": b, "error": a, "time": 1 });
        let ses = json!({
            "eventType": event, "mail": { "messageId": a, "destination": [b], "tags": { "dundun_delivery": [a] } },
            "bounce": { "bounceType": b, "bouncedRecipients": [{ "emailAddress": a, "status": b, "diagnosticCode": a }] },
        });
        let mailgun = json!({
            "event": event, "timestamp": number, "severity": b, "reason": a, "recipient": a,
            "delivery-status": { "code": 550, "message": b }, "user-variables": { "dundun_delivery": a },
        });
        json!({ "event-data": mailgun, "Type": "Notification", "Message": ses.to_string(), "event": event, "own": [own] }).to_string()
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn any_email_event(body in email_event()) {
        take(Method::POST, &[], "", body.as_bytes())?;
        let list = serde_json::from_str::<serde_json::Value>(&body).unwrap()["own"].to_string();
        take(Method::POST, &[], "", list.as_bytes())?;
    }

    #[test]
    fn any_bytes(post: bool, headers in headers(), query in ".{0,60}", body in prop::collection::vec(any::<u8>(), 0..300)) {
        take(if post { Method::POST } else { Method::GET }, &headers, &query, &body)?;
    }

    #[test]
    fn any_form(headers in headers(), fields in prop::collection::vec((prop::sample::select(vec!["id", "status", "MessageSid", "MessageStatus", "ErrorCode", "To", "From", "phoneNumber", "failureReason", "text", "messageId", "time"]), "[A-Za-z0-9+:@ %-]{0,24}|Failed|Success|sent|delivered|-9223372036854775808"), 0..8)) {
        let form: Vec<String> = fields.iter().map(|(name, value)| format!("{name}={value}")).collect();
        take(Method::POST, &headers, "", form.join("&").as_bytes())?;
        take(Method::GET, &headers, &form.join("&"), b"")?;
    }

    #[test]
    fn any_json(values in prop::collection::vec("\\[|\\]|\\{|\\}|,|\"a\":|\"(1|x|sent|failed|id|status)\"|-9223372036854775808|1e400|null|\"a\":\\[\\[\"p\",\"sent\",-9223372036854775808,\"[0-9@]{0,300}\"\\]\\]", 0..10)) {
        take(Method::POST, &[("content-type".to_owned(), b"application/json".to_vec())], "", values.concat().as_bytes())?;
    }
}

#[test]
fn a_time_before_all_times_and_a_number_without_end() {
    let items = json!({ "a": [["p".repeat(300), "x", "", "1".repeat(400)], ["p", 1, i64::MIN, "+254700000001"]] });
    let account = accounts().into_iter().filter(|account| account.kind == Kind::Custom).nth(1).unwrap();
    let request = testing::webhook(Method::POST, &[("content-type", "application/json")], "", &items.to_string());
    let receipts = provider(Kind::Custom).receipts(&account, &request).unwrap();
    assert_eq!((receipts.len(), receipts[1].occurred_at), (2, None));
    // Nothing is left by which the first could be matched.
    let kept: Vec<_> = receipts.into_iter().filter_map(crate::Receipt::bounded).collect();
    assert_eq!(kept.len(), 1);
    assert_eq!(kept[0].phone.as_deref(), Some("+254700000001"));
}
