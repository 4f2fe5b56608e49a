//! Fair between organizations: a flood of one does not hold up the other's single message.

use std::time::Duration;

use serde_json::json;
use tests::{World, eventually};

/// Chunks that may be in flight at once (the concurrency of the function `send`), and their size.
const IN_FLIGHT: usize = 16;
const CHUNK: usize = 50;

#[tokio::test(flavor = "multi_thread")]
async fn a_single_message_passes_the_flood_of_another_organization() {
    let mut world = World::start().await;
    let (flood, _) = world.organization("flood").await;
    let (quiet, _) = world.organization("quiet").await;
    world.provider.slow(Duration::from_millis(50));
    let mut last = String::new();
    for message in 0..5 {
        let recipients: Vec<String> = (0..1_000).map(|number| format!("+254700{message}{number:05}")).collect();
        let body = json!({ "body": "Flood.", "recipientType": "ADDRESS", "recipients": recipients });
        let message = flood.post("/api/messages", body).await.expect(202);
        last = message["id"].as_str().expect("an id").to_owned();
    }
    eventually("the flood flows", 60, || async { (world.provider.requests() >= 300).then_some(()) }).await;
    let body = json!({ "body": "Alone.", "recipientType": "ADDRESS", "recipients": ["+254711000001"] });
    quiet.post("/api/messages", body).await.expect(202);
    let before = world.provider.requests();

    world.settled(&flood, &last).await;
    let accepted = world.provider.accepted();
    let place = accepted.iter().position(|text| text.body == "Alone.").expect("it was sent");
    // Chunks in work come to their end, and while it is claimed others may begin; then it is its turn, with thousands
    // still waiting. Behind all that waited it would be among the last.
    let passed = place.saturating_sub(before);
    assert!(passed <= 2 * IN_FLIGHT * CHUNK, "{passed} of the flood left before it");
    world.end().await;
}
