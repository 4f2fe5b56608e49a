//! `GET /api/contacts/{id}/deliveries`.

use serde_json::json;
use tests::World;

#[tokio::test]
async fn a_contact_without_messages_has_none() {
    let world = World::start().await;
    let api = world.api.register("history").await;
    let made = api.post("/api/contacts", json!({"phone": "+254700000001", "email": "a@b.example"})).await.expect(201);
    let page = api.get(&format!("/api/contacts/{}/deliveries", made["id"].as_str().unwrap())).await.expect(200);
    assert_eq!(page, json!({"data": [], "nextCursor": null, "total": null}));
    world.end().await;
}
