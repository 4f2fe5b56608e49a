//! `DELETE /api/suppressions/{id}`, and what `GET` shows after it.

use serde_json::json;
use tests::World;

#[tokio::test]
async fn who_took_it_off_and_why_is_kept() {
    let world = World::start().await;
    let api = world.api.register("lift").await;
    let me = api.get("/api/auth/me").await.expect(200);
    let made = api.post("/api/suppressions", json!({"address": "+254700000001", "channel": "SMS"})).await.expect(201);
    let path = format!("/api/suppressions/{}", made["id"].as_str().unwrap());
    assert_eq!(api.delete(&path).await.problem(422), "reason_required");
    assert!(api.delete(&format!("{path}?reason=whatever")).await.status.is_client_error());
    api.delete(&format!("{path}?reason=opted_in")).await.expect(204);
    assert_eq!(api.delete(&format!("{path}?reason=MISTAKE")).await.problem(404), "not_found");
    let gone = api.get(&path).await.expect(200);
    assert_eq!((&gone["removalReason"], &gone["removedBy"]), (&json!("OPTED_IN"), &me["user"]["id"]));
    assert!(gone["removedAt"].is_string());
    let list = api.get("/api/suppressions").await.expect(200);
    assert_eq!((&list["data"], &list["total"]), (&json!([]), &json!(0)));
    assert_eq!(api.all("/api/suppressions?search=%2B2547").await.len(), 0);

    let again = api.post("/api/suppressions", json!({"address": "+254700000001", "channel": "SMS"})).await.expect(201);
    assert_ne!(again["id"], made["id"]);
    assert_eq!(api.get("/api/suppressions").await.expect(200)["total"], 1);
    world.end().await;
}
