//! `/api/organization`.

use serde_json::{Value, json};
use tests::World;

#[tokio::test]
async fn settings_are_shown_changed_and_used() {
    let world = World::start().await;
    let owner = world.api.register("organization").await;
    let shown = owner.get("/api/organization").await.expect(200);
    assert_eq!(
        (&shown["name"], &shown["defaultCountry"], &shown["timezone"]),
        (&json!("organization Ltd"), &Value::Null, &json!("UTC"))
    );
    let local = json!({ "phone": "0700000001" });
    owner.post("/api/contacts", local.clone()).await.expect(422);
    let changed = owner
        .patch("/api/organization", json!({ "defaultCountry": "ke", "timezone": "africa/nairobi" }))
        .await
        .expect(200);
    assert_eq!(
        (&changed["name"], &changed["defaultCountry"], &changed["timezone"]),
        (&shown["name"], &json!("KE"), &json!("Africa/Nairobi"))
    );
    assert_eq!(owner.get("/api/organization").await.expect(200), changed);
    assert_eq!(owner.post("/api/contacts", local.clone()).await.expect(201)["phone"], "+254700000001");
    let cleared =
        owner.patch("/api/organization", json!({ "defaultCountry": null, "name": " Sunrise " })).await.expect(200);
    assert_eq!(
        (&cleared["name"], &cleared["defaultCountry"], &cleared["timezone"]),
        (&json!("Sunrise"), &Value::Null, &json!("Africa/Nairobi"))
    );
    owner.post("/api/contacts", json!({ "phone": "0700000002" })).await.expect(422);
    world.end().await;
}

#[tokio::test]
async fn what_is_wrong_is_told_with_its_pointer() {
    let world = World::start().await;
    let owner = world.api.register("organization-wrong").await;
    let wrong = async |body: Value| owner.patch("/api/organization", body).await.told(422);
    assert_eq!(wrong(json!({ "name": " " })).await, "/name name_invalid");
    assert_eq!(wrong(json!({ "defaultCountry": "Kenya" })).await, "/defaultCountry country_invalid");
    assert_eq!(wrong(json!({ "timezone": "Mars" })).await, "/timezone timezone_invalid");
    assert_eq!(wrong(json!({ "plan": "gold" })).await, "/plan field_unknown");
    let member = owner.member("organization-wrong", "MEMBER").await;
    assert_eq!(member.patch("/api/organization", json!({ "name": "Mine" })).await.problem(403), "role_too_small");
    member.get("/api/organization").await.expect(200);
    world.end().await;
}
