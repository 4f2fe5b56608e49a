//! Double opt-in: who joins such a group gets one confirmation message and nothing else, until they answer or follow their link.

use reqwest::Method;
use serde_json::{Value, json};
use tests::{Api, World};

fn number(last: u32) -> String {
    format!("+2547000000{last:02}")
}

async fn template(api: &Api, channel: &str, body: &str) -> Value {
    let mut template = json!({ "name": format!("Confirm by {channel}"), "channel": channel, "body": body });
    if channel == "EMAIL" {
        template["subject"] = json!("Please confirm");
    }
    api.post("/api/templates", template).await.expect(201)["id"].clone()
}

async fn group(api: &Api, name: &str, template: &Value) -> String {
    let body = json!({ "name": name, "doubleOptIn": true, "confirmationTemplateId": template });
    api.post("/api/groups", body).await.expect(201)["id"].as_str().expect("an id").to_owned()
}

async fn join(api: &Api, group: &str, contacts: Value) {
    api.post("/api/contacts/bulk", json!({ "contacts": contacts, "groupId": group })).await.expect(201);
}

async fn counts(api: &Api, group: &str) -> (u64, u64) {
    let group = api.get(&format!("/api/groups/{group}")).await.expect(200);
    (group["contactCount"].as_u64().unwrap(), group["pendingCount"].as_u64().unwrap())
}

/// The texts that went to a number or address, in order.
fn heard(world: &World, to: &str) -> Vec<String> {
    world.provider.accepted().into_iter().filter(|text| text.to == to).map(|text| text.body).collect()
}

async fn send(world: &mut World, api: &Api, channel: &str, groups: &[&str]) -> Value {
    let mut body = json!({ "channel": channel, "body": "News.", "recipientType": "GROUP", "recipients": groups });
    if channel == "EMAIL" {
        body["subject"] = json!("News");
    }
    let message = api.post("/api/messages", body).await.expect(202);
    world.settled(api, message["id"].as_str().expect("an id")).await
}

async fn answer(world: &World, config: &Value, id: &str, from: &str, text: &str) {
    let webhook = config["webhookUrl"].as_str().expect("an address");
    let path = &webhook[webhook.find("/api/").expect("a path")..];
    let told = json!({ "id": id, "from": from, "to": "22141", "text": text });
    assert_eq!(world.api.post(path, told).await.expect(200)["received"], 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn who_joins_is_asked_once_and_gets_the_rest_after_yes() {
    let mut world = World::start().await;
    let (api, config) = world.organization("yes").await;
    let replies = json!({ "yesWords": ["Ndiyo"], "confirmReply": "Thank you." });
    api.patch("/api/organization", json!({ "inbound": replies })).await.expect(200);
    let ask = template(&api, "SMS", "{{organization}}: answer YES to be in {{group}}, {{name|friend}}.").await;
    let wary = group(&api, "Wary", &ask).await;
    join(&api, &wary, json!([{ "phone": number(1), "name": "Ama" }, { "phone": number(2) }, { "phone": number(3) }]))
        .await;
    world.idle().await;
    assert_eq!(counts(&api, &wary).await, (3, 3));
    assert_eq!(heard(&world, &number(1)), ["yes Ltd: answer YES to be in Wary, Ama."]);
    assert_eq!(heard(&world, &number(2)), ["yes Ltd: answer YES to be in Wary, friend."]);
    // Who is in it already is not asked again, however they come.
    join(&api, &wary, json!([{ "phone": number(1) }, { "phone": number(2) }])).await;
    assert_eq!(
        api.post(&format!("/api/groups/{wary}/confirmations"), json!({})).await.expect(202)["recipientCount"],
        3
    );
    world.idle().await;
    assert_eq!((heard(&world, &number(1)).len(), heard(&world, &number(2)).len()), (1, 1));

    let to_group = json!({ "body": "News.", "recipientType": "GROUP", "recipientId": wary });
    let estimate = api.post("/api/messages/estimate", to_group.clone()).await.expect(200);
    assert_eq!(estimate["skipped"], json!([{ "reason": "not_confirmed", "count": 3 }]), "{estimate}");

    answer(&world, &config, "1", &number(1), "Yes!").await;
    answer(&world, &config, "2", &number(2), "ndiyo").await;
    answer(&world, &config, "2", &number(2), "ndiyo").await;
    world.idle().await;
    assert_eq!(counts(&api, &wary).await, (3, 1));
    assert_eq!(heard(&world, &number(2))[1..], ["Thank you."], "told twice, answered once");
    // To who was asked nothing it is a word like others.
    answer(&world, &config, "3", &number(1), "YES").await;
    world.idle().await;
    assert_eq!(heard(&world, &number(1)).len(), 2);

    let sent = send(&mut world, &api, "SMS", &[&wary]).await;
    assert_eq!((&sent["counts"]["sent"], &sent["counts"]["skipped"]), (&json!(2), &json!(1)), "{sent}");
    let skipped = api.all(&format!("/api/messages/{}/recipients?status=SKIPPED", sent["id"].as_str().unwrap())).await;
    assert_eq!((&skipped[0]["reason"], &skipped[0]["recipient"]), (&json!("not_confirmed"), &json!(number(3))));
    assert_eq!(heard(&world, &number(3)).len(), 1);

    // Confirmed in one of the groups is enough; and who is written to by themselves is no matter of groups.
    let open = api.group_of("Open", &[number(3)]).await;
    let sent = send(&mut world, &api, "SMS", &[&wary, &open]).await;
    assert_eq!((&sent["counts"]["total"], &sent["counts"]["sent"]), (&json!(3), &json!(3)), "{sent}");
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_asked_by_mail_confirms_by_a_link_that_nobody_else_has() {
    let mut world = World::start().await;
    let api = world.api.register("link").await;
    let mut config = world.provider.config("Mail");
    config["channel"] = json!("EMAIL");
    api.post("/api/providers", config).await.expect(201);
    let plain = template(&api, "EMAIL", "Answer YES.").await;
    let refused = json!({ "name": "Mail", "doubleOptIn": true, "confirmationTemplateId": plain });
    assert_eq!(api.post("/api/groups", refused).await.told(422), "/confirmationTemplateId confirm_url_missing");
    let refused = json!({ "name": "Mail", "doubleOptIn": true });
    assert_eq!(
        api.post("/api/groups", refused).await.told(422),
        "/confirmationTemplateId confirmation_template_required"
    );
    api.put(&format!("/api/templates/{}", plain.as_str().unwrap()), json!({ "body": "Follow {{confirmUrl}} ." }))
        .await
        .expect(200);
    let wary = group(&api, "Mail <b>", &plain).await;
    join(&api, &wary, json!([{ "email": "ann@x.example" }, { "email": "bob@x.example" }, { "phone": number(1) }]))
        .await;
    world.idle().await;
    let mail = heard(&world, "ann@x.example").pop().expect("a mail");
    let link = mail.split_whitespace().find(|word| word.contains("/api/confirm/")).expect("a link").to_owned();
    assert_ne!(heard(&world, "bob@x.example").pop(), Some(mail), "each has their own");
    let path = &link[link.find("/api/").unwrap()..];

    let asked = api.all("/api/messages").await;
    let log = api.get(&format!("/api/messages/{}/recipients", asked[0]["id"].as_str().unwrap())).await.expect(200);
    assert!(!log.to_string().contains("/api/confirm/"), "the link is theirs alone: {log}");

    let anybody = world.api.clone();
    let page = |method: Method, path: String| anybody.send(anybody.request(method, &path));
    let shown = page(Method::GET, path.to_owned()).await;
    let html = String::from_utf8(shown.bytes).unwrap();
    assert!(html.contains("link Ltd") && html.contains("Mail &lt;b&gt;") && html.contains("<button>"), "{html}");
    assert_eq!(counts(&api, &wary).await, (3, 3), "looking changes nothing");
    for _ in 0..2 {
        assert_eq!(page(Method::POST, path.to_owned()).await.status.as_u16(), 200);
        assert_eq!(counts(&api, &wary).await, (3, 2));
    }
    assert_eq!(page(Method::POST, format!("{path}x")).await.status.as_u16(), 404);
    let sent = send(&mut world, &api, "EMAIL", &[&wary]).await;
    assert_eq!((&sent["counts"]["sent"], &sent["counts"]["skipped"]), (&json!(1), &json!(2)), "{sent}");
    assert!(heard(&world, "ann@x.example")[1].starts_with("News.\n\nUnsubscribe: http"));

    // A link of somebody who is no member any more leads nowhere.
    let ann = api.get("/api/contacts/search?q=ann@x").await.expect(200)["data"][0]["id"].clone();
    api.delete(&format!("/api/groups/{wary}/contacts/{}", ann.as_str().unwrap())).await.expect(204);
    assert_eq!(page(Method::GET, path.to_owned()).await.status.as_u16(), 404);
    assert_eq!(counts(&api, &wary).await, (2, 2));
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_import_asks_its_rows_in_one_message_and_its_own_message_waits_for_them() {
    let mut world = World::start().await;
    let (api, config) = world.organization("import-confirm").await;
    let ask = template(&api, "SMS", "Answer YES.").await;
    let wary = group(&api, "Wary", &ask).await;
    let rows: Vec<String> = (1..=40).map(|last| format!("Person {last},{}", number(last))).collect();
    let file = format!("name,phone\n{}\n", rows.join("\n")).into_bytes();
    let fields = [("body", "Hello {{name}}"), ("groupId", wary.as_str())];
    let bulk = api.upload("/api/messages/bulk", "people.csv", file, &fields).await.expect(202);
    let sent = world.settled(&api, bulk["id"].as_str().unwrap()).await;
    assert_eq!((&sent["status"], &sent["counts"]["skipped"]), (&json!("FAILED"), &json!(40)), "{sent}");
    world.idle().await;
    assert_eq!(world.provider.accepted().len(), 40);
    assert_eq!(api.get("/api/messages").await.expect(200)["total"], 2, "one message asks them all");
    assert_eq!(counts(&api, &wary).await, (40, 40));
    answer(&world, &config, "1", &number(7), "yes").await;
    assert_eq!(counts(&api, &wary).await, (40, 39));
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_could_not_be_asked_joins_all_the_same_and_is_asked_later() {
    let world = World::start().await;
    let api = world.api.register("later-confirm").await;
    let ask = template(&api, "SMS", "Answer YES.").await;
    let wary = group(&api, "Wary", &ask).await;
    join(&api, &wary, json!([{ "phone": number(1) }])).await;
    assert_eq!(counts(&api, &wary).await, (1, 1));
    let alerts = api.all("/api/alerts").await;
    assert_eq!(
        (&alerts[0]["kind"], &alerts[0]["subject"]),
        (&json!("CONFIRMATIONS_NOT_SENT"), &json!(wary)),
        "{alerts:?}"
    );
    api.post("/api/providers", world.provider.config("Loopback")).await.expect(201);
    let mut world = world;
    let asked = api.post(&format!("/api/groups/{wary}/confirmations"), json!({})).await.expect(202);
    world.settled(&api, asked["id"].as_str().unwrap()).await;
    assert_eq!(heard(&world, &number(1)), ["Answer YES."]);
    let open = api.group_of("Open", &[number(2)]).await;
    assert_eq!(api.post(&format!("/api/groups/{open}/confirmations"), json!({})).await.problem(409), "nobody_to_ask");
    world.end().await;
}
