//! `/api/webhooks/{channel}/{providerId}/{token}`.

use reqwest::Method;
use serde_json::{Value, json};
use tests::{Answer, Api, World};

/// A message that the provider took. Gives its path and our id of the one copy.
async fn sent(world: &mut World, api: &Api, config: &Value) -> (String, String) {
    let body = json!({ "body": "Hi.", "recipientType": "ADDRESS", "recipients": ["+254700000001"], "providerId": config["id"] });
    let message = api.post("/api/messages", body).await.expect(202);
    let id = message["id"].as_str().unwrap().to_owned();
    assert_eq!(world.settled(api, &id).await["status"], "SENT");
    let copy = world.provider.accepted().pop().expect("it was taken");
    (format!("/api/messages/{id}"), copy.message_id)
}

/// The path of a config's webhook.
fn webhook(config: &Value) -> String {
    let url = config["webhookUrl"].as_str().unwrap();
    url[url.find("/api/").unwrap()..].to_owned()
}

fn report(copy: &str, status: &str) -> Value {
    json!({ "ref": copy, "status": status })
}

async fn status(api: &Api, message: &str) -> String {
    let message = api.get(&format!("{message}/recipients")).await.expect(200);
    message["data"][0]["status"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn only_the_address_of_the_config_is_one() {
    let mut world = World::at("2026-03-02T08:00:00Z").await;
    let (api, config) = world.organization("address").await;
    let other = api.post("/api/providers", world.provider.config("Other")).await.expect(201);
    let (_, stranger) = world.organization("address-stranger").await;
    api.put(&format!("/api/providers/{}", config["id"].as_str().unwrap()), json!({ "isActive": true }))
        .await
        .expect(200);
    let (message, copy) = sent(&mut world, &api, &config).await;
    let [right, others, strangers] = [&config, &other, &stranger].map(webhook);
    let token = |path: &str| path.rsplit('/').next().unwrap().to_owned();
    let with = |of: &str| right.replace(&token(&right), &token(of));
    let wrong = [
        with(&others),
        with(&strangers),
        right.replace(&token(&right), "0"),
        right.replace("/sms/", "/email/"),
        right.replace("/sms/", "/pigeon/"),
        right.replace(config["id"].as_str().unwrap(), "prv_01KAJ7Q4T0M5Z8X2V9C3B6N1R4"),
    ];
    for path in wrong {
        assert_eq!(world.api.post(&path, report(&copy, "DELIVRD")).await.problem(404), "not_found", "{path}");
    }
    assert_eq!(status(&api, &message).await, "SENT");
    // A stranger's own webhook says nothing about our copies.
    world.api.post(&strangers, report(&copy, "UNDELIV")).await.expect(200);
    assert_eq!(status(&api, &message).await, "SENT");
    assert_eq!(world.api.post(&right, report(&copy, "DELIVRD")).await.expect(200)["received"], 1);
    assert_eq!(status(&api, &message).await, "DELIVERED");
    world.end().await;
}

#[tokio::test]
async fn receipts_may_come_twice_and_backwards() {
    let mut world = World::at("2026-03-02T08:00:00Z").await;
    let (api, config) = world.organization("twice").await;
    let (message, copy) = sent(&mut world, &api, &config).await;
    let path = webhook(&config);
    let shown = async |api: &Api| api.get(&format!("/api/deliveries/{copy}")).await.expect(200);
    world.api.post(&path, report(&copy, "DELIVRD")).await.expect(200);
    let first = shown(&api).await;
    assert_eq!((&first["status"], &first["isSuccessful"]), (&json!("DELIVERED"), &json!(true)));
    assert_eq!(first["deliveredAt"], world.clock.now().to_string());
    world.pass(30).await;
    for status in ["DELIVRD", "accepted", "DELIVRD"] {
        world.api.post(&path, report(&copy, status)).await.expect(200);
    }
    let again = shown(&api).await;
    for field in ["status", "deliveredAt", "attempts"] {
        assert_eq!(again[field], first[field], "{field}");
    }
    world.pass(30).await;
    let counts = &api.get(&message).await.expect(200)["counts"];
    assert_eq!((&counts["total"], &counts["delivered"], &counts["sent"]), (&json!(1), &json!(1), &json!(0)));
    let stats = api.get("/api/dashboard/stats").await.expect(200);
    assert_eq!((&stats["totalSent"], &stats["totalDelivered"]), (&json!(1), &json!(1)), "counted once");
    world.end().await;
}

#[tokio::test]
async fn a_provider_that_tries_the_address_reads_what_it_gave() {
    let world = World::start().await;
    let (api, _) = world.organization("handshake").await;
    let config = json!({
        "kind": "META", "channel": "WHATSAPP", "name": "WhatsApp", "isActive": true,
        "credentials": {
            "accessToken": "EAAG0123456789abcdefgh", "phoneNumberId": "106540352242922", "appSecret": "0123456789abcdef",
            "verifyToken": "our-own-word",
        },
    });
    let path = webhook(&api.post("/api/providers", config).await.expect(201));
    let tried = |token: &str| format!("{path}?hub.mode=subscribe&hub.verify_token={token}&hub.challenge=1158201444");
    let answer = world.api.get(&tried("our-own-word")).await;
    assert_eq!((answer.status.as_u16(), answer.bytes.as_slice()), (200, b"1158201444".as_slice()));
    assert_eq!(answer.headers["content-type"], "text/plain");
    assert_eq!(world.api.get(&tried("another-word")).await.problem(401), "webhook_forged");
    world.end().await;
}

/// Fonnte on the loopback address: takes one message and calls it `80367170`.
async fn fonnte() -> String {
    let taken = json!({ "status": true, "id": ["80367170"], "target": ["254700000001"], "process": "pending" });
    let app = axum::Router::new().fallback(move || async move { axum::Json(taken) });
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, app).await });
    url
}

#[tokio::test]
async fn a_copy_is_found_by_an_id_that_an_earlier_receipt_named() {
    let mut world = World::at("2026-03-02T08:00:00Z").await;
    let (api, _) = world.organization("alias").await;
    let config = json!({
        "kind": "FONNTE", "channel": "WHATSAPP", "name": "Phone", "isActive": true, "apiUrl": fonnte().await,
        "credentials": { "token": "fonnte_token_1" },
    });
    let config = api.post("/api/providers", config).await.expect(201);
    let body = json!({
        "channel": "WHATSAPP", "body": "Hi.", "recipientType": "ADDRESS", "recipients": ["+254700000001"],
        "providerId": config["id"],
    });
    let id = api.post("/api/messages", body).await.expect(202)["id"].as_str().unwrap().to_owned();
    assert_eq!(world.settled(&api, &id).await["status"], "SENT");
    let message = format!("/api/messages/{id}");
    // Nobody has heard of this id yet.
    world.api.post(&webhook(&config), json!({ "stateid": "s-1", "state": "sent" })).await.expect(200);
    world.pass(30).await;
    assert_eq!(status(&api, &message).await, "SENT");
    world
        .api
        .post(&webhook(&config), json!({ "id": "80367170", "stateid": "s-1", "status": "pending" }))
        .await
        .expect(200);
    world.api.post(&webhook(&config), json!({ "stateid": "s-1", "state": "read" })).await.expect(200);
    assert_eq!(status(&api, &message).await, "READ");
    world.end().await;
}

#[tokio::test]
async fn what_cannot_be_understood_is_refused() {
    let world = World::start().await;
    let (_, config) = world.organization("unreadable").await;
    let send = async |body: &'static str| -> Answer {
        let request =
            world.api.request(Method::POST, &webhook(&config)).header("content-type", "application/json").body(body);
        world.api.send(request).await
    };
    assert_eq!(send("{").await.problem(400), "webhook_unreadable");
    // Receipts of texts that are not ours, and words that say nothing, are no fault.
    assert_eq!(send(r#"{"ref":"dlv_01KAJ7Q4T0M5Z8X2V9C3B6N1R4","status":"DELIVRD"}"#).await.expect(200)["received"], 1);
    send(r#"{"ref":"dlv_01KAJ7Q4T0M5Z8X2V9C3B6N1R4","status":"humming"}"#).await.expect(200);
    world.end().await;
}

#[tokio::test]
async fn a_forged_call_changes_nothing() {
    let mut world = World::at("2026-03-02T08:00:00Z").await;
    let api = world.api.register("forged").await;
    let mut config = world.provider.config("Signed");
    config["settings"]["dlr"]["auth"] = json!({ "kind": "token", "header": "X-Token" });
    config["credentials"]["webhookSecret"] = json!("only-the-provider-knows");
    let config = api.post("/api/providers", config).await.expect(201);
    let (message, copy) = sent(&mut world, &api, &config).await;
    let call = async |token: Option<&str>| {
        let request = world.api.request(Method::POST, &webhook(&config)).json(&report(&copy, "DELIVRD"));
        let request = if let Some(token) = token { request.header("X-Token", token) } else { request };
        world.api.send(request).await
    };
    for token in [None, Some(""), Some("only-the-provider-know")] {
        assert_eq!(call(token).await.problem(401), "webhook_forged", "{token:?}");
    }
    assert_eq!(status(&api, &message).await, "SENT");
    call(Some("only-the-provider-knows")).await.expect(200);
    assert_eq!(status(&api, &message).await, "DELIVERED");
    world.end().await;
}
