//! Organizations side by side: a big message of one does not hold up a small one of another, and a recipient whose text cannot
//! be sent does not hold up the others of the chunk.

use serde_json::{Value, json};
use tests::{World, eventually};

/// Recipients of the big message, and of one chunk of it.
const MANY: usize = 10_000;
const CHUNK: usize = 100;

#[tokio::test(flavor = "multi_thread")]
async fn a_single_message_overtakes_another_organizations_campaign() {
    let world = World::start().await;
    let (big, _) = world.organization("big").await;
    let (small, _) = world.organization("small").await;
    let group = big.post("/api/groups", json!({ "name": "All" })).await.expect(201);
    let group = group["id"].as_str().expect("an id").to_owned();
    for page in 0..MANY / 1_000 {
        let contacts: Vec<Value> =
            (0..1_000).map(|number| json!({ "phone": format!("+2547{:08}", page * 1_000 + number) })).collect();
        big.post("/api/contacts/bulk", json!({ "contacts": contacts, "groupId": group })).await.expect(201);
    }
    let campaign = json!({ "body": "Many.", "recipientType": "GROUP", "recipientId": group });
    big.post("/api/messages", campaign).await.expect(202);
    // Sending is under way, and everything that can be in flight is.
    let sent = || world.provider.accepted().len();
    eventually("the campaign is going out", 60, || async { (sent() > CHUNK * 2).then_some(()) }).await;
    let single = json!({ "body": "One.", "recipientType": "ADDRESS", "recipients": ["+254100000001"] });
    small.post("/api/messages", single).await.expect(202);
    let before = sent();
    let place = eventually("the single message leaves", 60, || async {
        world.provider.accepted().iter().position(|text| text.body == "One.")
    })
    .await;
    // What was in flight comes to its end; nothing that waited may go first. One turn more for what starts meanwhile.
    let ahead = place.saturating_sub(before);
    assert!(ahead <= 2 * tests::send_concurrency() as usize * CHUNK, "{ahead} texts of the campaign went first");
    assert!(place < MANY, "it waited for the campaign to end");
    eventually("the campaign goes on to its end", 120, || async { (sent() == MANY + 1).then_some(()) }).await;
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_text_that_cannot_be_sent_fails_its_recipient_alone() {
    let mut world = World::at("2026-03-02T12:00:00Z").await;
    let (api, _) = world.organization("poison").await;
    let to = |number: usize| {
        let note = if number == 4 { " " } else { "hello" };
        json!({ "to": format!("+25470000000{number}"), "variables": { "note": note } })
    };
    let recipients: Vec<Value> = (1..=9).map(to).collect();
    let body = json!({ "body": "{{note}}", "recipientType": "ADDRESS", "recipients": recipients });
    let message = api.post("/api/messages", body).await.expect(202);
    let path = format!("/api/messages/{}", message["id"].as_str().expect("an id"));
    let sent = world.until("it is over", 30, || async {
        let message = api.get(&path).await.expect(200);
        (message["status"] == "SENT").then_some(message)
    });
    let sent = sent.await;
    assert_eq!(sent["counts"]["sent"], 8, "{sent}");
    let left: Vec<Value> = api.all(&format!("{path}/recipients")).await;
    let left: Vec<&Value> = left.iter().filter(|delivery| delivery["status"] != "SENT").collect();
    assert_eq!((left.len(), &left[0]["recipient"]), (1, &json!("+254700000004")));
    assert_ne!(left[0]["reason"], Value::Null, "{}", left[0]);
    assert_eq!(world.provider.accepted().len(), 8);
    world.end().await;
}
