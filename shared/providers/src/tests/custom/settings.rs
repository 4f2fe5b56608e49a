//! What settings are refused, and what an idempotency key needs.

use super::*;

#[test]
fn settings_are_checked_with_pointers() {
    let check = |settings: Value| violations(&account(settings));
    let url = "https://api.example.com/send";
    let with = |more: Value| {
        let mut settings = json!({ "request": { "url": url } });
        settings.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        check(settings)
    };
    assert_eq!(check(json!({})), ["/settings/request/url required"]);
    assert_eq!(check(json!({ "request": { "url": "ftp://x.example/" } })), ["/settings/request/url url_refused"]);
    assert_eq!(check(json!({ "request": { "url": "http://8.8.8.8/" } })), ["/settings/request/url url_refused"]);
    assert_eq!(check(json!({ "request": { "url": "https://10.0.0.1/" } })), ["/settings/request/url url_refused"]);
    assert_eq!(
        check(json!({ "request": { "url": "https://{{to}}.example/" } })),
        ["/settings/request/url url_invalid"]
    );
    assert_eq!(
        check(json!({ "request": { "url": "https://a.example:80{{toDigits}}/" } })),
        ["/settings/request/url url_invalid"]
    );
    assert_eq!(check(json!({ "request": { "url": "/send" } })), ["/settings/request/url url_invalid"]);
    assert_eq!(check(json!({ "request": { "url": url, "retries": 1 } })), ["/settings/request/retries unknown_field"]);
    assert_eq!(check(json!({ "request": { "url": url, "method": "DELETE" } })), ["/settings/request/method invalid"]);
    assert_eq!(
        check(json!({ "request": { "url": url, "timeoutMs": 60_000 } })),
        ["/settings/request/timeoutMs out_of_range"]
    );
    assert_eq!(check(json!({ "request": { "url": "https://a.example/{{nope}}" } })), ["/settings/request/url invalid"]);
    let headers = json!({ "Host": "x", "X-Key": "{{secret.other}}", "X-A": "a\r\nb", "a b": "c" });
    assert_eq!(
        check(json!({ "request": { "url": url, "headers": headers } })),
        [
            "/settings/request/headers/Host invalid",
            "/settings/request/headers/X-Key secret_missing",
            "/settings/request/headers/X-A invalid",
            "/settings/request/headers/a b invalid",
        ]
    );
    assert_eq!(
        check(json!({ "request": { "url": url, "body": { "kind": "form", "template": "x={{to}}" } } })),
        ["/settings/request/body/template invalid"]
    );
    assert_eq!(with(json!({ "success": { "http": ["200-"] } })), ["/settings/success/http/0 invalid"]);
    assert_eq!(with(json!({ "errors": [{ "when": {}, "class": "OPTED_OUT" }] })), ["/settings/errors/0/when required"]);
    assert_eq!(
        with(json!({ "errors": [{ "when": { "http": [429] }, "class": "LIMITED" }] })),
        ["/settings/errors/0/class invalid"]
    );
    assert_eq!(
        with(json!({ "errors": [{ "when": { "text": "(" }, "class": "OPTED_OUT" }] })),
        ["/settings/errors/0/when/text invalid"]
    );
    assert_eq!(with(json!({ "errors": [{ "class": "OPTED_OUT" }] })), ["/settings/errors/0 required"]);
    assert_eq!(with(json!({ "messageId": { "from": "json", "pointer": "id" } })), ["/settings/messageId invalid"]);
    assert_eq!(with(json!({ "batch": { "max": 0 } })), ["/settings/batch/max out_of_range"]);
    assert_eq!(with(json!({ "dlr": { "map": { "X": "DONE" } } })), ["/settings/dlr/map/X invalid"]);
    assert_eq!(with(json!({ "dlr": { "auth": { "kind": "hmac-sha256" } } })), ["/credentials/webhookSecret required"]);
    assert_eq!(with(json!({ "dlr": { "auth": { "kind": "token", "secret": "apiKey" } } })), [""; 0]);
    assert_eq!(with(json!({ "limits": { "perSecond": 0, "concurrency": 0 } })).len(), 2);
    assert_eq!(
        with(json!({ "balance": { "url": "https://a.example/{{to}}", "pointer": "/b", "currency": "shillings" } }))
            .len(),
        2
    );
    assert_eq!(with(json!({ "limits": { "perSecond": 2.5 }, "inbound": { "fromPointer": "/from" } })), [""; 0]);
    assert_eq!(Custom.rate_per_minute(&account(json!({ "limits": { "perSecond": 2.5 } }))), Some(150));
    assert_eq!(Custom.rate_per_minute(&account(json!({}))), None);
}

#[tokio::test]
async fn tries_of_one_submission_share_their_idempotency_key() {
    let server = Server::start(|_| testing::json(200, &json!({ "id": "1" }))).await;
    let settings = json!({ "request": { "url": server.url, "idempotency": { "header": "Idempotency-Key" } } });
    let account = account(settings.clone());
    assert_eq!(violations(&account), [""; 0]);
    assert_eq!(Custom.remembers(&account), Some(Duration::from_hours(24)));
    assert_eq!(crate::unknown_policies(&account), [crate::UnknownPolicy::Hold, crate::UnknownPolicy::Resend]);
    let text = outgoing("+254700000001", "Hi");
    for (attempt, submission) in [(1, 1), (2, 1), (3, 2)] {
        send(&account, &[Outgoing { attempt, submission, ..text.clone() }]).await;
    }
    let keys: Vec<_> = server.seen().iter().map(|seen| seen.header("idempotency-key").to_owned()).collect();
    assert_eq!(keys[0], format!("{}-1", text.delivery_id));
    assert_eq!((&keys[1], &keys[2]), (&keys[0], &format!("{}-2", text.delivery_id)));
}

#[test]
fn an_idempotency_key_needs_a_call_of_its_own() {
    let with = |request: Value, batch: Value| {
        let mut settings =
            json!({ "request": { "url": "http://127.0.0.1:9/send", "idempotency": { "header": "X-Key" } } });
        settings["request"].as_object_mut().unwrap().extend(request.as_object().unwrap().clone());
        settings["batch"] = batch;
        account(settings)
    };
    let batched = with(json!({}), json!({ "max": 10 }));
    assert_eq!(violations(&batched), ["/settings/request/idempotency invalid"]);
    assert_eq!(crate::unknown_policies(&batched), [crate::UnknownPolicy::Hold]);
    let wrong = |idempotency| violations(&with(json!({ "idempotency": idempotency }), Value::Null));
    assert_eq!(wrong(json!({ "header": "Host" })), ["/settings/request/idempotency/header invalid"]);
    assert_eq!(wrong(json!({ "header": "X-Key", "hours": 0 })), ["/settings/request/idempotency/hours out_of_range"]);
    let twice = with(json!({ "headers": { "x-key": "1" } }), Value::Null);
    assert_eq!(violations(&twice), ["/settings/request/idempotency/header invalid"]);
}
