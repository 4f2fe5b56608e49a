//! `GET /api/groups/{id}/contacts`.

use serde_json::json;
use tests::World;

#[tokio::test]
async fn the_detail_goes_on_in_the_list() {
    let world = World::start().await;
    let api = world.api.register("members").await;
    let made = api.post("/api/groups", json!({"name": "Parents"})).await.expect(201);
    let contacts: Vec<_> = (0..60).map(|n| json!({"phone": format!("+2547{:08}", 10_000_000 + n)})).collect();
    api.post("/api/contacts/bulk", json!({"contacts": contacts, "groupId": made["id"]})).await.expect(201);
    let path = format!("/api/groups/{}", made["id"].as_str().unwrap());
    let detail = api.get(&path).await.expect(200);
    assert_eq!((&detail["contactCount"], detail["contacts"]["data"].as_array().unwrap().len()), (&json!(60), 25));
    let cursor = detail["contacts"]["nextCursor"].as_str().unwrap();
    let rest = api.get(&format!("{path}/contacts?limit=100&cursor={cursor}")).await.expect(200);
    assert_eq!((rest["data"].as_array().unwrap().len(), &rest["total"]), (35, &json!(60)));
    assert!(rest["nextCursor"].is_null());
    let mut ids: Vec<_> =
        detail["contacts"]["data"].as_array().unwrap().iter().chain(rest["data"].as_array().unwrap()).collect();
    ids.sort_by_key(|contact| contact["id"].to_string());
    ids.dedup();
    assert_eq!(ids.len(), 60);
    world.end().await;
}
