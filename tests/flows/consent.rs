//! Who opted out gets nothing more: not what is planned later, not what was planned before and is not on its way yet.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use tests::{Api, World, eventually, provider::Behaviour};

fn address(number: usize) -> String {
    format!("+2547000{number:05}")
}

async fn suppress(api: &Api, address: &str, channel: &str) {
    let body = json!({ "address": address, "channel": channel, "reason": "OPTED_OUT" });
    api.post("/api/suppressions", body).await.expect(201);
}

async fn group(api: &Api, members: usize) -> String {
    let group = api.post("/api/groups", json!({ "name": "All" })).await.expect(201);
    let contacts: Vec<Value> = (0..members).map(|number| json!({ "phone": address(number) })).collect();
    api.post("/api/contacts/bulk", json!({ "contacts": contacts, "groupId": group["id"] })).await.expect(201);
    group["id"].as_str().expect("an id").to_owned()
}

async fn settled(api: &Api, id: &str) -> Value {
    let path = format!("/api/messages/{id}");
    eventually("the message is settled", 90, || async {
        let message = api.get(&path).await.expect(200);
        matches!(message["status"].as_str(), Some("SENT" | "FAILED" | "PAUSED")).then_some(message)
    })
    .await
}

fn reached(world: &World) -> BTreeSet<String> {
    let accepted = world.provider.accepted();
    let distinct: BTreeSet<String> = accepted.iter().map(|text| text.to.clone()).collect();
    assert_eq!(distinct.len(), accepted.len(), "nobody is texted twice");
    distinct
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_on_the_list_is_left_out_of_plans_and_estimates() {
    let world = World::start().await;
    let (api, _) = world.organization("plan-consent").await;
    let (other, _) = world.organization("plan-consent-other").await;
    let group = group(&api, 60).await;
    suppress(&api, &address(1), "SMS").await;
    suppress(&api, &address(2), "ALL").await;
    // On another channel, of another organization, taken off again: no reason to be left out.
    suppress(&api, &address(3), "WHATSAPP").await;
    suppress(&other, &address(4), "ALL").await;
    let lifted = api.post("/api/suppressions", json!({ "address": address(5) })).await.expect(201);
    let lifted = lifted["id"].as_str().expect("an id");
    api.delete(&format!("/api/suppressions/{lifted}?reason=MISTAKE")).await.expect(204);

    let to_group = json!({ "body": "Hi.", "recipientType": "GROUP", "recipientId": group });
    let to_addresses = json!({ "body": "Hi.", "recipientType": "ADDRESS", "recipients": [address(1), address(90)] });
    let estimate = api.post("/api/messages/estimate", to_group.clone()).await.expect(200);
    assert_eq!((&estimate["recipients"], &estimate["segments"]), (&json!(60), &json!(58)), "{estimate}");
    assert_eq!(estimate["skipped"], json!([{ "reason": "suppressed", "count": 2 }]));

    for (body, total, left_out) in [(to_group, 60, vec![address(1), address(2)]), (to_addresses, 2, vec![address(1)])] {
        let message = api.post("/api/messages", body).await.expect(202);
        let id = message["id"].as_str().expect("an id");
        let sent = settled(&api, id).await;
        assert_eq!((&sent["counts"]["total"], &sent["counts"]["skipped"]), (&json!(total), &json!(left_out.len())));
        let skipped = api.all(&format!("/api/messages/{id}/recipients?status=SKIPPED")).await;
        assert!(skipped.iter().all(|one| one["reason"] == "suppressed"), "{skipped:?}");
        let mut who: Vec<&str> = skipped.iter().filter_map(|one| one["recipient"].as_str()).collect();
        who.sort_unstable();
        assert_eq!(who, left_out);
    }
    let reached = reached(&world);
    assert_eq!(reached.len(), 59);
    assert!(!reached.contains(&address(1)) && !reached.contains(&address(2)));
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_opts_out_while_a_message_is_going_out_is_left_out_of_the_rest() {
    let mut world = World::at("2026-03-28T08:00:00Z").await;
    let api = world.api.register("slow-consent").await;
    let mut config = world.provider.config("Slow");
    // Ten seconds of work are a chunk: here ten recipients.
    config["ratePerMinute"] = json!(60);
    api.post("/api/providers", config).await.expect(201);
    let group = group(&api, 30).await;
    let body = json!({ "body": "Hi.", "recipientType": "GROUP", "recipientId": group });
    let message = api.post("/api/messages", body).await.expect(202);
    world.idle().await;
    let first = reached(&world);
    assert_eq!(first.len(), 10, "the others wait for their turn");
    let late: Vec<String> = (0..30).map(address).filter(|number| !first.contains(number)).take(3).collect();
    suppress(&api, &late[0], "SMS").await;
    suppress(&api, &late[1], "ALL").await;
    suppress(&api, &late[2], "WHATSAPP").await;
    let id = message["id"].as_str().expect("an id");
    let path = format!("/api/messages/{id}");
    let sent = world
        .until("the message is sent", 120, || async {
            let message = api.get(&path).await.expect(200);
            (message["status"] == "SENT").then_some(message)
        })
        .await;
    assert_eq!((&sent["counts"]["sent"], &sent["counts"]["skipped"]), (&json!(28), &json!(2)), "{sent}");
    let reached = reached(&world);
    assert!(!reached.contains(&late[0]) && !reached.contains(&late[1]) && reached.contains(&late[2]));
    let skipped = api.all(&format!("{path}/recipients?status=SKIPPED")).await;
    assert_eq!(skipped.len(), 2);
    assert!(skipped.iter().all(|one| one["reason"] == "suppressed"), "{skipped:?}");
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_opts_out_while_a_message_is_paused_is_never_sent_to() {
    let world = World::start().await;
    let (api, config) = world.organization("paused-consent").await;
    // Bad credentials pause the config before anybody is reached.
    world.provider.script(std::iter::repeat_n(Behaviour::Refuse(401), 5));
    let recipients: Vec<String> = (0..5).map(address).collect();
    let body = json!({ "body": "Hi.", "recipientType": "ADDRESS", "recipients": recipients });
    let message = api.post("/api/messages", body).await.expect(202);
    let id = message["id"].as_str().expect("an id").to_owned();
    assert_eq!(settled(&api, &id).await["status"], "PAUSED");
    assert!(world.provider.accepted().is_empty());
    suppress(&api, &address(0), "SMS").await;
    suppress(&api, &address(3), "ALL").await;
    let config = config["id"].as_str().expect("an id");
    api.post(&format!("/api/providers/{config}/resume"), json!({})).await.expect(200);
    let sent = eventually("it goes on", 60, || async {
        let message = api.get(&format!("/api/messages/{id}")).await.expect(200);
        (message["status"] == "SENT").then_some(message)
    })
    .await;
    assert_eq!((&sent["counts"]["sent"], &sent["counts"]["skipped"]), (&json!(3), &json!(2)), "{sent}");
    assert_eq!(reached(&world), BTreeSet::from([address(1), address(2), address(4)]));
    let skipped = api.all(&format!("/api/messages/{id}/recipients?status=SKIPPED")).await;
    assert!(skipped.iter().all(|one| one["reason"] == "suppressed" && one["attempts"][0]["code"] == "BAD_CREDENTIALS"));
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn sending_again_leaves_out_who_opted_out_meanwhile() {
    let world = World::start().await;
    let (api, _) = world.organization("resend-consent").await;
    world.provider.script(std::iter::repeat_n(Behaviour::Refuse(400), 2));
    let body = json!({ "body": "Hi.", "recipientType": "ADDRESS", "recipients": [address(0), address(1)] });
    let message = api.post("/api/messages", body).await.expect(202);
    let id = message["id"].as_str().expect("an id").to_owned();
    assert_eq!(settled(&api, &id).await["status"], "FAILED");
    suppress(&api, &address(1), "SMS").await;
    api.post(&format!("/api/messages/{id}/resend"), json!({})).await.expect(202);
    let sent = eventually("it is sent again", 60, || async {
        let message = api.get(&format!("/api/messages/{id}")).await.expect(200);
        (message["status"] == "SENT").then_some(message)
    })
    .await;
    assert_eq!((&sent["counts"]["sent"], &sent["counts"]["skipped"]), (&json!(1), &json!(1)), "{sent}");
    assert_eq!(reached(&world), BTreeSet::from([address(0)]));
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_provider_refuses_for_an_opt_out_feeds_the_list() {
    let world = World::start().await;
    let api = world.api.register("provider-consent").await;
    let config = api
        .post("/api/providers", json!({ "channel": "SMS", "kind": "SANDBOX", "name": "Sandbox", "isActive": true }))
        .await
        .expect(201);
    // The first is refused at once, the second by a receipt.
    let (refused, reported) = ("+254700999002", "+254700999028");
    let body = json!({ "body": "Hi.", "recipientType": "ADDRESS", "recipients": [refused, reported, address(1)] });
    api.post("/api/messages", body.clone()).await.expect(202);
    let list = eventually("both are on the list", 60, || async {
        let list = api.all("/api/suppressions").await;
        (list.len() == 2).then_some(list)
    })
    .await;
    for suppression in &list {
        assert_eq!(
            (&suppression["channel"], &suppression["reason"], &suppression["source"], &suppression["providerId"]),
            (&json!("SMS"), &json!("OPTED_OUT"), &json!("PROVIDER"), &config["id"])
        );
    }
    let next = api.post("/api/messages", body).await.expect(202);
    let sent = settled(&api, next["id"].as_str().expect("an id")).await;
    assert_eq!((&sent["counts"]["skipped"], &sent["counts"]["total"]), (&json!(2), &json!(3)), "{sent}");
    world.end().await;
}
