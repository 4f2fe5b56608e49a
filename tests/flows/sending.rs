//! The engine's invariants, seen from outside: everyone once, failures tried again, nothing lost by a kill.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use tests::{Process, Provider, World, eventually, provider::Behaviour};

/// When worlds with a clock of their own begin.
const START: &str = "2026-03-02T08:00:00Z";

fn addresses(count: usize) -> Vec<String> {
    (0..count).map(|number| format!("+2547000{number:05}")).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn counts_add_up_and_addresses_are_reached_once() {
    let mut world = World::at(START).await;
    let (api, _) = world.organization("counts").await;
    let mut recipients = addresses(120);
    recipients.extend(addresses(20));
    recipients.push("not a number".into());
    let body = json!({ "body": "Hi.", "recipientType": "ADDRESS", "recipients": recipients });
    let message = api.post("/api/messages", body).await.expect(202);
    let id = message["id"].as_str().expect("an id").to_owned();
    let sent = world.settled(&api, &id).await;
    assert_eq!(sent["status"], "SENT");
    assert_eq!(sent["counts"]["total"], 121, "repeated addresses count once");
    assert_eq!(sent["counts"]["sent"], 120);
    assert_eq!(sent["counts"]["skipped"], 1);
    let counts = sent["counts"].as_object().expect("counts");
    let sum: u64 = counts.iter().filter(|(name, _)| *name != "total").filter_map(|(_, n)| n.as_u64()).sum();
    assert_eq!(sum, 121, "the states add up to the audience");
    assert_eq!(world.provider.accepted().len(), 120);
    let skipped = api.all(&format!("/api/messages/{id}/recipients?status=SKIPPED")).await;
    assert_eq!(skipped[0]["reason"], "invalid_address");
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn prefer_wait_answers_with_the_final_state() {
    let world = World::start().await;
    let (api, _) = world.organization("wait").await;
    let request = api.request(reqwest::Method::POST, "/api/messages").header("Prefer", "wait=10").json(&json!({
        "body": "Your code is {{code}}.", "recipientType": "ADDRESS", "recipients": ["+254700000001"], "variables": { "code": "123456" },
    }));
    let message = api.send(request).await.expect(200);
    assert_eq!(message["status"], "SENT");
    assert_eq!(message["recipients"]["data"][0]["status"], "SENT");
    assert_eq!(message["recipients"]["data"][0]["body"], "Your code is 123456.");
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_idempotency_key_sends_once() {
    let mut world = World::at(START).await;
    let (api, _) = world.organization("idempotent").await;
    let send = |text: &str| {
        api.request(reqwest::Method::POST, "/api/messages")
            .header("Idempotency-Key", "order-1")
            .json(&json!({ "body": text, "recipientType": "ADDRESS", "recipients": ["+254700000001"] }))
    };
    let (first, second) = tokio::join!(api.send(send("Hi.")), api.send(send("Hi.")));
    let again = api.send(send("Hi.")).await.expect(202);
    for answer in [first, second] {
        let (status, body) = (answer.status.as_u16(), answer.body);
        assert!(status == 409 || (status == 202 && body["id"] == again["id"]), "{status} {body}");
    }
    assert_eq!(api.send(send("Other.")).await.problem(422), "idempotency_mismatch");
    world.settled(&api, again["id"].as_str().expect("an id")).await;
    assert_eq!(world.provider.accepted().len(), 1);
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn failures_are_named_and_can_be_sent_again() {
    let mut world = World::at(START).await;
    let (api, _) = world.organization("failures").await;
    // 400 is no failure of the account, so it fails the recipient alone.
    world.provider.script([Behaviour::Refuse(400)]);
    let body = json!({ "body": "Hi.", "recipientType": "ADDRESS", "recipients": ["+254700000001"] });
    let message = api.post("/api/messages", body).await.expect(202);
    let id = message["id"].as_str().expect("an id").to_owned();
    let failed = world.settled(&api, &id).await;
    assert_eq!(failed["status"], "FAILED");
    assert_eq!(failed["counts"]["failed"], 1);
    api.post(&format!("/api/messages/{id}/resend"), json!({})).await.expect(202);
    let sent = world.settled(&api, &id).await;
    assert_eq!(sent["status"], "SENT");
    assert_eq!(sent["counts"]["sent"], 1);
    assert_eq!(sent["recipients"]["data"][0]["attempts"].as_array().map(Vec::len), Some(2));
    assert_eq!(world.provider.accepted().len(), 1);
    assert_eq!(api.post(&format!("/api/messages/{id}/resend"), json!({})).await.problem(409), "nothing_to_resend");
    world.end().await;
}

/// What the provider refuses with this status stops the config and its message, and both say why; once a person has
/// resumed the config, the text goes out.
async fn assert_pauses(label: &str, status: u16, reason: &str, alert: &str) {
    let mut world = World::at(START).await;
    let (api, config) = world.organization(label).await;
    world.provider.script([Behaviour::Refuse(status)]);
    let body = json!({ "body": "Hi.", "recipientType": "ADDRESS", "recipients": ["+254700000001"] });
    let message = api.post("/api/messages", body.clone()).await.expect(202);
    let id = message["id"].as_str().expect("an id").to_owned();
    let paused = world.settled(&api, &id).await;
    assert_eq!((paused["status"].as_str(), paused["pauseReason"].as_str()), (Some("PAUSED"), Some(reason)), "{paused}");
    let alerts = api.get("/api/alerts").await.expect(200);
    assert_eq!((&alerts["data"][0]["kind"], &alerts["data"][0]["subject"]), (&json!(alert), &config["id"]), "{alerts}");
    let provider = format!("/api/providers/{}", config["id"].as_str().expect("an id"));
    assert_eq!(api.get(&provider).await.expect(200)["paused"]["reason"], reason);
    assert_eq!(api.post("/api/messages", body).await.problem(409), "provider_paused");
    api.post(&format!("{provider}/resume"), json!({})).await.expect(200);
    assert_eq!(world.settled(&api, &id).await["status"], "SENT");
    assert_eq!(world.provider.accepted().len(), 1);
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn bad_credentials_pause_the_config_and_raise_an_alert() {
    assert_pauses("credentials", 401, "PROVIDER", "PROVIDER_CREDENTIALS").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_without_money_pauses_the_config_and_raises_an_alert() {
    assert_pauses("balance", 402, "CREDITS", "PROVIDER_BALANCE").await;
}

/// The window and the chunk of a single-call provider without limits.
const WINDOW: u64 = 25;
const CHUNK: u64 = 100;

#[tokio::test(flavor = "multi_thread")]
async fn kill_9_while_sending_loses_nobody_and_doubles_nobody() {
    const RECIPIENTS: usize = 2_000;
    let folder = tempfile::tempdir().expect("a folder");
    let provider = Provider::start().await;
    let mut process = Process::start(folder.path(), None).await;
    process.api = process.api.register("crash").await;
    let api = process.api.clone();
    api.post("/api/providers", provider.config("Loopback")).await.expect(201);
    let group = api.group_of("All", &addresses(RECIPIENTS)).await;
    let body = json!({ "body": "Hi.", "recipientType": "GROUP", "recipientId": group });
    let message = api.post("/api/messages", body).await.expect(202);
    let id = message["id"].as_str().expect("an id").to_owned();

    let mut kills = 0;
    for threshold in [200, 900] {
        eventually("sending is under way", 60, || async { (provider.accepted().len() >= threshold).then_some(()) })
            .await;
        process = process.kill_and_restart().await;
        kills += 1;
    }
    let path = format!("/api/messages/{id}");
    let message: Value = eventually("the message is settled", 90, || async {
        let message = process.api.try_send(process.api.request(reqwest::Method::GET, &path)).await?.body;
        matches!(message["status"].as_str(), Some("SENT" | "FAILED" | "PAUSED")).then_some(message)
    })
    .await;
    let count = |name: &str| message["counts"][name].as_u64().expect("a count");
    assert_eq!(count("total"), RECIPIENTS as u64, "nobody is lost: {message}");
    assert_eq!(count("pending"), 0);
    assert_eq!(count("sent") + count("unknown"), RECIPIENTS as u64, "{message}");
    let in_flight = tests::send_concurrency().min(RECIPIENTS as u64 / CHUNK);
    assert!(count("unknown") <= kills * in_flight * WINDOW, "unknown: {}", count("unknown"));

    let accepted = provider.accepted();
    let distinct: BTreeSet<_> = accepted.iter().map(|text| text.to.clone()).collect();
    assert_eq!(distinct.len(), accepted.len(), "nobody is texted twice");
    // Whoever the ledger calls sent was accepted; who was accepted is sent or unknown.
    assert!(distinct.len() as u64 >= count("sent"));
    let sent = process.api.all(&format!("/api/messages/{id}/recipients?status=SENT")).await;
    for delivery in &sent {
        assert!(distinct.contains(delivery["recipient"].as_str().expect("a number")));
    }
    process.kill().await;
}
