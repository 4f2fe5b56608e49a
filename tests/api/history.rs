//! What was sent stays told, whatever becomes of the contacts and groups that it went to.

use serde_json::{Value, json};
use tests::{Api, World};

/// Everything that tells of a message.
async fn told(api: &Api, message: &str) -> Vec<Value> {
    let mut told = Vec::new();
    for path in [
        format!("/api/messages/{message}"),
        format!("/api/messages/{message}/recipients"),
        format!("/api/deliveries?messageId={message}"),
        "/api/deliveries?recipient=%2B254700000001".to_owned(),
        "/api/dashboard/stats".to_owned(),
    ] {
        told.push(api.get(&path).await.expect(200));
    }
    told
}

#[tokio::test]
async fn deleting_a_contact_and_a_group_changes_nothing_that_was_sent() {
    let mut world = World::at("2026-03-02T08:00:00Z").await;
    let (api, config) = world.organization("history-kept").await;
    let group = api.group_of("Parents", &["+254700000002".to_owned()]).await;
    let contact = json!({ "name": "Amina", "phone": "+254700000001", "attributes": { "class": "4B" } });
    let contact = api.post("/api/contacts", contact).await.expect(201)["id"].as_str().unwrap().to_owned();
    api.post(&format!("/api/groups/{group}/contacts"), json!({ "contactIds": [contact] })).await.expect(201);
    let body = json!({
        "body": "Hi {{name|you}} of {{attributes.class|none}}.", "recipientType": "GROUP", "recipientId": group,
    });
    let message = api.post("/api/messages", body).await.expect(202)["id"].as_str().unwrap().to_owned();
    world.settled(&api, &message).await;
    world.provider.report_all(config["webhookUrl"].as_str().unwrap(), "DELIVRD").await;
    world.pass(60).await;

    let before = told(&api, &message).await;
    assert_eq!(before[0]["counts"]["delivered"], 2, "{}", before[0]);
    assert_eq!(before[1]["data"].as_array().unwrap().len(), 2);
    let copies = before[3]["data"].as_array().unwrap();
    assert_eq!(copies.len(), 1);
    assert_eq!(
        (&copies[0]["contactId"], &copies[0]["body"], &copies[0]["status"]),
        (&json!(contact), &json!("Hi Amina of 4B."), &json!("DELIVERED"))
    );
    assert_eq!(before[4]["totalDelivered"], 2, "{}", before[4]);

    api.delete(&format!("/api/contacts/{contact}")).await.expect(204);
    api.delete(&format!("/api/groups/{group}")).await.expect(204);
    world.pass(60).await;
    api.get(&format!("/api/contacts/{contact}")).await.expect(404);
    api.get(&format!("/api/groups/{group}")).await.expect(404);
    assert_eq!(told(&api, &message).await, before);

    // The number's next owner is another contact: the old copy is not theirs.
    let next = api.post("/api/contacts", json!({ "name": "Juma", "phone": "+254700000001" })).await.expect(201);
    assert_ne!(next["id"], json!(contact));
    assert_eq!(told(&api, &message).await, before);
    world.end().await;
}
