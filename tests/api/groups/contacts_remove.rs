//! `DELETE /api/groups/{id}/contacts/{contactId}`.

use serde_json::json;
use tests::World;

#[tokio::test]
async fn a_contact_leaves_once() {
    let world = World::start().await;
    let api = world.api.register("leave").await;
    let made = api.post("/api/groups", json!({"name": "Parents"})).await.expect(201);
    let body = json!({"contacts": [{"phone": "+254700000001"}, {"phone": "+254700000002"}], "groupId": made["id"]});
    api.post("/api/contacts/bulk", body).await.expect(201);
    let path = format!("/api/groups/{}", made["id"].as_str().unwrap());
    let first = api.get(&path).await.expect(200)["contacts"]["data"][0]["id"].as_str().unwrap().to_owned();
    api.delete(&format!("{path}/contacts/{first}")).await.expect(204);
    api.delete(&format!("{path}/contacts/{first}")).await.expect(404);
    api.get(&format!("/api/contacts/{first}")).await.expect(200);
    assert_eq!(api.get(&path).await.expect(200)["contactCount"], 1);
    world.end().await;
}
