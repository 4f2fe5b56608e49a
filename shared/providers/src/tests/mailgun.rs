//! Mailgun as its pages and the samples of its libraries show it.

use std::time::Duration;

use domain::suppression::SuppressionReason;
use serde_json::{Value, json};

use super::*;
use crate::{
    Kind,
    provider::ReceiptStatus,
    testing::{self, Seen, Server, broken, class, mail, nobody, outbound, reply, webhook},
};

fn account(url: &str) -> Account {
    Account { api_url: Some(url.to_owned()), ..testing::account(Kind::Mailgun) }
}

async fn send(url: &str, batch: &[Outgoing]) -> Vec<Outcome> {
    Mailgun.send(&account(url), &outbound(), batch).await
}

fn taken(_: &Seen) -> testing::Reply {
    testing::json(200, &json!({ "id": "<20261121.1@mg.acme.example>", "message": "Queued. Thank you." }))
}

fn recipients(seen: &Seen) -> Vec<String> {
    let form = url::form_urlencoded::parse(seen.body.as_bytes()).into_owned();
    form.filter(|(name, _)| name == "to").map(|(_, value)| value).collect()
}

#[tokio::test]
async fn one_call_carries_many_different_mails() {
    let server = Server::start(taken).await;
    let batch =
        [mail("ann@x.example", "Hi Ann", "Dear Ann"), mail("bob@x.example", "Hi Bob", "Dear Bob %recipient.id%")];
    let outcomes = send(&server.url, &batch).await;
    for outcome in &outcomes {
        let Outcome::Accepted { id, .. } = outcome else { panic!("{outcome:?}") };
        assert_eq!(id.as_deref(), Some("20261121.1@mg.acme.example"), "as events repeat it");
    }
    let seen = &server.seen()[0];
    assert_eq!((server.seen().len(), seen.path.as_str()), (1, "/v3/mg.acme.example/messages"));
    assert_eq!(seen.header("authorization"), "Basic YXBpOm1haWxndW5fa2V5XzEyMzQ=");
    assert_eq!(recipients(seen), ["ann@x.example", "bob@x.example"]);
    let form = seen.form();
    assert_eq!(form["from"], "Acme <hello@acme.example>");
    assert_eq!((form["subject"].as_str(), form["text"].as_str()), ("%recipient.subject%", "%recipient.text%"));
    assert_eq!(form["v:dundun_delivery"], "%recipient.id%");
    assert_eq!(form["h:List-Unsubscribe"], "<%recipient.unsubscribe%>");
    assert_eq!(form["h:List-Unsubscribe-Post"], "List-Unsubscribe=One-Click");
    let variables: Value = serde_json::from_str(&form["recipient-variables"]).unwrap();
    for outgoing in &batch {
        let own = &variables[&outgoing.to];
        assert_eq!(own["subject"], outgoing.subject.as_deref().unwrap());
        assert_eq!(own["id"], outgoing.delivery_id.to_string());
        assert_eq!(own["unsubscribe"], outgoing.unsubscribe_url.as_deref().unwrap());
        assert!(own["text"].as_str().unwrap().starts_with(&outgoing.body));
        assert!(own["html"].as_str().unwrap().contains("Dear"));
    }
}

#[tokio::test]
async fn variables_are_by_address_so_an_address_is_in_a_call_once() {
    let server = Server::start(taken).await;
    let batch =
        [mail("ann@x.example", "1", "one"), mail("bob@x.example", "2", "two"), mail("ann@x.example", "3", "three")];
    assert_eq!(send(&server.url, &batch).await.len(), 3);
    let calls: Vec<_> = server.seen().iter().map(recipients).collect();
    assert_eq!(calls, [vec!["ann@x.example", "bob@x.example"], vec!["ann@x.example"]]);
}

#[tokio::test]
async fn a_bad_address_refuses_its_call_alone() {
    let server = Server::start(|seen| {
        if recipients(seen).contains(&"bad@x.example".to_owned()) {
            testing::json(400, &json!({ "message": "to parameter is not a valid address. please check documentation" }))
        } else {
            taken(seen)
        }
    })
    .await;
    let batch: Vec<Outgoing> =
        ["a", "b", "bad", "c", "d"].iter().map(|name| mail(&format!("{name}@x.example"), "S", "text")).collect();
    let outcomes = send(&server.url, &batch).await;
    let classes: Vec<_> = outcomes.iter().map(class).collect();
    assert_eq!(classes, [None, None, Some(E::InvalidRecipient), None, None]);
    assert!(server.seen().len() <= 7, "halves of halves");
}

#[tokio::test]
async fn refusals_have_their_classes() {
    let batch = [mail("a@x.example", "S", "t"), mail("b@x.example", "S", "t")];
    for (status, message, expected) in [
        (400, "Domain mg.acme.example is not allowed to send: not verified", E::BadSender),
        (400, "from parameter is not a valid address", E::BadSender),
        (400, "need at least one of 'text' or 'html'", E::BadContent),
        (401, "Forbidden", E::BadCredentials),
        (402, "Payment required", E::InsufficientBalance),
        (403, "not allowed to send large batches yet", E::AccountSuspended),
        (404, "Domain not found", E::BadSender),
        (413, "too large", E::BadContent),
        (500, "oops", E::Ambiguous),
        (503, "oops", E::Transient),
    ] {
        let server = Server::start(move |_| testing::json(status, &json!({ "message": message }))).await;
        let outcomes = send(&server.url, &batch).await;
        assert_eq!(outcomes.iter().map(class).collect::<Vec<_>>(), [Some(expected); 2], "{status} {message}");
        assert_eq!(server.seen().len(), 1);
    }
    assert_eq!(class(&send(&nobody().await, &batch).await[1]), Some(E::Transient));
    assert_eq!(class(&send(&broken(None).await, &batch).await[1]), Some(E::Ambiguous));
}

#[tokio::test]
async fn a_limit_says_when_it_ends() {
    let message = "Domain mg.acme.example: recipient limit exceeded, try again after Sun, 06 Nov 1994 08:51:37 UTC";
    let said = Server::start(move |_| {
        testing::json(429, &json!({ "message": message })).header("date", "Sun, 06 Nov 1994 08:49:37 GMT")
    })
    .await;
    let header = Server::start(|_| reply(429, "text/plain", "slow").header("retry-after", "7")).await;
    for (server, seconds) in [(said, 120), (header, 7)] {
        let outcomes = send(&server.url, &[mail("a@x.example", "S", "t")]).await;
        let Outcome::Retry { after, class: E::RateLimited, .. } = &outcomes[0] else { panic!("{outcomes:?}") };
        assert_eq!(*after, Some(Duration::from_secs(seconds)));
    }
}

#[tokio::test]
async fn the_test_delivers_nothing() {
    let page = |state: &'static str| {
        move |_: &Seen| testing::json(200, &json!({ "domain": { "name": "mg.acme.example", "state": state } }))
    };
    let server = Server::start(page("active")).await;
    assert!(Mailgun.test(&account(&server.url), &outbound()).await.unwrap().asked);
    assert_eq!(server.seen()[0].path, "/v3/domains/mg.acme.example");
    let unverified = Server::start(page("unverified")).await;
    assert_eq!(Mailgun.test(&account(&unverified.url), &outbound()).await.unwrap_err().class, E::BadSender);
    // A domain sending key may post and nothing else.
    let sending_key =
        Server::start(
            |seen| if seen.method == Method::GET { reply(401, "text/plain", "Forbidden") } else { taken(seen) },
        )
        .await;
    let report = Mailgun.test(&account(&sending_key.url), &outbound()).await.unwrap();
    assert!(report.message.contains("sending key"), "{report:?}");
    assert_eq!(sending_key.seen()[1].form()["o:testmode"], "yes");
    let wrong = Server::start(|_| reply(401, "text/plain", "Forbidden")).await;
    assert_eq!(Mailgun.test(&account(&wrong.url), &outbound()).await.unwrap_err().class, E::BadCredentials);
}

#[test]
fn the_region_has_its_own_address() {
    let mut account = testing::account(Kind::Mailgun);
    let host = |account: &Account| call(account, Method::GET, "").unwrap().url.host_str().unwrap().to_owned();
    assert_eq!(host(&account), "api.mailgun.net");
    account.settings = json!({ "region": "EU" });
    assert_eq!(host(&account), "api.eu.mailgun.net");
    assert!(Mailgun.check(&account, &outbound()).is_empty());
}

#[test]
fn events_are_receipts_or_suppressions_or_neither() {
    let account = testing::account(Kind::Mailgun);
    let id = mail("ann@x.example", "S", "t").delivery_id;
    let read = |own: Value| {
        let mut event = json!({
            "id": "ev-1", "timestamp": 1_529_006_854.329_574, "recipient": "ann@x.example",
            "message": { "headers": { "message-id": "20261121.1@mg.acme.example", "to": "ann@x.example" } },
            "user-variables": { "dundun_delivery": id.to_string() },
        });
        event.as_object_mut().unwrap().extend(own.as_object().unwrap().clone());
        let call = webhook(Method::POST, &[], "", &json!({ "event-data": event }).to_string());
        (Mailgun.receipts(&account, &call).unwrap(), Mailgun.suppressed(&account, &call).unwrap())
    };
    let (receipts, suppressed) =
        read(json!({ "event": "delivered", "delivery-status": { "code": 250, "message": "OK" } }));
    assert_eq!((receipts[0].status, suppressed.len()), (ReceiptStatus::Delivered, 0));
    assert_eq!(receipts[0].correlation, Some(id));
    assert_eq!(receipts[0].provider_message_id.as_deref(), Some("20261121.1@mg.acme.example"));
    assert_eq!(receipts[0].phone.as_deref(), Some("ann@x.example"));
    assert_eq!(receipts[0].occurred_at.unwrap().as_second(), 1_529_006_854);
    assert_eq!(read(json!({ "event": "accepted" })).0[0].status, ReceiptStatus::Sent);
    for (reason, code, said, expected, because) in [
        ("bounce", 550, "5.1.1 no such user", E::InvalidRecipient, Some(SuppressionReason::Bounced)),
        ("bounce", 554, "5.7.1 looks like spam", E::BadContent, None),
        ("bounce", 552, "5.2.2 mailbox full", E::InvalidRecipient, None),
        ("suppress-bounce", 605, "", E::InvalidRecipient, Some(SuppressionReason::Bounced)),
        ("suppress-unsubscribe", 606, "", E::OptedOut, None),
        ("suppress-complaint", 607, "", E::OptedOut, None),
        ("old", 602, "too old", E::Transient, None),
    ] {
        let status = json!({ "code": code, "message": said });
        let own = json!({ "event": "failed", "severity": "permanent", "reason": reason, "delivery-status": status });
        let (receipts, suppressed) = read(own);
        assert_eq!(receipts[0].status, ReceiptStatus::Failed);
        assert_eq!(receipts[0].error.as_ref().unwrap().class, expected, "{reason}");
        assert_eq!(suppressed.first().map(|one| one.reason), because, "{reason}");
    }
    assert_eq!(read(json!({ "event": "failed", "severity": "temporary", "reason": "generic" })), (vec![], vec![]));
    for (event, because) in
        [("unsubscribed", SuppressionReason::OptedOut), ("complained", SuppressionReason::Complained)]
    {
        let (receipts, suppressed) = read(json!({ "event": event }));
        assert_eq!(receipts, [], "{event} is no step");
        assert_eq!(suppressed, [Suppressed { address: "ann@x.example".into(), reason: because }]);
    }
    for event in ["opened", "clicked", "stored"] {
        assert_eq!(read(json!({ "event": event })), (vec![], vec![]), "{event}");
    }
    for cut in ["", "{}", "[]", r#"{"event-data":{}}"#] {
        assert!(Mailgun.receipts(&account, &webhook(Method::POST, &[], "", cut)).is_err(), "{cut}");
    }
}
