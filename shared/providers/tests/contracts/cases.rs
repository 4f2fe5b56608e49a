//! The cases of sending.

use std::{
    sync::atomic::{AtomicUsize, Ordering},
    time::Duration,
};

use domain::delivery::ErrorClass as E;
use jiff::Timestamp;
use providers::{Account, Kind, Outcome, Outgoing, provider, spec, validate};

use crate::{
    contract::{Contract, Text},
    testing::{Reply, Seen, Server, broken, nobody, outbound, reply},
};

/// The recipient whose text is refused among others.
const BAD: usize = 2;

/// The end of an address that tells it from others: an id for its text.
pub fn number(to: &str) -> &str {
    to.strip_prefix("+254").unwrap_or(to).split('@').next().unwrap_or_default()
}

/// A config at an address.
pub fn account(contract: &impl Contract, url: &str) -> Account {
    Account { api_url: Some(url.to_owned()), ..contract.account() }
}

/// Ids that no two texts share.
pub fn ids(count: usize) -> Vec<String> {
    static NEXT: AtomicUsize = AtomicUsize::new(80_367_170);
    (0..count).map(|_| NEXT.fetch_add(1, Ordering::Relaxed).to_string()).collect()
}

/// Sends a batch to a server that answers so.
pub async fn send(
    contract: &impl Contract,
    batch: &[Outgoing],
    answer: impl Fn(&Seen) -> Reply + Clone + Send + Sync + 'static,
) -> (Server, Vec<Outcome>) {
    let server = Server::start(answer).await;
    let outcomes = send_to(contract, batch, &server.url).await;
    (server, outcomes)
}

async fn send_to(contract: &impl Contract, batch: &[Outgoing], url: &str) -> Vec<Outcome> {
    let account = account(contract, url);
    let outcomes = provider(account.kind).send(&account, &outbound(), batch).await;
    assert_eq!(outcomes.len(), batch.len(), "one outcome for each text");
    outcomes
}

fn class(outcome: &Outcome) -> Option<E> {
    match outcome {
        Outcome::Accepted { .. } => None,
        Outcome::Rejected { class, .. } | Outcome::Retry { class, .. } => Some(*class),
        Outcome::Unknown { .. } => Some(E::Ambiguous),
    }
}

fn secrets(account: &Account) -> Vec<String> {
    let is_secret = |name: &str| {
        account.kind == Kind::Custom || spec(account.kind).fields.iter().any(|field| field.secret && field.name == name)
    };
    let all = account.credentials.iter().filter(|(name, _)| is_secret(name));
    all.map(|(_, secret)| secret.expose().to_owned()).collect()
}

pub async fn takes_every_text_once(contract: &(impl Contract + Copy + Send + 'static)) {
    let batch: Vec<_> = (1..=3).map(|number| contract.outgoing(number, &format!("Habari {number} & co = ж"))).collect();
    let this = *contract;
    let (server, outcomes) = send(contract, &batch, move |seen| {
        let texts = this.texts(seen);
        // An id of its own for each text, which tells whose answer is whose.
        let ids: Vec<_> = texts.iter().map(|text| number(&text.to).to_owned()).collect();
        this.taken(&texts, &ids)
    })
    .await;
    let seen: Vec<Text> = server.seen().iter().flat_map(|seen| contract.texts(seen)).collect();
    assert_eq!(seen.len(), batch.len(), "{seen:?}");
    let account = contract.account();
    for (outgoing, outcome) in batch.iter().zip(&outcomes) {
        assert_eq!(
            seen.iter().filter(|text| text.to == outgoing.to && text.body == outgoing.body).count(),
            1,
            "{seen:?}"
        );
        let Outcome::Accepted { id, response, .. } = outcome else { panic!("{outcome:?}") };
        let whose = if contract.one_id_a_call() { &batch[0].to } else { &outgoing.to };
        assert_eq!(id.as_deref(), Some(number(whose)), "every text has its own answer");
        assert!(secrets(&account).iter().all(|secret| !response.contains(secret)), "{response}");
    }
    for request in server.seen() {
        assert!(secrets(&account).iter().all(|secret| !request.path.contains(secret)), "a secret in an address");
        let path = &request.path;
        assert!(batch.iter().all(|outgoing| !path.contains(number(&outgoing.to))), "a recipient in an address: {path}");
    }
}

pub async fn names_every_refusal(contract: &impl Contract) {
    for (expected, reply) in contract.refusals() {
        let shown = format!("{reply:?}");
        let answer = move |_: &Seen| reply.clone();
        let (_server, outcomes) = send(contract, &[contract.outgoing(1, "Hi")], answer).await;
        assert_eq!(class(&outcomes[0]), Some(expected), "{shown}: {outcomes:?}");
        let (Outcome::Rejected { reason, .. } | Outcome::Retry { reason, .. } | Outcome::Unknown { reason }) =
            &outcomes[0]
        else {
            panic!("{outcomes:?}")
        };
        assert!(!reason.is_empty(), "{outcomes:?}");
        assert!(["254700000001", "a1@"].iter().all(|recipient| !reason.contains(recipient)), "{reason}");
    }
}

pub async fn tells_good_from_bad_in_one_batch(contract: &(impl Contract + Copy + Send + 'static)) {
    let batch = [1, BAD, 3].map(|number| contract.outgoing(number, "Hi"));
    let (this, bad) = (*contract, contract.recipient(BAD));
    let (_server, outcomes) = send(contract, &batch, move |seen| {
        let texts = this.texts(seen);
        let ids = ids(texts.len());
        match texts.iter().position(|text| text.to == bad) {
            Some(bad) => this.partly(&texts, &ids, bad),
            None => this.taken(&texts, &ids),
        }
    })
    .await;
    assert_eq!(outcomes.iter().map(|outcome| class(outcome).is_none()).collect::<Vec<_>>(), [true, false, true]);
}

pub async fn tries_again_only_what_has_not_left(contract: &impl Contract) {
    let batch = [1, 2].map(|number| contract.outgoing(number, "Hi"));
    let urls = [
        (nobody().await, E::Transient),
        (broken(None).await, E::Ambiguous),
        (broken(Some("")).await, E::Ambiguous),
        (broken(Some("HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{\"")).await, E::Ambiguous),
    ];
    for (url, expected) in urls {
        let outcomes = send_to(contract, &batch, &url).await;
        assert_eq!(outcomes.iter().map(class).collect::<Vec<_>>(), [Some(expected); 2]);
    }
    for (status, expected) in [(500, E::Ambiguous), (502, E::Ambiguous), (503, E::Transient)] {
        let (_server, outcomes) = send(contract, &batch, move |_| reply(status, "text/plain", "oh")).await;
        assert_eq!(outcomes.iter().map(class).collect::<Vec<_>>(), [Some(expected); 2], "{status}");
    }
}

pub async fn waits_as_long_as_it_is_told(contract: &impl Contract) {
    for told in [Some("7"), None] {
        let (_server, outcomes) = send(contract, &[contract.outgoing(1, "Hi")], move |_| {
            let slow = reply(429, "text/plain", "slow down");
            if let Some(seconds) = told { slow.header("retry-after", seconds) } else { slow }
        })
        .await;
        let Outcome::Retry { after, class: E::RateLimited, .. } = &outcomes[0] else { panic!("{outcomes:?}") };
        assert_eq!(*after, told.map(|_| Duration::from_secs(7)));
    }
}

pub async fn tests_without_sending(contract: &(impl Contract + Copy + Send + 'static)) {
    let this = *contract;
    let server = Server::start(move |_| this.tested()).await;
    let config = account(contract, &server.url);
    let adapter = provider(config.kind);
    let report = adapter.test(&config, &outbound()).await.expect("a good config passes");
    assert!(report.asked && !report.message.is_empty());
    adapter.balance(&config, &outbound()).await.expect("a good config has a balance, or none to tell");
    for seen in server.seen() {
        assert!(contract.texts(&seen).is_empty(), "the test of a connection sent something: {seen:?}");
    }
    let server = Server::start(move |_| this.denied()).await;
    let config = account(contract, &server.url);
    assert_eq!(adapter.test(&config, &outbound()).await.expect_err("refused").class, E::BadCredentials);
}

/// Of a provider that can be asked.
pub async fn finds_what_it_took(contract: &(impl Contract + Copy + Send + 'static)) {
    let adapter = provider(contract.account().kind);
    if adapter.look_up_after().is_none() {
        let (config, text) = (contract.account(), contract.outgoing(1, "Hi"));
        let asked = adapter.look_up(&config, &outbound(), &text, Timestamp::UNIX_EPOCH).await;
        assert_eq!(asked.expect_err("nobody can be asked").class, E::Ambiguous);
        return;
    }
    let this = *contract;
    let batch = [1, 2].map(|number| contract.outgoing(number, "Hi"));
    let (server, _) = send(contract, &batch, move |seen| this.taken(&this.texts(seen), &ids(2))).await;
    let held: Vec<Text> = server.seen().iter().flat_map(|seen| contract.texts(seen)).collect();
    let since: Timestamp = "2026-03-01T10:00:00Z".parse().unwrap();
    for (made, expected) in [("2026-03-01T10:00:02Z", vec!["m-1"]), ("2026-03-01T09:00:00Z", vec![])] {
        let (held, made) = (held.clone(), made.parse().unwrap());
        let server = Server::start(move |seen| {
            let both: Vec<_> = held.iter().cloned().zip(["m-1", "m-2"]).collect();
            this.listed(seen, &both, made).expect("it can be asked")
        })
        .await;
        let found = adapter.look_up(&account(contract, &server.url), &outbound(), &batch[0], since).await.unwrap();
        let ids: Vec<_> = found.iter().filter_map(|receipt| receipt.provider_message_id.as_deref()).collect();
        assert_eq!(ids, expected, "{made}: {found:?}");
        assert!(server.seen().iter().all(|seen| contract.texts(seen).is_empty()), "a question sent something");
    }
    // What cannot be told is no absence.
    for answer in [contract.denied(), reply(500, "text/plain", "oh"), reply(200, "text/plain", "oh")] {
        let server = Server::start(move |_| answer.clone()).await;
        let asked = adapter.look_up(&account(contract, &server.url), &outbound(), &batch[0], since).await;
        assert!(asked.is_err(), "{asked:?}");
    }
}

pub fn asks_for_what_it_needs(contract: &impl Contract) {
    let good = account(contract, "http://127.0.0.1:1");
    assert_eq!(validate(&good, &outbound()), []);
    for field in spec(good.kind).fields.iter().filter(|field| field.required) {
        let mut lacking = good.clone();
        lacking.credentials.remove(field.name);
        let found = validate(&lacking, &outbound());
        assert!(found.iter().any(|found| found.pointer == format!("/credentials/{}", field.name)), "{found:?}");
    }
    let mut elsewhere = good.clone();
    elsewhere.api_url = Some("http://169.254.169.254/".to_owned());
    assert_eq!(validate(&elsewhere, &outbound())[0].pointer, "/apiUrl");
    let mut odd = good;
    odd.settings = serde_json::json!({ "noSuchSetting": 1 });
    assert!(validate(&odd, &outbound()).iter().any(|found| found.pointer.starts_with("/settings")));
    let adapter = provider(odd.kind);
    let batch = [contract.outgoing(1, "a"), contract.outgoing(2, "b")];
    assert!((1..=2).contains(&adapter.window(&odd, &batch)) && adapter.batch_size(&odd) > 0);
}
