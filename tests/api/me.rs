//! `/api/auth/me`.

use serde_json::{Value, json};
use tests::{World, api::PASSWORD};

#[tokio::test]
async fn a_name_that_was_changed_is_shown_everywhere() {
    let world = World::start().await;
    let owner = world.api.register("me").await;
    let viewer = owner.member("me", "VIEWER").await;
    let before = viewer.get("/api/auth/me").await.expect(200);
    let changed = viewer.patch("/api/auth/me", json!({ "name": "  Wanjiru Kamau " })).await.expect(200);
    assert_eq!((&changed["user"]["name"], &changed["user"]["id"]), (&json!("Wanjiru Kamau"), &before["user"]["id"]));
    assert_eq!(changed["organization"], before["organization"]);
    assert_eq!(viewer.get("/api/auth/me").await.expect(200), changed);
    let login = json!({ "email": "viewer@me.example", "password": PASSWORD });
    assert_eq!(world.api.post("/api/auth/login", login).await.expect(200)["user"]["name"], "Wanjiru Kamau");
    let names: Vec<Value> = owner.all("/api/users").await.iter().map(|user| user["name"].clone()).collect();
    assert_eq!(names, ["Ama Owner", "Wanjiru Kamau"]);
    world.end().await;
}

#[tokio::test]
async fn nothing_but_the_name_can_be_changed() {
    let world = World::start().await;
    let owner = world.api.register("me-wrong").await;
    let viewer = owner.member("me-wrong", "VIEWER").await;
    let before = viewer.get("/api/auth/me").await.expect(200);
    let told = async |body: Value| viewer.patch("/api/auth/me", body).await.told(422);
    assert_eq!(told(json!({ "name": " " })).await, "/name name_invalid");
    assert_eq!(told(json!({ "name": "W", "role": "OWNER" })).await, "/role field_unknown");
    assert_eq!(told(json!({ "email": "w@x.example" })).await, "/email field_unknown");
    assert_eq!(viewer.patch("/api/auth/me", json!({})).await.expect(200), before);
    let key = json!({ "name": "k", "scopes": ["users:write"] });
    let key = owner.post("/api/api-keys", key).await.expect(201)["key"].as_str().unwrap().to_owned();
    let program = world.api.with_token(key);
    assert_eq!(program.patch("/api/auth/me", json!({ "name": "P" })).await.problem(403), "person_needed");
    assert_eq!(viewer.get("/api/auth/me").await.expect(200), before);
    world.end().await;
}
