//! `POST /api/contacts/bulk`.

use serde_json::{Value, json};
use tests::World;

#[tokio::test]
async fn new_ones_are_made_and_all_join_the_group() {
    let world = World::start().await;
    let api = world.api.register("bulk").await;
    let group = api.post("/api/groups", json!({"name": "Parents"})).await.expect(201);
    api.post("/api/contacts", json!({"phone": "+254700000001", "name": "Old"})).await.expect(201);
    let contacts = json!([
        {"phone": "+254700000001", "name": "New"},
        {"phone": "+254700000002"},
        {"phone": "+254700000002"},
        {"phone": "12"},
        {"email": "a@b.example"},
    ]);
    let result =
        api.post("/api/contacts/bulk", json!({"contacts": contacts, "groupId": group["id"]})).await.expect(201);
    assert_eq!((&result["created"], &result["skipped"], &result["updated"]), (&json!(2), &json!(3), &json!(0)));
    assert_eq!(result["errors"].as_array().unwrap().len(), 1);
    assert_eq!((&result["errors"][0]["index"], &result["errors"][0]["phone"]), (&json!(3), &json!("12")));
    assert!(!result["errors"][0]["error"].as_str().unwrap().is_empty());
    let group = api.get(&format!("/api/groups/{}", group["id"].as_str().unwrap())).await.expect(200);
    assert_eq!(group["contactCount"], 3);
    let names: Vec<&Value> =
        group["contacts"]["data"].as_array().unwrap().iter().map(|contact| &contact["name"]).collect();
    assert!(names.contains(&&json!("Old")), "an existing contact joins as it is");

    let update = json!({"contacts": [{"phone": "+254700000001", "name": "New"}], "onDuplicate": "UPDATE"});
    let result = api.post("/api/contacts/bulk", update).await.expect(201);
    assert_eq!((&result["created"], &result["skipped"], &result["updated"]), (&json!(0), &json!(1), &json!(1)));
    assert_eq!(api.get("/api/contacts?search=new").await.expect(200)["data"][0]["phone"], "+254700000001");
    world.end().await;
}

#[tokio::test]
async fn a_thousand_at_once_and_no_more() {
    let world = World::start().await;
    let api = world.api.register("thousand").await;
    let contacts: Vec<Value> = (0..1_001)
        .map(|n| json!({"phone": format!("+2547{:08}", 10_000_000 + n), "name": format!("Person {n}")}))
        .collect();
    assert_eq!(api.post("/api/contacts/bulk", json!({"contacts": contacts})).await.problem(422), "too_many_contacts");
    let send = || {
        let request = api.request(reqwest::Method::POST, "/api/contacts/bulk").header("idempotency-key", "bulk");
        api.send(request.json(&json!({"contacts": contacts[..1_000]})))
    };
    let result = send().await.expect(201);
    assert_eq!((&result["created"], &result["skipped"]), (&json!(1_000), &json!(0)));
    assert_eq!(send().await.expect(201), result);
    assert_eq!(api.get("/api/contacts").await.expect(200)["total"], 1_000);
    assert_eq!(api.all("/api/contacts").await.len(), 1_000);
    world.end().await;
}

#[tokio::test]
async fn another_organizations_group_is_none() {
    let world = World::start().await;
    let (a, b) = (world.api.register("bulk-a").await, world.api.register("bulk-b").await);
    let group = a.post("/api/groups", json!({"name": "Parents"})).await.expect(201);
    let body = json!({"contacts": [{"phone": "+254700000001"}], "groupId": group["id"]});
    assert_eq!(b.post("/api/contacts/bulk", body).await.problem(422), "group_not_found");
    world.end().await;
}
