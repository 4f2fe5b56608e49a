//! `PUT /api/groups/{id}`.

use serde_json::json;
use tests::World;

#[tokio::test]
async fn a_name_moves_and_the_old_one_is_free() {
    let world = World::start().await;
    let api = world.api.register("groups-update").await;
    let made = api.post("/api/groups", json!({"name": "A", "description": "First"})).await.expect(201);
    let path = format!("/api/groups/{}", made["id"].as_str().unwrap());
    let changed = api.put(&path, json!({"name": "B"})).await.expect(200);
    assert_eq!((&changed["name"], &changed["description"]), (&json!("B"), &json!("First")));
    assert_eq!(api.put(&path, json!({"description": null})).await.expect(200)["description"], json!(null));
    api.post("/api/groups", json!({"name": "A"})).await.expect(201);
    assert_eq!(api.put(&path, json!({"name": "a"})).await.problem(409), "group_name_taken");
    api.put(&path, json!({"name": "b"})).await.expect(200);
    world.end().await;
}
