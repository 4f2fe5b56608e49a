//! Copies of which nobody knows whether the provider took them: what each policy does, after a time-out and after a crash,
//! and what people decide while receipts come in.

use std::{collections::BTreeSet, time::Duration};

use jiff::Timestamp;
use local::host::{Host, Options};
use serde_json::{Value, json};
use store::Clock;
use tests::{
    Api, Provider, Twilio, World, eventually,
    provider::Behaviour::{AcceptAndAnswer, Refuse},
    twilio::Meets,
};

// Ahead of the system's clock, by which a table in a file lets sessions expire.
const NOON: &str = "2036-03-03T12:00:00Z";

fn numbers(count: usize) -> Vec<String> {
    (1..=count).map(|number| format!("+2547000{number:05}")).collect()
}

async fn send(api: &Api, to: &[String]) -> String {
    let body = json!({ "body": "Hi.", "recipientType": "ADDRESS", "recipients": to });
    let message = api.post("/api/messages", body).await.expect(202);
    message["id"].as_str().expect("an id").to_owned()
}

async fn get(api: &Api, id: &str) -> Value {
    api.get(&format!("/api/messages/{id}")).await.expect(200)
}

async fn recipients(api: &Api, id: &str, status: &str) -> Vec<Value> {
    api.all(&format!("/api/messages/{id}/recipients?status={status}")).await
}

async fn in_status(api: &Api, id: &str, status: &str) -> Option<Value> {
    let message = get(api, id).await;
    (message["status"] == status).then_some(message)
}

/// The numbers that got a text, once each.
#[track_caller]
fn distinct(to: impl IntoIterator<Item = String>) -> BTreeSet<String> {
    let mut numbers = BTreeSet::new();
    for number in to {
        assert!(numbers.insert(number.clone()), "{number} got it twice");
    }
    numbers
}

#[tokio::test(flavor = "multi_thread")]
async fn a_look_up_finds_what_was_taken_and_sends_what_never_was() {
    let mut world = World::at(NOON).await;
    let twilio = Twilio::start(world.clock.clone()).await;
    let api = world.api.register("lookup").await;
    api.post("/api/providers", twilio.config("LOOK_UP")).await.expect(201);
    twilio.script([Meets::AcceptsUnheard, Meets::Misses, Meets::Accepts, Meets::AcceptsUnheard]);
    let id = send(&api, &numbers(4)).await;
    world.idle().await;
    let message = get(&api, &id).await;
    assert_eq!(message["status"], "SENDING", "it is not over while a look-up is to come: {message}");
    assert_eq!((&message["counts"]["unknown"], &message["counts"]["sent"]), (&json!(3), &json!(1)));
    world.pass(110).await;
    assert_eq!(twilio.lists(), 0, "not before the list is complete for certain");
    let message = world.until("all are settled", 200, || in_status(&api, &id, "SENT")).await;
    assert_eq!(message["counts"]["sent"], 4, "{message}");
    assert_eq!(twilio.lists(), 3, "only those unknown are looked up");
    let taken = twilio.taken();
    assert_eq!(distinct(taken.iter().map(|text| text.to.clone())).len(), 4);
    for delivery in recipients(&api, &id, "SENT").await {
        let text = taken.iter().find(|text| text.to == delivery["recipient"]).expect("it was taken");
        assert_eq!(delivery["providerMessageId"], text.sid, "{delivery}");
    }
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_look_up_cannot_tell_is_left_to_a_person() {
    let mut world = World::at(NOON).await;
    let twilio = Twilio::start(world.clock.clone()).await;
    let api = world.api.register("unclear").await;
    api.post("/api/providers", twilio.config("LOOK_UP")).await.expect(201);
    twilio.script([Meets::AcceptsUnheard]);
    twilio.fail_lists(true);
    let id = send(&api, &numbers(1)).await;
    world.idle().await;
    // While the policy is at work a person cannot send it again, or it could go out twice.
    let delivery = recipients(&api, &id, "UNKNOWN").await[0]["id"].as_str().expect("an id").to_owned();
    let resend = json!({ "action": "RESEND" });
    let answer = api.post(&format!("/api/deliveries/{delivery}/resolve"), resend).await;
    assert_eq!(answer.problem(409), "delivery_in_progress");
    for _ in 0..90 {
        world.pass(10).await;
    }
    let api = world.api.sign_in("unclear").await;
    let message = world.until("it asks", 60, || in_status(&api, &id, "PAUSED")).await;
    assert_eq!((message["pauseReason"].as_str(), &message["counts"]["unknown"]), (Some("REVIEW"), &json!(1)));
    assert_eq!(twilio.lists(), 3);
    let resolved =
        api.post(&format!("/api/messages/{id}/resolve"), json!({ "action": "ASSUME_SENT" })).await.expect(200);
    assert_eq!((&resolved["status"], &resolved["counts"]["sent"]), (&json!("SENT"), &json!(1)));
    assert_eq!(twilio.taken().len(), 1);
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn one_text_at_the_provider_answers_for_one_message_only() {
    let mut world = World::at(NOON).await;
    let twilio = Twilio::start(world.clock.clone()).await;
    let api = world.api.register("twins").await;
    api.post("/api/providers", twilio.config("LOOK_UP")).await.expect(201);
    twilio.script([Meets::AcceptsUnheard, Meets::Misses]);
    let first = send(&api, &numbers(1)).await;
    world.idle().await;
    let second = send(&api, &numbers(1)).await;
    world.idle().await;
    for id in [first, second] {
        world.until("it is sent", 300, || in_status(&api, &id, "SENT")).await;
    }
    assert_eq!(twilio.taken().len(), 2, "each message was sent once");
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn after_a_crash_a_look_up_settles_the_window_that_was_open() {
    let folder = tempfile::tempdir().expect("a folder");
    let clock = Clock::manual(NOON.parse::<Timestamp>().expect("a time"));
    let twilio = Twilio::start(clock.clone()).await;
    let start = async || {
        let options = || Options {
            data: Some(folder.path().to_owned()),
            clock: clock.clone(),
            allow_hosts: "127.0.0.1".into(),
            ..Options::default()
        };
        // The folder is free once the last task of the one before is gone.
        eventually("the host starts", 60, || async { Host::start(options()).await.ok() }).await
    };
    let host = start().await;
    let api = Api::new(&host.api).register("crash").await;
    let token = api.token.clone().expect("a token");
    api.post("/api/providers", twilio.config("LOOK_UP")).await.expect(201);
    twilio.script([Meets::AcceptsInSilence, Meets::MissesInSilence]);
    let id = send(&api, &numbers(10)).await;
    eventually("the window is at the provider", 30, || async { (twilio.taken().len() == 9).then_some(()) }).await;
    drop(host);

    let mut host = start().await;
    let api = Api::new(&host.api).with_token(token);
    let mut pass = async |seconds: u64| {
        clock.advance(Duration::from_secs(seconds));
        host.idle().await.expect("the queues tell their depth");
    };
    // The lease of the crashed claim has to end first.
    let mut unknown = 0;
    for _ in 0..12 {
        pass(10).await;
        unknown = unknown.max(get(&api, &id).await["counts"]["unknown"].as_u64().expect("a count"));
    }
    assert_eq!(unknown, 10, "nobody knows what became of the window");
    for _ in 0..20 {
        pass(10).await;
    }
    let message = get(&api, &id).await;
    assert_eq!((&message["status"], &message["counts"]["sent"]), (&json!("SENT"), &json!(10)), "{message}");
    assert_eq!(distinct(twilio.taken().into_iter().map(|text| text.to)).len(), 10);
    host.stop().await;
}

/// The config of a provider that knows a text again by its key.
fn idempotent(provider: &Provider) -> Value {
    let mut config = provider.config("Idempotent");
    config["settings"]["request"]["idempotency"] = json!({ "header": "Idempotency-Key" });
    config["unknownPolicy"] = json!("RESEND");
    config
}

#[tokio::test(flavor = "multi_thread")]
async fn with_an_idempotency_key_what_is_unknown_is_sent_again_and_arrives_once() {
    let mut world = World::at(NOON).await;
    let api = world.api.register("resend").await;
    api.post("/api/providers", idempotent(&world.provider)).await.expect(201);
    world.provider.script([AcceptAndAnswer(504), Refuse(504)]);
    let id = send(&api, &numbers(3)).await;
    let message = world.until("all are sent", 60, || in_status(&api, &id, "SENT")).await;
    assert_eq!(message["counts"]["sent"], 3, "{message}");
    assert_eq!(distinct(world.provider.accepted().into_iter().map(|text| text.to)).len(), 3);
    assert_eq!(world.provider.requests(), 5, "two were sent again");
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_resent_once_the_provider_may_have_forgotten_its_key() {
    let mut world = World::at(NOON).await;
    let api = world.api.register("forgotten").await;
    api.post("/api/providers", idempotent(&world.provider)).await.expect(201);
    world.provider.script([AcceptAndAnswer(504)]);
    let id = send(&api, &numbers(1)).await;
    world.idle().await;
    // It waits for its next round when somebody pauses the message, for longer than the provider remembers.
    assert_eq!(get(&api, &id).await["counts"]["pending"], 1);
    api.post(&format!("/api/messages/{id}/pause"), json!({})).await.expect(200);
    world.pass(25 * 3_600).await;
    let api = world.api.sign_in("forgotten").await;
    api.post(&format!("/api/messages/{id}/resume"), json!({})).await.expect(200);
    let message = world.until("it asks", 120, || in_status(&api, &id, "PAUSED")).await;
    assert_eq!((message["pauseReason"].as_str(), &message["counts"]["unknown"]), (Some("REVIEW"), &json!(1)));
    assert_eq!(world.provider.requests(), 1);
    // Whoever asks for it all the same asks for another text.
    api.post(&format!("/api/messages/{id}/resolve"), json!({ "action": "RESEND" })).await.expect(200);
    world.until("it is sent again", 60, || in_status(&api, &id, "SENT")).await;
    assert_eq!(world.provider.accepted().len(), 2);
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_policy_that_a_provider_cannot_follow_is_refused() {
    let world = World::start().await;
    let api = world.api.register("policies").await;
    let twilio = Twilio::start(world.clock.clone()).await;
    let refused = |body: Value| {
        assert_eq!(body["errors"][0]["pointer"], "/unknownPolicy", "{body}");
        assert_eq!(body["errors"][0]["code"], "unknown_policy_unsupported");
        body["errors"][0]["detail"].as_str().expect("a detail").to_owned()
    };
    let detail = refused(api.post("/api/providers", twilio.config("RESEND")).await.expect(422));
    assert_eq!(detail, "Twilio cannot RESEND: expected HOLD or LOOK_UP.");
    let mut custom = world.provider.config("Custom");
    custom["unknownPolicy"] = json!("LOOK_UP");
    assert!(!refused(api.post("/api/providers", custom.clone()).await.expect(422)).contains("idempotency"));
    custom["unknownPolicy"] = json!("RESEND");
    let detail = refused(api.post("/api/providers", custom.clone()).await.expect(422));
    assert!(detail.contains("settings.request.idempotency"), "{detail}");
    let made = api.post("/api/providers", idempotent(&world.provider)).await.expect(201);
    // Taking the key away would leave the policy without its ground.
    let path = format!("/api/providers/{}", made["id"].as_str().expect("an id"));
    refused(api.put(&path, json!({ "settings": custom["settings"] })).await.expect(422));
    let held = api.put(&path, json!({ "settings": custom["settings"], "unknownPolicy": "HOLD" })).await.expect(200);
    assert_eq!(held["unknownPolicy"], "HOLD");
    world.end().await;
}

/// An organization with a message whose copies were all taken and are all unknown.
async fn all_unknown(world: &mut World, label: &str, count: usize) -> (Api, String, String) {
    let (api, config) = world.organization(label).await;
    world.provider.script(vec![AcceptAndAnswer(504); count]);
    let id = send(&api, &numbers(count)).await;
    world.until("it asks", 60, || in_status(&api, &id, "PAUSED")).await;
    assert_eq!(get(&api, &id).await["counts"]["unknown"], count);
    (api, id, config["webhookUrl"].as_str().expect("an address").to_owned())
}

#[tokio::test(flavor = "multi_thread")]
async fn people_decide_copy_by_copy_while_receipts_come() {
    let mut world = World::at(NOON).await;
    let (api, id, webhook) = all_unknown(&mut world, "one-by-one", 4).await;
    let texts = world.provider.by_number();
    let deliveries = recipients(&api, &id, "UNKNOWN").await;
    let text = |index: usize| texts[deliveries[index]["recipient"].as_str().expect("a number")][0].clone();
    let resolve = async |index: usize, action: &str| {
        let id = deliveries[index]["id"].as_str().expect("an id");
        api.post(&format!("/api/deliveries/{id}/resolve"), json!({ "action": action })).await
    };
    assert_eq!(resolve(0, "ASSUME_SENT").await.expect(200)["status"], "SENT");
    assert_eq!(resolve(1, "FAIL").await.expect(200)["status"], "FAILED");
    text(2).report(&webhook, "DELIVRD").await;
    assert_eq!(resolve(2, "RESEND").await.problem(409), "delivery_not_unknown", "a receipt was quicker");
    let status = resolve(3, "RESEND").await.expect(200)["status"].clone();
    assert!(status == "PENDING" || status == "SENT", "it goes out at once: {status}");
    world.until("it is over", 60, || in_status(&api, &id, "SENT")).await;
    // Receipts that come later say what really happened.
    text(0).report(&webhook, "UNDELIV").await;
    text(1).report(&webhook, "DELIVRD").await;
    world.pass(10).await;
    let status = async |index: usize| {
        let id = deliveries[index]["id"].as_str().expect("an id");
        api.get(&format!("/api/deliveries/{id}")).await.expect(200)["status"].clone()
    };
    assert_eq!(status(0).await, "FAILED");
    assert_eq!(status(1).await, "DELIVERED");
    assert_eq!(status(2).await, "DELIVERED");
    assert_eq!(status(3).await, "SENT");
    let again: Vec<usize> = world.provider.by_number().values().map(Vec::len).collect();
    assert_eq!(again.iter().sum::<usize>(), 5, "only the one that a person wanted went out again");
    let counts = get(&api, &id).await["counts"].clone();
    assert_eq!((&counts["delivered"], &counts["failed"], &counts["sent"]), (&json!(2), &json!(1), &json!(1)));
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn people_decide_on_all_at_once_while_receipts_come() {
    for (action, label, decided) in
        [("ASSUME_SENT", "assume", "sent"), ("FAIL", "fail", "failed"), ("RESEND", "again", "")]
    {
        let mut world = World::at(NOON).await;
        let (api, id, webhook) = all_unknown(&mut world, label, 3).await;
        let path = format!("/api/messages/{id}/resolve");
        let first = world.provider.accepted()[0].clone();
        let decision = json!({ "action": action });
        // At the same time: whichever is first, the receipt proves more than the decision.
        let (resolved, ()) = tokio::join!(api.post(&path, decision.clone()), first.report(&webhook, "DELIVRD"));
        resolved.expect(200);
        world.pass(10).await;
        let message = world.until("it is over", 120, || async {
            let message = get(&api, &id).await;
            matches!(message["status"].as_str(), Some("SENT" | "FAILED")).then_some(message)
        });
        let message = message.await;
        let resent = world.provider.accepted().len() - 3;
        if action == "RESEND" {
            assert!((2..=3).contains(&resent), "{resent}");
            // Where the decision was first, the first text's receipt says nothing about the second text.
            let settled = message["counts"]["delivered"].as_u64().zip(message["counts"]["sent"].as_u64());
            assert_eq!(settled.map(|(delivered, sent)| delivered + sent), Some(3), "{message}");
        } else {
            assert_eq!(resent, 0);
            assert_eq!(message["counts"]["delivered"], 1, "{action}: {message}");
            assert_eq!(message["counts"][decided], 2, "{action}: {message}");
        }
        assert_eq!(api.post(&path, decision).await.problem(409), "nothing_unknown");
        world.end().await;
    }
}
