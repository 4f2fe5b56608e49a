//! `PUT /api/contacts/{id}`.

use serde_json::json;
use tests::World;

#[tokio::test]
async fn what_is_left_out_stays_and_null_clears() {
    let world = World::start().await;
    let api = world.api.register("update").await;
    let body = json!({"name": "Amina", "phone": "+254700000001", "email": "a@b.example", "tags": ["x"], "attributes": {"k": 1}});
    let made = api.post("/api/contacts", body).await.expect(201);
    let path = format!("/api/contacts/{}", made["id"].as_str().unwrap());
    let changed = api.put(&path, json!({"name": "Amina Otieno"})).await.expect(200);
    assert_eq!(
        (&changed["name"], &changed["phone"], &changed["tags"]),
        (&json!("Amina Otieno"), &made["phone"], &made["tags"])
    );
    let changed = api.put(&path, json!({"email": null, "attributes": {}, "phone": "+254700000002"})).await.expect(200);
    assert_eq!((&changed["email"], &changed["attributes"]), (&json!(null), &json!({})));
    assert_eq!(api.put(&path, json!({"phone": null})).await.problem(422), "address_missing");

    // The old number is free, the new one is not.
    let other = api.post("/api/contacts", json!({"phone": "+254700000001"})).await.expect(201);
    let other = format!("/api/contacts/{}", other["id"].as_str().unwrap());
    assert_eq!(api.put(&other, json!({"phone": "+254700000002"})).await.problem(409), "phone_taken");
    assert_eq!(api.all("/api/contacts?search=otieno").await.len(), 1);
    assert_eq!(api.all("/api/contacts?search=b.example").await.len(), 0);
    assert_eq!(
        api.put("/api/contacts/con_01KAJ7Q4T0M5Z8X2V9C3B6N1R4", json!({"bad": 1})).await.problem(404),
        "not_found"
    );
    world.end().await;
}
