//! `/api/alerts`.

use engine::alerts::{Kind, raise};
use serde_json::{Value, json};
use tests::World;

#[tokio::test]
async fn alerts_are_listed_until_somebody_acknowledges_them() {
    let mut world = World::at("2026-03-02T08:00:00Z").await;
    let owner = world.api.register("alerts").await;
    let me = owner.get("/api/auth/me").await.expect(200);
    let org = me["organization"]["id"].as_str().unwrap().parse().unwrap();
    for (kind, detail) in
        [(Kind::ProviderBalance, "empty"), (Kind::MessageLate, "late"), (Kind::ProviderCredentials, "refused")]
    {
        world.pass(60).await;
        raise(&world.host.app, org, kind, Some(format!("prv_{detail}")), detail).await.unwrap();
    }
    let all = owner.get("/api/alerts").await.expect(200);
    let details: Vec<&str> =
        all["data"].as_array().unwrap().iter().map(|alert| alert["detail"].as_str().unwrap()).collect();
    assert_eq!((details, &all["total"]), (vec!["refused", "late", "empty"], &json!(3)), "newest first");
    let late = &all["data"][1];
    assert_eq!(
        (&late["kind"], &late["subject"], &late["acknowledgedAt"]),
        (&json!("MESSAGE_LATE"), &json!("prv_late"), &Value::Null)
    );
    assert_eq!(late["createdAt"], "2026-03-02T08:02:00Z");

    let path = format!("/api/alerts/{}/acknowledge", late["id"].as_str().unwrap());
    let viewer = owner.member("alerts", "VIEWER").await;
    let member = owner.member("alerts", "MEMBER").await;
    assert_eq!(viewer.post(&path, json!({})).await.problem(403), "role_too_small");
    let seen = member.post(&path, json!({})).await.expect(200);
    assert_eq!(seen["acknowledgedAt"], "2026-03-02T08:03:00Z");
    world.pass(60).await;
    assert_eq!(owner.post(&path, json!({})).await.expect(200), seen, "the first one counts");
    let open = viewer.get("/api/alerts?open=true").await.expect(200);
    assert_eq!((open["data"].as_array().unwrap().len(), &open["total"]), (2, &Value::Null));
    assert_eq!(owner.all("/api/alerts").await.len(), 3);
    let nowhere = "/api/alerts/alr_01KAJ7Q4T0M5Z8X2V9C3B6N1R4/acknowledge";
    assert_eq!(owner.post(nowhere, json!({})).await.problem(404), "not_found");
    assert_eq!(owner.get("/api/alerts?open=perhaps").await.told(422), "?open parameter_type");
    world.end().await;
}

#[tokio::test]
async fn the_same_thing_said_by_many_at_once_is_one_alert_until_it_is_acknowledged() {
    let world = World::at("2026-03-02T08:00:00Z").await;
    let owner = world.api.register("one-alert").await;
    let me = owner.get("/api/auth/me").await.expect(200);
    let org = me["organization"]["id"].as_str().unwrap().parse().unwrap();
    let app = world.host.app.clone();
    let say = async || {
        let subject = || Some("msg_1".to_owned());
        let all = (0..8).map(|_| raise(&app, org, Kind::MessageFailed, subject(), "failed"));
        futures::future::try_join_all(all).await.unwrap();
    };
    say().await;
    raise(&app, org, Kind::MessageFailed, Some("msg_2".into()), "failed").await.unwrap();
    raise(&app, org, Kind::MessageStuck, Some("msg_1".into()), "stuck").await.unwrap();
    let open = owner.all("/api/alerts?open=true").await;
    assert_eq!(open.len(), 3, "{open:?}");
    let first = open.iter().find(|one| one["subject"] == "msg_1" && one["kind"] == "MESSAGE_FAILED").unwrap();
    let path = format!("/api/alerts/{}/acknowledge", first["id"].as_str().unwrap());
    owner.post(&path, json!({})).await.expect(200);
    say().await;
    owner.post(&path, json!({})).await.expect(200);
    say().await;
    let all = owner.get("/api/alerts").await.expect(200);
    assert_eq!((all["data"].as_array().unwrap().len(), &all["total"]), (4, &json!(4)), "one more, not two");
    world.end().await;
}

#[tokio::test]
async fn a_late_message_raises_one_and_goes_out_when_it_is_resumed() {
    let mut world = World::at("2026-03-02T08:00:00Z").await;
    let (api, _) = world.organization("late").await;
    let body = json!({ "body": "Hi.", "recipientType": "ADDRESS", "recipients": ["+254700000001"], "scheduledAt": "2026-03-02T09:00:00Z", "lateAfter": 600 });
    let message = api.post("/api/messages", body).await.expect(202);
    let path = format!("/api/messages/{}", message["id"].as_str().unwrap());
    // Nothing ran for hours: the clock jumps over the hour.
    world.pass(3 * 3_600).await;
    let api = api.sign_in("late").await;
    let late = api.get(&path).await.expect(200);
    assert_eq!((&late["status"], &late["pauseReason"]), (&json!("PAUSED"), &json!("LATE")));
    let alert = &api.get("/api/alerts").await.expect(200)["data"][0];
    assert_eq!((&alert["kind"], &alert["subject"]), (&json!("MESSAGE_LATE"), &message["id"]));
    assert_eq!(world.provider.requests(), 0);
    api.post(&format!("{path}/resume"), json!({})).await.expect(200);
    assert_eq!(world.settled(&api, message["id"].as_str().unwrap()).await["status"], "SENT");
    assert_eq!(world.provider.accepted().len(), 1);
    world.end().await;
}
