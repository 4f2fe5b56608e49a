//! Receipts that never come: asked for where the provider can be asked, counted where it cannot.

use serde_json::{Value, json};
use tests::{Api, Twilio, World};

const TO: [&str; 4] = ["+254700000001", "+254700000002", "+254700000003", "+254700000004"];

async fn send(world: &mut World, api: &Api) -> String {
    let body = json!({ "body": "Hi.", "recipientType": "ADDRESS", "recipients": TO });
    let message = api.post("/api/messages", body).await.expect(202);
    let id = message["id"].as_str().expect("an id").to_owned();
    world.settled(api, &id).await;
    id
}

/// Time passes, look by look of the sweep, until the one that asks.
async fn hours(world: &mut World) {
    for seconds in [130, 700, 3_700, 21_700, 70] {
        world.pass(seconds).await;
    }
}

async fn message(api: &Api, id: &str) -> Value {
    api.get(&format!("/api/messages/{id}")).await.expect(200)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_provider_that_can_be_asked_is_asked() {
    let mut world = World::at("2026-03-02T08:00:00Z").await;
    let twilio = Twilio::start(world.clock.clone()).await;
    let api = world.api.register("asked").await;
    api.post("/api/providers", twilio.config("HOLD")).await.expect(201);
    let id = send(&mut world, &api).await;
    assert_eq!(message(&api, &id).await["receiptsMissing"], Value::Null, "it is early");
    twilio.becomes(TO[0], "delivered");
    twilio.becomes(TO[1], "read");
    twilio.becomes(TO[2], "undelivered");
    hours(&mut world).await;
    let api = api.sign_in("asked").await;
    let told = message(&api, &id).await;
    let counts = &told["counts"];
    assert_eq!(
        (&counts["delivered"], &counts["read"], &counts["failed"], &counts["sent"]),
        (&json!(1), &json!(1), &json!(1), &json!(1)),
        "{told}"
    );
    assert_eq!(told["receiptsMissing"], 1, "{told}");
    let asked = twilio.lists();
    assert_eq!(asked, 4, "once each");
    let rows = api.all(&format!("/api/messages/{id}/recipients?status=DELIVERED")).await;
    assert_eq!(rows[0]["cost"], json!({ "amount": "0.0075", "currency": "USD" }), "{rows:?}");
    // What it told of an opt-out feeds the list, as a receipt would.
    let suppressed = api.all("/api/suppressions").await;
    assert_eq!((&suppressed[0]["address"], &suppressed[0]["source"]), (&json!(TO[2]), &json!("PROVIDER")));

    // The next look asks for the one that is left.
    twilio.becomes(TO[3], "delivered");
    world.pass(86_500).await;
    world.pass(70).await;
    let api = api.sign_in("asked").await;
    assert_eq!(twilio.lists(), asked + 1);
    let told = message(&api, &id).await;
    assert_eq!((&told["counts"]["delivered"], &told["receiptsMissing"]), (&json!(2), &json!(0)), "{told}");
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn of_one_that_cannot_be_asked_they_are_counted() {
    let mut world = World::at("2026-03-02T08:00:00Z").await;
    let (api, config) = world.organization("counted").await;
    let id = send(&mut world, &api).await;
    let first = world.provider.accepted()[0].clone();
    let webhook = config["webhookUrl"].as_str().unwrap();
    let path = &webhook[webhook.find("/api/").unwrap()..];
    let report = json!({ "ref": first.message_id, "id": first.id, "status": "DELIVRD" });
    assert_eq!(world.api.post(path, report).await.status.as_u16(), 200);
    hours(&mut world).await;
    let api = api.sign_in("counted").await;
    assert_eq!(message(&api, &id).await["receiptsMissing"], 3);
    let health = format!("/api/providers/{}/health", config["id"].as_str().unwrap());
    assert_eq!(api.get(&health).await.expect(200)["receiptsMissing"], 0, "today is not over");
    world.pass(86_400).await;
    let api = api.sign_in("counted").await;
    assert_eq!(api.get(&health).await.expect(200)["receiptsMissing"], 3);
    world.end().await;
}
