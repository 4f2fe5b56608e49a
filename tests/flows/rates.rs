//! Rates: a message that waits for its turn, or is paused meanwhile, does not keep others of its config from theirs.

use serde_json::{Value, json};
use tests::World;

/// What is reserved on a rate at a time, in seconds, and as long again for who asks in vain first.
const PATIENCE: u64 = 180;

#[tokio::test(flavor = "multi_thread")]
async fn a_paused_message_leaves_the_rate_to_others() {
    const MANY: usize = 400;
    let mut world = World::at("2026-03-02T08:00:00Z").await;
    let (api, config) = world.organization("rates").await;
    let provider = format!("/api/providers/{}", config["id"].as_str().expect("an id"));
    api.put(&provider, json!({ "ratePerMinute": 60 })).await.expect(200);
    let send = async |text: &str, to: Vec<String>| -> String {
        let body = json!({ "body": text, "recipientType": "ADDRESS", "recipients": to });
        let message = api.post("/api/messages", body).await.expect(202);
        format!("/api/messages/{}", message["id"].as_str().expect("an id"))
    };
    // A text a second: this takes almost seven minutes.
    let big = send("Many.", (0..MANY).map(|number| format!("+2547000{number:05}")).collect()).await;
    world.pass(5).await;
    api.post(&format!("{big}/pause"), json!({})).await.expect(200);
    let one = send("One.", vec!["+254100000001".into()]).await;
    let status = async |path: &str| -> Value { api.get(path).await.expect(200)["status"].clone() };
    world.until("the other message leaves", PATIENCE, || async { (status(&one).await == "SENT").then_some(()) }).await;
    assert!(world.provider.accepted().len() < MANY / 2, "the big one is paused");

    api.post(&format!("{big}/resume"), json!({})).await.expect(200);
    for _ in 0..80 {
        world.pass(10).await;
        if status(&big).await == "SENT" {
            break;
        }
    }
    assert_eq!(status(&big).await, "SENT");
    let numbers = world.provider.by_number();
    assert_eq!(numbers.len(), MANY + 1, "everyone is reached");
    assert!(numbers.values().all(|texts| texts.len() == 1), "nobody twice");
    world.end().await;
}
