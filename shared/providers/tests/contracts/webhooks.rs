//! The cases of what a provider reports.

use bytes::Bytes;
use domain::{
    board::State,
    keywords::{self, Keyword},
};
use http::HeaderValue;
use jiff::SignedDuration;
use providers::{Outcome, Provider, Receipt, ReceiptStatus, WebhookRequest, provider};

use crate::{
    cases::{account, ids, send},
    contract::{Contract, Text},
    testing::outgoing,
};

const STEPS: [ReceiptStatus; 4] =
    [ReceiptStatus::Sent, ReceiptStatus::Delivered, ReceiptStatus::Read, ReceiptStatus::Failed];

fn adapter(contract: &impl Contract) -> &'static dyn Provider {
    provider(contract.account().kind)
}

/// A text that a provider took before.
fn known() -> Text {
    let text = outgoing("+254700000001", "Hi");
    Text { to: text.to, body: text.body, reference: text.delivery_id.to_string() }
}

/// A report that every provider makes.
fn delivered(contract: &impl Contract) -> WebhookRequest {
    let step = if contract.report(&known(), "1", ReceiptStatus::Delivered).is_some() {
        ReceiptStatus::Delivered
    } else {
        ReceiptStatus::Sent
    };
    contract.report(&known(), "m-1", step).expect("a provider says at least one of them")
}

fn read(contract: &impl Contract, call: &WebhookRequest) -> Receipt {
    let config = account(contract, "http://127.0.0.1:1");
    adapter(contract).verify(&config, call).expect("the provider's own call passes");
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
    let text = outgoing("+254700000001", "Hi");
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
        let receipt = read(contract, &call);
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

/// What a forger or a broken line makes of a call.
fn changed(call: &WebhookRequest) -> Vec<WebhookRequest> {
    let with = |body: Vec<u8>| WebhookRequest { body: Bytes::from(body), ..call.clone() };
    let body = call.body.to_vec();
    let mut changed = Vec::new();
    // Letters alone: a digit of a field that is ignored would do no harm, but must not pass either.
    for (place, _) in body.iter().enumerate().filter(|(_, byte)| byte.is_ascii_lowercase()).step_by(7) {
        let mut other = body.clone();
        other[place] = other[place].to_ascii_uppercase();
        changed.push(with(other));
    }
    changed.push(with(body[..body.len() - 2].to_vec()));
    changed.push(with(body[..body.len() / 2].to_vec()));
    changed.push(with([body.as_slice(), b" &x=1"].concat()));
    for name in call.headers.keys().filter(|name| *name != "content-type") {
        let mut bare = call.clone();
        bare.headers.remove(name);
        changed.push(bare);
        for value in ["", "sha256=", "Bearer x.y.z", "AAAA"] {
            let mut other = call.clone();
            other.headers.insert(name, HeaderValue::from_static(value));
            changed.push(other);
        }
    }
    changed
}

pub fn forged_and_cut_calls_are_refused(contract: &impl Contract) {
    let config = account(contract, "http://127.0.0.1:1");
    for call in [delivered(contract), contract.stop()] {
        assert_eq!(adapter(contract).verify(&config, &call), Ok(()));
        for change in changed(&call) {
            if contract.signs() {
                let seen = String::from_utf8_lossy(&change.body).into_owned();
                assert!(adapter(contract).verify(&config, &change).is_err(), "{:?} {seen}", change.headers);
            }
        }
        if contract.signs() {
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

pub fn replayed_calls_change_nothing(contract: &impl Contract) {
    let call = delivered(contract);
    assert_eq!(read(contract, &call), read(contract, &call));
    if let Some(seconds) = contract.expires_after() {
        let config = account(contract, "http://127.0.0.1:1");
        for (shift, good) in [(seconds, true), (-seconds, true), (seconds + 1, false), (-seconds - 1, false)] {
            let received_at = call.received_at + SignedDuration::from_secs(shift);
            let moved = WebhookRequest { received_at, ..call.clone() };
            assert_eq!(adapter(contract).verify(&config, &moved).is_ok(), good, "{shift} seconds");
        }
    }
}

pub fn stop_is_heard(contract: &impl Contract) {
    let config = account(contract, "http://127.0.0.1:1");
    let call = contract.stop();
    adapter(contract).verify(&config, &call).expect("the provider's own call passes");
    assert_eq!(adapter(contract).receipts(&config, &call), Ok(Vec::new()), "nothing was reported");
    let heard = adapter(contract).inbound(&config, &call).expect("the provider's own call is understood");
    assert_eq!(heard.len(), 1, "{heard:?}");
    assert_eq!(heard[0].from, "+254700000009");
    let keyword = heard[0].keyword.or_else(|| keywords::keyword(&heard[0].text, &keywords::OwnWords::default()));
    assert_eq!(keyword, Some(Keyword::Stop), "{:?}", heard[0]);
}
