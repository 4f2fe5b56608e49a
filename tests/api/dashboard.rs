//! `/api/dashboard/metrics` and `/api/dashboard/stats`: exact, against a recount of everything.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use tests::{Api, World, provider::Behaviour};

/// The copies of the log that a provider took, and all, by the day of their message in Nairobi.
async fn recount(api: &Api) -> (usize, BTreeMap<String, usize>) {
    let copies = api.all("/api/deliveries").await;
    let mut states: BTreeMap<String, usize> = BTreeMap::new();
    for copy in &copies {
        *states.entry(copy["status"].as_str().unwrap().to_owned()).or_default() += 1;
    }
    (copies.len(), states)
}

async fn send(world: &mut World, api: &Api, recipients: &[&str]) {
    let body = json!({ "body": "Hi.", "recipientType": "ADDRESS", "recipients": recipients });
    let message = api.post("/api/messages", body).await.expect(202);
    world.settled(api, message["id"].as_str().unwrap()).await;
}

#[tokio::test]
async fn metrics_and_stats_equal_a_recount() {
    // Sunday, eleven at night in Nairobi; the next day is a Monday of the same month.
    let mut world = World::at("2026-03-08T20:00:00Z").await;
    let (api, config) = world.organization("dashboard").await;
    api.patch("/api/organization", json!({ "timezone": "Africa/Nairobi" })).await.expect(200);
    api.group_of("All", &["+254700000001".into(), "+254700000002".into()]).await;
    // The first of three is refused, the last is no number.
    world.provider.script([Behaviour::Refuse(400)]);
    send(&mut world, &api, &["+254700000001", "+254700000002", "+254700000003", "nonsense"]).await;
    world.pass(2 * 3_600).await;
    let api = api.sign_in("dashboard").await;
    send(&mut world, &api, &["+254700000001", "+254700000002"]).await;
    let sandbox = json!({ "kind": "SANDBOX", "channel": "EMAIL", "name": "Mail" });
    let mail = api.post("/api/providers", sandbox).await.expect(201);
    let body = json!({ "channel": "EMAIL", "subject": "S", "body": "Hi.", "recipientType": "ADDRESS", "recipients": ["a@x.example"] });
    let message = api.post("/api/messages", body).await.expect(202);
    world.settled(&api, message["id"].as_str().unwrap()).await;
    // Receipts come, and a burst of them is folded once, some seconds later.
    for _ in 0..6 {
        world.pass(10).await;
    }

    let (all, states) = recount(&api).await;
    let of = |state: &str| states.get(state).copied().unwrap_or_default();
    let accepted = of("SENT") + of("DELIVERED") + of("READ");
    assert_eq!((all, accepted, of("FAILED"), of("SKIPPED")), (7, 5, 1, 1), "{states:?}");

    let metrics = api.get("/api/dashboard/metrics").await.expect(200);
    let figure = |name: &str| metrics[name].as_u64().unwrap_or_else(|| panic!("{name}: {metrics}")) as usize;
    assert_eq!((figure("totalSent"), figure("totalSmsSent"), figure("failedMessages")), (accepted, 4, of("FAILED")));
    assert_eq!((figure("totalContacts"), figure("totalGroups")), (2, 1));
    assert_eq!((figure("messagesToday"), figure("messagesThisWeek"), figure("messagesThisMonth")), (3, 3, 5));
    assert_eq!((&metrics["smsBalance"], &metrics["balances"]), (&Value::Null, &json!([])));
    assert_eq!(metrics["lastUpdated"], world.clock.now().to_string());

    let stats = api.get("/api/dashboard/stats").await.expect(200);
    assert_eq!((&stats["totalSent"], &stats["totalFailed"], &stats["totalPending"]), (&json!(5), &json!(1), &json!(0)));
    assert_eq!(stats["totalDelivered"], of("DELIVERED") + of("READ"));
    let by_day: Vec<_> =
        stats["byDay"].as_array().unwrap().iter().map(|day| (&day["date"], &day["sent"], &day["failed"])).collect();
    assert_eq!(by_day, [(&json!("2026-03-08"), &json!(2), &json!(1)), (&json!("2026-03-09"), &json!(3), &json!(0))]);
    let sum = |list: &str| stats[list].as_array().unwrap().iter().map(|one| one["sent"].as_u64().unwrap()).sum::<u64>();
    assert_eq!((sum("byDay"), sum("byChannel"), sum("byProvider")), (5, 5, 5), "parts add up");
    let provider =
        |id: &Value| stats["byProvider"].as_array().unwrap().iter().find(|one| one["providerId"] == *id).unwrap();
    assert_eq!((&provider(&config["id"])["sent"], &provider(&config["id"])["name"]), (&json!(4), &json!("Loopback")));
    assert_eq!((&provider(&mail["id"])["sent"], &provider(&mail["id"])["kind"]), (&json!(1), &json!("SANDBOX")));
    assert_eq!(stats["byReason"], json!([{ "reason": "FAILED", "count": 1 }, { "reason": "SKIPPED", "count": 1 }]));
    assert_eq!(
        (&stats["monthlyStats"]["2026-03"]["sent"], &stats["monthlyStats"]["2026-03"]["failed"]),
        (&json!(5), &json!(1))
    );
    let own = api.get(&format!("/api/providers/{}/stats", config["id"].as_str().unwrap())).await.expect(200);
    assert_eq!((&own["totalSent"], &own["totalFailed"]), (&json!(4), &json!(1)));

    // A period: whole days of the zone, or times of which the end is exclusive.
    let sent =
        async |query: &str| api.get(&format!("/api/dashboard/stats?{query}")).await.expect(200)["totalSent"].clone();
    assert_eq!(sent("from=2026-03-09").await, 3);
    assert_eq!(sent("from=2026-03-08&to=2026-03-08").await, 2);
    assert_eq!(sent("to=2026-03-08T21:00:00Z").await, 2);
    assert_eq!(sent("from=2026-04-01").await, 0);
    assert_eq!(api.get("/api/dashboard/stats?from=yesterday").await.told(422), "?from parameter_invalid");
    assert_eq!(api.get("/api/dashboard/stats?from=2026-03-09&to=2026-03-08").await.told(422), "?to period_invalid");
    world.end().await;
}

#[tokio::test]
async fn an_organization_without_anything_has_zeros() {
    let world = World::start().await;
    let api = world.api.register("nothing").await;
    let metrics = api.get("/api/dashboard/metrics").await.expect(200);
    for name in [
        "totalSmsSent",
        "totalSent",
        "totalGroups",
        "totalContacts",
        "messagesToday",
        "messagesThisWeek",
        "messagesThisMonth",
        "failedMessages",
    ] {
        assert_eq!(metrics[name], 0, "{name}");
    }
    let stats = api.get("/api/dashboard/stats").await.expect(200);
    for name in ["byDay", "byChannel", "byProvider", "byReason"] {
        assert_eq!(stats[name], json!([]), "{name}");
    }
    assert_eq!((&stats["totalSent"], &stats["monthlyStats"]), (&json!(0), &json!({})));
    world.end().await;
}
