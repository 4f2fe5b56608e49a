//! Cancel and pause while thousands are being sent: what was answered holds within two seconds, seen at the provider.

use std::{collections::BTreeSet, time::Duration};

use jiff::SignedDuration;
use serde_json::{Value, json};
use store::Clock;
use tests::{Api, World, eventually};

const RECIPIENTS: usize = 2_000;

/// So slow that a chunk takes longer than a cancel may: four windows one after the other.
const LATENCY: Duration = Duration::from_millis(700);

/// How long after the answer a request may still start.
const HOLDS: SignedDuration = SignedDuration::from_secs(2);

/// A message to thousands, of which some are sent.
async fn under_way(world: &World, api: &Api) -> String {
    world.provider.slow(LATENCY);
    let phones: Vec<String> = (0..RECIPIENTS).map(|number| format!("+2547000{number:05}")).collect();
    let group = api.group_of("All", &phones).await;
    let body = json!({ "body": "Hi.", "recipientType": "GROUP", "recipientId": group });
    let message = api.post("/api/messages", body).await.expect(202);
    eventually("sending is under way", 60, || async { (world.provider.accepted().len() >= 300).then_some(()) }).await;
    message["id"].as_str().expect("an id").to_owned()
}

fn count(message: &Value, name: &str) -> usize {
    message["counts"][name].as_u64().expect("a count") as usize
}

#[tokio::test(flavor = "multi_thread")]
async fn after_a_cancel_no_request_starts_later_than_two_seconds() {
    let mut world = World::start().await;
    let (api, _) = world.organization("cancel").await;
    let id = under_way(&world, &api).await;
    let answer = api.delete(&format!("/api/messages/{id}")).await.expect(200);
    let answered = Clock::system().now();
    assert_eq!(answer["status"], "CANCELLED");

    let message = world.settled(&api, &id).await;
    let last = world.provider.starts().into_iter().max().expect("some were sent");
    assert!(last <= answered + HOLDS, "a request started {} after the answer", last.duration_since(answered));
    let accepted = world.provider.accepted();
    assert_eq!(count(&message, "sent"), accepted.len(), "all that was accepted is counted: {message}");
    assert!(count(&message, "cancelled") > 0, "{message}");
    assert_eq!(count(&message, "sent") + count(&message, "cancelled"), RECIPIENTS, "the states add up: {message}");
    let cancelled = api.all(&format!("/api/messages/{id}/recipients?status=CANCELLED")).await;
    assert_eq!(cancelled.len(), count(&message, "cancelled"), "the counts equal the list");
    let numbers: BTreeSet<_> = accepted.iter().map(|text| text.to.clone()).collect();
    assert!(cancelled.iter().all(|copy| !numbers.contains(copy["recipient"].as_str().expect("a number"))));
    let stats = api.get("/api/dashboard/stats").await.expect(200);
    assert_eq!((&stats["totalSent"], &stats["totalPending"]), (&json!(accepted.len()), &json!(0)));
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn after_a_pause_no_request_starts_later_than_two_seconds_and_a_resume_reaches_everyone_once() {
    let mut world = World::start().await;
    let (api, _) = world.organization("pause").await;
    let id = under_way(&world, &api).await;
    let answer = api.post(&format!("/api/messages/{id}/pause"), json!({})).await.expect(200);
    let answered = Clock::system().now();
    assert_eq!((&answer["status"], &answer["pauseReason"]), (&json!("PAUSED"), &json!("USER")));

    world.idle().await;
    let last = world.provider.starts().into_iter().max().expect("some were sent");
    assert!(last <= answered + HOLDS, "a request started {} after the answer", last.duration_since(answered));
    let sent = world.provider.accepted().len();
    assert!(sent < RECIPIENTS, "something is left to be sent");
    assert_eq!(api.get(&format!("/api/messages/{id}")).await.expect(200)["status"], "PAUSED");

    world.provider.slow(Duration::ZERO);
    assert_eq!(world.provider.requests(), sent, "nothing leaves while it is paused");
    api.post(&format!("/api/messages/{id}/resume"), json!({})).await.expect(200);
    let message = world.settled(&api, &id).await;
    assert_eq!((message["status"].as_str(), count(&message, "sent")), (Some("SENT"), RECIPIENTS), "{message}");
    let numbers = world.provider.by_number();
    assert_eq!(numbers.len(), RECIPIENTS, "everyone is reached");
    assert!(numbers.values().all(|texts| texts.len() == 1), "nobody twice");
    world.end().await;
}
