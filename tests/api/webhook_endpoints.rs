//! `/api/webhook-endpoints`.

use reqwest::Method;
use serde_json::{Value, json};
use tests::{Receiver, World};

const PATH: &str = "/api/webhook-endpoints";

fn path(endpoint: &Value) -> String {
    format!("{PATH}/{}", endpoint["id"].as_str().expect("an id"))
}

#[tokio::test]
async fn an_endpoint_is_made_changed_and_removed() {
    let mut world = World::at("2026-03-02T08:00:00Z").await;
    let api = world.api.register("hooks").await;
    let body = json!({
        "url": "https://shop.example/dundun", "events": ["message.sent", "delivery.read", "message.sent"], "description": " Shop ",
    });
    let made = api.post(PATH, body).await;
    let location = made.headers["location"].to_str().expect("text").to_owned();
    let mut made = made.expect(201);
    let secret = made["secret"].as_str().expect("shown once").to_owned();
    assert!(secret.starts_with("whsec_") && secret.len() > 40);
    for (field, value) in [
        ("url", json!("https://shop.example/dundun")),
        ("events", json!(["message.sent", "delivery.read"])),
        ("description", json!("Shop")),
        ("isActive", json!(true)),
        ("failingSince", Value::Null),
        ("disabledAt", Value::Null),
        ("createdAt", json!("2026-03-02T08:00:00Z")),
    ] {
        assert_eq!(made[field], value, "{field}");
    }
    assert_eq!(location, path(&made));
    made.as_object_mut().expect("an object").remove("secret");
    assert_eq!(api.get(&location).await.expect(200), made, "without the secret");

    world.pass(1).await;
    let other = api.post(PATH, json!({ "url": "https://shop.example/2", "isActive": false })).await.expect(201);
    assert_eq!((&other["events"], &other["isActive"]), (&json!([]), &json!(false)));
    let all = api.get(PATH).await.expect(200);
    assert_eq!((&all["data"][0], &all["total"]), (&made, &json!(2)));
    assert!(!all.to_string().contains("whsec_"), "{all}");

    world.pass(60).await;
    let changed = api.put(&location, json!({ "description": null, "events": [], "isActive": false })).await.expect(200);
    assert_eq!((&changed["description"], &changed["events"]), (&Value::Null, &json!([])));
    assert_eq!((&changed["url"], &changed["isActive"]), (&made["url"], &json!(false)));
    assert_eq!(changed["updatedAt"], "2026-03-02T08:01:01Z");
    api.delete(&location).await.expect(204);
    assert_eq!(api.get(&location).await.problem(404), "not_found");
    assert_eq!(api.delete(&location).await.problem(404), "not_found");
    world.end().await;
}

#[tokio::test]
async fn what_makes_no_sense_is_refused() {
    let world = World::start().await;
    let api = world.api.register("hooks-wrong").await;
    let long = format!("https://shop.example/{}", "x".repeat(2_000));
    for (body, told) in [
        (json!({}), "/url field_required"),
        (json!({ "url": "shop" }), "/url url_invalid"),
        (json!({ "url": long }), "/url url_invalid"),
        (json!({ "url": "ftp://shop.example" }), "/url url_refused"),
        (json!({ "url": "https://10.0.0.1/hook" }), "/url url_refused"),
        (json!({ "url": "https://169.254.169.254/latest" }), "/url url_refused"),
        (json!({ "url": "https://u:p@shop.example" }), "/url url_refused"),
        (json!({ "url": "https://shop.example", "description": "x".repeat(501) }), "/description description_too_long"),
    ] {
        assert_eq!(api.post(PATH, body.clone()).await.told(422), told, "{body}");
    }
    let unknown = api.post(PATH, json!({ "url": "https://shop.example", "events": ["message.eaten"] })).await;
    assert!(unknown.told(422).starts_with("/events/0 "));
    let made = api.post(PATH, json!({ "url": "https://shop.example" })).await.expect(201);
    assert_eq!(api.put(&path(&made), json!({ "url": "https://[::1]/" })).await.told(422), "/url url_refused");
    for number in 1..20 {
        api.post(PATH, json!({ "url": format!("https://shop.example/{number}") })).await.expect(201);
    }
    assert_eq!(api.post(PATH, json!({ "url": "https://shop.example" })).await.problem(409), "webhook_endpoints_full");
    world.end().await;
}

#[tokio::test]
async fn an_idempotency_key_makes_one_and_shows_its_secret_once() {
    let world = World::start().await;
    let api = world.api.register("hooks-key").await;
    let send = |url: &str| {
        let request = api.request(Method::POST, PATH).header("Idempotency-Key", "one");
        api.send(request.json(&json!({ "url": url })))
    };
    let first = send("https://shop.example").await.expect(201);
    assert!(first["secret"].is_string());
    let second = send("https://shop.example").await;
    assert_eq!(second.headers["idempotency-replayed"], "true");
    let second = second.expect(201);
    assert_eq!((&second["id"], &second["secret"]), (&first["id"], &Value::Null));
    assert_eq!(send("https://shop.example/2").await.problem(422), "idempotency_mismatch");
    assert_eq!(api.get(PATH).await.expect(200)["total"], 1);
    world.end().await;
}

#[tokio::test]
async fn administrators_write_and_everybody_reads() {
    let world = World::start().await;
    let owner = world.api.register("hooks-roles").await;
    let made = owner.post(PATH, json!({ "url": "https://shop.example" })).await.expect(201);
    let member = owner.member("hooks-roles", "MEMBER").await;
    member.get(PATH).await.expect(200);
    member.get(&format!("{}/attempts", path(&made))).await.expect(200);
    assert_eq!(member.post(PATH, json!({ "url": "https://shop.example" })).await.problem(403), "role_too_small");
    let key = json!({ "name": "k", "scopes": ["webhook-endpoints:read"] });
    let key = owner.post("/api/api-keys", key).await.expect(201);
    let program = world.api.with_token(key["key"].as_str().expect("a key"));
    program.get(&path(&made)).await.expect(200);
    assert_eq!(program.delete(&path(&made)).await.problem(403), "scope_missing");
    world.end().await;
}

#[tokio::test]
async fn a_test_calls_the_endpoint_signed_and_shows_what_came_of_it() {
    let world = World::start().await;
    let receiver = Receiver::start().await;
    let api = world.api.register("hooks-test").await;
    let made = api.post(PATH, json!({ "url": receiver.url, "isActive": false })).await.expect(201);
    let secret = made["secret"].as_str().expect("shown once");
    let test = format!("{}/test", path(&made));
    receiver.script([200, 500, 302]);
    let good = api.post(&test, json!({})).await.expect(200);
    for (field, value) in [
        ("event", json!("webhook.test")),
        ("status", json!("DELIVERED")),
        ("tries", json!(1)),
        ("responseStatus", json!(200)),
        ("error", Value::Null),
        ("nextTryAt", Value::Null),
    ] {
        assert_eq!(good[field], value, "{field}");
    }
    let told = &receiver.told()[0];
    assert_eq!(told.header("webhook-id"), good["id"]);
    assert_eq!(told.header("content-type"), "application/json");
    assert_eq!((&told.body["type"], &told.body["data"]["endpointId"]), (&json!("webhook.test"), &made["id"]));
    assert!(told.is_signed_with(secret) && !told.is_signed_with("whsec_AAAA"));

    let bad = api.post(&test, json!({})).await.expect(200);
    assert_eq!((&bad["status"], &bad["error"]), (&json!("FAILED"), &json!("It answered 500, not 2xx.")));
    let elsewhere = api.post(&test, json!({})).await.expect(200);
    assert_eq!(elsewhere["error"], "It answered 302; redirects are not followed.");
    assert_eq!(receiver.told().len(), 3, "nobody went where it pointed");
    api.put(&path(&made), json!({ "url": "http://127.0.0.1:9/" })).await.expect(200);
    let nobody = api.post(&test, json!({})).await.expect(200);
    assert_eq!((&nobody["status"], &nobody["responseStatus"]), (&json!("FAILED"), &Value::Null));
    assert!(nobody["error"].as_str().expect("why").starts_with("It could not be reached: "), "{nobody}");

    let attempts = api.all(&format!("{}/attempts", path(&made))).await;
    assert_eq!(attempts.len(), 4);
    assert_eq!(attempts[0], nobody, "newest first");
    let failed = api.all(&format!("{}/attempts?status=FAILED", path(&made))).await;
    assert_eq!(failed.len(), 3);
    let replay = format!("{}/attempts/{}/replay", path(&made), good["id"].as_str().expect("an id"));
    assert_eq!(api.post(&replay, json!({})).await.problem(409), "webhook_endpoint_inactive");
    world.end().await;
}
