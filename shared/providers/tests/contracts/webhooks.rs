//! The cases of what a provider reports.

use bytes::Bytes;
use domain::{
    board::State,
    keywords::{self, Keyword},
    suppression::SuppressionReason,
};
use http::HeaderValue;
use jiff::SignedDuration;
use providers::{Account, Forged, Outcome, Provider, Receipt, ReceiptStatus, WebhookRequest, provider};

use crate::{
    cases::{account, ids, send},
    contract::{Contract, Proof, Text},
    testing::{Server, outbound, reply},
};

const STEPS: [ReceiptStatus; 4] =
    [ReceiptStatus::Sent, ReceiptStatus::Delivered, ReceiptStatus::Read, ReceiptStatus::Failed];

fn adapter(contract: &impl Contract) -> &'static dyn Provider {
    provider(contract.account().kind)
}

/// A config whose calls nobody makes.
fn config(contract: &impl Contract) -> Account {
    account(contract, "http://127.0.0.1:1")
}

/// Checks a call as the engine does: what proves it is fetched first.
async fn verify(contract: &impl Contract, call: &WebhookRequest) -> Result<(), Forged> {
    if let Some((origin, pem)) = contract.certificate() {
        let server = Server::start(move |_| reply(200, "application/x-pem-file", pem)).await;
        let outbound = outbound().with_stand_in(origin, server.url.parse().unwrap());
        adapter(contract).prepare(&outbound, call).await.expect("the certificate can be fetched");
    }
    adapter(contract).verify(&config(contract), call)
}

/// A text that a provider took before.
fn known(contract: &impl Contract) -> Text {
    let text = contract.outgoing(1, "Hi");
    Text { to: text.to, body: text.body, reference: text.delivery_id.to_string() }
}

/// A report that every provider makes.
fn delivered(contract: &impl Contract) -> WebhookRequest {
    contract.report(&known(contract), "m-1", ReceiptStatus::Delivered).expect("every provider says this")
}

async fn read(contract: &impl Contract, call: &WebhookRequest) -> Receipt {
    verify(contract, call).await.expect("the provider's own call passes");
    let config = config(contract);
    let mut receipts = adapter(contract).receipts(&config, call).expect("the provider's own call is understood");
    assert_eq!(receipts.len(), 1, "{receipts:?}");
    assert_eq!(adapter(contract).inbound(&config, call), Ok(Vec::new()), "nobody wrote anything");
    receipts.remove(0).bounded().expect("it can be matched")
}

fn state(receipt: &Receipt) -> State {
    match receipt.status {
        ReceiptStatus::Sent => State::Sent,
        ReceiptStatus::Delivered => State::Delivered,
        ReceiptStatus::Read => State::Read,
        ReceiptStatus::Failed => State::Failed,
    }
}

/// Sends a text, hears the reports that the provider makes of what it was given, and holds them against the text.
pub async fn receipts_find_their_text_in_any_order(contract: &(impl Contract + Copy + Send + 'static)) {
    let text = contract.outgoing(1, "Hi");
    let this = *contract;
    let (server, outcomes) = send(contract, std::slice::from_ref(&text), move |seen| {
        let texts = this.texts(seen);
        this.taken(&texts, &ids(texts.len()))
    })
    .await;
    let Outcome::Accepted { id: Some(id), .. } = &outcomes[0] else { panic!("{outcomes:?}") };
    let held = contract.texts(&server.seen()[0]).remove(0);
    let mut states = Vec::new();
    for step in STEPS {
        let Some(call) = contract.report(&held, id, step) else { continue };
        let receipt = read(contract, &call).await;
        assert_eq!((receipt.status, receipt.error.is_some()), (step, step == ReceiptStatus::Failed));
        let by_id = receipt.provider_message_id.as_ref() == Some(id)
            && (adapter(contract).names_only_ids() || receipt.phone.as_ref() == Some(&text.to));
        match receipt.correlation {
            Some(found) => assert_eq!(found, text.delivery_id),
            // It may come before the answer to the submission is stored; then it waits for the id.
            None => assert!(by_id && !contract.correlates(), "{receipt:?}"),
        }
        states.push(state(&receipt));
    }
    assert!(states.len() >= 2, "a provider says at least how it ended");
    let reached = |states: &[State]| states.iter().fold(State::Sent, |board, state| board.merge(*state));
    let forward = reached(&states);
    states.reverse();
    assert_eq!(reached(&states), forward, "reordered");
    states.extend_from_within(..);
    assert_eq!(reached(&states), forward, "doubled");
    assert!(matches!(forward, State::Delivered | State::Read), "what arrived has arrived: {forward:?}");
}

/// Sends several texts at once, by one call where the provider takes so many, and hears a report of each.
pub async fn reports_tell_the_texts_of_a_call_apart(contract: &(impl Contract + Copy + Send + 'static)) {
    let batch = [1, 2, 3].map(|number| contract.outgoing(number, "Hi"));
    let this = *contract;
    let (server, outcomes) = send(contract, &batch, move |seen| {
        let texts = this.texts(seen);
        this.taken(&texts, &ids(texts.len()))
    })
    .await;
    let held: Vec<Text> = server.seen().iter().flat_map(|seen| contract.texts(seen)).collect();
    for (outgoing, outcome) in batch.iter().zip(&outcomes) {
        let Outcome::Accepted { id: Some(id), .. } = outcome else { panic!("{outcome:?}") };
        let text = held.iter().find(|text| text.to == outgoing.to).expect("it was submitted");
        let receipt = read(contract, &contract.report(text, id, ReceiptStatus::Delivered).unwrap()).await;
        if let Some(found) = receipt.correlation {
            assert_eq!(found, outgoing.delivery_id);
        } else {
            assert_eq!(receipt.provider_message_id.as_ref(), Some(id));
            assert!(!contract.one_id_a_call(), "its id is that of all texts of the call");
        }
    }
}

/// What a forger or a broken line makes of a call's body.
fn changed_body(call: &WebhookRequest) -> Vec<WebhookRequest> {
    let with = |body: Vec<u8>| WebhookRequest { body: Bytes::from(body), ..call.clone() };
    let body = call.body.to_vec();
    let mut changed = Vec::new();
    for (place, byte) in body.iter().enumerate().filter(|(_, byte)| byte.is_ascii_lowercase()).step_by(7) {
        let mut other = body.clone();
        other[place] = if *byte == b'z' { b'a' } else { byte + 1 };
        changed.push(with(other));
    }
    changed.push(with(body[..body.len() - 2].to_vec()));
    changed.push(with(body[..body.len() / 2].to_vec()));
    changed.push(with([body.as_slice(), b" &x=1"].concat()));
    changed
}

/// A call without what proves it, or with something else in its place.
fn changed_headers(call: &WebhookRequest) -> Vec<WebhookRequest> {
    let mut changed = Vec::new();
    for name in call.headers.keys().filter(|name| *name != "content-type") {
        let mut bare = call.clone();
        bare.headers.remove(name);
        changed.push(bare);
        for value in ["", "sha256=", "Bearer x.y.z", "Basic eDp5", "AAAA"] {
            let mut other = call.clone();
            other.headers.insert(name, HeaderValue::from_static(value));
            changed.push(other);
        }
    }
    changed
}

pub async fn forged_and_cut_calls_are_refused(contract: &impl Contract) {
    let config = config(contract);
    for call in [delivered(contract), contract.stop()] {
        assert_eq!(verify(contract, &call).await, Ok(()));
        for change in changed_body(&call) {
            // Where only a password proves it, the body is whatever its owner says.
            let refused = adapter(contract).verify(&config, &change).is_err();
            let seen = String::from_utf8_lossy(&change.body).into_owned();
            assert_eq!(refused, contract.proof() == Proof::Signature, "{seen}");
        }
        for change in changed_headers(&call) {
            let refused = adapter(contract).verify(&config, &change).is_err();
            assert_eq!(refused, contract.proof() != Proof::Nothing, "{:?}", change.headers);
        }
        if contract.proof() != Proof::Nothing && contract.certificate().is_none() {
            let mut other = config.clone();
            for secret in other.credentials.values_mut() {
                *secret = "another-secret-of-somebody".into();
            }
            assert!(adapter(contract).verify(&other, &call).is_err(), "signed with the key of somebody else");
        }
        // Whether signed or not: half a call says nothing.
        if call.body.starts_with(b"{") || call.body.starts_with(b"[") {
            for end in [1, call.body.len() / 2, call.body.len() - 1] {
                let cut = WebhookRequest { body: call.body.slice(..end), ..call.clone() };
                assert!(adapter(contract).receipts(&config, &cut).is_err());
            }
        }
    }
}

pub async fn replayed_calls_change_nothing(contract: &impl Contract) {
    let call = delivered(contract);
    assert_eq!(read(contract, &call).await, read(contract, &call).await);
    if let Some(seconds) = contract.expires_after() {
        for (shift, good) in [(seconds, true), (-seconds, true), (seconds + 1, false), (-seconds - 1, false)] {
            let received_at = call.received_at + SignedDuration::from_secs(shift);
            let moved = WebhookRequest { received_at, ..call.clone() };
            assert_eq!(adapter(contract).verify(&config(contract), &moved).is_ok(), good, "{shift} seconds");
        }
    }
}

/// Whoever wrote STOP, or unsubscribed at the provider, is to get no more.
pub async fn stop_is_heard(contract: &impl Contract) {
    let (config, call) = (config(contract), contract.stop());
    verify(contract, &call).await.expect("the provider's own call passes");
    assert_eq!(adapter(contract).receipts(&config, &call), Ok(Vec::new()), "nothing was reported");
    let heard = adapter(contract).inbound(&config, &call).expect("the provider's own call is understood");
    let gone = adapter(contract).suppressed(&config, &call).expect("the provider's own call is understood");
    let words = keywords::OwnWords::default();
    let wrote = heard.iter().map(|one| {
        let keyword = one.keyword.or_else(|| keywords::keyword(&one.text, &words));
        (one.from.clone(), keyword == Some(Keyword::Stop))
    });
    let left = gone.iter().map(|one| (one.address.clone(), one.reason == SuppressionReason::OptedOut));
    assert_eq!(wrote.chain(left).collect::<Vec<_>>(), [(contract.recipient(9), true)], "{heard:?} {gone:?}");
}
