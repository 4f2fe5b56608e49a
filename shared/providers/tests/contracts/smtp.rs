//! The cases of sending for SMTP, whose other side is no HTTP server but a real mail server. It reports nothing.

use std::time::Duration;

use domain::delivery::ErrorClass as E;
use http::Method;
use providers::{Account, Feature, Kind, Outcome, Outgoing, provider, spec, validate};
use serde_json::json;

use crate::{
    mail_server::{MailServer, outbound},
    testing::{self, class, mail, nobody, webhook},
};

const PASSWORD: &str = "correct horse";

fn to(name: &str) -> Outgoing {
    mail(&format!("{name}@x.example"), "Subject", &format!("Habari {name} & co = ж"))
}

async fn send(account: &Account, batch: &[Outgoing]) -> Vec<Outcome> {
    let outcomes = provider(Kind::Smtp).send(account, &outbound(), batch).await;
    assert_eq!(outcomes.len(), batch.len(), "one outcome for each mail");
    outcomes
}

#[tokio::test]
async fn takes_every_text_once() {
    let server = MailServer::start("starttls").await;
    let batch = ["a1", "a2", "a3"].map(to);
    let outcomes = send(&server.account("STARTTLS", PASSWORD), &batch).await;
    let took = server.took(batch.len()).await;
    assert_eq!(took.len(), batch.len());
    for (outgoing, outcome) in batch.iter().zip(&outcomes) {
        let Outcome::Accepted { id: Some(id), response, .. } = outcome else { panic!("{outcome:?}") };
        let held: Vec<_> = took.iter().filter(|mail| mail["to"] == json!([outgoing.to])).collect();
        assert_eq!(held.len(), 1, "{took:?}");
        assert!(held[0]["data"].as_str().unwrap().contains(&format!("Message-ID: {id}")), "the id is that of the mail");
        assert!(!response.contains(PASSWORD), "{response}");
    }
}

#[tokio::test]
async fn names_every_refusal() {
    let server = MailServer::start("starttls").await;
    let good = server.account("STARTTLS", PASSWORD);
    let refused_sender = Account { sender_id: Some("refused@acme.example".to_owned()), ..good.clone() };
    for (account, name, expected) in [
        (&good, "nobody", E::InvalidRecipient),
        (&good, "spam", E::BadContent),
        (&good, "full", E::Transient),
        (&good, "often", E::Transient),
        (&refused_sender, "a1", E::BadSender),
        (&server.account("STARTTLS", "wrong horse"), "a1", E::BadCredentials),
    ] {
        let outcomes = send(account, &[to(name)]).await;
        assert_eq!(class(&outcomes[0]), Some(expected), "{name}: {outcomes:?}");
        let (Outcome::Rejected { reason, .. } | Outcome::Retry { reason, .. }) = &outcomes[0] else {
            panic!("{outcomes:?}")
        };
        assert!(!reason.is_empty() && !reason.contains('@'), "{reason}");
    }
    assert!(server.mails.lock().unwrap().is_empty());
}

#[tokio::test]
async fn tells_good_from_bad_in_one_batch() {
    let server = MailServer::start("starttls").await;
    let outcomes = send(&server.account("STARTTLS", PASSWORD), &["a1", "nobody", "a3"].map(to)).await;
    assert_eq!(outcomes.iter().map(class).collect::<Vec<_>>(), [None, Some(E::InvalidRecipient), None]);
}

#[tokio::test]
async fn tries_again_only_what_has_not_left() {
    let server = MailServer::start("plain").await;
    let account = server.account("NONE", "");
    // It hangs up before the mail, and after it; and it says nothing for longer than anybody waits.
    assert_eq!(class(&send(&account, &[to("closing")]).await[0]), Some(E::Transient));
    assert_eq!(class(&send(&account, &[to("broken")]).await[0]), Some(E::Ambiguous));
    let hasty = outbound().with_timeouts(Duration::from_secs(5), Duration::from_secs(1));
    let late = provider(Kind::Smtp).send(&account, &hasty, &[to("slow")]).await;
    assert_eq!(class(&late[0]), Some(E::Ambiguous));
    assert_eq!(class(&send(&account, &[to("a1")]).await[0]), None, "others go on");
    assert_eq!(server.took(1).await.len(), 1);
    let outcomes = send(&at_nobody(&account).await, &["a1", "a2"].map(to)).await;
    assert_eq!(outcomes.iter().map(class).collect::<Vec<_>>(), [Some(E::Transient); 2]);
}

async fn at_nobody(account: &Account) -> Account {
    let mut account = account.clone();
    let port = nobody().await.rsplit(':').next().unwrap().to_owned();
    account.credentials.insert("port".to_owned(), port.as_str().into());
    account
}

/// A mail server names no pause.
#[tokio::test]
async fn waits_as_long_as_it_is_told() {
    let server = MailServer::start("plain").await;
    let outcomes = send(&server.account("NONE", ""), &[to("often")]).await;
    let Outcome::Retry { after: None, .. } = &outcomes[0] else { panic!("{outcomes:?}") };
}

#[tokio::test]
async fn tests_without_sending() {
    let server = MailServer::start("starttls").await;
    let adapter = provider(Kind::Smtp);
    let good = server.account("STARTTLS", PASSWORD);
    let report = adapter.test(&good, &outbound()).await.unwrap();
    assert!(report.asked && report.message.contains("the password is good"), "{report:?}");
    assert_eq!(adapter.balance(&good, &outbound()).await, Ok(None));
    let failure = adapter.test(&server.account("STARTTLS", "wrong horse"), &outbound()).await.unwrap_err();
    assert_eq!(failure.class, E::BadCredentials);
    assert_eq!(adapter.test(&at_nobody(&good).await, &outbound()).await.unwrap_err().class, E::Transient);
    assert!(server.mails.lock().unwrap().is_empty());
}

#[test]
fn asks_for_what_it_needs() {
    let pointers = |account: &Account| -> Vec<String> {
        validate(account, &outbound()).into_iter().map(|violation| violation.pointer).collect()
    };
    let good = testing::account(Kind::Smtp);
    assert_eq!(pointers(&good), Vec::<String>::new());
    for field in spec(Kind::Smtp).fields.iter().filter(|field| field.required) {
        let mut lacking = good.clone();
        lacking.credentials.remove(field.name);
        assert_eq!(pointers(&lacking), [format!("/credentials/{}", field.name)]);
    }
    assert_eq!(pointers(&Account { sender_id: None, ..good.clone() }), ["/senderId"]);
    let odd = Account { settings: json!({ "noSuchSetting": 1 }), ..good };
    assert_eq!(pointers(&odd), ["/settings/noSuchSetting"]);
}

#[test]
fn forged_and_cut_calls_are_refused() {
    let (adapter, account) = (provider(Kind::Smtp), testing::account(Kind::Smtp));
    for body in ["", "{}", "[]", "{\"event\":\"delivered\"}"] {
        assert!(
            adapter.verify(&account, &webhook(Method::POST, &[], "", body)).is_err(),
            "a mail server makes no calls"
        );
    }
    assert_eq!(adapter.receipts(&account, &webhook(Method::POST, &[], "", "{}")), Ok(Vec::new()));
    assert!(!spec(Kind::Smtp).features.contains(&Feature::Receipts));
}
