//! `/api/whatsapp-templates`: recorded, handed in, synced and deleted.

use http::Method;
use serde_json::{Value, json};
use tests::{Api, Loopback, World, loopback::Seen};

const TEMPLATES: &str = "/api/whatsapp-templates";

/// What every template of these tests has.
fn template(provider: &Value) -> Value {
    json!({
        "providerId": provider["id"], "name": "order_ready", "language": "en_US", "category": "UTILITY",
        "components": { "body": "Hello {{1}}, {{2}} is ready.", "footer": "Acme" },
        "examples": { "body": ["Ann", "Bread"] },
    })
}

fn with(mut body: Value, changes: Value) -> Value {
    let (Value::Object(body_fields), Value::Object(changes)) = (&mut body, changes) else { panic!("objects") };
    body_fields.extend(changes);
    body
}

async fn meta(api: &Api, url: &str) -> Value {
    let body = json!({
        "kind": "META", "channel": "WHATSAPP", "name": "Meta", "apiUrl": url,
        "credentials": {
            "accessToken": "EAAG0123456789abcdefgh", "phoneNumberId": "106540352242922", "appSecret": "0123456789abcdef",
            "verifyToken": "my-verify-token", "businessAccountId": "102290129340398",
        },
    });
    api.post("/api/providers", body).await.expect(201)
}

async fn sandbox(api: &Api) -> Value {
    let body = json!({ "kind": "SANDBOX", "channel": "WHATSAPP", "name": "Sandbox WhatsApp" });
    api.post("/api/providers", body).await.expect(201)
}

/// Two templates, the second of which is refused once the first was asked for to be deleted.
fn graph(seen: &Seen) -> (u16, Value) {
    let listed = |name: &str, status: &str| {
        json!({ "id": format!("id-{name}"), "name": name, "language": "en_US", "status": status, "category": "MARKETING",
                "components": [{ "type": "BODY", "text": "Hi {{1}}" }] })
    };
    match seen.method {
        Method::POST => (200, json!({ "id": "id-order_ready", "status": "PENDING", "category": "UTILITY" })),
        Method::DELETE => (200, json!({ "success": true })),
        _ => (200, json!({ "data": [listed("order_ready", "APPROVED"), listed("news", "PAUSED")] })),
    }
}

#[tokio::test]
async fn a_template_is_handed_in_synced_and_deleted_at_the_provider() {
    let world = World::start().await;
    let api = world.api.register("wa-templates").await;
    let server = Loopback::start(graph).await;
    let config = meta(&api, &server.url).await;
    let made = api.post(TEMPLATES, template(&config)).await;
    let path = made.headers["location"].to_str().unwrap().to_owned();
    let made = made.expect(201);
    assert_eq!(path, format!("{TEMPLATES}/{}", made["id"].as_str().unwrap()));
    assert_eq!(
        (&made["status"], &made["externalId"], &made["isRecorded"]),
        (&json!("PENDING"), &json!("id-order_ready"), &json!(false))
    );
    assert_eq!(
        server.seen("message_templates")[0].body["components"][0]["example"],
        json!({ "body_text": [["Ann", "Bread"]] })
    );
    assert_eq!(api.post(TEMPLATES, template(&config)).await.problem(409), "whatsapp_template_exists");
    assert_eq!(server.seen("message_templates").len(), 1, "nothing was handed in twice");

    let sync = async || api.post(&format!("{TEMPLATES}/sync"), json!({ "providerId": config["id"] })).await.expect(200);
    assert_eq!(sync().await, json!({ "added": 1, "updated": 1, "removed": 0, "unchanged": 0 }));
    assert_eq!(sync().await, json!({ "added": 0, "updated": 0, "removed": 0, "unchanged": 2 }));
    let approved = api.get(&path).await.expect(200);
    assert_eq!(
        (&approved["status"], &approved["category"], &approved["version"]),
        (&json!("APPROVED"), &json!("MARKETING"), &json!(2))
    );

    let names = async |query: &str| {
        let all = api.all(&format!("{TEMPLATES}?{query}")).await;
        all.iter().map(|one| one["name"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(api.get(TEMPLATES).await.expect(200)["total"], 2);
    assert_eq!(names("status=paused").await, ["news"]);
    assert_eq!(names("category=MARKETING&language=EN_us").await.len(), 2);
    assert_eq!(names("status=REJECTED").await.len(), 0);
    assert_eq!(names(&format!("providerId={}", config["id"].as_str().unwrap())).await.len(), 2);

    api.delete(&path).await.expect(204);
    api.get(&path).await.expect(404);
    let deleted = server.seen("hsm_id=id-order_ready");
    assert_eq!((deleted.len(), deleted[0].method.as_str()), (1, "DELETE"));
    world.end().await;
}

#[tokio::test]
async fn what_an_api_cannot_take_is_recorded_by_hand() {
    let world = World::start().await;
    let api = world.api.register("wa-recorded").await;
    let config = sandbox(&api).await;
    let refused = api.post(TEMPLATES, template(&config)).await.expect(422);
    assert_eq!(refused["code"], "submit_unsupported");
    assert!(refused["detail"].as_str().unwrap().contains("`submit: false`"), "{refused}");
    let body = with(template(&config), json!({ "submit": false }));
    let request = || api.request(Method::POST, TEMPLATES).header("Idempotency-Key", "one").json(&body);
    let made = api.send(request()).await.expect(201);
    assert_eq!((&made["status"], &made["isRecorded"]), (&json!("APPROVED"), &json!(true)));
    assert_eq!(api.send(request()).await.expect(201), made, "once");
    let sync = api.post(&format!("{TEMPLATES}/sync"), json!({ "providerId": config["id"] })).await;
    assert_eq!(sync.problem(422), "sync_unsupported");
    api.delete(&format!("/api/providers/{}", config["id"].as_str().unwrap())).await.expect(204);
    assert!(api.all(TEMPLATES).await.is_empty(), "they went with their config");
    let twilio = json!({
        "kind": "TWILIO", "channel": "WHATSAPP", "name": "Twilio", "senderId": "+15005550006",
        "credentials": { "accountSid": "AC00000000000000000000000000000001", "authToken": "token-of-the-test" },
    });
    let twilio = api.post("/api/providers", twilio).await.expect(201);
    let nameless = with(template(&twilio), json!({ "submit": false }));
    assert_eq!(api.post(TEMPLATES, nameless).await.told(422), "/externalId required");
    world.end().await;
}

#[tokio::test]
async fn what_is_wrong_is_told_with_its_pointer() {
    let world = World::start().await;
    let api = world.api.register("wa-wrong").await;
    let config = sandbox(&api).await;
    let wrong = async |changes: Value| api.post(TEMPLATES, with(template(&config), changes)).await.told(422);
    assert_eq!(wrong(json!({ "name": " ", "language": "?" })).await, "/name name_invalid, /language language_invalid");
    assert_eq!(wrong(json!({ "components": { "body": " " } })).await, "/components/body body_required");
    assert_eq!(wrong(json!({ "colour": 1 })).await, "/colour field_unknown");
    let sms = api.post("/api/providers", world.provider.config("SMS")).await.expect(201);
    assert_eq!(api.post(TEMPLATES, template(&sms)).await.told(422), "/providerId templates_unsupported");
    let server = Loopback::start(graph).await;
    let config = meta(&api, &server.url).await;
    let wrong = async |changes: Value| api.post(TEMPLATES, with(template(&config), changes)).await.told(422);
    assert_eq!(wrong(json!({ "name": "Order ready" })).await, "/name name_invalid");
    assert_eq!(wrong(json!({ "examples": { "body": ["Ann"] } })).await, "/examples/body parameters_mismatch");
    assert_eq!(wrong(json!({ "category": "AUTHENTICATION" })).await, "/category authentication_by_hand");
    let media = json!({ "components": { "header": { "type": "IMAGE" }, "body": "{{1}} {{2}}" } });
    assert_eq!(wrong(media).await, "/components/header header_by_hand");
    assert!(server.seen("").is_empty(), "nothing was handed in");
    let member = api.member("wa-wrong", "MEMBER").await;
    assert_eq!(member.post(TEMPLATES, template(&config)).await.problem(403), "role_too_small");
    member.get(TEMPLATES).await.expect(200);
    world.end().await;
}
