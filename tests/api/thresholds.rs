//! `/api/providers/{id}/alerts`, what raises them, and what a config's health shows of the last hour.

use serde_json::{Value, json};
use tests::{Receiver, World, provider::Behaviour};

#[tokio::test]
async fn thresholds_are_set_one_by_one() {
    let world = World::start().await;
    let (api, config) = world.organization("thresholds").await;
    let path = format!("/api/providers/{}/alerts", config["id"].as_str().expect("an id"));
    let none = json!({ "providerId": config["id"], "balanceBelow": null, "deliveryRateBelow": null });
    assert_eq!(api.get(&path).await.expect(200), none);
    let set = api.put(&path, json!({ "balanceBelow": "500.00" })).await.expect(200);
    assert_eq!((&set["balanceBelow"], &set["deliveryRateBelow"]), (&json!("500.00"), &Value::Null));
    let set = api.put(&path, json!({ "deliveryRateBelow": 0.8 })).await.expect(200);
    assert_eq!((&set["balanceBelow"], &set["deliveryRateBelow"]), (&json!("500.00"), &json!(0.8)));
    assert_eq!(api.get(&path).await.expect(200), set);
    for (body, told) in [
        (json!({ "balanceBelow": "much" }), "/balanceBelow amount_invalid"),
        (json!({ "balanceBelow": "-1" }), "/balanceBelow amount_invalid"),
        (json!({ "deliveryRateBelow": 1.5 }), "/deliveryRateBelow out_of_range"),
    ] {
        assert_eq!(api.put(&path, body.clone()).await.told(422), told, "{body}");
    }
    let cleared = api.put(&path, json!({ "balanceBelow": null, "deliveryRateBelow": null })).await.expect(200);
    assert_eq!(cleared, none);
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_low_balance_is_an_alert_within_the_hour_and_told() {
    let mut world = World::at("2026-03-02T08:00:00Z").await;
    let receiver = Receiver::start().await;
    let (api, config) = world.organization("low").await;
    api.post("/api/webhook-endpoints", json!({ "url": receiver.url, "events": ["alert.raised"] })).await.expect(201);
    let id = config["id"].as_str().expect("an id");
    // The loopback account has 100.50 shillings, one less each time it is asked.
    api.put(&format!("/api/providers/{id}/alerts"), json!({ "balanceBelow": "100" })).await.expect(200);
    world.pass(120).await;
    assert_eq!(world.provider.balances(), 1);
    assert_eq!(api.get("/api/alerts").await.expect(200)["total"], 0, "100.50 is not less than 100");
    world.pass(3_600).await;
    let api = api.sign_in("low").await;
    let alert = &api.get("/api/alerts").await.expect(200)["data"][0];
    assert_eq!((&alert["kind"], &alert["subject"]), (&json!("PROVIDER_BALANCE_LOW"), &config["id"]), "{alert}");
    assert_eq!(alert["detail"], "`Loopback` has KES 99.50 left, less than 100.");
    assert_eq!(receiver.types(), ["alert.raised"]);
    // As long as nobody acknowledges it, it is not raised again.
    world.pass(3_600).await;
    let api = api.sign_in("low").await;
    assert_eq!(api.get("/api/alerts").await.expect(200)["total"], 1);
    assert_eq!(world.provider.balances(), 3);
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_drop_of_the_delivery_rate_is_an_alert() {
    let mut world = World::at("2026-03-02T08:00:00Z").await;
    let (api, config) = world.organization("drop").await;
    let id = config["id"].as_str().expect("an id");
    api.put(&format!("/api/providers/{id}/alerts"), json!({ "deliveryRateBelow": 0.9 })).await.expect(200);
    let numbers: Vec<String> = (0..120).map(|number| format!("+2547000{number:05}")).collect();
    let group = api.group_of("All", &numbers).await;
    let body = json!({ "body": "Hi.", "recipientType": "GROUP", "recipientId": group });
    let message = api.post("/api/messages", body).await.expect(202);
    world.settled(&api, message["id"].as_str().expect("an id")).await;
    let webhook = config["webhookUrl"].as_str().expect("an address");
    for (number, text) in world.provider.accepted().iter().enumerate() {
        text.report(webhook, if number % 4 == 0 { "UNDELIV" } else { "DELIVRD" }).await;
    }
    world.pass(60).await;
    world.pass(3_600).await;
    world.pass(60).await;
    let api = api.sign_in("drop").await;
    let alert = &api.get("/api/alerts").await.expect(200)["data"][0];
    assert_eq!((&alert["kind"], &alert["subject"]), (&json!("PROVIDER_DELIVERY_DROP"), &config["id"]), "{alert}");
    assert_eq!(alert["detail"], "Of today's copies by `Loopback` only 75.0 % arrived, less than 90.0 %.");
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn health_shows_what_the_last_hour_brought() {
    let mut world = World::at("2026-03-02T08:00:00Z").await;
    let (api, config) = world.organization("recent").await;
    let path = format!("/api/providers/{}/health", config["id"].as_str().expect("an id"));
    let recent = api.get(&path).await.expect(200)["recent"].clone();
    assert_eq!(
        (&recent["handedOver"], &recent["errorRate"], &recent["latencyMs"]),
        (&json!(0), &Value::Null, &Value::Null)
    );
    world.provider.script([Behaviour::Accept, Behaviour::Accept, Behaviour::Accept, Behaviour::Refuse(429)]);
    let numbers: Vec<String> = (0..4).map(|number| format!("+25470000000{number}")).collect();
    let body = json!({ "body": "Hi.", "recipientType": "ADDRESS", "recipients": numbers });
    let message = api.post("/api/messages", body).await.expect(202);
    world.idle().await;
    let health = api.get("/api/providers/health").await.expect(200)["data"][0].clone();
    let recent = &health["recent"];
    assert_eq!((&recent["handedOver"], &recent["accepted"]), (&json!(4), &json!(3)), "{recent}");
    assert_eq!(
        (&recent["errorRate"], &recent["lastErrorAt"]),
        (&json!(0.25), &json!("2026-03-02T08:00:00Z")),
        "{recent}"
    );
    assert!(recent["lastError"].is_string() && recent["latencyMs"].is_u64(), "{recent}");
    assert_eq!(health["circuits"], json!([]));
    // The fourth is taken in the next round.
    world.settled(&api, message["id"].as_str().expect("an id")).await;
    assert_eq!(api.get(&path).await.expect(200)["recent"]["handedOver"], 5);
    world.pass(3_700).await;
    let api = api.sign_in("recent").await;
    assert_eq!(api.get(&path).await.expect(200)["recent"]["handedOver"], 0, "an hour ago is not recent");
    world.end().await;
}
