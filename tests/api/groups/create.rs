//! `POST /api/groups`.

use serde_json::json;
use tests::World;

#[tokio::test]
async fn names_are_unique_in_an_organization() {
    let world = World::start().await;
    let (api, other) = (world.api.register("groups").await, world.api.register("groups-b").await);
    let made = api.post("/api/groups", json!({"name": " Parents ", "description": ""})).await.expect(201);
    assert_eq!(
        (&made["name"], &made["description"], &made["contactCount"]),
        (&json!("Parents"), &json!(null), &json!(0))
    );
    assert!(made["createdBy"].is_string());
    assert_eq!(api.post("/api/groups", json!({"name": "PARENTS"})).await.problem(409), "group_name_taken");
    other.post("/api/groups", json!({"name": "Parents"})).await.expect(201);
    assert_eq!(api.post("/api/groups", json!({"name": " "})).await.problem(422), "name_invalid");
    assert_eq!(api.post("/api/groups", json!({})).await.problem(422), "field_required");
    let id = made["id"].as_str().unwrap();
    other.get(&format!("/api/groups/{id}")).await.expect(404);
    other.put(&format!("/api/groups/{id}"), json!({"name": "X"})).await.expect(404);
    other.delete(&format!("/api/groups/{id}")).await.expect(404);
    world.end().await;
}
