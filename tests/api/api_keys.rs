//! `/api/api-keys`.

use reqwest::Method;
use serde_json::{Value, json};
use tests::World;

#[tokio::test]
async fn a_key_does_what_its_scopes_say_until_it_ends() {
    let mut world = World::at("2026-03-02T08:00:00Z").await;
    let owner = world.api.register("keys").await;
    let body =
        json!({ "name": " Shop ", "scopes": ["contacts:read", "contacts:read"], "expiresAt": "2026-03-02T08:10:00Z" });
    let made = owner.post("/api/api-keys", body).await.expect(201);
    let secret = made["key"].as_str().unwrap();
    assert!(secret.starts_with("dk_") && secret.starts_with(made["prefix"].as_str().unwrap()));
    assert_eq!((&made["name"], &made["scopes"]), (&json!("Shop"), &json!(["contacts:read"])));

    let key = world.api.with_token(secret);
    key.get("/api/contacts").await.expect(200);
    assert_eq!(key.post("/api/contacts", json!({ "phone": "+254700000001" })).await.problem(403), "scope_missing");
    assert_eq!(key.get("/api/groups").await.problem(403), "scope_missing");
    assert_eq!(key.get("/api/auth/me").await.problem(403), "person_needed");
    assert_eq!(key.get("/api/api-keys").await.problem(403), "scope_missing");
    assert_eq!(
        world.api.with_token(format!("{secret}x")).get("/api/contacts").await.expect(401)["code"],
        "token_invalid"
    );
    let listed = owner.get("/api/api-keys").await;
    assert!(!String::from_utf8_lossy(&listed.bytes).contains(secret), "a secret is shown once");
    assert_eq!(listed.expect(200)["data"][0]["id"], made["id"]);
    world.pass(601).await;
    assert_eq!(key.get("/api/contacts").await.expect(401)["code"], "token_expired");
    world.end().await;
}

#[tokio::test]
async fn a_deleted_key_ends_at_once() {
    let world = World::start().await;
    let owner = world.api.register("keys-delete").await;
    let made = owner.post("/api/api-keys", json!({ "name": "k", "scopes": ["contacts:read"] })).await.expect(201);
    assert_eq!(made["expiresAt"], Value::Null);
    let key = world.api.with_token(made["key"].as_str().unwrap());
    key.get("/api/contacts").await.expect(200);
    let path = format!("/api/api-keys/{}", made["id"].as_str().unwrap());
    owner.delete(&path).await.expect(204);
    key.get("/api/contacts").await.expect(401);
    assert_eq!(owner.delete(&path).await.problem(404), "not_found");
    assert_eq!(owner.get("/api/api-keys").await.expect(200)["data"], json!([]));
    world.end().await;
}

#[tokio::test]
async fn what_is_wrong_is_told_and_no_key_makes_a_mightier_one() {
    let world = World::start().await;
    let owner = world.api.register("keys-wrong").await;
    let wrong = async |body: Value| owner.post("/api/api-keys", body).await.told(422);
    assert_eq!(wrong(json!({ "name": "", "scopes": ["contacts:read"] })).await, "/name name_invalid");
    assert_eq!(wrong(json!({ "name": "k", "scopes": [] })).await, "/scopes scopes_empty");
    assert_eq!(wrong(json!({ "name": "k", "scopes": ["everything"] })).await, "/scopes/0 value_unknown");
    assert_eq!(
        wrong(json!({ "name": "k", "scopes": ["contacts:read"], "expiresAt": "2020-01-01T00:00:00Z" })).await,
        "/expiresAt expires_in_past"
    );
    let admin = owner.member("keys-wrong", "ADMIN").await;
    let body = json!({ "name": "maker", "scopes": ["api-keys:write", "contacts:read"] });
    let maker = admin.post("/api/api-keys", body).await.expect(201);
    let maker = world.api.with_token(maker["key"].as_str().unwrap());
    maker.post("/api/api-keys", json!({ "name": "less", "scopes": ["contacts:read"] })).await.expect(201);
    let more = json!({ "name": "more", "scopes": ["contacts:read", "contacts:write"] });
    assert_eq!(maker.post("/api/api-keys", more).await.problem(403), "scope_missing");
    let member = owner.member("keys-wrong", "MEMBER").await;
    assert_eq!(member.get("/api/api-keys").await.problem(403), "role_too_small");
    world.end().await;
}

#[tokio::test]
async fn a_repeated_request_makes_one_key_and_keeps_its_secret() {
    let world = World::start().await;
    let owner = world.api.register("keys-again").await;
    let send = async |name: &str| {
        let request = owner.request(Method::POST, "/api/api-keys").header("idempotency-key", "k1");
        owner.send(request.json(&json!({ "name": name, "scopes": ["contacts:read"] }))).await
    };
    let first = send("k").await.expect(201);
    let again = send("k").await.expect(201);
    assert_eq!((&again["id"], &again["key"]), (&first["id"], &Value::Null));
    assert_eq!(send("other").await.problem(422), "idempotency_mismatch");
    assert_eq!(owner.all("/api/api-keys").await.len(), 1);
    world.end().await;
}
