//! An organization's own programs are told what happened: signed, once where all goes well, again where it does not.

use std::collections::BTreeSet;

use reqwest::Method;
use serde_json::{Value, json};
use tests::{Api, Receiver, World, provider::Behaviour};

async fn endpoint(api: &Api, receiver: &Receiver, events: &[&str]) -> Value {
    api.post("/api/webhook-endpoints", json!({ "url": receiver.url, "events": events })).await.expect(201)
}

fn attempts(endpoint: &Value) -> String {
    format!("/api/webhook-endpoints/{}/attempts", endpoint["id"].as_str().expect("an id"))
}

async fn send(world: &mut World, api: &Api, recipients: &[&str]) -> Value {
    let body = json!({ "body": "Hi.", "recipientType": "ADDRESS", "recipients": recipients });
    let message = api.post("/api/messages", body).await.expect(202);
    world.settled(api, message["id"].as_str().expect("an id")).await
}

fn webhook(config: &Value) -> &str {
    config["webhookUrl"].as_str().expect("an address")
}

#[tokio::test(flavor = "multi_thread")]
async fn what_happens_to_a_message_is_told_to_those_who_asked() {
    let mut world = World::at("2026-03-02T08:00:00Z").await;
    let (all, some) = (Receiver::start().await, Receiver::start().await);
    let (api, config) = world.organization("told").await;
    let (stranger, _) = world.organization("told-not").await;
    let made = endpoint(&api, &all, &[]).await;
    endpoint(&api, &some, &["message.sent"]).await;
    let strangers = Receiver::start().await;
    endpoint(&stranger, &strangers, &[]).await;

    world.provider.script([Behaviour::Accept, Behaviour::Refuse(400)]);
    let message = send(&mut world, &api, &["+254700000001", "+254700000002"]).await;
    world.idle().await;
    let failed = &all.of_type("delivery.failed");
    assert_eq!(failed.len(), 1);
    let told = &failed[0].body["data"];
    assert_eq!(told["messageId"], message["id"]);
    let copy = &told["deliveries"][0];
    let recipients = format!("/api/messages/{}/recipients", message["id"].as_str().expect("an id"));
    let row = api.all(&format!("{recipients}?status=FAILED")).await.remove(0);
    assert_eq!((&copy["id"], &copy["status"]), (&row["id"], &json!("FAILED")), "{copy}");
    assert_eq!((&copy["errorCode"], &copy["errorMessage"]), (&row["attempts"][0]["code"], &row["errorMessage"]));
    let sent = all.of_type("message.sent");
    assert_eq!(sent.len(), 1, "{:?}", all.types());
    assert_eq!((&sent[0].body["data"]["id"], &sent[0].body["data"]["counts"]["failed"]), (&message["id"], &json!(1)));
    assert_eq!(some.types(), ["message.sent"]);
    assert_eq!(some.told()[0].header("webhook-id"), sent[0].header("webhook-id"), "one event, two endpoints");

    world.provider.report_all(webhook(&config), "DELIVRD").await;
    world.idle().await;
    let delivered = all.of_type("delivery.delivered");
    assert_eq!(delivered.len(), 1, "{:?}", all.types());
    let copy = &delivered[0].body["data"]["deliveries"][0];
    let row = api.all(&format!("{recipients}?status=DELIVERED")).await.remove(0);
    for field in ["id", "recipient", "status", "providerId", "providerMessageId", "deliveredAt"] {
        assert_eq!(copy[field], row[field], "{field}");
    }
    let secret = made["secret"].as_str().expect("shown once");
    assert!(all.told().iter().all(|told| told.is_signed_with(secret)));

    // A minute later the sweep looks at the closed message, and finds it told.
    world.pass(120).await;
    assert_eq!(all.of_type("message.sent").len(), 1);
    assert_eq!(api.all(&attempts(&made)).await.len(), all.told().len());
    assert!(strangers.told().is_empty());
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_people_write_files_and_alerts_are_told() {
    let mut world = World::at("2026-03-02T08:00:00Z").await;
    let receiver = Receiver::start().await;
    let (api, config) = world.organization("told-more").await;
    endpoint(&api, &receiver, &[]).await;
    let path = webhook(&config)[webhook(&config).find("/api/").unwrap()..].to_owned();
    for (id, text) in [("1", "Hello?"), ("2", "STOP"), ("3", "START")] {
        let told = json!({ "id": id, "from": "+254700000001", "text": text });
        world.api.post(&path, told).await.expect(200);
        world.idle().await;
    }
    let received = &receiver.of_type("message.received")[0].body["data"];
    assert_eq!((&received["from"], &received["text"]), (&json!("+254700000001"), &json!("Hello?")));
    for (kind, at) in [("contact.opted_out", "createdAt"), ("contact.opted_in", "removedAt")] {
        let told = receiver.of_type(kind);
        assert_eq!(told.len(), 1, "{:?}", receiver.types());
        let told = &told[0].body["data"];
        assert_eq!((&told["address"], &told["channel"]), (&json!("+254700000001"), &json!("SMS")), "{told}");
        assert_eq!(told[at], "2026-03-02T08:00:00Z");
    }

    let file = b"Name,Phone\nAma,+254700000009\n".to_vec();
    let import = api.upload("/api/uploads/excel", "people.csv", file, &[]).await.expect(200);
    let import = import["importId"].as_str().expect("an id");
    api.post(&format!("/api/imports/{import}/commit"), json!({})).await.expect(202);
    world.idle().await;
    let done = &receiver.of_type("import.done")[0].body["data"];
    assert_eq!((&done["id"], &done["counts"]["created"]), (&json!(import), &json!(1)));

    // Refused credentials pause the config, which is an alert.
    world.provider.script([Behaviour::Refuse(401)]);
    assert_eq!(send(&mut world, &api, &["+254700000001"]).await["status"], "PAUSED");
    world.idle().await;
    let alert = &receiver.of_type("alert.raised")[0].body["data"];
    assert_eq!((&alert["kind"], &alert["subject"]), (&json!("PROVIDER_CREDENTIALS"), &config["id"]));
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_an_endpoint_does_not_take_is_told_again_later() {
    let mut world = World::at("2026-03-02T08:00:00Z").await;
    let receiver = Receiver::start().await;
    let (api, _) = world.organization("retry").await;
    let made = endpoint(&api, &receiver, &["message.sent"]).await;
    receiver.script([500, 503]);
    send(&mut world, &api, &["+254700000001"]).await;
    world.idle().await;
    let path = attempts(&made);
    let attempt = api.all(&path).await.remove(0);
    assert_eq!((&attempt["status"], &attempt["tries"]), (&json!("WAITING"), &json!(1)));
    assert_eq!((&attempt["responseStatus"], &attempt["error"]), (&json!(500), &json!("It answered 500, not 2xx.")));
    let shown = api.get(path.trim_end_matches("/attempts")).await.expect(200);
    assert!(shown["failingSince"].is_string() && shown["lastError"] == "It answered 500, not 2xx.", "{shown}");

    world.until("it is tried a second time", 180, || async { (receiver.told().len() == 2).then_some(()) }).await;
    world.until("it is taken", 420, || async { (receiver.told().len() == 3).then_some(()) }).await;
    world.idle().await;
    let told = receiver.told();
    let ids: BTreeSet<&str> = told.iter().map(|told| told.header("webhook-id")).collect();
    assert_eq!(ids.len(), 1, "one event, told three times");
    assert!(told.windows(2).all(|pair| pair[0].header("webhook-timestamp") < pair[1].header("webhook-timestamp")));
    let api = api.sign_in("retry").await;
    let attempt = api.all(&path).await.remove(0);
    assert_eq!((&attempt["status"], &attempt["tries"]), (&json!("DELIVERED"), &json!(3)));
    let shown = api.get(path.trim_end_matches("/attempts")).await.expect(200);
    assert_eq!(shown["failingSince"], Value::Null);

    // And once more because a person wants it.
    let replay = format!("{path}/{}/replay", attempt["id"].as_str().expect("an id"));
    assert_eq!(api.post(&replay, json!({})).await.expect(202)["status"], "WAITING");
    world.idle().await;
    assert_eq!(receiver.told().len(), 4);
    assert_eq!(receiver.told()[3].header("webhook-id"), told[0].header("webhook-id"));
    assert_eq!(api.all(&path).await[0]["status"], "DELIVERED");
    world.pass(120).await;
    assert_eq!(receiver.told().len(), 4, "nothing waits any more");
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_endpoint_that_is_down_is_not_called_for_each_event() {
    let mut world = World::at("2026-03-02T08:00:00Z").await;
    let receiver = Receiver::start().await;
    let (api, _) = world.organization("down").await;
    let made = endpoint(&api, &receiver, &["message.sent"]).await;
    receiver.always(Some(503));
    for number in 0..12 {
        send(&mut world, &api, &[&format!("+2547000000{number:02}")]).await;
        world.idle().await;
    }
    let calls = receiver.told().len();
    assert!((5..12).contains(&calls), "{calls} calls for twelve events");
    assert_eq!(api.all(&format!("{}?status=WAITING", attempts(&made))).await.len(), 12);
    receiver.always(None);
    world
        .until("all are told", 3_600, || async {
            let ids: BTreeSet<String> =
                receiver.told()[calls..].iter().map(|told| told.header("webhook-id").to_owned()).collect();
            (ids.len() == 12).then_some(())
        })
        .await;
    let api = api.sign_in("down").await;
    assert_eq!(api.all(&format!("{}?status=DELIVERED", attempts(&made))).await.len(), 12);
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_endpoint_that_says_gone_is_disabled_with_an_alert() {
    let mut world = World::at("2026-03-02T08:00:00Z").await;
    let (gone, other) = (Receiver::start().await, Receiver::start().await);
    let (api, _) = world.organization("gone").await;
    let made = endpoint(&api, &gone, &["message.sent"]).await;
    endpoint(&api, &other, &["alert.raised"]).await;
    gone.always(Some(410));
    send(&mut world, &api, &["+254700000001"]).await;
    world.idle().await;
    let path = attempts(&made);
    let path = path.trim_end_matches("/attempts");
    let shown = api.get(path).await.expect(200);
    assert_eq!((&shown["isActive"], &shown["disabledAt"]), (&json!(false), &json!("2026-03-02T08:00:00Z")), "{shown}");
    assert!(shown["disabledReason"].as_str().expect("why").contains("410"));
    let alert = &api.get("/api/alerts").await.expect(200)["data"][0];
    assert_eq!((&alert["kind"], &alert["subject"]), (&json!("WEBHOOK_ENDPOINT_DISABLED"), &made["id"]));
    assert_eq!(other.types(), ["alert.raised"]);
    send(&mut world, &api, &["+254700000002"]).await;
    world.idle().await;
    assert_eq!(gone.told().len(), 1, "it is left alone");

    gone.always(None);
    let shown = api.put(path, json!({ "isActive": true })).await.expect(200);
    assert_eq!((&shown["disabledAt"], &shown["disabledReason"]), (&Value::Null, &Value::Null));
    send(&mut world, &api, &["+254700000003"]).await;
    world.idle().await;
    assert_eq!(gone.told().len(), 2);
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_old_secret_holds_for_a_day() {
    let mut world = World::at("2026-03-02T08:00:00Z").await;
    let receiver = Receiver::start().await;
    let (api, _) = world.organization("rotate").await;
    let made = endpoint(&api, &receiver, &["message.sent"]).await;
    let old = made["secret"].as_str().expect("shown once");
    let path = attempts(&made);
    let rotate = path.replace("/attempts", "/rotate-secret");
    let request = || api.request(Method::POST, &rotate).header("Idempotency-Key", "one").json(&json!({}));
    let rotated = api.send(request()).await.expect(200);
    let again = api.send(request()).await.expect(200);
    assert_eq!((&again["secret"], &again["id"]), (&Value::Null, &rotated["id"]), "once, and shown once");
    let new = rotated["secret"].as_str().expect("shown once");
    assert_ne!(old, new);
    assert_eq!(rotated["previousSecretUntil"], "2026-03-03T08:00:00Z");
    send(&mut world, &api, &["+254700000001"]).await;
    world.idle().await;
    let told = receiver.told().remove(0);
    assert!(told.is_signed_with(old) && told.is_signed_with(new));
    world.pass(24 * 3_600).await;
    let api = api.sign_in("rotate").await;
    send(&mut world, &api, &["+254700000002"]).await;
    world.idle().await;
    let told = receiver.told().pop().expect("the second");
    assert!(!told.is_signed_with(old) && told.is_signed_with(new));
    world.end().await;
}
