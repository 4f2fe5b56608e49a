//! `DELETE /api/contacts/{id}`.

use serde_json::json;
use tests::World;

#[tokio::test]
async fn the_number_is_free_and_the_groups_are_smaller() {
    let world = World::start().await;
    let api = world.api.register("delete").await;
    let group = api.post("/api/groups", json!({"name": "Parents"})).await.expect(201);
    let group = format!("/api/groups/{}", group["id"].as_str().unwrap());
    let made = api.post("/api/contacts", json!({"phone": "+254700000001", "tags": ["x"]})).await.expect(201);
    api.post(&format!("{group}/contacts"), json!({"contactIds": [made["id"]]})).await.expect(201);
    let path = format!("/api/contacts/{}", made["id"].as_str().unwrap());
    api.delete(&path).await.expect(204);
    api.delete(&path).await.expect(404);
    api.get(&path).await.expect(404);
    assert_eq!(api.get(&group).await.expect(200)["contactCount"], 0);
    assert_eq!(api.get("/api/contacts").await.expect(200)["total"], 0);
    assert_eq!(api.get("/api/contacts?tag=x").await.expect(200)["total"], 0);
    api.post("/api/contacts", json!({"phone": "+254700000001"})).await.expect(201);
    world.end().await;
}
