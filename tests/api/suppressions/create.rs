//! `POST /api/suppressions`.

use reqwest::Method;
use serde_json::{Value, json};
use tests::World;

#[tokio::test]
async fn an_address_is_suppressed_once_per_channel() {
    let world = World::start().await;
    let api = world.api.register("suppress").await;
    api.patch("/api/organization", json!({"defaultCountry": "KE"})).await.expect(200);
    let made = api.post("/api/suppressions", json!({"address": "0712 345 678", "note": " On the phone. "})).await;
    let location = made.headers["location"].to_str().unwrap().to_owned();
    let made = made.expect(201);
    for (field, value) in [
        ("address", json!("+254712345678")),
        ("channel", json!("ALL")),
        ("reason", json!("MANUAL")),
        ("source", json!("API")),
        ("note", json!("On the phone.")),
        ("removedAt", Value::Null),
    ] {
        assert_eq!(made[field], value, "{field}");
    }
    assert!(made["createdBy"].as_str().unwrap().starts_with("usr_"));
    assert_eq!(api.get(&location).await.expect(200), made);

    let again = json!({"address": "+254712345678", "reason": "OPTED_OUT"});
    assert_eq!(api.post("/api/suppressions", again).await.expect(200), made, "the older one stands");
    let other = json!({"address": "+254712345678", "channel": "sms", "reason": "OPTED_OUT"});
    let other = api.post("/api/suppressions", other).await.expect(201);
    assert_ne!(other["id"], made["id"]);
    let email = api.post("/api/suppressions", json!({"address": " Ama@Example.com"})).await.expect(201);
    assert_eq!(email["address"], "ama@example.com");
    assert_eq!(api.get("/api/suppressions").await.expect(200)["total"], 3);

    for (body, code) in [
        (json!({"address": "12"}), "phone_too_short"),
        (json!({"address": "ama@"}), "email_invalid"),
        (json!({"address": "+254712345678", "channel": "EMAIL"}), "email_invalid"),
        (json!({"address": "ama@example.com", "channel": "SMS"}), "phone_letters"),
        (json!({"address": "+254712345678", "note": "x".repeat(501)}), "note_too_long"),
    ] {
        let answer = api.post("/api/suppressions", body.clone()).await.expect(422);
        assert_eq!(answer["code"], code, "{body}");
        assert!(answer["errors"][0]["pointer"].as_str().unwrap().starts_with('/'), "{answer}");
    }
    world.end().await;
}

#[tokio::test]
async fn an_idempotency_key_adds_once_and_answers_twice() {
    let world = World::start().await;
    let api = world.api.register("suppress-key").await;
    let send = |address: &str| {
        let request = api.request(Method::POST, "/api/suppressions").header("Idempotency-Key", "one");
        api.send(request.json(&json!({"address": address})))
    };
    let first = send("+254700000001").await.expect(201);
    let second = send("+254700000001").await;
    assert_eq!(second.headers["idempotency-replayed"], "true");
    assert_eq!(second.expect(201), first);
    assert_eq!(send("+254700000002").await.problem(422), "idempotency_mismatch");
    assert_eq!(api.get("/api/suppressions").await.expect(200)["total"], 1);
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn requests_at_once_add_one() {
    let world = World::start().await;
    let api = world.api.register("suppress-race").await;
    let add = || api.post("/api/suppressions", json!({"address": "+254700000001"}));
    let answers = futures::future::join_all((0..8).map(|_| add())).await;
    let created = answers.iter().filter(|answer| answer.status == 201).count();
    assert_eq!(created, 1, "{answers:?}");
    let ids: std::collections::BTreeSet<String> = answers.iter().map(|one| one.body["id"].to_string()).collect();
    assert_eq!(ids.len(), 1);
    assert_eq!(api.get("/api/suppressions").await.expect(200)["total"], 1);
    world.end().await;
}
