//! Messages that are routed: by rules, and on by another provider when one dies, with nobody sent to twice.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use reqwest::Method;
use serde_json::{Value, json};
use store::Clock;
use tests::{Api, Process, Provider, Twilio, World, eventually, provider::Behaviour};

/// Makes both configs, the first as default; gives their ids.
async fn configs(api: &Api, first: Value, second: Value) -> (String, String) {
    let id = |made: Value| made["id"].as_str().expect("an id").to_owned();
    let mut first = first;
    first["isDefault"] = json!(true);
    let first = id(api.post("/api/providers", first).await.expect(201));
    (first, id(api.post("/api/providers", second).await.expect(201)))
}

fn auto(recipients: &[&str]) -> Value {
    json!({ "body": "Hi.", "recipientType": "ADDRESS", "recipients": recipients, "providerId": "auto" })
}

async fn by_provider(api: &Api, message: &str) -> BTreeMap<String, (String, String)> {
    let text = |row: &Value, name: &str| row[name].as_str().unwrap_or_default().to_owned();
    let rows = api.all(&format!("/api/messages/{message}/recipients")).await;
    rows.iter().map(|row| (text(row, "recipient"), (text(row, "providerId"), text(row, "route")))).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn rules_decide_by_country_and_say_why() {
    let mut world = World::at("2026-03-02T08:00:00Z").await;
    let twilio = Twilio::start(world.clock.clone()).await;
    let api = world.api.register("by-country").await;
    let (first, second) = configs(&api, world.provider.config("Local"), twilio.config("HOLD")).await;
    let rule = async |name: &str, strategy: &str, destinations: &[&str], providers: [&String; 2]| {
        let providers = providers.map(|id| json!({ "providerId": id }));
        let body = json!({ "name": name, "strategy": strategy, "destinations": destinations, "providers": providers });
        api.post("/api/routing/rules", body).await.expect(201);
    };
    rule("Tanzania", "PRIORITY", &["TZ"], [&second, &first]).await;
    rule("Kenya", "CHEAPEST", &["KE"], [&first, &second]).await;
    for (id, amount) in [(&first, "0.80"), (&second, "0.60")] {
        let price = json!({ "amount": amount, "currency": "KES" });
        let body = json!({ "providerId": id, "destination": "+2547", "price": price });
        api.post("/api/routing/prices", body).await.expect(201);
    }
    let recipients = ["+254712345678", "+255712345678", "+4915112345678", "+254712345679"];
    let message = api.post("/api/messages", auto(&recipients)).await.expect(202);
    let id = message["id"].as_str().expect("an id");
    let sent = world.settled(&api, id).await;
    assert_eq!((&sent["status"], &sent["counts"]["sent"]), (&json!("SENT"), &json!(4)), "{sent}");
    let went = by_provider(&api, id).await;
    for (to, provider, why) in [
        ("+254712345678", &second, "Twilio: rule `Kenya`, cheapest at KES 0.60"),
        ("+255712345678", &second, "Twilio: rule `Tanzania`, first in its list"),
        ("+4915112345678", &first, "Local: no rule decides, first in order"),
    ] {
        assert_eq!(&went[to].0, provider, "{to}");
        assert_eq!(went[to].1, why, "{to}");
    }
    assert_eq!((world.provider.accepted().len(), twilio.taken().len()), (1, 3));
    let named = json!({ "body": "Hi.", "recipientType": "ADDRESS", "recipients": recipients, "providerId": "other" });
    assert!(api.post("/api/messages", named).await.told(422).starts_with("/providerId "));
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn bad_credentials_move_the_rest_to_the_next_provider() {
    let world = World::start().await;
    let twilio = Twilio::start(world.clock.clone()).await;
    let api = world.api.register("credentials").await;
    let (first, second) = configs(&api, world.provider.config("Local"), twilio.config("HOLD")).await;
    world.provider.script(std::iter::repeat_n(Behaviour::Refuse(401), 100));
    let numbers: Vec<String> = (0..30).map(|number| format!("+2547123000{number:02}")).collect();
    let recipients: Vec<&str> = numbers.iter().map(String::as_str).collect();
    let message = api.post("/api/messages", auto(&recipients)).await.expect(202);
    let id = message["id"].as_str().expect("an id");
    let path = format!("/api/messages/{id}");
    let sent = eventually("the message is sent", 60, || async {
        let message = api.get(&path).await.expect(200);
        (message["status"] == "SENT").then_some(message)
    })
    .await;
    assert_eq!(sent["counts"]["sent"], 30, "{sent}");
    assert_eq!((world.provider.accepted().len(), twilio.taken().len()), (0, 30));
    assert!(by_provider(&api, id).await.values().all(|(provider, _)| *provider == second));
    let paused = api.get(&format!("/api/providers/{first}")).await.expect(200);
    assert_eq!(paused["paused"]["reason"], "PROVIDER");
    let alert = &api.get("/api/alerts").await.expect(200)["data"][0];
    assert_eq!((&alert["kind"], &alert["subject"]), (&json!("PROVIDER_CREDENTIALS"), &json!(first)));
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_provider_that_dies_is_followed_by_the_next_and_nobody_is_sent_to_twice() {
    const ALL: usize = 5_000;
    let world = World::start().await;
    // On a runtime of its own, so that it can die with all its connections.
    let doomed = tokio::runtime::Runtime::new().expect("a runtime");
    let first = doomed.spawn(Provider::start()).await.expect("it starts");
    first.slow(Duration::from_millis(20));
    let twilio = Twilio::start(world.clock.clone()).await;
    let api = world.api.register("dies").await;
    let (dead, second) = configs(&api, first.config("Doomed"), twilio.config("HOLD")).await;
    let numbers: Vec<String> = (0..ALL).map(|number| format!("+2547123{number:05}")).collect();
    let group = api.group_of("All", &numbers).await;
    let body = json!({ "body": "Hi.", "recipientType": "GROUP", "recipientId": group, "providerId": "auto" });
    let message = api.post("/api/messages", body).await.expect(202);
    let id = message["id"].as_str().expect("an id");
    eventually("the first is in the middle", 60, || async { (first.accepted().len() > 1_000).then_some(()) }).await;
    doomed.shutdown_background();
    let by_first: BTreeSet<String> = first.accepted().into_iter().map(|text| text.to).collect();
    assert!(by_first.len() < ALL - 1_000, "it died too late: {}", by_first.len());

    let path = format!("/api/messages/{id}");
    let sent = eventually("the message is settled", 120, || async {
        let message = api.get(&path).await.expect(200);
        matches!(message["status"].as_str(), Some("SENT" | "FAILED" | "PAUSED")).then_some(message)
    })
    .await;
    let counts = &sent["counts"];
    let unknown = counts["unknown"].as_u64().expect("a number");
    assert_eq!(
        (&sent["status"], &counts["failed"], &counts["pending"]),
        (&json!("SENT"), &json!(0), &json!(0)),
        "{sent}"
    );
    assert_eq!(counts["sent"].as_u64().expect("a number") + unknown, ALL as u64);

    let by_first: Vec<String> = first.accepted().into_iter().map(|text| text.to).collect();
    let by_second: Vec<String> = twilio.taken().into_iter().map(|text| text.to).collect();
    let reached: BTreeSet<&String> = by_first.iter().chain(&by_second).collect();
    assert_eq!(reached.len(), by_first.len() + by_second.len(), "nobody is sent to twice");
    // Of whom nobody knows the first may have taken some; the second was not asked for them.
    let missing = ALL - reached.len();
    assert!(missing as u64 <= unknown, "{missing} are missing, {unknown} are unknown");
    let went = by_provider(&api, id).await;
    let moved = went.values().filter(|(provider, _)| *provider == second).count();
    assert_eq!(moved, by_second.len());
    let why = &went[&by_second[0]].1;
    assert!(why.starts_with("Twilio: "), "{why}");
    let health = api.get(&format!("/api/providers/{dead}/health")).await.expect(200);
    assert!(health["recent"]["errorRate"].as_f64().is_some_and(|rate| rate > 0.0), "{health}");
    eprintln!("{} by the first, {} by the second, {unknown} unknown", by_first.len(), by_second.len());
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn kill_9_while_a_message_goes_two_ways_loses_nobody_and_doubles_nobody() {
    const ALL: usize = 1_200;
    let folder = tempfile::tempdir().expect("a folder");
    let local = Provider::start().await;
    let twilio = Twilio::start(Clock::system()).await;
    let mut process = Process::start(folder.path(), None).await;
    process.api = process.api.register("two-ways").await;
    let api = process.api.clone();
    let (first, second) = configs(&api, local.config("Local"), twilio.config("HOLD")).await;
    for (name, country, provider) in [("Kenya", "KE", &first), ("Tanzania", "TZ", &second)] {
        let body = json!({ "name": name, "destinations": [country], "providers": [{ "providerId": provider }] });
        api.post("/api/routing/rules", body).await.expect(201);
    }
    // Each chunk goes two ways: half of it is apart in its first round.
    let numbers: Vec<String> = (0..ALL)
        .map(|number| if number % 2 == 0 { format!("+2547123{number:05}") } else { format!("+2557123{number:05}") })
        .collect();
    let group = api.group_of("All", &numbers).await;
    let body = json!({ "body": "Hi.", "recipientType": "GROUP", "recipientId": group, "providerId": "auto" });
    let message = api.post("/api/messages", body).await.expect(202);
    let taken = || local.accepted().len() + twilio.taken().len();
    for threshold in [150, 700] {
        eventually("sending is under way", 60, || async { (taken() >= threshold).then_some(()) }).await;
        process = process.kill_and_restart().await;
    }
    let path = format!("/api/messages/{}", message["id"].as_str().expect("an id"));
    let message = eventually("the message is settled", 120, || async {
        let message = process.api.try_send(process.api.request(Method::GET, &path)).await?.body;
        matches!(message["status"].as_str(), Some("SENT" | "FAILED" | "PAUSED")).then_some(message)
    })
    .await;
    let count = |name: &str| message["counts"][name].as_u64().expect("a count");
    assert_eq!((count("total"), count("pending"), count("failed")), (ALL as u64, 0, 0), "{message}");
    assert_eq!(count("sent") + count("unknown"), ALL as u64, "{message}");
    let by_first: BTreeSet<String> = local.accepted().into_iter().map(|text| text.to).collect();
    let by_second: BTreeSet<String> = twilio.taken().into_iter().map(|text| text.to).collect();
    assert_eq!(by_first.len() + by_second.len(), taken(), "nobody is sent to twice");
    assert!(by_first.iter().all(|to| to.starts_with("+254")) && by_second.iter().all(|to| to.starts_with("+255")));
    let sent = process.api.all(&format!("{path}/recipients?status=SENT")).await;
    let reached = |row: &Value| {
        let to = row["recipient"].as_str().expect("a number");
        by_first.contains(to) || by_second.contains(to)
    };
    assert!(sent.iter().all(reached), "who is called sent was accepted");
    process.kill().await;
}
