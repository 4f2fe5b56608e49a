//! `GET /api/groups`.

use serde_json::json;
use tests::World;

#[tokio::test]
async fn newest_first_with_counts() {
    let world = World::start().await;
    let api = world.api.register("groups-list").await;
    for number in 0..30 {
        api.post("/api/groups", json!({"name": format!("Group {number}")})).await.expect(201);
    }
    let page = api.get("/api/groups").await.expect(200);
    assert_eq!((page["data"].as_array().unwrap().len(), &page["total"]), (25, &json!(30)));
    let id = page["data"][0]["id"].clone();
    let contacts = json!([{"phone": "+254700000001"}, {"phone": "+254700000002"}]);
    api.post("/api/contacts/bulk", json!({"contacts": contacts, "groupId": id})).await.expect(201);
    assert_eq!(api.get("/api/groups?limit=1").await.expect(200)["data"][0]["contactCount"], 2);
    assert_eq!(api.all("/api/groups").await.len(), 30);
    world.end().await;
}
