//! `GET /api/contacts/{id}/deliveries`.

use serde_json::json;
use tests::World;

#[tokio::test]
async fn a_contact_without_messages_has_none() {
    let world = World::start().await;
    let api = world.api.register("history").await;
    let made = api.post("/api/contacts", json!({"phone": "+254700000001", "email": "a@b.example"})).await.expect(201);
    let page = api.get(&format!("/api/contacts/{}/deliveries", made["id"].as_str().unwrap())).await.expect(200);
    assert_eq!(page, json!({"data": [], "nextCursor": null, "total": null}));
    world.end().await;
}

#[tokio::test]
async fn what_was_sent_is_shown_newest_first() {
    let mut world = World::start().await;
    let (api, _) = world.organization("history-sent").await;
    let body = json!({"phone": "+254700000001", "email": "a@b.example", "name": "Amina"});
    let made = api.post("/api/contacts", body).await.expect(201);
    let path = format!("/api/contacts/{}", made["id"].as_str().unwrap());
    for text in ["One {{name}}", "Two {{name}}", "Three {{name}}"] {
        let message = json!({"body": text, "recipientType": "CONTACT", "recipientId": made["id"]});
        api.post("/api/messages", message).await.expect(202);
        world.idle().await;
    }
    let bodies = |page: &serde_json::Value| -> Vec<String> {
        page["data"].as_array().unwrap().iter().map(|row| row["body"].as_str().unwrap().to_owned()).collect()
    };
    let detail = api.get(&path).await.expect(200);
    assert_eq!(bodies(&detail["deliveries"]), ["Three Amina", "Two Amina", "One Amina"]);
    assert!(detail["deliveries"]["nextCursor"].is_null());
    assert_eq!(detail["deliveries"]["data"][0]["contactId"], made["id"]);
    let first = api.get(&format!("{path}/deliveries?limit=2")).await.expect(200);
    assert_eq!(bodies(&first), ["Three Amina", "Two Amina"]);
    let cursor = first["nextCursor"].as_str().unwrap();
    let rest = api.get(&format!("{path}/deliveries?limit=2&cursor={cursor}")).await.expect(200);
    assert_eq!(bodies(&rest), ["One Amina"]);
    assert!(rest["nextCursor"].is_null());
    world.end().await;
}
