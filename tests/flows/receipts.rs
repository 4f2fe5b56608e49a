//! Receipts: whatever order they come in and however often, nothing of them is lost and nothing goes back.

use serde_json::{Value, json};
use tests::{Api, World, provider::Accepted, provider::Behaviour};

const START: &str = "2026-03-02T08:00:00Z";

/// Sends to so many, and gives the path of the message once it is settled.
async fn sent(world: &mut World, api: &Api, count: usize) -> (String, Value) {
    let recipients: Vec<String> = (0..count).map(|number| format!("+2547000{number:05}")).collect();
    let body = json!({ "body": "Hi.", "recipientType": "ADDRESS", "recipients": recipients });
    let message = api.post("/api/messages", body).await.expect(202);
    let id = message["id"].as_str().expect("an id").to_owned();
    let message = world.settled(api, &id).await;
    (format!("/api/messages/{id}"), message)
}

/// The texts that the provider took, by number.
fn texts(world: &World) -> Vec<Accepted> {
    let mut texts = world.provider.accepted();
    texts.sort_by(|a, b| a.to.cmp(&b.to));
    texts
}

fn webhook(config: &Value) -> String {
    config["webhookUrl"].as_str().expect("a URL").to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_receipt_says_that_somebody_got_a_message_that_failed() {
    let mut world = World::at(START).await;
    let (api, config) = world.organization("late").await;
    // The provider took it, and said otherwise.
    world.provider.script([Behaviour::AcceptAndAnswer(400)]);
    let (path, message) = sent(&mut world, &api, 1).await;
    assert_eq!((&message["status"], &message["counts"]["failed"]), (&json!("FAILED"), &json!(1)), "{message}");

    texts(&world)[0].report(&webhook(&config), "DELIVRD").await;
    let message = world
        .until("the message is called sent", 30, || async {
            let message = api.get(&path).await.expect(200);
            (message["status"] == "SENT").then_some(message)
        })
        .await;
    assert_eq!((&message["counts"]["delivered"], &message["counts"]["failed"]), (&json!(1), &json!(0)), "{message}");
    let lists = (api.get("/api/messages?status=SENT").await.expect(200), api.get("/api/messages?status=FAILED").await);
    assert_eq!((&lists.0["total"], &lists.1.expect(200)["total"]), (&json!(1), &json!(0)));
    let stats = api.get("/api/dashboard/stats").await.expect(200);
    assert_eq!((&stats["totalDelivered"], &stats["totalFailed"]), (&json!(1), &json!(0)));
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn receipts_that_come_backwards_and_again_end_in_the_furthest_state() {
    let mut world = World::at(START).await;
    let (api, config) = world.organization("backwards").await;
    let (path, _) = sent(&mut world, &api, 4).await;
    let texts = texts(&world);
    for (place, words) in [
        (0, &["UNDELIV", "DELIVRD"][..]),
        (1, &["DELIVRD", "UNDELIV"]),
        (2, &["DELIVRD", "DELIVRD", "DELIVRD"]),
        (3, &["UNDELIV", "UNDELIV"]),
    ] {
        for word in words {
            texts[place].report(&webhook(&config), word).await;
        }
    }
    let message = world
        .until("all are reported on", 30, || async {
            let message = api.get(&path).await.expect(200);
            (message["counts"]["sent"] == 0).then_some(message)
        })
        .await;
    assert_eq!((&message["counts"]["delivered"], &message["counts"]["failed"]), (&json!(3), &json!(1)), "{message}");
    let stats = world
        .until("the totals follow", 30, || async {
            let stats = api.get("/api/dashboard/stats").await.expect(200);
            (stats["totalDelivered"] == 3).then_some(stats)
        })
        .await;
    assert_eq!(stats["totalFailed"], 1, "{stats}");
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_said_of_the_first_attempt_says_nothing_of_the_second() {
    let mut world = World::at(START).await;
    let (api, config) = world.organization("again").await;
    let (path, _) = sent(&mut world, &api, 2).await;
    let first = texts(&world)[0].clone();
    first.report(&webhook(&config), "UNDELIV").await;
    world
        .until("it has failed", 30, || async {
            (api.get(&path).await.expect(200)["counts"]["failed"] == 1).then_some(())
        })
        .await;
    api.post(&format!("{path}/resend"), json!({})).await.expect(202);
    let id = path.rsplit('/').next().expect("an id").to_owned();
    let message = world.settled(&api, &id).await;
    assert_eq!((&message["counts"]["sent"], &message["counts"]["failed"]), (&json!(2), &json!(0)), "{message}");

    first.report(&webhook(&config), "UNDELIV").await;
    world.pass(10).await;
    let message = api.get(&path).await.expect(200);
    assert_eq!((&message["counts"]["sent"], &message["counts"]["failed"]), (&json!(2), &json!(0)), "{message}");

    let second = world.provider.accepted().pop().expect("it was sent again");
    assert_eq!(second.to, first.to);
    second.report(&webhook(&config), "DELIVRD").await;
    let message = world
        .until("the second attempt is reported on", 30, || async {
            let message = api.get(&path).await.expect(200);
            (message["counts"]["delivered"] == 1).then_some(message)
        })
        .await;
    assert_eq!(message["counts"]["sent"], 1, "{message}");
    world.end().await;
}
