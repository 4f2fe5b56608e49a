//! `/api/providers`.

use serde_json::{Value, json};
use tests::{Api, World, provider::Behaviour};

fn path_of(config: &Value) -> String {
    format!("/api/providers/{}", config["id"].as_str().unwrap())
}

async fn names(api: &Api, query: &str) -> Vec<String> {
    let found = api.all(&format!("/api/providers?{query}")).await;
    found.iter().map(|config| config["name"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn a_config_is_made_and_shown_without_its_secrets() {
    let world = World::start().await;
    let owner = world.api.register("providers").await;
    let answer = owner.post("/api/providers", world.provider.config("Loopback")).await;
    let path = answer.headers["location"].to_str().unwrap().to_owned();
    let made = answer.expect(201);
    assert_eq!(path, path_of(&made));
    assert_eq!(made["credentials"], json!({ "apiKey": "secr****" }));
    assert_eq!((&made["isReady"], &made["validationErrors"]), (&json!(true), &json!([])));
    assert_eq!((&made["retryAttempts"], &made["batchSize"], &made["version"]), (&json!(3), &json!(1), &json!(1)));
    assert_eq!(
        (&made["unknownPolicy"], &made["paused"], &made["balance"]),
        (&json!("HOLD"), &Value::Null, &Value::Null)
    );
    assert_eq!(made["health"]["status"], "HEALTHY");
    assert!(made["webhookUrl"].as_str().unwrap().starts_with(&format!("{}/api/webhooks/sms/prv_", world.api.url)));
    assert_eq!(owner.get(&path).await.expect(200), made);

    let viewer = owner.member("providers", "VIEWER").await;
    let seen = viewer.get(&path).await.expect(200);
    assert_eq!((&seen["credentials"], &seen["webhookUrl"]), (&json!({ "apiKey": "****" }), &Value::Null));
    for api in [&owner, &viewer] {
        for path in [path.as_str(), "/api/providers", "/api/providers/health"] {
            let text = String::from_utf8(api.get(path).await.bytes).unwrap();
            assert!(!text.contains("secret-of-the-test"), "{path}");
        }
    }
    assert_eq!(viewer.post(&format!("{path}/test"), json!({})).await.problem(403), "role_too_small");
    world.end().await;
}

#[tokio::test]
async fn what_is_wrong_is_told_with_its_pointer() {
    let world = World::start().await;
    let api = world.api.register("providers-wrong").await;
    let wrong = async |body: Value| api.post("/api/providers", body).await.told(422);
    let custom = |more: Value| {
        let mut body = world.provider.config("One");
        body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        body
    };
    assert_eq!(wrong(json!({ "kind": "SANDBOX" })).await, "/name field_required");
    assert_eq!(wrong(json!({ "kind": "CARRIER_PIGEON", "name": "x" })).await, "/kind field_invalid");
    assert_eq!(wrong(json!({ "kind": "SANDBOX", "name": " " })).await, "/name name_invalid");
    assert_eq!(wrong(custom(json!({ "ratePerMinute": 0 }))).await, "/ratePerMinute out_of_range");
    assert_eq!(wrong(custom(json!({ "retryAttempts": 11 }))).await, "/retryAttempts out_of_range");
    assert_eq!(
        wrong(custom(json!({ "credentials": { "apiKey": "abcd****" } }))).await,
        "/credentials/apiKey credential_masked"
    );
    assert_eq!(wrong(custom(json!({ "colour": 1 }))).await, "/colour field_unknown");
    assert_eq!(
        wrong(json!({ "kind": "AFRICASTALKING", "channel": "EMAIL", "name": "x" })).await,
        "/channel channel_unsupported"
    );
    let url = |url: &str| json!({ "settings": { "request": { "url": url } } });
    assert_eq!(wrong(custom(url("http://169.254.169.254/latest"))).await, "/settings/request/url url_refused");
    assert_eq!(wrong(custom(url("nonsense"))).await, "/settings/request/url url_invalid");
    assert_eq!(wrong(custom(json!({ "settings": { "requests": {} } }))).await, "/settings/requests unknown_field");
    assert_eq!(names(&api, "").await.len(), 0);

    let made = api.post("/api/providers", custom(json!({}))).await.expect(201);
    assert_eq!(api.post("/api/providers", world.provider.config(" one ")).await.problem(409), "provider_name_taken");
    assert_eq!(api.put(&path_of(&made), json!({ "kind": "TWILIO" })).await.told(422), "/kind kind_fixed");
    assert_eq!(api.put(&path_of(&made), json!({ "channel": "WHATSAPP" })).await.told(422), "/channel kind_fixed");
    assert_eq!(api.put(&path_of(&made), json!({ "batchSize": 0 })).await.told(422), "/batchSize out_of_range");
    world.end().await;
}

#[tokio::test]
async fn what_is_missing_is_told_and_can_come_later() {
    let world = World::start().await;
    let api = world.api.register("providers-missing").await;
    let body = json!({ "kind": "AFRICASTALKING", "name": "Main", "credentials": { "username": "shop-main" } });
    let made = api.post("/api/providers", body).await.expect(201);
    assert_eq!(made["isReady"], false);
    assert_eq!(made["validationErrors"][0]["pointer"], "/credentials/apiKey");
    assert_eq!(made["validationErrors"][0]["code"], "required");
    assert_eq!(made["health"]["status"], "NOT_READY");
    let message = json!({ "body": "Hi.", "recipientType": "ADDRESS", "recipients": ["+254700000001"] });
    assert_eq!(api.post("/api/messages", message).await.problem(422), "provider_not_ready");
    let changed = api.put(&path_of(&made), json!({ "credentials": { "apiKey": "atsk_0123456789" } })).await.expect(200);
    assert_eq!((&changed["isReady"], &changed["credentials"]["apiKey"]), (&json!(true), &json!("atsk****")));
    assert_eq!(changed["credentials"]["username"], "shop****", "what is left out stays");
    world.end().await;
}

#[tokio::test]
async fn one_of_a_kind_is_active_and_one_of_a_channel_default() {
    let world = World::start().await;
    let api = world.api.register("providers-active").await;
    let first = api.post("/api/providers", world.provider.config("First")).await.expect(201);
    let second = api.post("/api/providers", world.provider.config("Second")).await.expect(201);
    assert_eq!(names(&api, "isActive=true").await, ["Second"], "activating one deactivates the other");
    let mail = json!({ "kind": "SANDBOX", "channel": "EMAIL", "name": "Mail" });
    api.post("/api/providers", mail).await.expect(201);
    api.post("/api/providers", json!({ "kind": "SANDBOX", "name": "Sandbox" })).await.expect(201);
    assert_eq!(
        names(&api, "isActive=true").await,
        ["Second", "Mail", "Sandbox"],
        "another kind or channel is another matter"
    );
    assert_eq!(names(&api, "channel=SMS&kind=CUSTOM").await, ["First", "Second"]);
    assert_eq!(api.put(&path_of(&first), json!({ "isActive": true })).await.expect(200)["isActive"], true);
    assert_eq!(names(&api, "isActive=true&kind=CUSTOM").await, ["First"]);

    // Without a default: the only active one, a real one before the sandbox.
    let message = json!({ "body": "Hi.", "recipientType": "ADDRESS", "recipients": ["+254700000001"], "draft": true });
    let chosen = async || {
        let id = api.post("/api/messages", message.clone()).await.expect(202)["id"].as_str().unwrap().to_owned();
        api.get(&format!("/api/messages/{id}")).await.expect(200)["providerId"].clone()
    };
    assert_eq!(chosen().await, first["id"]);
    let twilio = json!({ "kind": "TWILIO", "name": "Twilio", "credentials": {
        "accountSid": format!("AC{}", "0".repeat(32)), "authToken": "0".repeat(32) }, "senderId": "+15005550006" });
    let twilio = api.post("/api/providers", twilio).await.expect(201);
    assert_eq!(api.post("/api/messages", message.clone()).await.problem(422), "provider_ambiguous");
    api.put(&path_of(&twilio), json!({ "isDefault": true })).await.expect(200);
    assert_eq!(chosen().await, twilio["id"]);
    api.put(&path_of(&first), json!({ "isDefault": true })).await.expect(200);
    assert_eq!(chosen().await, first["id"]);
    assert_eq!(api.get(&path_of(&twilio)).await.expect(200)["isDefault"], false, "a channel has one default");
    let named = json!({ "body": "Hi.", "recipientType": "ADDRESS", "recipients": ["+254700000001"], "providerId": second["id"] });
    assert_eq!(api.post("/api/messages", named).await.told(422), "/providerId provider_inactive");
    world.end().await;
}

#[tokio::test]
async fn credentials_stay_when_their_mask_comes_back_and_new_ones_lift_a_pause() {
    let mut world = World::at("2026-03-02T08:00:00Z").await;
    let (api, config) = world.organization("providers-put").await;
    let path = path_of(&config);
    let mut whole = config.clone();
    for shown in [
        "id",
        "isReady",
        "validationErrors",
        "webhookUrl",
        "paused",
        "balance",
        "health",
        "lastTest",
        "version",
        "createdAt",
        "updatedAt",
    ] {
        whole.as_object_mut().unwrap().remove(shown);
    }
    let same = api.put(&path, whole).await.expect(200);
    assert_eq!((&same["credentials"], &same["settings"]), (&config["credentials"], &config["settings"]));
    world.provider.script([Behaviour::Refuse(401)]);
    let message = json!({ "body": "Hi.", "recipientType": "ADDRESS", "recipients": ["+254700000001"] });
    let message = api.post("/api/messages", message).await.expect(202);
    let id = message["id"].as_str().unwrap();
    assert_eq!(world.settled(&api, id).await["pauseReason"], "PROVIDER");
    let paused = api.get(&path).await.expect(200);
    assert_eq!((&paused["paused"]["reason"], &paused["health"]["status"]), (&json!("PROVIDER"), &json!("PAUSED")));
    api.put(&path, json!({ "name": "Renamed" })).await.expect(200);
    assert!(api.get(&path).await.expect(200)["paused"].is_object(), "another name lifts nothing");
    let renewed = api.put(&path, json!({ "credentials": { "apiKey": "another-key" } })).await.expect(200);
    assert_eq!((&renewed["paused"], &renewed["credentials"]["apiKey"]), (&Value::Null, &json!("anot****")));
    world
        .until("the message goes on", 60, || async {
            (api.get(&format!("/api/messages/{id}")).await.expect(200)["status"] == "SENT").then_some(())
        })
        .await;
    assert_eq!(world.provider.accepted().len(), 1);
    world.end().await;
}

#[tokio::test]
async fn a_balance_is_asked_for_once_an_hour_or_when_refreshed() {
    let mut world = World::at("2026-03-02T08:00:00Z").await;
    let (api, config) = world.organization("balance").await;
    let path = format!("{}/balance", path_of(&config));
    let asked = api.get(&path).await.expect(200);
    assert_eq!((&asked["amount"], &asked["currency"]), (&json!("100.50"), &json!("KES")));
    assert_eq!(asked["checkedAt"], "2026-03-02T08:00:00Z");
    world.pass(600).await;
    assert_eq!(api.get(&path).await.expect(200), asked);
    assert_eq!(world.provider.balances(), 1);
    let refreshed = api.get(&format!("{path}?refresh=true")).await.expect(200);
    assert_eq!((&refreshed["amount"], &refreshed["checkedAt"]), (&json!("99.50"), &json!("2026-03-02T08:10:00Z")));
    let metrics = api.get("/api/dashboard/metrics").await.expect(200);
    assert_eq!(metrics["smsBalance"], 99.5);
    assert_eq!(metrics["balances"], json!([refreshed]));
    assert_eq!(api.get(&path_of(&config)).await.expect(200)["balance"], refreshed);
    world.pass(3_599).await;
    let api = api.sign_in("balance").await;
    assert_eq!(api.get(&path).await.expect(200), refreshed);
    world.pass(2).await;
    assert_eq!(api.get(&path).await.expect(200)["amount"], "98.50");
    assert_eq!(world.provider.balances(), 3);
    assert_eq!(api.get(&format!("{path}?refresh=perhaps")).await.told(422), "?refresh parameter_type");
    world.end().await;
}

#[tokio::test]
async fn a_connection_is_tried_without_sending_and_a_good_test_lifts_a_pause() {
    let mut world = World::at("2026-03-02T08:00:00Z").await;
    let (api, config) = world.organization("test").await;
    let path = path_of(&config);
    let settings = |url: &str| {
        let mut settings = config["settings"].clone();
        settings["test"] = json!({ "url": url });
        json!({ "settings": settings })
    };
    world.provider.script([Behaviour::Refuse(401)]);
    let message = json!({ "body": "Hi.", "recipientType": "ADDRESS", "recipients": ["+254700000001"] });
    let message = api.post("/api/messages", message).await.expect(202);
    world.settled(&api, message["id"].as_str().unwrap()).await;
    let sent = world.provider.requests();

    api.put(&path, settings(&world.provider.balance_url.replace("/balance", "/nowhere"))).await.expect(200);
    let failed = api.post(&format!("{path}/test"), json!({})).await.expect(200);
    assert_eq!(failed["ok"], false, "{failed}");
    let shown = api.get(&path).await.expect(200);
    assert_eq!((&shown["lastTest"], shown["paused"].is_object()), (&failed, true));

    api.put(&path, settings(&world.provider.balance_url)).await.expect(200);
    let good = api.post(&format!("{path}/test"), json!({})).await.expect(200);
    assert_eq!(good["ok"], true, "{good}");
    assert_eq!(world.provider.requests(), sent, "a test sends nothing");
    assert_eq!(api.get(&path).await.expect(200)["paused"], Value::Null);
    world.until("the message goes on", 60, || async { (world_sent(&api).await == 1).then_some(()) }).await;
    world.end().await;
}

async fn world_sent(api: &Api) -> usize {
    api.all("/api/messages?status=SENT").await.len()
}

#[tokio::test]
async fn a_test_message_is_sent_within_the_rate() {
    let mut world = World::at("2026-03-02T08:00:00Z").await;
    let (api, config) = world.organization("test-message").await;
    let path = path_of(&config);
    api.patch("/api/organization", json!({ "defaultCountry": "KE" })).await.expect(200);
    api.put(&path, json!({ "ratePerMinute": 2 })).await.expect(200);
    let test_message = format!("{path}/test-message");
    let send = |body: Value| api.post(&test_message, body);
    assert_eq!(send(json!({ "to": "12", "body": "Hi." })).await.told(422), "/to recipient_invalid");
    assert_eq!(send(json!({ "to": "0700000001", "body": " " })).await.told(422), "/body body_required");
    let sent = send(json!({ "to": "0700000001", "body": "It works." })).await.expect(200);
    assert_eq!(
        (&sent["accepted"], &sent["status"], &sent["providerMessageId"]),
        (&json!(true), &json!("ACCEPTED"), &json!("loop-1"))
    );
    let got = world.provider.accepted();
    assert_eq!((got[0].to.as_str(), got[0].body.as_str()), ("+254700000001", "It works."));

    let limited = send(json!({ "to": "0700000001", "body": "Again." })).await;
    assert_eq!(limited.headers["retry-after"], "30");
    assert_eq!(limited.problem(429), "rate_limited");
    world.pass(30).await;
    world.provider.script([Behaviour::Refuse(400)]);
    let refused = send(json!({ "to": "0700000001", "body": "Again." })).await.expect(200);
    assert_eq!(
        (&refused["accepted"], &refused["status"], &refused["errorClass"]),
        (&json!(false), &json!("REJECTED"), &json!("BAD_CONTENT"))
    );
    assert_eq!(api.get("/api/messages").await.expect(200)["total"], 0, "it is no message");
    world.end().await;
}

#[tokio::test]
async fn a_config_in_use_is_not_deleted() {
    let world = World::start().await;
    let (api, config) = world.organization("delete").await;
    let message = json!({ "body": "Hi.", "recipientType": "ADDRESS", "recipients": ["+254700000001"], "scheduledAt": "2100-01-01T00:00:00Z" });
    let message = api.post("/api/messages", message).await.expect(202);
    assert_eq!(api.delete(&path_of(&config)).await.problem(409), "provider_in_use");
    api.delete(&format!("/api/messages/{}", message["id"].as_str().unwrap())).await.expect(200);
    api.delete(&path_of(&config)).await.expect(204);
    assert_eq!(api.get(&path_of(&config)).await.problem(404), "not_found");
    assert_eq!(names(&api, "").await.len(), 0);
    let again = api.post("/api/providers", world.provider.config("Loopback")).await.expect(201);
    assert_eq!(again["name"], "Loopback", "its name is free again");
    world.end().await;
}

#[tokio::test]
async fn the_catalogue_needs_no_token() {
    let world = World::start().await;
    let catalogue = world.api.get("/api/providers/catalogue").await.expect(200);
    let kinds: Vec<&str> =
        catalogue["data"].as_array().unwrap().iter().map(|kind| kind["kind"].as_str().unwrap()).collect();
    for kind in ["SANDBOX", "CUSTOM", "AFRICASTALKING", "TWILIO"] {
        assert!(kinds.contains(&kind), "{kind}");
    }
    let talking = &catalogue["data"][kinds.iter().position(|kind| *kind == "AFRICASTALKING").unwrap()];
    assert_eq!((&talking["status"], &talking["channels"]), (&json!("AVAILABLE"), &json!(["SMS"])));
    let secret = talking["fields"].as_array().unwrap().iter().find(|field| field["name"] == "apiKey").unwrap();
    assert_eq!((&secret["secret"], &secret["required"]), (&json!(true), &json!(true)));
    world.end().await;
}

#[tokio::test]
async fn the_webhook_is_registered_where_the_provider_takes_it_and_told_in_steps_elsewhere() {
    let world = World::start().await;
    let (api, custom) = world.organization("providers-webhooks").await;
    let told = api.post(&format!("{}/webhooks", path_of(&custom)), json!({})).await.expect(200);
    assert_eq!((&told["registered"], &told["url"]), (&json!(false), &custom["webhookUrl"]));
    assert!(told["steps"][0].as_str().unwrap().contains(custom["webhookUrl"].as_str().unwrap()), "{told}");
    let server = tests::Loopback::start(|seen| match seen.method.as_str() {
        "GET" => (200, json!([])),
        _ => (201, json!({ "id": "1" })),
    })
    .await;
    let bulksms = json!({
        "kind": "BULKSMS", "name": "BulkSMS", "apiUrl": server.url, "senderId": "ACME",
        "credentials": { "tokenId": "token-id-1", "tokenSecret": "token_secret_1234" },
    });
    let bulksms = api.post("/api/providers", bulksms).await.expect(201);
    let told = api.post(&format!("{}/webhooks", path_of(&bulksms)), json!({})).await.expect(200);
    assert_eq!((&told["registered"], &told["steps"]), (&json!(true), &json!([])));
    let made: Vec<Value> =
        server.seen("/webhooks").into_iter().filter(|seen| seen.method == "POST").map(|seen| seen.body).collect();
    assert_eq!((made.len(), &made[0]["url"]), (2, &bulksms["webhookUrl"]));
    let member = api.member("providers-webhooks", "MEMBER").await;
    let refused = member.post(&format!("{}/webhooks", path_of(&custom)), json!({})).await;
    assert_eq!(refused.problem(403), "role_too_small");
    world.end().await;
}

#[tokio::test]
async fn a_business_profile_is_read_and_changed_at_the_provider() {
    let world = World::start().await;
    let (api, custom) = world.organization("providers-profile").await;
    let unsupported = api.get(&format!("{}/profile", path_of(&custom))).await;
    assert_eq!(unsupported.problem(409), "profile_unsupported");
    let server = tests::Loopback::start(|seen| match (seen.method.as_str(), seen.path.as_str()) {
        ("GET", path) if path.contains("verified_name") => (200, json!({ "verified_name": "Acme" })),
        ("GET", _) => (200, json!({ "data": [{ "about": "Bread", "vertical": "RETAIL" }] })),
        (_, _) if seen.body["vertical"] == "NONSENSE" => (400, json!({ "error": { "code": 100, "message": "no" } })),
        _ => (200, json!({ "success": true })),
    })
    .await;
    let meta = json!({
        "kind": "META", "channel": "WHATSAPP", "name": "Meta", "apiUrl": server.url,
        "credentials": {
            "accessToken": "EAAG0123456789abcdefgh", "phoneNumberId": "106540352242922", "appSecret": "0123456789abcdef",
            "verifyToken": "my-verify-token",
        },
    });
    let path = format!("{}/profile", path_of(&api.post("/api/providers", meta).await.expect(201)));
    let profile = api.get(&path).await.expect(200);
    assert_eq!(
        (&profile["displayName"], &profile["about"], &profile["category"]),
        (&json!("Acme"), &json!("Bread"), &json!("RETAIL"))
    );
    api.put(&path, json!({ "about": "Cake" })).await.expect(200);
    let changed = server.seen("whatsapp_business_profile").into_iter().find(|seen| seen.method == "POST").unwrap();
    assert_eq!(changed.body, json!({ "messaging_product": "whatsapp", "about": "Cake" }));
    assert_eq!(api.put(&path, json!({ "category": "NONSENSE" })).await.problem(409), "provider_failed");
    assert_eq!(api.put(&path, json!({ "displayName": "Other" })).await.told(422), "/displayName display_name_fixed");
    world.end().await;
}
