//! Later: messages fire at their hour, do not fire when cancelled, go out as edited; all of it through `kill -9`.

use std::time::Duration;

use serde_json::json;
use tests::{Process, Provider, World, eventually};

#[tokio::test(flavor = "multi_thread")]
async fn scheduled_messages_fire_once_as_edited_and_cancelled_ones_do_not() {
    let mut world = World::at("2026-03-28T08:00:00Z").await;
    let (api, _) = world.organization("schedule").await;
    let schedule = |to: &str, at: &str| json!({ "body": "Now.", "recipientType": "ADDRESS", "recipients": [to], "scheduledAt": at });
    let fires = api.post("/api/messages", schedule("+254700000001", "2026-03-28T10:00:00Z")).await.expect(202);
    assert_eq!(fires["status"], "SCHEDULED");
    let cancelled = api.post("/api/messages", schedule("+254700000002", "2026-03-28T10:00:00Z")).await.expect(202);
    let edited = api.post("/api/messages", schedule("+254700000003", "2026-03-28T10:00:00Z")).await.expect(202);
    let moved = api.post("/api/messages", schedule("+254700000004", "2026-03-28T10:00:00Z")).await.expect(202);
    let path = |message: &serde_json::Value| format!("/api/messages/{}", message["id"].as_str().expect("an id"));
    assert_eq!(api.delete(&path(&cancelled)).await.expect(200)["status"], "CANCELLED");
    api.put(&path(&edited), json!({ "body": "Edited." })).await.expect(200);
    api.put(&path(&moved), json!({ "scheduledAt": "2026-03-28T12:00:00Z" })).await.expect(200);
    assert_eq!(
        api.post("/api/messages", schedule("+254700000005", "2026-03-28T07:00:00Z")).await.problem(422),
        "scheduled_in_past"
    );
    world.pass(7_100).await;
    assert!(world.provider.accepted().is_empty(), "nothing leaves before its hour");
    let token = api.token.clone();
    // The access token is good for 15 minutes of the world's time.
    let api = world.api.sign_in("schedule").await;
    assert_ne!(api.token, token);
    world.until("the messages fire", 200, || async { (world_accepted(&api).await == 2).then_some(()) }).await;
    world.pass(30).await;
    let mut texts: Vec<_> = world.provider.accepted().into_iter().map(|text| (text.to, text.body)).collect();
    texts.sort();
    assert_eq!(texts, [("+254700000001".into(), "Now.".to_owned()), ("+254700000003".into(), "Edited.".to_owned())]);
    assert_eq!(api.put(&path(&fires), json!({ "body": "Too late." })).await.problem(409), "message_not_editable");
    world.pass(6_900).await;
    assert_eq!(world.provider.accepted().len(), 2, "the moved one waits for its new hour");
    let api = world.api.sign_in("schedule").await;
    world.until("the moved one fires", 400, || async { (world_accepted(&api).await == 3).then_some(()) }).await;
    assert_eq!(world.provider.accepted()[2].to, "+254700000004");
    assert_eq!(world.provider.accepted().len(), 3);
    world.end().await;
}

async fn world_accepted(api: &tests::Api) -> usize {
    api.all("/api/messages?status=sent").await.len()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_schedule_survives_kill_9() {
    let folder = tempfile::tempdir().expect("a folder");
    let provider = Provider::start().await;
    let mut process = Process::start(folder.path(), None).await;
    let api = process.api.register("kill").await;
    process.api = api.clone();
    api.post("/api/providers", provider.config("Loopback")).await.expect(201);
    let at = (store::Clock::system().now() + Duration::from_secs(63)).to_string();
    let schedule =
        |to: &str| json!({ "body": "Now.", "recipientType": "ADDRESS", "recipients": [to], "scheduledAt": at });
    api.post("/api/messages", schedule("+254700000001")).await.expect(202);
    let cancelled = api.post("/api/messages", schedule("+254700000002")).await.expect(202);
    let edited = api.post("/api/messages", schedule("+254700000003")).await.expect(202);
    let path = |message: &serde_json::Value| format!("/api/messages/{}", message["id"].as_str().expect("an id"));
    api.delete(&path(&cancelled)).await.expect(200);

    let process = process.kill_and_restart().await;
    process.api.put(&path(&edited), json!({ "body": "Edited." })).await.expect(200);
    let mut process = process.kill_and_restart().await;

    let texts = eventually("both messages fire", 90, || async {
        let mut texts: Vec<_> = provider.accepted().into_iter().map(|text| (text.to, text.body)).collect();
        texts.sort();
        (texts.len() >= 2).then_some(texts)
    })
    .await;
    assert_eq!(texts, [("+254700000001".into(), "Now.".to_owned()), ("+254700000003".into(), "Edited.".to_owned())]);
    eventually("both messages are SENT", 30, || async {
        (process.api.all("/api/messages?status=SENT").await.len() == 2).then_some(())
    })
    .await;
    assert_eq!(provider.accepted().len(), 2);
    process.kill().await;
}
