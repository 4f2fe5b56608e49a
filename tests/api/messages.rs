//! `/api/messages`, beyond what the flows show.

use serde_json::{Value, json};
use tests::{Api, World};

async fn send(world: &mut World, api: &Api) {
    let body = json!({ "body": "Hi.", "recipientType": "ADDRESS", "recipients": ["+254700000001"] });
    let message = api.post("/api/messages", body).await.expect(202);
    world.settled(api, message["id"].as_str().unwrap()).await;
}

#[tokio::test]
async fn the_total_of_whole_days_is_exact() {
    // Half an hour before midnight in Kathmandu, which is 5:45 ahead.
    let mut world = World::at("2026-03-01T17:45:00Z").await;
    let (api, _) = world.organization("totals").await;
    send(&mut world, &api).await;
    send(&mut world, &api).await;
    world.pass(1_800).await;
    let api = api.sign_in("totals").await;
    send(&mut world, &api).await;
    let total = async |query: &str| {
        let total = api.get(&format!("/api/messages?{query}")).await.expect(200)["total"].clone();
        let listed = api.all(&format!("/api/messages?{query}")).await.len();
        assert!(total.is_null() || total == listed, "{query}: {total} is not {listed}");
        total
    };
    assert_eq!(total("").await, 3);
    assert_eq!(total("status=sent").await, 3);
    assert_eq!(total("from=2026-02-28T18:15:00Z&to=2026-03-01T18:15:00Z").await, 2);
    assert_eq!(total("from=2026-03-01T18:15:00Z").await, 1);
    assert_eq!(total("to=2026-03-01T18:15:00Z").await, 2);
    assert_eq!(total("from=2026-03-01T00:00:00Z&to=2026-03-02T00:00:00Z").await, 3);
    assert_eq!(total("from=2026-03-02T00:00:00Z&to=2026-03-01T00:00:00Z").await, 0);
    for uncounted in ["from=2026-03-01T18:15:01Z", "status=SENT&from=2026-03-01T00:00:00Z", "channel=SMS"] {
        assert_eq!(total(uncounted).await, Value::Null, "{uncounted}");
    }
    world.end().await;
}

/// Contacts who share their addresses: the first `distinct` have one each, the others one of those.
async fn families(api: &Api, contacts: usize, distinct: usize) -> String {
    let group = api.post("/api/groups", json!({ "name": "Families" })).await.expect(201);
    let group = group["id"].as_str().unwrap().to_owned();
    let contacts: Vec<Value> = (0..contacts)
        .map(|number| json!({ "phone": format!("+2547000{number:05}"), "email": format!("family{}@x.example", number % distinct) }))
        .collect();
    api.post("/api/contacts/bulk", json!({ "contacts": contacts, "groupId": group })).await.expect(201);
    group
}

async fn mail(world: &World, api: &Api, per_minute: u64) {
    let mut config = world.provider.config("Mail");
    config["channel"] = json!("EMAIL");
    config["ratePerMinute"] = json!(per_minute);
    api.post("/api/providers", config).await.expect(201);
}

fn to_group(group: &str) -> Value {
    json!({ "channel": "EMAIL", "subject": "S", "body": "Hi.", "recipientType": "GROUP", "recipientId": group })
}

#[tokio::test]
async fn a_shared_address_gets_one_copy() {
    let mut world = World::at("2026-03-02T08:00:00Z").await;
    let api = world.api.register("families").await;
    mail(&world, &api, 60_000_000).await;
    let group = families(&api, 170, 70).await;
    assert_eq!(api.post("/api/messages/estimate", to_group(&group)).await.expect(200)["recipients"], 70);
    let message = api.post("/api/messages", to_group(&group)).await.expect(202);
    let sent = world.settled(&api, message["id"].as_str().unwrap()).await;
    assert_eq!(
        (&sent["counts"]["total"], &sent["counts"]["sent"], &sent["recipientCount"]),
        (&json!(70), &json!(70), &json!(70))
    );
    let addresses = world.provider.by_number();
    assert_eq!(addresses.len(), 70, "every family is reached");
    assert!(addresses.values().all(|copies| copies.len() == 1), "none twice, whatever chunk they are in");
    world.end().await;
}

#[tokio::test]
async fn a_shared_address_gets_one_copy_from_a_planner_that_goes_on_after_another() {
    let mut world = World::at("2026-03-02T08:00:00Z").await;
    let api = world.api.register("planners").await;
    // So slow that each chunk has one recipient: more chunks than one planner makes.
    mail(&world, &api, 6).await;
    let group = families(&api, 400, 350).await;
    let message = api.post("/api/messages", to_group(&group)).await.expect(202);
    let id = message["id"].as_str().unwrap();
    world.pass(2).await;
    api.delete(&format!("/api/messages/{id}")).await.expect(200);
    let cancelled = world.settled(&api, id).await;
    assert_eq!(
        (&cancelled["counts"]["total"], &cancelled["recipientCount"]),
        (&json!(350), &json!(350)),
        "{cancelled}"
    );
    world.end().await;
}
