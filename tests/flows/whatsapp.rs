//! WhatsApp: templates that are filled for each recipient, and the 24 hours in which free text is taken.

use serde_json::{Value, json};
use tests::{Api, Loopback, World};

const ANN: &str = "+254700000001";
const BEN: &str = "+254700000002";

/// Gupshup, which takes everything; it signs nothing, so a test can write for people.
async fn gupshup(api: &Api) -> (Loopback, Value) {
    let server = Loopback::start(|_| (202, json!({ "status": "submitted", "messageId": "g-1" }))).await;
    let config = json!({
        "kind": "GUPSHUP", "channel": "WHATSAPP", "name": "Gupshup", "apiUrl": server.url, "senderId": "+15550002222",
        "credentials": { "apiKey": "gupshup_key_0123456789" }, "settings": { "appName": "AcmeApp" },
        "ratePerMinute": 60_000_000,
    });
    let config = api.post("/api/providers", config).await.expect(201);
    (server, config)
}

/// Tells the config's webhook that somebody wrote.
async fn write(world: &World, config: &Value, id: &str, from: &str, text: &str) {
    let webhook = config["webhookUrl"].as_str().expect("an address");
    let path = &webhook[webhook.find("/api/").expect("a path")..];
    let from = from.trim_start_matches('+');
    let payload =
        json!({ "id": id, "source": from, "type": "text", "payload": { "text": text }, "sender": { "phone": from } });
    world
        .api
        .post(path, json!({ "app": "AcmeApp", "version": 2, "type": "message", "payload": payload }))
        .await
        .expect(200);
}

async fn recorded(api: &Api, config: &Value, components: Value) -> Value {
    let body = json!({
        "providerId": config["id"], "name": "order_ready", "language": "en", "category": "MARKETING",
        "components": components, "submit": false, "externalId": "tmpl-1",
    });
    api.post("/api/whatsapp-templates", body).await.expect(201)
}

fn to(recipients: &[&str], content: &Value) -> Value {
    let mut body = json!({ "channel": "WHATSAPP", "recipientType": "ADDRESS", "recipients": recipients });
    body.as_object_mut().unwrap().extend(content.as_object().unwrap().clone());
    body
}

#[tokio::test(flavor = "multi_thread")]
async fn a_template_is_filled_for_each_recipient() {
    let mut world = World::at("2026-03-02T08:00:00Z").await;
    let api = world.api.register("wa-send").await;
    let (server, config) = gupshup(&api).await;
    let components = json!({
        "header": { "type": "TEXT", "text": "Order {{1}}" },
        "body": "Hello {{1}}, {{2}} is ready.",
        "buttons": [{ "type": "URL", "text": "See it", "url": "https://acme.example/o/{{1}}" }],
    });
    let template = recorded(&api, &config, components).await;
    let group = api.post("/api/groups", json!({ "name": "All" })).await.expect(201);
    for contact in [json!({ "name": "Ann", "phone": ANN }), json!({ "phone": BEN })] {
        let mut contact = contact;
        contact["attributes"] = json!({ "order": "7" });
        let contact = api.post("/api/contacts", contact).await.expect(201);
        let ids = json!({ "contactIds": [contact["id"]] });
        api.post(&format!("/api/groups/{}/contacts", group["id"].as_str().unwrap()), ids).await.expect(201);
    }
    let kes = json!({ "amount": "9", "currency": "KES" });
    let price = json!({ "providerId": config["id"], "destination": "*", "category": "MARKETING", "price": kes, "validFrom": "2026-01-01T00:00:00Z" });
    api.post("/api/routing/prices", price).await.expect(201);
    let parameters = json!({ "header": ["{{attributes.order}}"], "body": ["{{name|friend}}", "{{what}}"], "buttons": ["o-{{attributes.order}}"] });
    let message = json!({
        "channel": "WHATSAPP", "whatsappTemplate": { "id": template["id"], "parameters": parameters },
        "variables": { "what": "your\nbread" }, "recipientType": "GROUP", "recipientId": group["id"],
    });
    let estimate = api.post("/api/messages/estimate", message.clone()).await.expect(200);
    assert_eq!((&estimate["sendable"], &estimate["cost"]["amount"]), (&json!(2), &json!("18")));
    assert!(estimate["preview"].as_str().unwrap().starts_with("Order 7\n\nHello "), "{estimate}");
    let sent = api.post("/api/messages", message.clone()).await.expect(202);
    assert_eq!((&sent["title"], &sent["providerId"]), (&json!("order_ready"), &config["id"]));
    let used = &sent["whatsappTemplate"];
    assert_eq!(
        (&used["id"], &used["category"], &used["parameters"]),
        (&template["id"], &json!("MARKETING"), &parameters)
    );
    let id = sent["id"].as_str().unwrap();
    assert_eq!(world.settled(&api, id).await["status"], "SENT");
    let mut filled: Vec<Value> = server
        .seen("/wa/api/v1/template/msg")
        .iter()
        .map(|one| serde_json::from_str(one.body["template"].as_str().unwrap()).unwrap())
        .collect();
    filled.sort_by_key(ToString::to_string);
    assert_eq!(
        filled,
        [
            json!({ "id": "tmpl-1", "params": ["7", "Ann", "your bread", "o-7"] }),
            json!({ "id": "tmpl-1", "params": ["7", "friend", "your bread", "o-7"] }),
        ]
    );
    let copies = api.all(&format!("/api/deliveries?messageId={id}&recipient=%2B254700000001")).await;
    assert_eq!(
        (&copies[0]["body"], &copies[0]["isFromTemplate"]),
        (&json!("Order 7\n\nHello Ann, your\nbread is ready."), &json!(true))
    );

    // What is wrong is told before anything is sent.
    let wrong = async |content: Value| api.post("/api/messages", to(&[ANN], &content)).await.told(422);
    let with = |parameters: Value| json!({ "whatsappTemplate": { "id": template["id"], "parameters": parameters } });
    assert_eq!(
        wrong(with(json!({ "header": ["1"], "body": ["Ann"], "buttons": ["x"] }))).await,
        "/whatsappTemplate/parameters/body parameters_mismatch"
    );
    let slip = with(json!({ "header": ["{{x"], "body": ["a", "b"], "buttons": ["c"] }));
    assert_eq!(wrong(slip).await, "/whatsappTemplate/parameters/header/0 template_malformed");
    let nobody_knows = with(json!({ "header": ["{{nr}}"], "body": ["a", "b"], "buttons": ["c"] }));
    assert_eq!(wrong(nobody_knows).await, "/variables/nr variable_missing");
    let twice = json!({ "body": "Hi", "whatsappTemplate": { "id": template["id"] } });
    assert_eq!(wrong(twice).await, "/whatsappTemplate body_twice");
    let sms = json!({ "channel": "SMS", "whatsappTemplate": { "id": template["id"] } });
    assert_eq!(wrong(sms).await, "/whatsappTemplate whatsapp_template_channel");
    let auto = json!({ "providerId": "auto", "whatsappTemplate": { "id": template["id"] } });
    assert_eq!(wrong(auto).await, "/providerId whatsapp_template_provider");
    let path = format!("/api/whatsapp-templates/{}", template["id"].as_str().unwrap());
    api.delete(&path).await.expect(204);
    assert_eq!(wrong(with(parameters)).await, "/whatsappTemplate/id whatsapp_template_not_found");
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_draft_keeps_its_template_until_it_gets_another_text() {
    let mut world = World::at("2026-03-02T08:00:00Z").await;
    let api = world.api.register("wa-draft").await;
    let (server, config) = gupshup(&api).await;
    let template = recorded(&api, &config, json!({ "body": "Hello {{1}}." })).await;
    let content =
        json!({ "draft": true, "whatsappTemplate": { "id": template["id"], "parameters": { "body": ["Ann"] } } });
    let draft = api.post("/api/messages", to(&[ANN], &content)).await.expect(202);
    let path = format!("/api/messages/{}", draft["id"].as_str().unwrap());
    let titled = api.put(&path, json!({ "title": "Later" })).await.expect(200);
    assert_eq!((&titled["whatsappTemplate"]["id"], &titled["body"]), (&template["id"], &json!("Hello Ann.")));
    let other = json!({ "whatsappTemplate": { "id": template["id"], "parameters": { "body": ["Ben"] } } });
    assert_eq!(api.put(&path, other).await.expect(200)["body"], "Hello Ben.");
    api.post(&format!("{path}/send"), json!({})).await.expect(202);
    world.settled(&api, draft["id"].as_str().unwrap()).await;
    assert_eq!(server.seen("/template/msg").len(), 1);
    let content =
        json!({ "draft": true, "whatsappTemplate": { "id": template["id"], "parameters": { "body": ["Ann"] } } });
    let draft = api.post("/api/messages", to(&[ANN], &content)).await.expect(202);
    let path = format!("/api/messages/{}", draft["id"].as_str().unwrap());
    let plain = api.put(&path, json!({ "body": "Plain text." })).await.expect(200);
    assert_eq!((&plain["whatsappTemplate"], &plain["body"]), (&Value::Null, &json!("Plain text.")));
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn free_text_reaches_who_wrote_within_a_day() {
    let mut world = World::at("2026-03-02T08:00:00Z").await;
    let api = world.api.register("wa-window").await;
    let (server, config) = gupshup(&api).await;
    let hello = || json!({ "body": "Hello." });
    let refused = api.post("/api/messages", to(&[ANN], &hello())).await.expect(409);
    assert_eq!(refused["code"], "window_closed");
    assert!(refused["detail"].as_str().unwrap().contains("whatsappTemplate"), "the way out is named: {refused}");
    let estimate = api.post("/api/messages/estimate", to(&[ANN, BEN], &hello())).await.expect(200);
    assert_eq!(estimate["skipped"], json!([{ "reason": "window_closed", "count": 2 }]));

    write(&world, &config, "1", ANN, "Are you open?").await;
    let talk = api.get("/api/conversations").await.expect(200)["data"][0].clone();
    assert_eq!((&talk["isOpen"], &talk["windowEndsAt"]), (&json!(true), &json!("2026-03-03T08:00:00Z")));
    let message = api.post("/api/messages", to(&[ANN, BEN], &hello())).await.expect(202);
    let message = world.settled(&api, message["id"].as_str().unwrap()).await;
    assert_eq!((&message["counts"]["sent"], &message["counts"]["skipped"]), (&json!(1), &json!(1)));
    let left_out =
        api.all(&format!("/api/deliveries?messageId={}&status=SKIPPED", message["id"].as_str().unwrap())).await;
    assert_eq!((&left_out[0]["recipient"], &left_out[0]["reason"]), (&json!(BEN), &json!("window_closed")));

    // A group is planned at its hour: the window counts then.
    let group = api.post("/api/groups", json!({ "name": "All" })).await.expect(201);
    let contact = api.post("/api/contacts", json!({ "name": "Ann", "phone": ANN })).await.expect(201);
    let ids = json!({ "contactIds": [contact["id"]] });
    api.post(&format!("/api/groups/{}/contacts", group["id"].as_str().unwrap()), ids).await.expect(201);
    let later = json!({ "channel": "WHATSAPP", "body": "Hello.", "recipientType": "GROUP", "recipientId": group["id"], "scheduledAt": "2026-03-03T09:00:00Z" });
    let estimate = api.post("/api/messages/estimate", later.clone()).await.expect(200);
    assert_eq!((&estimate["sendable"], &estimate["skipped"][0]["reason"]), (&json!(0), &json!("window_closed")));
    let later = api.post("/api/messages", later).await.expect(202);

    world.pass(24 * 3_600).await;
    let api = world.api.sign_in("wa-window").await;
    let reply = format!("/api/conversations/{}/messages", talk["id"].as_str().unwrap());
    assert_eq!(api.post(&reply, hello()).await.problem(409), "window_closed");
    assert_eq!(
        api.get(&format!("/api/conversations/{}", talk["id"].as_str().unwrap())).await.expect(200)["isOpen"],
        false
    );
    let template = recorded(&api, &config, json!({ "body": "Hello {{1}}." })).await;
    let way_out = json!({ "whatsappTemplate": { "id": template["id"], "parameters": { "body": ["{{name}}"] } } });
    let sent = api.post(&reply, way_out).await.expect(202);
    assert_eq!(world.settled(&api, sent["id"].as_str().unwrap()).await["status"], "SENT");
    assert_eq!(server.seen("/template/msg").len(), 1);
    assert_eq!(api.post(&reply, json!({})).await.told(422), "/body body_required");

    world.pass(3_600 + 60).await;
    let api = world.api.sign_in("wa-window").await;
    let later = world.settled(&api, later["id"].as_str().unwrap()).await;
    assert_eq!((&later["status"], &later["counts"]["skipped"]), (&json!("FAILED"), &json!(1)));
    assert_eq!(server.seen("/wa/api/v1/msg").len(), 1, "free text went out once");
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn configs_that_are_not_bound_take_free_text_at_any_time() {
    let mut world = World::at("2026-03-02T08:00:00Z").await;
    let api = world.api.register("wa-unbound").await;
    let (server, config) = gupshup(&api).await;
    // Every text goes out as a template by the settings.
    let path = format!("/api/providers/{}", config["id"].as_str().unwrap());
    let settings = json!({ "settings": { "appName": "AcmeApp", "template": { "name": "tmpl-2" } } });
    api.put(&path, settings).await.expect(200);
    let sent = api.post("/api/messages", to(&[ANN], &json!({ "body": "Hello." }))).await.expect(202);
    assert_eq!(world.settled(&api, sent["id"].as_str().unwrap()).await["status"], "SENT");
    assert_eq!(server.seen("/template/msg").len(), 1);
    let sandbox = json!({ "kind": "SANDBOX", "channel": "WHATSAPP", "name": "Sandbox" });
    let sandbox = api.post("/api/providers", sandbox).await.expect(201);
    let content = json!({ "body": "Hello.", "providerId": sandbox["id"] });
    let sent = api.post("/api/messages", to(&[BEN], &content)).await.expect(202);
    assert_eq!(world.settled(&api, sent["id"].as_str().unwrap()).await["status"], "SENT");
    world.end().await;
}
