//! `GET /api/contacts/{id}`.

use serde_json::json;
use tests::World;

#[tokio::test]
async fn another_organizations_contact_is_none() {
    let world = World::start().await;
    let (a, b) = (world.api.register("get-a").await, world.api.register("get-b").await);
    let made = a.post("/api/contacts", json!({"phone": "+254700000001"})).await.expect(201);
    let path = format!("/api/contacts/{}", made["id"].as_str().unwrap());
    assert_eq!(a.get(&path).await.expect(200)["deliveries"], json!({"data": [], "nextCursor": null}));
    for answer in [
        b.get(&path).await,
        b.put(&path, json!({"name": "X"})).await,
        b.put(&format!("{path}/tags"), json!({"tags": []})).await,
        b.get(&format!("{path}/deliveries")).await,
        b.delete(&path).await,
        a.get("/api/contacts/con_x").await,
    ] {
        answer.expect(404);
    }
    b.post("/api/contacts", json!({"phone": "+254700000001"})).await.expect(201);
    world.end().await;
}
