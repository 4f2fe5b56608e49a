//! What providers of e-mail keep beside mails: opens and clicks, their own suppressions, and what a domain needs.

use domain::{
    dns::{DnsRecord, RecordPurpose as P, RecordType as T},
    engagement::EngagementKind,
    id::DeliveryId,
    suppression::SuppressionReason as R,
};
use http::Method;
use jiff::Timestamp;
use serde_json::{Value, json};

use crate::{
    Kind, provider,
    provider::{Account, Suppressed},
    testing::{self, Seen, Server, mail, outbound, webhook},
};

fn account(kind: Kind, url: &str) -> Account {
    Account { api_url: Some(url.to_owned()), ..testing::account(kind) }
}

fn delivery() -> DeliveryId {
    mail("ann@x.example", "S", "t").delivery_id
}

/// What a call says that people did, as kind, link and second.
fn engaged(kind: Kind, body: &Value) -> Vec<(EngagementKind, Option<String>, Option<i64>)> {
    let request = webhook(Method::POST, &[], "", &body.to_string());
    let told = provider(kind).engagements(&testing::account(kind), &request).unwrap();
    assert!(told.iter().all(|one| one.delivery == delivery()));
    let receipts = provider(kind).receipts(&testing::account(kind), &request).unwrap();
    assert_eq!(receipts, [], "no step of a delivery");
    told.into_iter().map(|one| (one.kind, one.link, one.occurred_at.map(Timestamp::as_second))).collect()
}

#[test]
fn opens_and_clicks_are_read_as_each_provider_tells_them() {
    use EngagementKind::{Clicked, Opened};
    let (id, link) = (delivery().to_string(), "https://a.example/?x=1");
    let clicked = (Clicked, Some(link.to_owned()), Some(1_700_000_000));
    let opened = (Opened, None, Some(1_700_000_000));
    let event = |event: &str| {
        json!({ "event-data": {
            "event": event, "timestamp": 1_700_000_000.5, "url": link, "recipient": "ann@x.example",
            "user-variables": { "dundun_delivery": id },
        } })
    };
    assert_eq!(engaged(Kind::Mailgun, &event("opened")), std::slice::from_ref(&opened));
    assert_eq!(engaged(Kind::Mailgun, &event("clicked")), std::slice::from_ref(&clicked));
    let events = json!([
        { "event": "open", "time": 1_700_000_000, "CustomID": id },
        { "event": "click", "time": 1_700_000_000, "CustomID": id, "url": link },
        { "event": "open", "time": 1_700_000_000, "CustomID": "" },
    ]);
    assert_eq!(engaged(Kind::Mailjet, &events), [opened.clone(), clicked.clone()]);
    let events = json!([
        { "event": "open", "timestamp": 1_700_000_000, "dundun_delivery": id },
        { "event": "open", "timestamp": 1_700_000_000, "dundun_delivery": id, "sg_machine_open": true },
        { "event": "click", "timestamp": 1_700_000_000, "dundun_delivery": id, "url": link },
    ]);
    assert_eq!(engaged(Kind::SendGrid, &events), [opened.clone(), clicked.clone()], "no program's open");
    let event = |kind: &str, done: Value| {
        let mut event = json!({ "eventType": kind, "mail": { "messageId": "1", "tags": { "dundun_delivery": [id] } } });
        event[kind.to_lowercase()] = done;
        json!({ "Type": "Notification", "MessageId": "m", "TopicArn": "arn:aws:sns:eu-west-1:1:t", "Message": event.to_string() })
    };
    let at = "2023-11-14T22:13:20.000Z";
    assert_eq!(engaged(Kind::Ses, &event("Open", json!({ "timestamp": at }))), [opened]);
    assert_eq!(engaged(Kind::Ses, &event("Click", json!({ "timestamp": at, "link": link }))), [clicked]);
}

/// The whole list of a provider, page by page, and the paths that were asked for.
async fn list(
    kind: Kind,
    answer: impl Fn(&Seen) -> Value + Clone + Send + Sync + 'static,
) -> (Vec<(String, R)>, Vec<String>) {
    let server = Server::start(move |seen| testing::json(200, &answer(seen))).await;
    let (account, mut found, mut after) = (account(kind, &server.url), Vec::new(), None);
    for _ in 0..20 {
        let page = provider(kind).suppressions(&account, &outbound(), after.as_deref()).await.unwrap();
        found.extend(page.found.into_iter().map(|Suppressed { address, reason }| (address, reason)));
        after = page.next;
        if after.is_none() {
            assert!(provider(kind).keeps_suppressions());
            return (found, server.seen().into_iter().map(|seen| seen.path).collect());
        }
    }
    panic!("the list has no end");
}

fn has(found: &[(String, R)], expected: &[(&str, R)]) {
    let expected: Vec<_> = expected.iter().map(|(address, reason)| ((*address).to_owned(), *reason)).collect();
    assert_eq!(found, expected);
}

#[tokio::test]
async fn the_lists_of_mailgun_are_read_to_their_ends() {
    let (found, paths) = list(Kind::Mailgun, |seen| {
        let item = |address: &str| json!({ "address": address });
        let next = "https://api.mailgun.net/v3/mg.acme.example/bounces?page=next&address=b%40x.example&limit=1000";
        match seen.path.as_str() {
            "/v3/mg.acme.example/bounces?limit=1000" => {
                json!({ "items": [item("a@x.example")], "paging": { "next": next } })
            }
            "/v3/mg.acme.example/unsubscribes?limit=1000" => json!({ "items": [
                { "address": "c@x.example", "tags": ["*"] }, { "address": "d@x.example", "tags": ["news"] },
            ], "paging": {} }),
            "/v3/mg.acme.example/complaints?limit=1000" => json!({ "items": [item("b@x.example")] }),
            _ => json!({ "items": [], "paging": { "next": next } }),
        }
    })
    .await;
    has(&found, &[("a@x.example", R::Bounced), ("b@x.example", R::Complained), ("c@x.example", R::OptedOut)]);
    assert_eq!(
        paths[1], "/v3/mg.acme.example/bounces?page=next&address=b%40x.example&limit=1000",
        "at the config's own address"
    );
}

#[tokio::test]
async fn the_lists_of_sendgrid_are_read_to_their_ends() {
    let (found, paths) = list(Kind::SendGrid, |seen| {
        let page: Vec<Value> = match seen.path.as_str() {
            "/v3/suppression/bounces?limit=500&offset=0" => {
                (0..500).map(|n| json!({ "email": format!("{n}@x.example") })).collect()
            }
            "/v3/suppression/spam_reports?limit=500&offset=0" => vec![json!({ "email": "spam@x.example" })],
            "/v3/suppression/unsubscribes?limit=500&offset=0" => vec![json!({ "email": "gone@x.example" })],
            _ => Vec::new(),
        };
        Value::Array(page)
    })
    .await;
    assert_eq!((found.len(), paths.len()), (502, 5));
    has(
        &found[499..],
        &[("499@x.example", R::Bounced), ("spam@x.example", R::Complained), ("gone@x.example", R::OptedOut)],
    );
    assert_eq!(paths[1], "/v3/suppression/bounces?limit=500&offset=500");
}

#[tokio::test]
async fn the_lists_of_mailjet_and_ses_are_read_to_their_ends() {
    let (found, paths) = list(
        Kind::Mailjet,
        |_| json!({ "Data": [{ "Email": "a@x.example", "IsSpamComplaining": true }, { "Email": "b@x.example" }] }),
    )
    .await;
    has(&found, &[("a@x.example", R::Complained), ("b@x.example", R::OptedOut)]);
    assert_eq!(paths.len(), 1);
    let (found, paths) = list(Kind::Ses, |seen| {
        let of = |address: &str, reason: &str| json!({ "EmailAddress": address, "Reason": reason });
        if seen.path.contains("NextToken=t%2B1") {
            json!({ "SuppressedDestinationSummaries": [of("b@x.example", "COMPLAINT")] })
        } else {
            json!({ "SuppressedDestinationSummaries": [of("a@x.example", "BOUNCE")], "NextToken": "t+1" })
        }
    })
    .await;
    has(&found, &[("a@x.example", R::Bounced), ("b@x.example", R::Complained)]);
    assert_eq!(paths.len(), 2);
}

/// The records of acme.example. A provider that does not know it says 404 until it was told.
async fn records(kind: Kind, page: Value) -> (Vec<DnsRecord>, Vec<Seen>) {
    let told = std::sync::Arc::new(std::sync::atomic::AtomicBool::new(false));
    let server = Server::start(move |seen| {
        use std::sync::atomic::Ordering::Relaxed;
        if seen.method == Method::POST {
            told.store(true, Relaxed);
            let made = if kind == Kind::Mailjet { json!({ "Data": [{ "ID": 1 }] }) } else { page.clone() };
            return testing::json(201, &made);
        }
        match kind {
            Kind::SendGrid => testing::json(200, &json!([])),
            _ if told.load(Relaxed) => testing::json(200, &page),
            _ => testing::json(404, &json!({ "message": "not found" })),
        }
    })
    .await;
    let account = account(kind, &server.url);
    let records = provider(kind).domain_records(&account, &outbound(), "acme.example").await.unwrap();
    (records, server.seen())
}

#[tokio::test]
async fn a_domain_that_is_not_known_is_added_and_its_records_told() {
    let record = DnsRecord::new;
    let (found, seen) = records(Kind::Mailgun, json!({ "sending_dns_records": [
        { "record_type": "TXT", "name": "acme.example", "value": "v=spf1 include:mailgun.org ~all", "valid": "unknown" },
        { "record_type": "TXT", "name": "k1._domainkey.acme.example", "value": "k=rsa; p=MIG", "valid": "unknown" },
        { "record_type": "CNAME", "name": "email.acme.example", "value": "mailgun.org", "valid": "unknown" },
    ] }))
    .await;
    let expected = [
        record(P::Spf, T::Txt, "acme.example", "v=spf1 include:mailgun.org ~all"),
        record(P::Dkim, T::Txt, "k1._domainkey.acme.example", "k=rsa; p=MIG"),
        record(P::Tracking, T::Cname, "email.acme.example", "mailgun.org"),
    ];
    assert_eq!((found.as_slice(), seen[1].form()["name"].as_str()), (&expected[..], "acme.example"));

    let (found, seen) = records(
        Kind::Mailjet,
        json!({ "Data": [{
        "DKIMRecordName": "mailjet._domainkey.acme.example.", "DKIMRecordValue": "k=rsa; p=MIG",
        "SPFRecordValue": "v=spf1 include:spf.mailjet.com ?all",
    }] }),
    )
    .await;
    let expected = [
        record(P::Spf, T::Txt, "acme.example", "v=spf1 include:spf.mailjet.com ?all"),
        record(P::Dkim, T::Txt, "mailjet._domainkey.acme.example", "k=rsa; p=MIG"),
    ];
    assert_eq!((found.as_slice(), &seen[1].json()), (&expected[..], &json!({ "Email": "*@acme.example" })));

    let (found, seen) = records(
        Kind::SendGrid,
        json!({ "domain": "acme.example", "dns": {
        "mail_cname": { "type": "cname", "host": "em1.acme.example", "data": "u1.wl.sendgrid.net" },
        "dkim1": { "type": "cname", "host": "s1._domainkey.acme.example", "data": "s1.domainkey.u1.wl.sendgrid.net" },
    } }),
    )
    .await;
    let expected = [
        record(P::ReturnPath, T::Cname, "em1.acme.example", "u1.wl.sendgrid.net"),
        record(P::Dkim, T::Cname, "s1._domainkey.acme.example", "s1.domainkey.u1.wl.sendgrid.net"),
    ];
    assert_eq!((found.as_slice(), &seen[1].json()["domain"]), (&expected[..], &json!("acme.example")));

    let (found, seen) = records(
        Kind::Ses,
        json!({
            "DkimAttributes": { "Tokens": ["abc"] }, "MailFromAttributes": { "MailFromDomain": "bounce.acme.example" },
        }),
    )
    .await;
    let expected = [
        record(P::Dkim, T::Cname, "abc._domainkey.acme.example", "abc.dkim.amazonses.com"),
        record(P::ReturnPath, T::Mx, "bounce.acme.example", "10 feedback-smtp.eu-west-1.amazonses.com"),
        record(P::Spf, T::Txt, "bounce.acme.example", "v=spf1 include:amazonses.com ~all"),
    ];
    assert_eq!((found.as_slice(), &seen[1].json()), (&expected[..], &json!({ "EmailIdentity": "acme.example" })));
}

#[tokio::test]
async fn a_server_of_ones_own_gives_advice() {
    let account = testing::account(Kind::Smtp);
    let found = provider(Kind::Smtp).domain_records(&account, &outbound(), "acme.example").await.unwrap();
    assert_eq!(found, [DnsRecord::new(P::Spf, T::Txt, "acme.example", "v=spf1 a:smtp.acme.example ~all")]);
}
