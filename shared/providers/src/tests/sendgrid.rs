//! SendGrid as its API definition and the samples of its libraries show it.

use serde_json::{Value, json};

use super::*;
use crate::{
    Kind,
    testing::{self, Seen, Server, broken, class, mail, nobody, outbound, reply, webhook},
};

fn account(url: &str) -> Account {
    Account { api_url: Some(url.to_owned()), ..testing::account(Kind::SendGrid) }
}

async fn send(url: &str, batch: &[Outgoing]) -> Vec<Outcome> {
    SendGrid.send(&account(url), &outbound(), batch).await
}

fn taken(_: &Seen) -> testing::Reply {
    reply(202, "text/plain", "").header("x-message-id", "LRzXl_NHStOGhQ4kofSm_A")
}

/// What a personalization's recipient reads in a part of the mail.
fn reads(body: &Value, place: usize, part: usize) -> String {
    let mut text = body["content"][part]["value"].as_str().unwrap().to_owned();
    for (word, own) in body["personalizations"][place]["substitutions"].as_object().unwrap() {
        text = text.replace(word, own.as_str().unwrap());
    }
    text
}

#[tokio::test]
async fn one_call_carries_many_different_mails() {
    let server = Server::start(taken).await;
    let batch = [
        mail("ann@x.example", "Hi Ann", "Dear Ann, hello é"),
        mail("bob@x.example", "Hi Bob", "Dear Bob, hello é"),
        mail("cat@x.example", "Hi Cat", ""),
    ];
    let outcomes = send(&server.url, &batch).await;
    let Outcome::Accepted { id, .. } = &outcomes[1] else { panic!("{outcomes:?}") };
    assert_eq!(id.as_deref(), Some("LRzXl_NHStOGhQ4kofSm_A"));
    assert_eq!((outcomes.len(), server.seen().len()), (3, 1));
    let seen = &server.seen()[0];
    assert_eq!((seen.path.as_str(), seen.header("authorization")), ("/v3/mail/send", "Bearer SG.sendgrid_key_1234"));
    let body = seen.json();
    assert_eq!(body["from"], json!({ "email": "hello@acme.example", "name": "Acme" }));
    let sender = Sender::<Settings>::of(&account("https://x.example")).unwrap();
    for (place, outgoing) in batch.iter().enumerate() {
        let own = &body["personalizations"][place];
        assert_eq!(own["to"], json!([{ "email": outgoing.to }]));
        assert_eq!(own["subject"], outgoing.subject.as_deref().unwrap());
        assert_eq!(own["custom_args"], json!({ "dundun_delivery": outgoing.delivery_id.to_string() }));
        let link = outgoing.unsubscribe_url.as_deref().unwrap();
        assert_eq!(own["headers"]["List-Unsubscribe"], format!("<{link}>"));
        assert_eq!(own["headers"]["List-Unsubscribe-Post"], "List-Unsubscribe=One-Click");
        let mail = sender.mail(outgoing);
        assert_eq!((reads(&body, place, 0), reads(&body, place, 1)), (mail.text, mail.html));
    }
    assert_eq!(body["content"][0]["type"], "text/plain");
}

#[tokio::test]
async fn what_is_alike_is_sent_once_and_what_is_too_large_alone() {
    let server = Server::start(taken).await;
    let alike = "x".repeat(4_900);
    let same: Vec<Outgoing> = (0..4).map(|n| mail(&format!("a{n}@x.example"), "S", &format!("{alike}{n}"))).collect();
    send(&server.url, &same).await;
    let body = server.seen()[0].json();
    assert_eq!(server.seen().len(), 1);
    assert!(body["personalizations"][3]["substitutions"].to_string().len() < 1_000, "only the rest of each");
    // Nothing is alike, and both parts have 5,000 characters of two bytes: such a mail is a call of its own.
    let server = Server::start(taken).await;
    let own: Vec<Outgoing> =
        ["ж", "é", "ü"].iter().map(|one| mail(&format!("{}@x.example", one.len()), one, &one.repeat(5_000))).collect();
    send(&server.url, &own).await;
    let seen = server.seen();
    assert_eq!(seen.len(), 3);
    for seen in &seen {
        assert_eq!(seen.json()["personalizations"][0]["substitutions"], json!({}), "all of it is the content");
    }
}

#[tokio::test]
async fn a_400_refuses_those_that_it_names() {
    let server = Server::start(|seen| {
        let all = seen.json();
        let bad =
            all["personalizations"].as_array().unwrap().iter().position(|own| own["to"][0]["email"] == "bad@x.example");
        match bad {
            Some(place) => {
                let field = format!("personalizations.{place}.to.0.email");
                testing::json(
                    400,
                    &json!({ "errors": [{ "message": "Does not contain a valid address.", "field": field }] }),
                )
            }
            None => taken(seen),
        }
    })
    .await;
    let batch = [mail("a@x.example", "S", "t"), mail("bad@x.example", "S", "t"), mail("b@x.example", "S", "t")];
    let classes: Vec<_> = send(&server.url, &batch).await.iter().map(class).collect();
    assert_eq!((classes, server.seen().len()), (vec![None, Some(E::InvalidRecipient), None], 2));
}

#[tokio::test]
async fn refusals_have_their_classes() {
    let batch = [mail("a@x.example", "S", "t"), mail("b@x.example", "S", "t")];
    for (status, field, message, expected) in [
        (400, "from.email", "is not valid", E::BadSender),
        (400, "content", "is required", E::BadContent),
        (400, "personalizations.9.to", "no such place", E::InvalidRecipient),
        (401, "", "The provided authorization grant is invalid", E::BadCredentials),
        (401, "", "Maximum credits exceeded", E::InsufficientBalance),
        (403, "from", "The from address does not match a verified Sender Identity", E::BadSender),
        (403, "", "access forbidden", E::BadCredentials),
        (413, "", "too large", E::BadContent),
        (500, "", "oops", E::Ambiguous),
        (503, "", "oops", E::Transient),
    ] {
        let body = json!({ "errors": [{ "message": message, "field": field, "help": null }] });
        let server = Server::start(move |_| testing::json(status, &body)).await;
        let outcomes = send(&server.url, &batch).await;
        assert_eq!(outcomes.iter().map(class).collect::<Vec<_>>(), [Some(expected); 2], "{status} {message}");
    }
    assert_eq!(class(&send(&nobody().await, &batch).await[0]), Some(E::Transient));
    assert_eq!(class(&send(&broken(None).await, &batch).await[0]), Some(E::Ambiguous));
}

#[tokio::test]
async fn a_limit_says_when_it_ends() {
    let reset = Server::start(|_| {
        reply(429, "application/json", "{}")
            .header("x-ratelimit-reset", "784111822")
            .header("date", "Sun, 06 Nov 1994 08:49:37 GMT")
    })
    .await;
    let plain = Server::start(|_| reply(429, "application/json", "{}")).await;
    for (server, seconds) in [(reset, Some(45)), (plain, None)] {
        let outcomes = send(&server.url, &[mail("a@x.example", "S", "t")]).await;
        let Outcome::Retry { after, class: E::RateLimited, .. } = &outcomes[0] else { panic!("{outcomes:?}") };
        assert_eq!(after.map(|after| after.as_secs()), seconds);
    }
}

#[tokio::test]
async fn the_test_reads_what_the_key_may_do() {
    let server =
        Server::start(|_| testing::json(200, &json!({ "scopes": ["mail.send", "sender_verification_eligible"] })))
            .await;
    assert!(SendGrid.test(&account(&server.url), &outbound()).await.unwrap().asked);
    assert_eq!((server.seen()[0].method.clone(), server.seen()[0].path.as_str()), (Method::GET, "/v3/scopes"));
    let other = Server::start(|_| testing::json(200, &json!({ "scopes": ["stats.read"] }))).await;
    assert_eq!(SendGrid.test(&account(&other.url), &outbound()).await.unwrap_err().class, E::BadCredentials);
}

/// The vector of their own libraries.
#[test]
fn the_known_answer() {
    let key = "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE83T4O/n84iotIvIW4mdBgQ/7dAfSmpqIM8kF9mN1flpVKS3GRqe62gw+2fNNRaINXvVpiglSI8eNEc6wEA3F+g==";
    let signature = "MEUCIGHQVtGj+Y3LkG9fLcxf3qfI10QysgDWmMOVmxG0u6ZUAiEAyBiXDWzM+uOe5W0JuG+luQAbPIqHh89M15TluLtEZtM=";
    let body = "[{\"email\":\"hello@world.com\",\"event\":\"dropped\",\"reason\":\"Bounced Address\",\"sg_event_id\":\"ZHJvcC0xMDk5NDkxOS1MUnpYbF9OSFN0T0doUTRrb2ZTbV9BLTA\",\"sg_message_id\":\"LRzXl_NHStOGhQ4kofSm_A.filterdrecv-p3mdw1-756b745b58-kmzbl-18-5F5FC76C-9.0\",\"smtp-id\":\"<LRzXl_NHStOGhQ4kofSm_A@ismtpd0039p1iad1.sendgrid.net>\",\"timestamp\":1600112492}]\r\n";
    let judge = |key: &str, signature: &str, timestamp: &str, body: &str| {
        let mut account = testing::account(Kind::SendGrid);
        account.credentials.insert("webhookPublicKey".into(), key.into());
        let headers = [
            ("x-twilio-email-event-webhook-signature", signature),
            ("x-twilio-email-event-webhook-timestamp", timestamp),
        ];
        SendGrid.verify(&account, &webhook(Method::POST, &headers, "", body))
    };
    assert_eq!(judge(key, signature, "1600112502", body), Ok(()));
    let pem = format!("-----BEGIN PUBLIC KEY-----\n{key}\n-----END PUBLIC KEY-----\n");
    assert_eq!(judge(&pem, signature, "1600112502", body), Ok(()));
    let other_key = "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE7SZdPsl67yvvygBz9L16m3vEy8Dwr8k/9qTXd4Sl1OaggBSP4fm6W0i6qArcGCX0id4qEilXS1fvqIyIROlQCQ==";
    let other = "MEUCIFL26WTxiZIIW7KnCEYwyeG7tqfVJ5hWoQoToKKpFXmIAiEA+eFJTIpV+Llx95RWRKP8FyZ3MFcRB6LOvI1n+DtT478=";
    assert_eq!(judge(other_key, other, "1700000000", "[{\"event\":\"processed\"}]"), Ok(()), "one made with OpenSSL");
    for (key, signature, timestamp, body) in [
        (other_key, signature, "1600112502", body),
        (key, other, "1600112502", body),
        (key, signature, "1600112503", body),
        (key, signature, "1600112502", body.trim_end()),
        (key, "", "1600112502", body),
        (key, "%%%", "1600112502", body),
        ("AAAA", signature, "1600112502", body),
        ("", signature, "1600112502", body),
    ] {
        assert!(judge(key, signature, timestamp, body).is_err(), "{key} {signature} {timestamp}");
    }
    let account = testing::account(Kind::SendGrid);
    assert!(SendGrid.verify(&account, &webhook(Method::POST, &[], "", body)).is_err(), "no key, no proof");
}

#[test]
fn events_are_receipts_or_suppressions_or_neither() {
    let account = testing::account(Kind::SendGrid);
    let id = mail("ann@x.example", "S", "t").delivery_id;
    let event = |own: Value| {
        let mut event = json!({
            "email": "ann@x.example", "timestamp": 1_600_112_492, "sg_event_id": "e1",
            "sg_message_id": "LRzXl.filterdrecv-p3mdw1-18.0", "smtp-id": "<x>", "dundun_delivery": id.to_string(),
        });
        event.as_object_mut().unwrap().extend(own.as_object().unwrap().clone());
        event
    };
    let read = |own: Value| {
        let call = webhook(Method::POST, &[], "", &json!([event(own)]).to_string());
        (SendGrid.receipts(&account, &call).unwrap(), SendGrid.suppressed(&account, &call).unwrap())
    };
    let (receipts, _) = read(json!({ "event": "delivered", "response": "250 OK" }));
    assert_eq!((receipts[0].status, receipts[0].correlation), (ReceiptStatus::Delivered, Some(id)));
    assert_eq!(receipts[0].provider_message_id.as_deref(), Some("LRzXl"));
    assert_eq!(read(json!({ "event": "processed" })).0[0].status, ReceiptStatus::Sent);
    let bounced = Some(SuppressionReason::Bounced);
    for (own, expected, because) in [
        (
            json!({ "event": "bounce", "type": "bounce", "status": "5.1.1", "reason": "550 5.1.1 no such user" }),
            E::InvalidRecipient,
            bounced,
        ),
        (
            json!({ "event": "bounce", "type": "bounce", "status": "5.0.0", "reason": "550 no such user" }),
            E::InvalidRecipient,
            bounced,
        ),
        (
            json!({ "event": "bounce", "type": "bounce", "status": "5.2.2", "reason": "552 full" }),
            E::InvalidRecipient,
            None,
        ),
        (json!({ "event": "bounce", "type": "bounce" }), E::InvalidRecipient, bounced),
        (json!({ "event": "bounce", "type": "blocked", "status": "5.7.1", "reason": "554 spam" }), E::Transient, None),
        (json!({ "event": "dropped", "reason": "Bounced Address" }), E::InvalidRecipient, bounced),
        (json!({ "event": "dropped", "reason": "Invalid" }), E::InvalidRecipient, bounced),
        (
            json!({ "event": "dropped", "reason": "Unsubscribed Address" }),
            E::OptedOut,
            Some(SuppressionReason::OptedOut),
        ),
        (
            json!({ "event": "dropped", "reason": "Spam Reporting Address" }),
            E::OptedOut,
            Some(SuppressionReason::Complained),
        ),
        (json!({ "event": "dropped", "reason": "Spam Content" }), E::BadContent, None),
    ] {
        let (receipts, suppressed) = read(own.clone());
        assert_eq!(receipts[0].error.as_ref().unwrap().class, expected, "{own}");
        assert_eq!(suppressed.first().map(|one| one.reason), because, "{own}");
    }
    for (word, because) in [
        ("spamreport", SuppressionReason::Complained),
        ("unsubscribe", SuppressionReason::OptedOut),
        ("group_unsubscribe", SuppressionReason::OptedOut),
    ] {
        let (receipts, suppressed) = read(json!({ "event": word }));
        assert_eq!((receipts.len(), suppressed[0].reason), (0, because));
    }
    for word in ["open", "click", "deferred", "group_resubscribe"] {
        assert_eq!(read(json!({ "event": word })), (vec![], vec![]), "{word}");
    }
    for cut in ["", "{}", "[{", "[{}]"] {
        assert!(SendGrid.receipts(&account, &webhook(Method::POST, &[], "", cut)).is_err(), "{cut}");
    }
}
