//! The custom provider against servers of many habits.

mod settings;

use serde_json::{Value, json};

use super::*;
use crate::{
    Kind,
    testing::{self, Reply as Answered, Seen, Server, broken, nobody, outbound, outgoing, reply},
};

use ErrorClass as E;

fn account(settings: Value) -> Account {
    let mut account = Account { settings, sender_id: Some("ACME".to_owned()), ..testing::account(Kind::Custom) };
    account.credentials.insert("apiKey".into(), "k3y/+&".into());
    account
}

async fn send(account: &Account, batch: &[Outgoing]) -> Vec<Outcome> {
    Custom.send(account, &outbound(), batch).await
}

/// The outcome of one text at a server with one answer, with these rules.
async fn outcome(answer: impl Fn(&Seen) -> Answered + Clone + Send + Sync + 'static, mut rules: Value) -> Outcome {
    let server = Server::start(answer).await;
    rules["request"]["url"] = server.url.clone().into();
    send(&account(rules), &[outgoing("+254700000001", "Hi")]).await.remove(0)
}

fn violations(account: &Account) -> Vec<String> {
    crate::validate(account, &outbound()).into_iter().map(|found| format!("{} {}", found.pointer, found.code)).collect()
}

fn id_of(outcome: &Outcome) -> Option<&str> {
    if let Outcome::Accepted { id, .. } = outcome { id.as_deref() } else { panic!("{outcome:?}") }
}

fn class_of(outcome: &Outcome) -> ErrorClass {
    match outcome {
        Outcome::Rejected { class, .. } | Outcome::Retry { class, .. } => *class,
        Outcome::Unknown { .. } => E::Ambiguous,
        Outcome::Accepted { .. } => panic!("{outcome:?}"),
    }
}

#[tokio::test]
async fn an_address_is_enough() {
    let server = Server::start(|_| testing::json(202, &json!({ "id": 17 }))).await;
    let text = outgoing("+254700000001", "He said \"hi\"\n{{to}}");
    let minimal = account(json!({ "request": { "url": format!("{}/send", server.url) } }));
    assert_eq!(violations(&minimal), [""; 0]);
    assert_eq!(id_of(&send(&minimal, std::slice::from_ref(&text)).await[0]), Some("17"));
    let seen = &server.seen()[0];
    assert_eq!(
        (seen.method.as_str(), seen.path.as_str(), seen.header("content-type")),
        ("POST", "/send", "application/json")
    );
    assert_eq!(seen.json(), json!({ "to": text.to, "body": text.body, "messageId": text.delivery_id.to_string() }));
    // The config's apiUrl alone does as well, and stands before paths.
    let mut by_url = account(Value::Null);
    by_url.api_url = Some(format!("{}/api/", server.url));
    assert_eq!(violations(&by_url), [""; 0]);
    send(&by_url, std::slice::from_ref(&text)).await;
    by_url.settings = json!({ "request": { "url": "/texts?x=1" } });
    send(&by_url, &[text]).await;
    assert_eq!(server.seen()[1].path, "/api/");
    assert_eq!(server.seen()[2].path, "/api/texts?x=1");
}

#[tokio::test]
async fn every_kind_of_body() {
    let server = Server::start(|_| reply(200, "text/plain", "OK 12")).await;
    let text = [outgoing("+254700000001", "1 < 2 & \"é\"")];
    let with = |request: Value| {
        let mut request = request;
        request["url"] = format!("{}/{{{{toDigits}}}}?key={{{{secret.apiKey}}}}", server.url).into();
        account(json!({ "request": request }))
    };
    let template = json!({ "to": "{{to}}", "text": "{{body}}", "list": ["a", "{{from}}"], "flag": true, "none": null });
    for request in [
        json!({
            "headers": { "Authorization": "Bearer {{secret.apiKey}}" },
            "body": { "kind": "json", "template": template },
        }),
        json!({ "body": { "kind": "form", "template": template } }),
        json!({ "method": "GET", "body": { "kind": "query", "template": template } }),
        json!({ "method": "GET" }),
        json!({ "headers": { "content-type": "text/xml" }, "body": { "kind": "raw", "template": "<t>{{body}}</t>" } }),
        json!({
            "headers": { "content-type": "application/json" },
            "body": { "kind": "raw", "template": "{\"t\":\"{{body}}\"}" },
        }),
        json!({ "body": { "kind": "raw", "template": "{{body}}" } }),
    ] {
        let account = with(request);
        assert_eq!(violations(&account), [""; 0]);
        send(&account, &text).await;
    }
    let seen = server.seen();
    let path = "/254700000001?key=k3y%2F%2B%26";
    assert_eq!((seen[0].path.as_str(), seen[0].header("authorization")), (path, "Bearer k3y/+&"));
    assert_eq!(
        seen[0].json(),
        json!({ "to": "+254700000001", "text": "1 < 2 & \"é\"", "list": ["a", "ACME"], "flag": true, "none": null })
    );
    let form = "to=%2B254700000001&text=1+%3C+2+%26+%22%C3%A9%22&list=a&list=ACME&flag=true";
    assert_eq!((seen[1].body.as_str(), seen[1].header("content-type")), (form, "application/x-www-form-urlencoded"));
    assert_eq!((seen[2].path.as_str(), seen[2].body.as_str()), (&*format!("{path}&{form}"), ""));
    assert!(seen[3].path.starts_with(&format!("{path}&to=%2B254700000001&body=")));
    assert_eq!(seen[4].body, "<t>1 &lt; 2 &amp; &quot;é&quot;</t>");
    assert_eq!(seen[5].json(), json!({ "t": "1 < 2 & \"é\"" }));
    assert_eq!((seen[6].body.as_str(), seen[6].header("content-type")), ("1 < 2 & \"é\"", "text/plain; charset=utf-8"));
}

#[tokio::test]
async fn headers_keep_their_lines() {
    let server = Server::start(|_| reply(200, "text/plain", "")).await;
    let account = account(json!({ "request": { "url": server.url, "headers": { "X-Text": "{{body}}" } } }));
    let outcomes = send(&account, &[outgoing("+1", "a\r\nX-Evil: 1"), outgoing("+1", "fine")]).await;
    assert_eq!(class_of(&outcomes[0]), E::BadContent);
    assert!(matches!(&outcomes[1], Outcome::Accepted { .. }));
    assert_eq!(server.seen().len(), 1);
}

#[tokio::test]
async fn habits_of_real_providers() {
    // Success only in the body, with HTTP 200 (Vonage), as text or number.
    let wait = json!({ "seconds": 2 });
    let vonage = json!({
        "success": { "all": [{ "pointer": "/messages/0/status", "equals": 0 }] },
        "messageId": { "from": "json", "pointer": "/messages/0/message-id" },
        "errors": [
            { "when": { "pointer": "/messages/0/status", "in": ["1"] }, "class": "RATE_LIMITED", "retryAfter": wait },
            { "when": { "pointer": "/messages/0/status", "in": ["7"] }, "class": "OPTED_OUT" },
        ],
    });
    let status = |status: &'static str| {
        move |_: &Seen| testing::json(200, &json!({ "messages": [{ "status": status, "message-id": "0A1" }] }))
    };
    assert_eq!(id_of(&outcome(status("0"), vonage.clone()).await), Some("0A1"));
    assert_eq!(class_of(&outcome(status("7"), vonage.clone()).await), E::OptedOut);
    assert_eq!(class_of(&outcome(status("4"), vonage.clone()).await), E::BadContent);
    let Outcome::Retry { after: Some(pause), .. } = outcome(status("1"), vonage).await else { panic!() };
    assert_eq!(pause.as_secs(), 2);

    // 201 with an empty list (Africa's Talking).
    let at = json!({
        "success": { "http": [201], "all": [{ "pointer": "/data/Recipients/0/statusCode", "in": [100, 101, 102] }] },
    });
    assert_eq!(
        class_of(&outcome(|_| testing::json(201, &json!({ "data": { "Recipients": [] } })), at).await),
        E::BadContent
    );

    // Plain text split by bars (Gupshup's SMS gateway).
    let bars = json!({
        "success": { "all": [{ "text": "^success \\|" }] },
        "messageId": { "from": "text", "pattern": "\\| (\\d+-\\d+)$" },
    });
    let taken = |_: &Seen| reply(200, "text/plain", "success | 254700000001 | 3721-9");
    assert_eq!(id_of(&outcome(taken, bars.clone()).await), Some("3721-9"));
    assert_eq!(class_of(&outcome(|_| reply(200, "text/plain", "error | 102 | no"), bars).await), E::BadContent);

    // A list as the whole answer (BulkSMS), a truth written as text (AiSensy), an id in a header.
    let list = json!({
        "success": { "all": [{ "pointer": "/0/status/type", "equals": "ACCEPTED" }] },
        "messageId": { "from": "json", "pointer": "/0/id" },
    });
    assert_eq!(
        id_of(&outcome(|_| testing::json(201, &json!([{ "id": "b1", "status": { "type": "ACCEPTED" } }])), list).await),
        Some("b1")
    );
    let truth = json!({
        "success": { "all": [{ "pointer": "/success", "equals": true }] },
        "messageId": { "from": "header", "name": "X-Id" },
    });
    let header = |_: &Seen| testing::json(200, &json!({ "success": "true" })).header("x-id", "h1");
    assert_eq!(id_of(&outcome(header, truth.clone()).await), Some("h1"));
    // What should be JSON and is not, after a 200: nobody knows.
    assert_eq!(class_of(&outcome(|_| reply(200, "text/html", "<html>"), truth).await), E::Ambiguous);
}

#[tokio::test]
async fn statuses_and_rules() {
    for (status, wanted) in [
        (400, E::BadContent),
        (401, E::BadCredentials),
        (402, E::InsufficientBalance),
        (403, E::BadCredentials),
        (404, E::BadContent),
        (302, E::BadSender),
        (500, E::Ambiguous),
        (503, E::Transient),
        (504, E::Ambiguous),
    ] {
        assert_eq!(class_of(&outcome(move |_| reply(status, "text/plain", "no"), json!({})).await), wanted, "{status}");
    }
    let busy = json!({ "http": ["500-599"], "text": "busy" });
    let rules = json!({ "errors": [
        { "when": busy, "class": "RATE_LIMITED", "retryAfter": { "pointer": "/wait" } },
        { "when": { "http": [404] }, "class": "INVALID_RECIPIENT" },
    ] });
    let busy = outcome(|_| testing::json(503, &json!({ "error": "busy", "wait": "9" })), rules.clone()).await;
    assert!(matches!(busy, Outcome::Retry { class: E::RateLimited, after: Some(pause), .. } if pause.as_secs() == 9));
    assert_eq!(class_of(&outcome(|_| reply(503, "text/plain", "down"), rules.clone()).await), E::Transient);
    assert_eq!(class_of(&outcome(|_| reply(404, "text/plain", ""), rules).await), E::InvalidRecipient);
    let limited = outcome(|_| reply(429, "text/plain", "").header("retry-after", "4"), json!({})).await;
    assert!(
        matches!(limited, Outcome::Retry { class: E::RateLimited, after: Some(pause), .. } if pause.as_secs() == 4)
    );
    let limited = outcome(|_| reply(429, "text/plain", ""), json!({})).await;
    assert!(matches!(limited, Outcome::Retry { class: E::RateLimited, after: None, .. }));
    // Credentials that a provider repeats are not kept.
    let Outcome::Rejected { response, .. } = outcome(|_| reply(400, "text/plain", "bad key k3y/+&"), json!({})).await
    else {
        panic!()
    };
    assert_eq!(response, "bad key ****");
}

#[tokio::test]
async fn a_mixed_batch_in_many_calls_keeps_its_order() {
    let server = Server::start(|seen| match seen.json()["body"].as_str().unwrap() {
        "bad" => reply(422, "text/plain", ""),
        "busy" => reply(429, "text/plain", ""),
        body => testing::json(200, &json!({ "id": body })),
    })
    .await;
    let account = account(json!({ "request": { "url": server.url }, "limits": { "concurrency": 3 } }));
    let batch: Vec<_> = ["a", "bad", "b", "busy", "c", "d", "e"].map(|body| outgoing("+1", body)).to_vec();
    let outcomes = send(&account, &batch).await;
    assert_eq!(class_of(&outcomes[1]), E::BadContent);
    assert_eq!(class_of(&outcomes[3]), E::RateLimited);
    assert_eq!([0, 2, 4, 5, 6].map(|index| id_of(&outcomes[index]).unwrap().to_owned()), ["a", "b", "c", "d", "e"]);
}

#[tokio::test]
async fn many_in_one_body() {
    let server = Server::start(|seen| {
        let items = seen.json()["messages"]["list"].as_array().unwrap().clone();
        let result = |item: &Value| match item["text"].as_str().unwrap() {
            "bad" => json!({ "code": 9 }),
            text => json!({ "code": 0, "id": text }),
        };
        let mut results: Vec<_> = items.iter().map(result).collect();
        if items.iter().any(|item| item["text"] == "lose") {
            results.pop();
        }
        if items.iter().any(|item| item["text"] == "nobody") {
            results.clear();
        }
        testing::json(200, &json!({ "results": results }))
    })
    .await;
    let account = account(json!({
        "request": { "url": server.url, "body": { "kind": "json", "template": { "sender": "{{from}}" } } },
        "batch": {
            "max": 2,
            "itemsPointer": "/messages/list",
            "itemTemplate": { "to": "{{to}}", "text": "{{body}}" },
            "resultsPointer": "/results",
        },
        "success": { "all": [{ "pointer": "/code", "equals": "0" }] },
        "errors": [{ "when": { "pointer": "/code", "equals": 9 }, "class": "INVALID_RECIPIENT" }],
    }));
    assert_eq!(violations(&account), [""; 0]);
    assert_eq!(Custom.batch_size(&account), 2);
    assert_eq!(Custom.window(&account, &vec![outgoing("+1", "a"); 50]), 20);
    let batch: Vec<_> = ["a", "bad", "b", "lose", "nobody"].map(|body| outgoing("+1", body)).to_vec();
    let outcomes = send(&account, &batch).await;
    assert_eq!((id_of(&outcomes[0]), class_of(&outcomes[1])), (Some("a"), E::InvalidRecipient));
    assert_eq!((class_of(&outcomes[2]), class_of(&outcomes[3])), (E::Ambiguous, E::Ambiguous));
    assert_eq!(class_of(&outcomes[4]), E::BadContent);
    let mut bodies: Vec<_> = server.seen().iter().map(Seen::json).collect();
    bodies.sort_by_key(|body| body.to_string().len());
    assert_eq!(bodies[1]["sender"], "ACME");
    assert_eq!(bodies.len(), 3);
}

#[tokio::test]
async fn before_and_after_the_request_left() {
    let to = |url: String| account(json!({ "request": { "url": url, "timeoutMs": 50 } }));
    let text = [outgoing("+1", "Hi")];
    assert!(matches!(send(&to(nobody().await), &text).await[0], Outcome::Retry { class: E::Transient, .. }));
    assert!(matches!(send(&to(broken(None).await), &text).await[0], Outcome::Unknown { .. }));
    assert!(matches!(send(&to(broken(Some("")).await), &text).await[0], Outcome::Unknown { .. }));
    assert_eq!(class_of(&send(&to("http://169.254.169.254/".to_owned()), &text).await[0]), E::BadSender);
}

#[tokio::test]
async fn balance_and_test_send_nothing() {
    let server = Server::start(|seen| match (seen.method.as_str(), seen.path.as_str(), seen.header("authorization")) {
        ("GET", "/balance", "k3y/+&") => testing::json(200, &json!({ "credit": 12.5, "currency": "KES" })),
        ("GET", "/text", "k3y/+&") => testing::json(200, &json!("USD 9.10")),
        ("POST", "/ping", "k3y/+&") => reply(204, "text/plain", ""),
        _ => reply(401, "text/plain", ""),
    })
    .await;
    let with = |more: &Value| {
        let mut settings = json!({
            "request": {
                "url": server.url,
                "headers": { "Authorization": "{{secret.apiKey}}", "Content-Type": "application/json" },
            },
        });
        settings.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        account(settings)
    };
    let at = |path: &str| format!("{}{path}", server.url);
    let balance = async |format: Value| Custom.balance(&with(&json!({ "balance": format })), &outbound()).await;
    let kes = answer::amount("12.5", "KES");
    assert_eq!(
        balance(json!({ "url": at("/balance"), "pointer": "/credit", "currencyPointer": "/currency" })).await,
        Ok(kes.clone())
    );
    assert_eq!(balance(json!({ "url": at("/balance"), "pointer": "/credit", "currency": "KES" })).await, Ok(kes));
    assert_eq!(balance(json!({ "url": at("/text"), "pointer": "" })).await, Ok(answer::amount("9.10", "USD")));
    assert!(balance(json!({ "url": at("/balance"), "pointer": "/nothing", "currency": "KES" })).await.is_err());
    let denied = balance(json!({ "url": at("/balance"), "pointer": "/credit", "headers": {} })).await;
    assert_eq!(denied.unwrap_err().class, E::BadCredentials);
    assert_eq!(Custom.balance(&with(&json!({})), &outbound()).await, Ok(None));
    let test = async |format: Value| Custom.test(&with(&format), &outbound()).await;
    assert!(test(json!({ "test": { "method": "POST", "url": at("/ping"), "http": [204] } })).await.unwrap().asked);
    assert!(!test(json!({})).await.unwrap().asked);
    assert_eq!(test(json!({ "test": { "url": at("/other") } })).await.unwrap_err().class, E::BadCredentials);
    assert_eq!(test(json!({ "dlr": { "auth": { "kind": "token" } } })).await.unwrap_err().class, E::BadSender);
}
