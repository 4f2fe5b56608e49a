//! What people write back: opting out and in, help, conversations and replies. What a provider tells twice starts nothing
//! twice.

use reqwest::Method;
use serde_json::{Value, json};
use tests::{Api, World, eventually};

const AMA: &str = "+254700000001";

/// Tells a config's webhook that somebody wrote.
async fn write(world: &World, config: &Value, id: &str, from: &str, text: &str) {
    let webhook = config["webhookUrl"].as_str().expect("an address");
    let path = &webhook[webhook.find("/api/").expect("a path")..];
    let told = json!({ "id": id, "from": from, "to": "22141", "text": text });
    assert_eq!(world.api.post(path, told).await.expect(200)["received"], 1);
}

async fn suppressed(api: &Api) -> Vec<(String, String)> {
    let text = |row: &Value, name: &str| row[name].as_str().unwrap_or_default().to_owned();
    api.all("/api/suppressions").await.iter().map(|row| (text(row, "address"), text(row, "channel"))).collect()
}

/// Sends to a number and says how that ended.
async fn sent(api: &Api, to: &str) -> String {
    let body = json!({ "body": "Hi.", "recipientType": "ADDRESS", "recipients": [to] });
    let request = api.request(Method::POST, "/api/messages").header("Prefer", "wait=10").json(&body);
    let message = api.send(request).await.expect(200);
    message["recipients"]["data"][0]["status"].as_str().unwrap_or_default().to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn stop_and_start_work_in_the_organizations_own_words() {
    let world = World::start().await;
    let (api, config) = world.organization("words").await;
    let (other, _) = world.organization("words-other").await;
    let words = json!({ "stopWords": ["ACHA"], "startWords": [" anza "] });
    let settings =
        api.patch("/api/organization", json!({ "defaultCountry": "KE", "inbound": words })).await.expect(200);
    assert_eq!(settings["inbound"]["startWords"], json!(["anza"]));
    assert_eq!(settings["inbound"]["stopScope"], "CHANNEL");

    assert_eq!(sent(&api, AMA).await, "SENT");
    write(&world, &config, "1", AMA, "When do you open?").await;
    assert_eq!(suppressed(&api).await, []);
    write(&world, &config, "2", "0700000001", " acha! ").await;
    assert_eq!(suppressed(&api).await, [(AMA.to_owned(), "SMS".to_owned())]);
    let row = &api.all("/api/suppressions").await[0];
    assert_eq!((&row["reason"], &row["source"]), (&json!("OPTED_OUT"), &json!("INBOUND")));
    assert_eq!((&row["providerId"], &row["createdBy"]), (&config["id"], &Value::Null));
    assert_eq!(sent(&api, AMA).await, "SKIPPED");
    assert_eq!(sent(&other, AMA).await, "SENT", "the others were not asked to stop");

    write(&world, &config, "3", AMA, "Anza").await;
    assert_eq!(suppressed(&api).await, []);
    // The provider tells of the same message again, late.
    write(&world, &config, "2", "0700000001", " acha! ").await;
    assert_eq!(suppressed(&api).await, [], "what was done is not done again");
    assert_eq!(sent(&api, AMA).await, "SENT");

    // What people of the organization decided is not lifted by the person.
    api.post("/api/suppressions", json!({ "address": AMA, "channel": "SMS" })).await.expect(201);
    write(&world, &config, "4", AMA, "START").await;
    assert_eq!(suppressed(&api).await.len(), 1);

    let wrong = json!({ "inbound": { "stopWords": ["..."] } });
    assert_eq!(api.patch("/api/organization", wrong).await.problem(422), "words_invalid");
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stop_for_everything_holds_on_every_channel_and_start_lifts_it() {
    let world = World::start().await;
    let (api, config) = world.organization("scope").await;
    api.patch("/api/organization", json!({ "inbound": { "stopScope": "ALL" } })).await.expect(200);
    write(&world, &config, "1", AMA, "STOPALL").await;
    assert_eq!(suppressed(&api).await, [(AMA.to_owned(), "ALL".to_owned())]);
    write(&world, &config, "2", AMA, "start").await;
    assert_eq!(suppressed(&api).await, []);
    // A short code is nobody to talk to.
    write(&world, &config, "3", "40404", "STOP").await;
    assert_eq!(suppressed(&api).await, []);
    assert_eq!(api.get("/api/conversations").await.expect(200)["total"], 1);
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn help_is_answered_once_in_a_while() {
    let mut world = World::at("2026-03-28T08:00:00Z").await;
    let (api, config) = world.organization("help").await;
    let help = "Sunrise School. Text STOP to get no more messages.";
    api.patch("/api/organization", json!({ "inbound": { "helpReply": help } })).await.expect(200);
    for (id, text) in [("1", "HELP"), ("1", "HELP"), ("2", "help?"), ("3", "Help me please")] {
        write(&world, &config, id, AMA, text).await;
    }
    world.idle().await;
    let accepted = world.provider.accepted();
    assert_eq!(accepted.len(), 1, "{accepted:?}");
    assert_eq!((accepted[0].to.as_str(), accepted[0].body.as_str()), (AMA, help));
    world.pass(4_000).await;
    write(&world, &config, "4", AMA, "HELP").await;
    world.idle().await;
    assert_eq!(world.provider.accepted().len(), 2);
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_people_write_becomes_conversations_with_replies() {
    let world = World::start().await;
    let (api, config) = world.organization("talk").await;
    let (stranger, _) = world.organization("talk-stranger").await;
    let contact = api.post("/api/contacts", json!({ "name": "Ama", "phone": AMA })).await.expect(201);
    assert_eq!(sent(&api, AMA).await, "SENT");
    write(&world, &config, "1", AMA, "When do you open?").await;
    write(&world, &config, "2", "+254700000002", "Hello").await;
    write(&world, &config, "3", AMA, "Tomorrow, I mean.").await;
    write(&world, &config, "3", AMA, "Tomorrow, I mean.").await;

    let list = api.get("/api/conversations").await.expect(200);
    assert_eq!(list["total"], 2);
    let talk = &list["data"][0];
    for (field, value) in [
        ("address", json!(AMA)),
        ("channel", json!("SMS")),
        ("contactId", contact["id"].clone()),
        ("contactName", json!("Ama")),
        ("lastDirection", json!("IN")),
        ("lastText", json!("Tomorrow, I mean.")),
        ("isOpen", json!(true)),
        ("windowEndsAt", Value::Null),
    ] {
        assert_eq!(talk[field], value, "{field}");
    }
    assert_eq!(api.all("/api/conversations?channel=WHATSAPP").await.len(), 0);
    let with = format!("/api/conversations?contactId={}", contact["id"].as_str().expect("an id"));
    let own = api.get(&with).await.expect(200);
    assert_eq!((&own["total"], &own["data"][0]["id"]), (&json!(1), &talk["id"]));
    assert_eq!(api.all(&format!("{with}&channel=WHATSAPP")).await.len(), 0);
    assert_eq!(stranger.all(&with).await.len(), 0, "another organization's contact has no conversations");

    let path = format!("/api/conversations/{}", talk["id"].as_str().expect("an id"));
    let reply = || {
        let request = api.request(Method::POST, &format!("{path}/messages")).header("Idempotency-Key", "reply-1");
        api.send(request.json(&json!({ "body": "At nine, {{name}}." })))
    };
    let message = reply().await.expect(202);
    assert_eq!(reply().await.expect(202), message, "a reply is sent once");
    let thread = eventually("the reply is in the thread, and sent", 30, || async {
        let thread = api.all(&format!("{path}/messages")).await;
        (thread.len() == 4 && thread[0]["status"] == "SENT").then_some(thread)
    })
    .await;
    let said: Vec<(&str, &str)> =
        thread.iter().map(|one| (one["direction"].as_str().unwrap(), one["body"].as_str().unwrap())).collect();
    assert_eq!(
        said,
        [("OUT", "At nine, Ama."), ("IN", "Tomorrow, I mean."), ("IN", "When do you open?"), ("OUT", "Hi.")]
    );
    assert_eq!(thread[0]["messageId"], message["id"]);
    assert_eq!(api.get(&path).await.expect(200)["lastDirection"], "OUT");

    // Page by page, nothing is left out and nothing comes twice.
    let mut paged = Vec::new();
    let mut cursor = String::new();
    loop {
        let page = api.get(&format!("{path}/messages?limit=1{cursor}")).await.expect(200);
        paged.extend(page["data"].as_array().unwrap().iter().cloned());
        let Some(next) = page["nextCursor"].as_str() else { break };
        cursor = format!("&cursor={next}");
    }
    assert_eq!(paged, thread);

    write(&world, &config, "4", AMA, "Stop").await;
    let late = api.post(&format!("{path}/messages"), json!({ "body": "Are you there?" })).await;
    assert_eq!(late.problem(409), "recipient_suppressed");
    stranger.get(&path).await.expect(404);
    assert_eq!(stranger.get("/api/conversations").await.expect(200)["total"], 0);
    let accepted: Vec<String> = world.provider.accepted().into_iter().map(|text| text.body).collect();
    assert_eq!(accepted, ["Hi.", "At nine, Ama."]);
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_opt_out_and_an_opt_in_are_answered_once_in_the_organizations_words() {
    let mut world = World::start().await;
    let (api, config) = world.organization("answers").await;
    let inbound = json!({ "stopWords": ["ACHA"], "stopReply": "No more. Text ANZA for more.", "startWords": ["ANZA"],
        "startReply": "Welcome back, {{name|friend}}." });
    api.patch("/api/organization", json!({ "inbound": inbound })).await.expect(200);
    let texts = |world: &World| world.provider.accepted().into_iter().map(|text| text.body).collect::<Vec<_>>();
    write(&world, &config, "1", AMA, "Acha").await;
    write(&world, &config, "1", AMA, "Acha").await;
    write(&world, &config, "2", AMA, "STOP").await;
    world.idle().await;
    assert_eq!(texts(&world), ["No more. Text ANZA for more."], "the one message that they still get");
    assert_eq!(sent(&api, AMA).await, "SKIPPED");
    write(&world, &config, "3", AMA, "anza").await;
    write(&world, &config, "4", AMA, "anza").await;
    world.idle().await;
    assert_eq!(texts(&world)[1..], ["Welcome back, friend."]);
    assert_eq!(sent(&api, AMA).await, "SENT");
    let long = json!({ "inbound": { "stopReply": "x".repeat(5_001) } });
    assert_eq!(api.patch("/api/organization", long).await.told(422), "/inbound/stopReply reply_too_long");
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reply_goes_by_routing_or_by_a_config_where_that_is_asked_for() {
    let mut world = World::start().await;
    let (api, config) = world.organization("reply-by").await;
    let mut second = world.provider.config("Second");
    second["isActive"] = json!(false);
    let second = api.post("/api/providers", second).await.expect(201);
    write(&world, &config, "1", AMA, "When do you open?").await;
    let conversation = api.all("/api/conversations").await[0]["id"].as_str().unwrap().to_owned();
    let path = format!("/api/conversations/{conversation}/messages");
    let routed = api.post(&path, json!({ "body": "At nine.", "providerId": "auto" })).await.expect(202);
    assert_eq!(routed["auto"], true);
    let routed = world.settled(&api, routed["id"].as_str().unwrap()).await;
    let deliveries = api.get(&format!("/api/messages/{}/recipients", routed["id"].as_str().unwrap())).await.expect(200);
    assert!(deliveries["data"][0]["route"].is_string(), "{deliveries}");
    let named = api.post(&path, json!({ "body": "At ten.", "providerId": config["id"] })).await.expect(202);
    assert_eq!((&named["auto"], &named["providerId"]), (&json!(false), &config["id"]));
    let refused = api.post(&path, json!({ "body": "At ten.", "providerId": second["id"] })).await;
    assert_eq!(refused.status.as_u16(), 422, "it is not active");
    assert_eq!(api.post(&path, json!({ "body": "Hm.", "providerId": "any" })).await.status.as_u16(), 422);
    world.end().await;
}
