//! `GET /api/sandbox/outbox`.

use serde_json::{Value, json};
use tests::{Api, World};

async fn send(world: &mut World, api: &Api, config: &Value, text: &str, recipients: Value) -> String {
    let body =
        json!({ "body": text, "recipientType": "ADDRESS", "recipients": recipients, "providerId": config["id"] });
    let message = api.post("/api/messages", body).await.expect(202)["id"].as_str().unwrap().to_owned();
    world.settled(api, &message).await;
    message
}

fn shown(entries: &[Value]) -> Vec<(&str, &str, &str)> {
    entries
        .iter()
        .map(|entry| {
            assert!(entry["deliveryId"].is_string() && entry["channel"] == "SMS", "{entry}");
            (entry["to"].as_str().unwrap(), entry["body"].as_str().unwrap(), entry["status"].as_str().unwrap())
        })
        .collect()
}

#[tokio::test]
async fn the_outbox_shows_what_the_sandbox_would_have_sent() {
    let mut world = World::at("2026-03-02T08:00:00Z").await;
    let (api, loopback) = world.organization("outbox").await;
    let sandbox = json!({ "kind": "SANDBOX", "channel": "SMS", "name": "Sandbox", "ratePerMinute": 60_000_000 });
    let sandbox = api.post("/api/providers", sandbox).await.expect(201);
    let nothing = json!({ "data": [], "nextCursor": null, "total": null });
    assert_eq!(api.get("/api/sandbox/outbox").await.expect(200), nothing);

    send(&mut world, &api, &loopback, "Really sent.", json!(["+254700000001"])).await;
    assert_eq!(api.get("/api/sandbox/outbox").await.expect(200), nothing, "others' texts are not in it");

    let recipients = json!([
        { "to": "+254700000001", "variables": { "who": "Amina" } },
        { "to": "+254700999001", "variables": { "who": "Juma" } },
        { "to": "+254700999022", "variables": { "who": "Zed" } },
        { "to": "+254700999023", "variables": { "who": "Wanjiru" } },
        { "to": "nobody", "variables": { "who": "Nobody" } },
    ]);
    let first = send(&mut world, &api, &sandbox, "Hi {{who}}.", recipients).await;
    let at_once = api.all("/api/sandbox/outbox").await;
    assert_eq!(at_once.len(), 4, "who was skipped is not in it");
    world.pass(3).await;
    let second = send(&mut world, &api, &sandbox, "Bye.", json!(["+254700000001"])).await;
    world.pass(3).await;

    let all = api.all("/api/sandbox/outbox").await;
    assert_eq!(
        shown(&all),
        [
            ("+254700000001", "Bye.", "DELIVERED"),
            ("+254700000001", "Hi Amina.", "DELIVERED"),
            ("+254700999001", "Hi Juma.", "FAILED"),
            ("+254700999022", "Hi Zed.", "SENT"),
            ("+254700999023", "Hi Wanjiru.", "READ"),
        ]
    );
    let messages: Vec<&Value> = all.iter().map(|entry| &entry["messageId"]).collect();
    assert_eq!(messages, [&second, &first, &first, &first, &first]);
    assert!(all.iter().all(|entry| entry["at"].as_str().unwrap().starts_with("2026-03-02T08:")), "{all:?}");
    assert_eq!(api.all(&format!("/api/sandbox/outbox?messageId={second}")).await, all[..1]);
    assert_eq!(api.all("/api/sandbox/outbox?channel=EMAIL").await, [] as [Value; 0]);

    let mut paged = Vec::new();
    let mut cursor = String::new();
    loop {
        let page = api.get(&format!("/api/sandbox/outbox?limit=2{cursor}")).await.expect(200);
        assert!(page["data"].as_array().unwrap().len() <= 2);
        paged.extend(page["data"].as_array().unwrap().clone());
        let Some(next) = page["nextCursor"].as_str() else { break };
        cursor = format!("&cursor={next}");
    }
    assert_eq!(paged, all);
    assert_eq!(world.api.register("outbox-other").await.get("/api/sandbox/outbox").await.expect(200), nothing);
    world.end().await;
}
