//! `DELETE /api/groups/{id}`.

use serde_json::json;
use tests::World;

#[tokio::test]
async fn contacts_stay_and_the_name_is_free() {
    let world = World::start().await;
    let api = world.api.register("groups-delete").await;
    let made = api.post("/api/groups", json!({"name": "Parents"})).await.expect(201);
    let contacts: Vec<_> = (0..60).map(|n| json!({"phone": format!("+2547{:08}", 10_000_000 + n)})).collect();
    api.post("/api/contacts/bulk", json!({"contacts": contacts, "groupId": made["id"]})).await.expect(201);
    let path = format!("/api/groups/{}", made["id"].as_str().unwrap());
    api.delete(&path).await.expect(204);
    api.delete(&path).await.expect(404);
    api.get(&path).await.expect(404);
    api.get(&format!("{path}/contacts")).await.expect(404);
    assert_eq!(api.get("/api/groups").await.expect(200)["total"], 0);
    assert_eq!(api.get("/api/contacts").await.expect(200)["total"], 60);
    let again = api.post("/api/groups", json!({"name": "Parents"})).await.expect(201);
    assert_eq!(again["contactCount"], 0);
    world.end().await;
}
