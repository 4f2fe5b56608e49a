//! SMTP against a real mail server. What every provider is held to stands in `tests/contracts/smtp.rs`.

use std::{sync::Arc, time::Duration};

use serde_json::{Value, json};

use super::*;
use crate::{
    Kind,
    mail_server::{MailServer, outbound},
    testing::{self, class, mail},
};

async fn send(account: &Account, outbound: &Outbound, batch: &[Outgoing]) -> Vec<Outcome> {
    Smtp.send(account, outbound, batch).await
}

#[tokio::test]
async fn mails_go_out_encrypted_and_signed_in_by_starttls_and_by_tls() {
    for (mode, security) in [("starttls", "STARTTLS"), ("starttls", "OPPORTUNISTIC"), ("tls", "TLS")] {
        let server = MailServer::start(mode).await;
        let account = server.account(security, "correct horse");
        let outgoing = mail("ann@x.example", "Grüße für Ann", "Dear Ann — ça va?\n.\nA line that is a dot.");
        let outcomes = send(&account, &outbound(), std::slice::from_ref(&outgoing)).await;
        let Outcome::Accepted { id: Some(id), response, .. } = &outcomes[0] else { panic!("{security}: {outcomes:?}") };
        assert_eq!(*id, format!("<{}@acme.example>", outgoing.delivery_id));
        assert!(response.contains("taken as 42"), "{response}");
        let took = &server.took(1).await[0];
        assert_eq!((&took["encrypted"], &took["authenticated"]), (&json!(true), &json!(true)), "{security}");
        assert_eq!((&took["sender"], &took["to"]), (&json!("hello@acme.example"), &json!(["ann@x.example"])));
        assert_eq!(took["hello"], "acme.example");
        let data = took["data"].as_str().unwrap();
        let header = |name: &str| {
            let head = data.split("\r\n\r\n").next().unwrap().replace("\r\n ", " ");
            head.lines().find_map(|line| line.strip_prefix(&format!("{name}: ")).map(str::to_owned)).unwrap_or_default()
        };
        assert_eq!(header("From"), "Acme <hello@acme.example>");
        assert_eq!((header("Reply-To"), header("Message-ID")), ("help@acme.example".to_owned(), id.clone()));
        assert_eq!(header("List-Unsubscribe"), format!("<{}>", outgoing.unsubscribe_url.as_deref().unwrap()));
        assert_eq!(header("List-Unsubscribe-Post"), "List-Unsubscribe=One-Click");
        assert_eq!(header("X-Dundun-Delivery"), outgoing.delivery_id.to_string());
        assert!(header("Subject").starts_with("=?utf-8?"), "{}", header("Subject"));
        assert!(header("Content-Type").starts_with("multipart/alternative"), "{}", header("Content-Type"));
        assert!(!header("Date").is_empty());
        assert!(data.contains("Content-Type: text/plain") && data.contains("Content-Type: text/html"));
    }
}

#[tokio::test]
async fn each_recipient_has_its_own_answer_and_the_connection_goes_on() {
    let server = MailServer::start("starttls").await;
    let mut account = server.account("STARTTLS", "correct horse");
    account.settings["connections"] = json!(1);
    let batch: Vec<Outgoing> = ["a", "nobody", "b", "full", "c", "spam", "d"]
        .iter()
        .map(|name| mail(&format!("{name}@x.example"), "S", "t"))
        .collect();
    let classes: Vec<_> = send(&account, &outbound(), &batch).await.iter().map(class).collect();
    let expected = [None, Some(E::InvalidRecipient), None, Some(E::Transient), None, Some(E::BadContent), None];
    assert_eq!(classes, expected);
    let connections: Vec<Value> = server.took(4).await.iter().map(|mail| mail["connection"].clone()).collect();
    assert!(connections.iter().all(|one| *one == connections[0]), "{connections:?}");
}

#[tokio::test]
async fn connections_wait_for_the_next_mail_and_are_replaced_after_enough() {
    let server = MailServer::start("starttls").await;
    let mut account = server.account("STARTTLS", "correct horse");
    account.settings["connections"] = json!(1);
    account.settings["mailsPerConnection"] = json!(3);
    let outbound = outbound();
    for n in 0..5 {
        let outcomes = send(&account, &outbound, &[mail(&format!("a{n}@x.example"), "S", "t")]).await;
        assert_eq!(class(&outcomes[0]), None);
    }
    let took = server.took(5).await;
    let ports: Vec<u64> = took.iter().map(|mail| mail["connection"].as_u64().unwrap()).collect();
    assert_eq!((ports[0], ports[1]), (ports[1], ports[2]), "{ports:?}");
    assert_ne!(ports[2], ports[3], "{ports:?}");
    assert_eq!(ports[3], ports[4], "{ports:?}");
    // Another password is another connection, and a wrong one gets none.
    let wrong = server.account("STARTTLS", "wrong horse");
    assert_eq!(class(&send(&wrong, &outbound, &[mail("a@x.example", "S", "t")]).await[0]), Some(E::BadCredentials));
}

#[tokio::test]
async fn a_batch_is_shared_by_the_connections_and_keeps_its_order() {
    let server = MailServer::start("starttls").await;
    let account = server.account("STARTTLS", "correct horse");
    let batch: Vec<Outgoing> = (0..15).map(|n| mail(&format!("a{n}@x.example"), "S", "t")).collect();
    let outcomes = send(&account, &outbound(), &batch).await;
    for (outgoing, outcome) in batch.iter().zip(&outcomes) {
        let Outcome::Accepted { id: Some(id), .. } = outcome else { panic!("{outcome:?}") };
        assert!(id.contains(&outgoing.delivery_id.to_string()));
    }
    let took = server.took(15).await;
    let mut ports: Vec<u64> = took.iter().map(|mail| mail["connection"].as_u64().unwrap()).collect();
    ports.sort_unstable();
    ports.dedup();
    assert!((2..=3).contains(&ports.len()), "{ports:?}");
    assert_eq!((took.len(), Smtp.window(&account, &batch), Smtp.batch_size(&account)), (15, 15, 15));
}

#[tokio::test]
async fn nothing_is_sent_in_the_open_or_to_a_stranger() {
    let plain = MailServer::start("plain").await;
    let batch = [mail("a@x.example", "S", "t"), mail("b@x.example", "S", "t")];
    // It offers no STARTTLS.
    assert_eq!(class(&send(&plain.account("STARTTLS", ""), &outbound(), &batch).await[1]), Some(E::BadSender));
    assert_eq!(class(&send(&plain.account("OPPORTUNISTIC", ""), &outbound(), &batch).await[1]), None);
    // A certificate that nobody vouches for, and one for another name.
    let server = MailServer::start("starttls").await;
    let mut account = server.account("STARTTLS", "correct horse");
    account.settings = json!({});
    assert_eq!(class(&send(&account, &outbound(), &batch).await[0]), Some(E::BadSender));
    let mut other_name = server.account("STARTTLS", "correct horse");
    other_name.credentials.insert("host".to_owned(), "127.0.0.1".into());
    assert_eq!(class(&send(&other_name, &outbound(), &batch).await[0]), Some(E::BadSender));
    assert_eq!(server.mails.lock().unwrap().len(), 0);
}

#[tokio::test]
async fn the_guard_holds_for_mail_servers() {
    let server = MailServer::start("plain").await;
    let account = server.account("NONE", "");
    let strict = Outbound::new("".parse().unwrap()).with_timeouts(Duration::from_secs(5), Duration::from_secs(8));
    let outcomes = send(&account, &strict, &[mail("a@x.example", "S", "t")]).await;
    let Outcome::Rejected { class: E::BadSender, reason, .. } = &outcomes[0] else { panic!("{outcomes:?}") };
    assert!(reason.contains("DUNDUN_ALLOW_HOSTS"), "{reason}");
    assert_eq!(server.mails.lock().unwrap().len(), 0);
    // A name that leads inside, on the right port and encrypted, too.
    let inside: crate::outbound::Lookup = Arc::new(|_| Box::pin(async { Ok(vec!["10.0.0.1".parse().unwrap()]) }));
    let outbound = strict.clone().with_lookup(inside);
    let mut account = testing::account(Kind::Smtp);
    let refused = send(&account, &outbound, &[mail("a@x.example", "S", "t")]).await;
    assert_eq!(class(&refused[0]), Some(E::BadSender));
    let mut pointers = |host: &str, port: &str, security: &str| -> Vec<String> {
        for (name, value) in [("host", host), ("port", port), ("security", security)] {
            account.credentials.insert(name.to_owned(), value.into());
        }
        Smtp.check(&account, &strict).into_iter().map(|violation| violation.pointer).collect()
    };
    assert_eq!(pointers("smtp.acme.example", "587", "STARTTLS"), Vec::<String>::new());
    assert_eq!(pointers("smtp.acme.example", "", ""), Vec::<String>::new());
    for (host, port, security) in [
        ("smtp.acme.example", "587", "NONE"),
        ("smtp.acme.example", "587", "OPPORTUNISTIC"),
        ("smtp.acme.example", "6379", "TLS"),
        ("127.0.0.1", "587", "STARTTLS"),
        ("169.254.169.254", "25", "STARTTLS"),
        ("[::1]", "465", "TLS"),
        ("2130706433", "465", "TLS"),
        ("a b", "465", "TLS"),
    ] {
        assert_eq!(pointers(host, port, security), ["/credentials/host"], "{host} {port} {security}");
    }
    assert_eq!(pointers("smtp.acme.example", "99999", "TLS"), ["/credentials/port"]);
}

#[test]
fn the_port_and_the_encryption_follow_from_each_other() {
    let way = |port: Option<&str>, security: Option<&str>| {
        let mut account = testing::account(Kind::Smtp);
        for (name, value) in [("port", port), ("security", security)] {
            account.credentials.extend(value.map(|value| (name.to_owned(), value.into())));
        }
        super::way(&account).unwrap()
    };
    assert_eq!(way(None, None), (587, Security::StartTls));
    assert_eq!(way(Some("465"), None), (465, Security::Tls));
    assert_eq!(way(Some("25"), None), (25, Security::StartTls));
    assert_eq!(way(None, Some("TLS")), (465, Security::Tls));
    assert_eq!(way(Some("1025"), Some("NONE")), (1025, Security::None));
}

#[test]
fn settings_are_checked() {
    let found = |settings: Value| {
        let account = Account { settings, ..testing::account(Kind::Smtp) };
        Smtp.check(&account, &outbound()).into_iter().map(|violation| violation.pointer).collect::<Vec<_>>()
    };
    let wrong = json!({ "connections": 0, "mailsPerConnection": 0, "returnPath": "x", "hello": "a\r\nRSET" });
    let pointers = ["connections", "mailsPerConnection", "hello", "returnPath"];
    assert_eq!(found(wrong), pointers.map(|name| format!("/settings/{name}")));
}
