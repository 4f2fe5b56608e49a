//! `POST /api/contacts`.

use serde_json::json;
use tests::World;

#[tokio::test]
async fn a_contact_is_made_and_shown() {
    let world = World::start().await;
    let api = world.api.register("create").await;
    let body = json!({
        "name": " Amina Otieno ", "phone": "+254 700 000 001", "email": "Amina@Example.com", "tags": ["Parents", "parents "],
        "attributes": {"class": "4B", "age": 9, "paid": true}, "timezone": "africa/nairobi",
    });
    let answer = api.post("/api/contacts", body).await;
    let location = answer.headers["location"].to_str().unwrap().to_owned();
    let made = answer.expect(201);
    assert_eq!(location, format!("/api/contacts/{}", made["id"].as_str().unwrap()));
    assert_eq!(made["name"], "Amina Otieno");
    assert_eq!(made["phone"], "+254700000001");
    assert_eq!(made["email"], "amina@example.com");
    assert_eq!(made["tags"], json!(["Parents"]));
    assert_eq!(made["attributes"], json!({"age": 9, "class": "4B", "paid": true}));
    assert_eq!(made["timezone"], "Africa/Nairobi");
    let mut shown = api.get(&location).await.expect(200);
    shown.as_object_mut().unwrap().remove("deliveries");
    assert_eq!(shown, made);
    world.end().await;
}

#[tokio::test]
async fn one_number_in_all_its_forms_is_one_contact() {
    let world = World::start().await;
    let api = world.api.register("forms").await;
    api.patch("/api/organization", json!({"defaultCountry": "ID"})).await.expect(200);
    let made = api.post("/api/contacts", json!({"phone": "08123456789"})).await.expect(201);
    assert_eq!(made["phone"], "+628123456789");
    for form in ["628123456789", "+62 812-3456-789", "08123456789"] {
        assert_eq!(api.post("/api/contacts", json!({"phone": form})).await.problem(409), "phone_taken");
    }
    let shared = json!({"email": "family@example.com", "phone": "08123456780"});
    api.post("/api/contacts", shared).await.expect(201);
    api.post("/api/contacts", json!({"email": "family@example.com"})).await.expect(201);
    world.end().await;
}

#[tokio::test]
async fn what_is_wrong_is_told_with_its_pointer() {
    let world = World::start().await;
    let api = world.api.register("wrong").await;
    let wrong = async |body| {
        let problem = api.post("/api/contacts", body).await.expect(422);
        let errors = problem["errors"].as_array().unwrap();
        let told: Vec<String> = errors
            .iter()
            .map(|one| format!("{} {}", one["pointer"].as_str().unwrap(), one["code"].as_str().unwrap()))
            .collect();
        told.join(", ")
    };
    assert_eq!(wrong(json!({})).await, "/phone address_missing");
    assert_eq!(wrong(json!({"phone": "0700-CALL-ME"})).await, "/phone phone_letters");
    assert_eq!(wrong(json!({"phone": "+254700000001", "colour": 1})).await, "/colour field_unknown");
    assert_eq!(wrong(json!({"phone": "+254700000001", "attributes": {"a": []}})).await, "/attributes/a field_type");
    assert_eq!(
        wrong(json!({"email": "x", "timezone": "Mars"})).await,
        "/email email_invalid, /timezone timezone_invalid"
    );
    world.end().await;
}

#[tokio::test]
async fn the_same_key_makes_one_contact() {
    let world = World::start().await;
    let api = world.api.register("keyed").await;
    let send = |body: serde_json::Value| {
        let request = api.request(reqwest::Method::POST, "/api/contacts").header("idempotency-key", "k1").json(&body);
        api.send(request)
    };
    let first = send(json!({"phone": "+254700000001"})).await.expect(201);
    let again = send(json!({"phone": "+254700000001"})).await.expect(201);
    assert_eq!(first, again);
    assert_eq!(send(json!({"phone": "+254700000002"})).await.problem(422), "idempotency_mismatch");
    assert_eq!(api.get("/api/contacts").await.expect(200)["total"], 1);
    world.end().await;
}
