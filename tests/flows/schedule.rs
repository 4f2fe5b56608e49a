//! Later: messages fire at their hour, do not fire when cancelled, go out as edited; all of it through `kill -9`.

use std::time::Duration;

use serde_json::json;
use tests::{Process, Provider, World, eventually};

use super::journey::{self, VALID};

#[tokio::test(flavor = "multi_thread")]
async fn scheduled_messages_fire_once_as_edited_and_cancelled_ones_do_not() {
    let mut world = World::at("2026-03-28T08:00:00Z").await;
    let (api, _) = world.organization("schedule").await;
    let schedule = |to: &str, at: &str| json!({ "body": "Now.", "recipientType": "ADDRESS", "recipients": [to], "scheduledAt": at });
    let fires = api.post("/api/messages", schedule("+254700000001", "2026-03-28T10:00:00Z")).await.expect(202);
    assert_eq!(fires["status"], "SCHEDULED");
    let cancelled = api.post("/api/messages", schedule("+254700000002", "2026-03-28T10:00:00Z")).await.expect(202);
    let edited = api.post("/api/messages", schedule("+254700000003", "2026-03-28T10:00:00Z")).await.expect(202);
    let moved = api.post("/api/messages", schedule("+254700000004", "2026-03-28T10:00:00Z")).await.expect(202);
    let path = |message: &serde_json::Value| format!("/api/messages/{}", message["id"].as_str().expect("an id"));
    assert_eq!(api.delete(&path(&cancelled)).await.expect(200)["status"], "CANCELLED");
    api.put(&path(&edited), json!({ "body": "Edited." })).await.expect(200);
    api.put(&path(&moved), json!({ "scheduledAt": "2026-03-28T12:00:00Z" })).await.expect(200);
    assert_eq!(
        api.post("/api/messages", schedule("+254700000005", "2026-03-28T07:00:00Z")).await.problem(422),
        "scheduled_in_past"
    );
    world.pass(7_100).await;
    assert!(world.provider.accepted().is_empty(), "nothing leaves before its hour");
    let token = api.token.clone();
    // The access token is good for 15 minutes of the world's time.
    let api = world.api.sign_in("schedule").await;
    assert_ne!(api.token, token);
    world.until("the messages fire", 200, || async { (world_accepted(&api).await == 2).then_some(()) }).await;
    world.pass(30).await;
    let mut texts: Vec<_> = world.provider.accepted().into_iter().map(|text| (text.to, text.body)).collect();
    texts.sort();
    assert_eq!(texts, [("+254700000001".into(), "Now.".to_owned()), ("+254700000003".into(), "Edited.".to_owned())]);
    assert_eq!(api.put(&path(&fires), json!({ "body": "Too late." })).await.problem(409), "message_not_editable");
    world.pass(6_900).await;
    assert_eq!(world.provider.accepted().len(), 2, "the moved one waits for its new hour");
    let api = world.api.sign_in("schedule").await;
    world.until("the moved one fires", 400, || async { (world_accepted(&api).await == 3).then_some(()) }).await;
    assert_eq!(world.provider.accepted()[2].to, "+254700000004");
    assert_eq!(world.provider.accepted().len(), 3);
    world.end().await;
}

async fn world_accepted(api: &tests::Api) -> usize {
    api.all("/api/messages?status=sent").await.len()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_schedule_survives_kill_9() {
    const CANCELLED: &str = "+254711000001";
    const EDITED: &str = "+254711000002";
    let folder = tempfile::tempdir().expect("a folder");
    let provider = Provider::start().await;
    let mut process = Process::start(folder.path(), None).await;
    let api = process.api.register("kill").await;
    process.api = api.clone();
    let config = api.post("/api/providers", provider.config("Loopback")).await.expect(201);
    api.patch("/api/organization", json!({ "defaultCountry": "KE" })).await.expect(200);
    let group = api.post("/api/groups", json!({ "name": "Customers" })).await.expect(201);
    let group = group["id"].as_str().expect("an id");
    let upload = format!("/api/groups/{group}/upload-excel");
    let uploaded = api.upload(&upload, "contacts.xlsx", journey::sample(), &[]).await.expect(200);
    assert_eq!(uploaded["contactsCreated"], VALID);

    let at = (store::Clock::system().now() + Duration::from_secs(63)).to_string();
    let to_group =
        json!({ "body": "Hello {{name}}.", "recipientType": "GROUP", "recipientId": group, "scheduledAt": at });
    let schedule =
        |to: &str| json!({ "body": "Now.", "recipientType": "ADDRESS", "recipients": [to], "scheduledAt": at });
    let everyone = api.post("/api/messages", to_group).await.expect(202);
    let cancelled = api.post("/api/messages", schedule(CANCELLED)).await.expect(202);
    let edited = api.post("/api/messages", schedule(EDITED)).await.expect(202);
    let path = |message: &serde_json::Value| format!("/api/messages/{}", message["id"].as_str().expect("an id"));
    api.delete(&path(&cancelled)).await.expect(200);

    let process = process.kill_and_restart().await;
    process.api.put(&path(&edited), json!({ "body": "Edited." })).await.expect(200);
    let mut process = process.kill_and_restart().await;
    assert!(provider.accepted().is_empty(), "nothing leaves before its hour");

    eventually("both messages are SENT", 120, || async {
        (process.api.all("/api/messages?status=SENT").await.len() == 2).then_some(())
    })
    .await;
    let (to_edited, to_everyone): (Vec<_>, Vec<_>) =
        provider.accepted().into_iter().partition(|text| text.to == EDITED);
    assert_eq!(to_edited.iter().map(|text| text.body.as_str()).collect::<Vec<_>>(), ["Edited."]);
    let contacts = process.api.all(&format!("/api/groups/{group}/contacts")).await;
    journey::assert_everyone_once(&to_everyone, &contacts, "Hello");
    assert_eq!(process.api.get(&path(&cancelled)).await.expect(200)["status"], "CANCELLED");

    provider.report_all(config["webhookUrl"].as_str().expect("a URL"), "DELIVRD").await;
    let delivered = process.api.all(&format!("{}/recipients?status=delivered", path(&everyone))).await;
    assert_eq!(delivered.len() as u64, VALID);
    // A burst of receipts is folded once, some seconds later.
    eventually("the dashboard tells of the receipts", 30, || async {
        let stats = process.api.get("/api/dashboard/stats").await.expect(200);
        (stats["totalDelivered"] == VALID + 1).then_some(())
    })
    .await;
    let metrics = process.api.get("/api/dashboard/metrics").await.expect(200);
    assert_eq!(
        (&metrics["totalSmsSent"], &metrics["totalContacts"], &metrics["failedMessages"]),
        (&json!(VALID + 1), &json!(VALID), &json!(0)),
        "{metrics}"
    );
    assert_eq!(provider.accepted().len() as u64, VALID + 1);
    process.kill().await;
}

const TO: &str = "+254700000001";

fn local(at: &str, zone: &str) -> serde_json::Value {
    json!({ "body": "Now.", "recipientType": "ADDRESS", "recipients": [TO], "scheduledAt": at, "timezone": zone })
}

#[tokio::test(flavor = "multi_thread")]
async fn local_times_hold_when_clocks_change() {
    let mut world = World::at("2026-03-28T22:00:00Z").await;
    let (api, _) = world.organization("clocks").await;
    api.patch("/api/organization", json!({ "timezone": "Europe/Berlin" })).await.expect(200);
    let at = async |body| api.post("/api/messages", body).await.expect(202)["scheduledAt"].clone();
    // Forward: 02:30 does not exist in Berlin that night. Back: 02:30 comes twice, and the first is taken.
    assert_eq!(at(local("2026-03-29T02:30", "Europe/Berlin")).await, "2026-03-29T01:30:00Z");
    assert_eq!(at(local("2026-10-25T02:30", "europe/berlin")).await, "2026-10-25T00:30:00Z");
    let mut body = local("2026-03-29T03:30:15", "");
    body.as_object_mut().expect("an object").remove("timezone");
    assert_eq!(at(body.clone()).await, "2026-03-29T01:30:15Z", "without a zone it is the organization's");
    body["scheduledAt"] = json!("2026-03-29T10:00:00+07:00");
    assert_eq!(at(body.clone()).await, "2026-03-29T03:00:00Z");
    body["scheduledAt"] = json!("2026-03-29");
    assert_eq!(api.post("/api/messages", body).await.status.as_u16(), 422, "a date alone is no time");
    let wrong = async |body: serde_json::Value| {
        let problem = api.post("/api/messages", body).await.expect(422);
        format!("{} {}", problem["errors"][0]["pointer"], problem["errors"][0]["code"]).replace('"', "")
    };
    assert_eq!(wrong(local("2026-03-29T10:00", "Mars/Olympus")).await, "/timezone timezone_invalid");
    assert_eq!(wrong(local("2026-03-29T10:00:00Z", "Europe/Berlin")).await, "/timezone timezone_unused");
    // Minutes and seconds are kept, and nothing is early.
    let now = |world: &World| world.clock.now().to_string();
    world.pass(3 * 3_600 + 29 * 60 + 59).await;
    assert_eq!((now(&world), world.provider.accepted().len()), ("2026-03-29T01:29:59Z".to_owned(), 0));
    for (count, from, to) in
        [(1, "2026-03-29T01:30:00Z", "2026-03-29T01:30:03Z"), (2, "2026-03-29T01:30:15Z", "2026-03-29T01:30:18Z")]
    {
        while world.provider.accepted().len() < count {
            world.pass(1).await;
            assert!(now(&world).as_str() <= to, "text {count} has not left at {}", now(&world));
        }
        assert!(now(&world).as_str() >= from, "text {count} left at {}", now(&world));
    }
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_that_comes_up_late_asks_first() {
    // Ahead of the system's clock, by which a table in a file lets sessions expire.
    let start: jiff::Timestamp = "2036-03-03T08:00:00Z".parse().expect("a time");
    let clock = store::Clock::manual(start);
    let (folder, provider) = (tempfile::tempdir().expect("a folder"), Provider::start().await);
    let host = async || {
        let options = || local::host::Options {
            data: Some(folder.path().to_owned()),
            clock: clock.clone(),
            allow_hosts: "127.0.0.1".into(),
            ..Default::default()
        };
        // The folder is free once the last task of the one before is gone.
        eventually("the host starts", 60, || async { local::host::Host::start(options()).await.ok() }).await
    };
    let first = host().await;
    let api = tests::Api::new(&first.api).register("late").await;
    api.post("/api/providers", provider.config("Loopback")).await.expect(201);
    let schedule = |to: &str, late: serde_json::Value| {
        json!({
            "body": "Now.", "recipientType": "ADDRESS", "recipients": [to],
            "scheduledAt": "2036-03-03T09:00:00Z", "lateAfter": late,
        })
    };
    let patient = api.post("/api/messages", schedule("+254700000001", json!("PT3H"))).await.expect(202);
    let strict = api.post("/api/messages", schedule("+254700000002", json!(1_800))).await.expect(202);
    let unwanted = api.post("/api/messages", schedule("+254700000003", json!(1_800))).await.expect(202);
    assert_eq!((&patient["lateAfter"], &strict["lateAfter"]), (&json!(10_800), &json!(1_800)));
    for wrong in [json!(59), json!(604_801), json!("PT1S")] {
        let problem = api.post("/api/messages", schedule("+254700000004", wrong)).await.expect(422);
        assert_eq!(
            (&problem["errors"][0]["pointer"], &problem["errors"][0]["code"]),
            (&json!("/lateAfter"), &json!("out_of_range"))
        );
    }
    // The machine is off over their hour.
    first.stop().await;
    clock.advance(Duration::from_hours(2));
    let mut second = host().await;
    let address = second.api.clone();
    let mut pass = async |seconds: u64| {
        for _ in 0..seconds {
            second.idle().await.expect("the queues tell their depth");
            clock.advance(Duration::from_secs(1));
        }
        second.idle().await.expect("the queues tell their depth");
    };
    pass(10).await;
    let api = tests::Api::new(address).sign_in("late").await;
    let path = |message: &serde_json::Value| format!("/api/messages/{}", message["id"].as_str().expect("an id"));
    assert_eq!(api.get(&path(&patient)).await.expect(200)["status"], "SENT");
    for message in [&strict, &unwanted] {
        let message = api.get(&path(message)).await.expect(200);
        assert_eq!((&message["status"], &message["pauseReason"]), (&json!("PAUSED"), &json!("LATE")), "{message}");
    }
    let alerts = api.all("/api/alerts").await;
    assert_eq!(alerts.iter().filter(|alert| alert["kind"] == "MESSAGE_LATE").count(), 2, "{alerts:?}");
    assert_eq!(provider.accepted().len(), 1, "what asks has not been sent");
    api.post(&format!("{}/resume", path(&strict)), json!({})).await.expect(200);
    api.delete(&path(&unwanted)).await.expect(200);
    pass(10).await;
    assert_eq!(api.get(&path(&strict)).await.expect(200)["status"], "SENT");
    assert_eq!(
        provider.accepted().iter().map(|text| text.to.as_str()).collect::<Vec<_>>(),
        ["+254700000001", "+254700000002"]
    );
    second.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_release_that_fails_is_tried_once_more_and_then_has_failed() {
    let mut world = World::at("2026-03-02T08:00:00Z").await;
    let (api, _) = world.organization("release").await;
    let group = api.post("/api/groups", json!({ "name": "All" })).await.expect(201);
    let group = group["id"].as_str().expect("an id").to_owned();
    let contact = json!({ "contacts": [{ "phone": TO }], "groupId": group });
    let contacts = || api.post("/api/contacts/bulk", contact.clone());
    contacts().await.expect(201);
    let body = |at: &str| json!({ "body": "Hi.", "recipientType": "GROUP", "recipientId": group, "scheduledAt": at });
    let lost = api.post("/api/messages", body("2026-03-02T08:05:00Z")).await.expect(202);
    let saved = api.post("/api/messages", body("2026-03-02T08:10:00Z")).await.expect(202);
    let id = api.get("/api/contacts").await.expect(200)["data"][0]["id"].as_str().expect("an id").to_owned();
    let remove = format!("/api/groups/{group}/contacts/{id}");
    api.delete(&remove).await.expect(204);
    let status = async |message: &serde_json::Value| {
        let id = message["id"].as_str().expect("an id");
        api.get(&format!("/api/messages/{id}")).await.expect(200)
    };
    world.pass(301).await;
    assert_ne!(status(&lost).await["status"], "FAILED", "once is no failure yet");
    world.pass(62).await;
    let failed = status(&lost).await;
    assert_eq!(failed["status"], "FAILED", "{failed}");
    assert!(failed["error"].as_str().expect("a reason").contains("nobody to send to"), "{failed}");
    let alerts = api.all("/api/alerts").await;
    assert_eq!((&alerts[0]["kind"], &alerts[0]["subject"]), (&json!("MESSAGE_FAILED"), &lost["id"]), "{alerts:?}");
    // The other one fails too, but its group has someone again before the second try.
    world.pass(240).await;
    contacts().await.expect(201);
    world
        .until("it goes out at the second try", 90, || async {
            (status(&saved).await["status"] == "SENT").then_some(())
        })
        .await;
    assert_eq!(world.provider.accepted().len(), 1);
    let alerts = api.all("/api/alerts").await;
    assert_eq!(alerts.len(), 1, "{alerts:?}");
    world.end().await;
}
