//! `POST /api/groups/{id}/contacts`.

use serde_json::json;
use tests::World;

#[tokio::test]
async fn joining_twice_counts_once() {
    let world = World::start().await;
    let (api, other) = (world.api.register("join").await, world.api.register("join-b").await);
    let made = api.post("/api/groups", json!({"name": "Parents"})).await.expect(201);
    let path = format!("/api/groups/{}", made["id"].as_str().unwrap());
    let a = api.post("/api/contacts", json!({"phone": "+254700000001"})).await.expect(201)["id"].clone();
    let b = api.post("/api/contacts", json!({"phone": "+254700000002"})).await.expect(201)["id"].clone();
    let foreign = other.post("/api/contacts", json!({"phone": "+254700000002"})).await.expect(201)["id"].clone();
    let list = format!("{path}/contacts");
    let join = |ids: serde_json::Value| api.post(&list, json!({"contactIds": ids}));
    assert_eq!(join(json!([a, a])).await.expect(201), json!({"added": 1, "skipped": 1, "contactCount": 1}));
    assert_eq!(join(json!([a, b])).await.expect(201), json!({"added": 1, "skipped": 1, "contactCount": 2}));
    let refused = join(json!([a, foreign])).await.expect(422);
    assert_eq!(refused["errors"][0]["pointer"], "/contactIds/1");
    assert_eq!(refused["code"], "contact_not_found");
    assert_eq!(join(json!(["con_x"])).await.expect(422)["errors"][0]["pointer"], "/contactIds/0");
    assert_eq!(api.get(&path).await.expect(200)["contactCount"], 2);
    world.end().await;
}
