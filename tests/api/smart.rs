//! Smart replacement of look-alike characters: in estimates, previews and what goes out, by the message, its provider config or
//! the organization.

use serde_json::{Value, json};
use tests::{Api, World};

/// 80 characters: one segment in the GSM alphabet, two outside of it.
const TEXT: &str = "It’s “open” – come to {{name}} for the new cloth, shoes and bags of this year…..";

fn to(number: u32, more: &Value) -> Value {
    let mut body = json!({ "body": TEXT, "recipientType": "ADDRESS",
        "recipients": [{ "to": format!("+25470000000{number}"), "variables": { "name": "O’Brien" } }] });
    body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    body
}

async fn sent(world: &mut World, api: &Api, number: u32, more: Value) -> (Value, String) {
    let message = api.post("/api/messages", to(number, &more)).await.expect(202);
    let id = message["id"].as_str().unwrap().to_owned();
    world.settled(api, &id).await;
    let deliveries = api.get(&format!("/api/messages/{id}/recipients")).await.expect(200);
    let accepted = world.provider.accepted();
    let body = accepted.iter().find(|one| one.to.ends_with(&format!("0{number}"))).expect("it was sent").body.clone();
    assert_eq!(deliveries["data"][0]["body"], body, "the log shows what went out");
    (deliveries["data"][0]["segments"].clone(), body)
}

#[tokio::test]
async fn an_estimate_shows_what_is_replaced_and_what_it_saves() {
    let world = World::start().await;
    let (api, _) = world.organization("smart-estimate").await;
    let estimate = api.post("/api/messages/estimate", to(1, &json!({}))).await.expect(200);
    assert_eq!((&estimate["segments"], &estimate["encoding"]), (&json!(2), &json!("UCS2")), "{estimate}");
    let replaced = json!([
        { "from": "–", "to": "-", "count": 1 }, { "from": "’", "to": "'", "count": 2 }, { "from": "“", "to": "\"", "count": 1 },
        { "from": "”", "to": "\"", "count": 1 }, { "from": "…", "to": "...", "count": 1 },
    ]);
    assert_eq!(
        estimate["smart"],
        json!({ "applied": false, "replaced": replaced, "segmentsBefore": 2, "segmentsAfter": 1 })
    );
    let estimate = api.post("/api/messages/estimate", to(1, &json!({ "smart": true }))).await.expect(200);
    assert_eq!((&estimate["segments"], &estimate["encoding"]), (&json!(1), &json!("GSM7")), "{estimate}");
    assert_eq!((&estimate["smart"]["applied"], &estimate["smart"]["replaced"]), (&json!(true), &replaced));
    assert!(estimate["preview"].as_str().unwrap().starts_with("It's \"open\" - come to O'Brien"), "{estimate}");
    let mail = json!({ "channel": "EMAIL", "subject": "S", "body": "Hi", "smart": true, "recipientType": "ADDRESS", "recipients": ["a@x.example"] });
    assert_eq!(api.post("/api/messages", mail).await.told(422), "/smart smart_not_for_channel");
    world.end().await;
}

#[tokio::test]
async fn the_message_says_before_the_config_and_the_config_before_the_organization() {
    let mut world = World::start().await;
    let (api, config) = world.organization("smart-defaults").await;
    let config = format!("/api/providers/{}", config["id"].as_str().unwrap());
    let plain = |body: &str| body.starts_with("It's \"open\" - come to O'Brien");
    let (segments, body) = sent(&mut world, &api, 1, json!({})).await;
    assert!(segments == 2 && body.starts_with("It’s “open” –"), "{segments} {body}");
    let (segments, body) = sent(&mut world, &api, 2, json!({ "smart": true })).await;
    assert!(segments == 1 && plain(&body), "{segments} {body}");
    let organization = api.patch("/api/organization", json!({ "smart": true })).await.expect(200);
    assert_eq!(organization["smart"], true);
    assert!(plain(&sent(&mut world, &api, 3, json!({})).await.1));
    assert_eq!(api.put(&config, json!({ "smart": false })).await.expect(200)["smart"], false);
    assert!(!plain(&sent(&mut world, &api, 4, json!({})).await.1));
    assert!(plain(&sent(&mut world, &api, 5, json!({ "smart": true })).await.1));
    assert_eq!(api.put(&config, json!({ "smart": null })).await.expect(200)["smart"], Value::Null);
    assert!(plain(&sent(&mut world, &api, 6, json!({})).await.1));
    world.end().await;
}

#[tokio::test]
async fn a_draft_keeps_what_it_says_until_it_is_changed() {
    let mut world = World::start().await;
    let (api, _) = world.organization("smart-draft").await;
    let draft = api.post("/api/messages", to(1, &json!({ "smart": true, "draft": true }))).await.expect(202);
    let path = format!("/api/messages/{}", draft["id"].as_str().unwrap());
    assert_eq!(draft["smart"], true);
    assert_eq!(api.put(&path, json!({ "title": "T" })).await.expect(200)["smart"], true);
    assert_eq!(api.put(&path, json!({ "smart": false })).await.expect(200)["smart"], false);
    let asked = to(1, &json!({ "smart": false }));
    let estimate = api.get(&format!("{path}/estimate")).await.expect(200);
    assert_eq!(estimate, api.post("/api/messages/estimate", asked).await.expect(200), "as if it were asked for");
    assert_eq!((&estimate["sendable"], &estimate["smart"]["applied"]), (&json!(1), &json!(false)));
    api.post(&format!("{path}/send"), json!({})).await.expect(202);
    world.settled(&api, draft["id"].as_str().unwrap()).await;
    assert_eq!(api.get(&format!("{path}/estimate")).await.expect(409)["code"], "message_not_editable");
    assert!(world.provider.accepted()[0].body.starts_with("It’s"));
    world.end().await;
}
