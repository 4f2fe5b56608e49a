//! `PUT /api/contacts/{id}/tags`.

use serde_json::json;
use tests::World;

#[tokio::test]
async fn tags_are_replaced_and_counted() {
    let world = World::start().await;
    let api = world.api.register("tags").await;
    let made = api.post("/api/contacts", json!({"phone": "+254700000001", "tags": ["old"]})).await.expect(201);
    let path = format!("/api/contacts/{}/tags", made["id"].as_str().unwrap());
    let changed = api.put(&path, json!({"tags": [" VIP ", "vip", "Choir"]})).await.expect(200);
    assert_eq!(changed["tags"], json!(["VIP", "Choir"]));
    for (tag, total) in [("old", 0), ("vip", 1), ("CHOIR", 1)] {
        assert_eq!(api.get(&format!("/api/contacts?tag={tag}")).await.expect(200)["total"], total, "{tag}");
    }
    let many: Vec<String> = (0..19).map(|tag| format!("t{tag}")).collect();
    assert_eq!(api.put(&path, json!({"tags": many})).await.problem(422), "too_many_tags");
    assert_eq!(api.put(&path, json!({"tags": ["a,b"]})).await.problem(422), "tag_invalid");
    world.end().await;
}
