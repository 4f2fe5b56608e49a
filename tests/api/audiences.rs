//! Who a message goes to, and what each of them reads.

use serde_json::{Value, json};
use tests::{Api, World};

const START: &str = "2026-03-02T08:00:00Z";

fn id_of(thing: &Value) -> String {
    thing["id"].as_str().unwrap().to_owned()
}

async fn contact(api: &Api, phone: &str) -> String {
    id_of(&api.post("/api/contacts", json!({ "phone": phone })).await.expect(201))
}

/// Sends and waits for the end.
async fn send(world: &mut World, api: &Api, body: Value) -> Value {
    let message = api.post("/api/messages", body).await.expect(202);
    world.settled(api, message["id"].as_str().unwrap()).await
}

/// What the provider was given: number and text, by number.
fn texts(world: &World) -> Vec<(String, String)> {
    let mut texts: Vec<_> = world.provider.accepted().into_iter().map(|text| (text.to, text.body)).collect();
    texts.sort_unstable();
    texts
}

fn text(phone: &str, body: &str) -> (String, String) {
    (phone.to_owned(), body.to_owned())
}

#[tokio::test]
async fn a_mixed_audience_gets_one_copy_each() {
    let mut world = World::at(START).await;
    let (api, _) = world.organization("mixed").await;
    let group = api.group_of("All", &["+254700000001".to_owned(), "+254700000002".to_owned()]).await;
    let members = api.get(&format!("/api/groups/{group}/contacts")).await.expect(200);
    let single = contact(&api, "+254700000003").await;
    let recipients = json!([
        group,
        single,
        "+254700000004",
        // All of them once more, in another way.
        members["data"][0]["id"],
        members["data"][1]["phone"],
        "+254 700 000 003",
        "+254-700-000-004",
    ]);
    let message =
        send(&mut world, &api, json!({ "body": "Hi.", "recipientType": "MIXED", "recipients": recipients })).await;
    assert_eq!(message["recipientType"], "MIXED");
    assert_eq!(
        (&message["recipientCount"], &message["counts"]["total"], &message["counts"]["sent"]),
        (&json!(4), &json!(4), &json!(4)),
        "{message}"
    );
    let expected: Vec<_> = (1..=4).map(|number| text(&format!("+25470000000{number}"), "Hi.")).collect();
    assert_eq!(texts(&world), expected);
    let copies = api.all(&format!("/api/messages/{}/recipients", id_of(&message))).await;
    let contact_of = |phone: &str| &copies.iter().find(|copy| copy["recipient"] == phone).unwrap()["contactId"];
    assert_eq!(contact_of("+254700000003"), &json!(single), "the first way of naming someone counts");
    assert_eq!(contact_of("+254700000004"), &Value::Null);
    world.end().await;
}

#[tokio::test]
async fn a_message_to_nobody_is_refused() {
    let world = World::at(START).await;
    let (api, _) = world.organization("nobody").await;
    let empty = api.group_of("Empty", &[]).await;
    let left = api.group_of("Left", &["+254700000001".to_owned()]).await;
    let members = api.get(&format!("/api/groups/{left}/contacts")).await.expect(200);
    api.delete(&format!("/api/contacts/{}", id_of(&members["data"][0]))).await.expect(204);
    for (audience, told) in [
        (json!({ "recipientType": "ADDRESS", "recipients": [] }), "/recipients audience_empty"),
        (json!({ "recipientType": "MIXED", "recipients": [] }), "/recipients audience_empty"),
        (json!({ "recipientType": "ADDRESS", "recipients": ["nobody"] }), "/recipients/0 address_invalid"),
        (json!({ "recipientType": "GROUP", "recipientId": empty }), ""),
        (json!({ "recipientType": "GROUP", "recipientId": left }), ""),
        (json!({ "recipientType": "GROUP", "recipients": [empty, left] }), ""),
        (json!({ "recipientType": "MIXED", "recipients": [empty] }), ""),
    ] {
        let mut body = audience.clone();
        body["body"] = json!("Hi.");
        for path in ["/api/messages", "/api/messages/estimate"] {
            let refused = api.post(path, body.clone()).await;
            assert_eq!(refused.clone().problem(422), "audience_empty", "{path} {audience}");
            if !told.is_empty() {
                assert_eq!(refused.told(422), told, "{path} {audience}");
            }
        }
    }
    assert_eq!(api.get("/api/messages").await.expect(200)["total"], 0);
    world.end().await;
}

#[tokio::test]
async fn a_message_that_nothing_could_send_is_refused() {
    let world = World::at(START).await;
    let api = world.api.register("providerless").await;
    let body = json!({ "body": "Hi.", "recipientType": "ADDRESS", "recipients": ["+254700000001"] });
    let mut mail = body.clone();
    (mail["channel"], mail["subject"], mail["recipients"]) = (json!("EMAIL"), json!("S"), json!(["a@b.example"]));
    let refused = async |body: &Value| {
        for path in ["/api/messages", "/api/messages/estimate"] {
            assert_eq!(api.post(path, body.clone()).await.problem(422), "provider_missing", "{path}");
        }
    };
    refused(&body).await;
    let mut config = world.provider.config("Loopback");
    config["isActive"] = json!(false);
    let config = api.post("/api/providers", config).await.expect(201);
    refused(&body).await;
    api.put(&format!("/api/providers/{}", id_of(&config)), json!({ "isActive": true })).await.expect(200);
    refused(&mail).await;
    assert_eq!(api.get("/api/messages").await.expect(200)["total"], 0);
    api.post("/api/messages", body).await.expect(202);
    world.end().await;
}

#[tokio::test]
async fn recipients_with_variables_of_their_own_read_their_own_texts() {
    let mut world = World::at(START).await;
    let (api, _) = world.organization("own-texts").await;
    let message = json!({
        "body": "{{greeting}} {{who}}, you owe {{sum}}{{more|.}}", "variables": { "greeting": "Hello", "who": "friend" },
        "recipientType": "ADDRESS", "recipients": [
            { "to": "+254700000001", "variables": { "who": "Amina", "sum": 12.5 } },
            { "to": "+254700000002", "variables": { "Sum": "nothing", "more": "!" } },
        ],
    });
    let sent = send(&mut world, &api, message).await;
    assert_eq!(sent["counts"]["sent"], 2, "{sent}");
    let expected =
        [text("+254700000001", "Hello Amina, you owe 12.5."), text("+254700000002", "Hello friend, you owe nothing!")];
    assert_eq!(texts(&world), expected);
    let shown = api.all(&format!("/api/messages/{}/recipients", id_of(&sent))).await;
    let shown: Vec<_> =
        shown.iter().map(|copy| text(copy["recipient"].as_str().unwrap(), copy["body"].as_str().unwrap())).collect();
    assert_eq!(shown, expected, "the log shows what each of them got");
    world.end().await;
}

#[tokio::test]
async fn a_column_of_an_import_fills_a_text() {
    let mut world = World::at(START).await;
    let (api, _) = world.organization("columns").await;
    let group = api.group_of("Class", &[]).await;
    let import = json!({ "fileName": "class.csv", "groupId": group, "mode": "DIRECT" });
    let import = api.post("/api/imports", import).await.expect(201);
    let file = "Name,Phone, Class \nAmina,+254700000001,4B\nJuma,+254700000002,5A\nZed,+254700000003,\n";
    tests::files::put(&import, file.as_bytes()).await;
    let path = format!("/api/imports/{}", id_of(&import));
    let check = || async { (api.get(&path).await.expect(200)["status"] == "DONE").then_some(()) };
    world.until("the import is done", 60, check).await;

    let body = "{{name}} is in {{attributes.class}}.";
    let message = json!({ "body": body, "recipientType": "GROUP", "recipientId": group });
    let sent = send(&mut world, &api, message).await;
    assert_eq!((&sent["counts"]["sent"], &sent["counts"]["skipped"]), (&json!(2), &json!(1)), "{sent}");
    assert_eq!(texts(&world), [text("+254700000001", "Amina is in 4B."), text("+254700000002", "Juma is in 5A.")]);
    let skipped = api.all(&format!("/api/messages/{}/recipients?status=SKIPPED", id_of(&sent))).await;
    assert_eq!(
        (&skipped[0]["recipient"], &skipped[0]["reason"]),
        (&json!("+254700000003"), &json!("variable_missing"))
    );
    world.end().await;
}

#[tokio::test]
async fn all_variables_that_are_missing_are_told() {
    let world = World::at(START).await;
    let (api, _) = world.organization("missing").await;
    let single = contact(&api, "+254700000001").await;
    let body = |variables: Value| {
        json!({
            "body": "{{name}}: {{code}} at {{hour}} in {{place|Nakuru}}, {{code}}", "variables": variables,
            "recipientType": "CONTACT", "recipientId": single,
        })
    };
    for path in ["/api/messages", "/api/messages/estimate"] {
        let refused = api.post(path, body(json!({ "colour": "red" }))).await;
        assert_eq!(refused.clone().problem(422), "variable_missing", "{path}");
        assert_eq!(refused.told(422), "/variables/code variable_missing, /variables/hour variable_missing", "{path}");
        let one = api.post(path, body(json!({ "HOUR": 9 }))).await;
        assert_eq!(one.told(422), "/variables/code variable_missing", "{path}");
    }
    // What one of the addresses lacks is missing.
    let each = json!({
        "body": "{{code}} at {{hour}} by {{who}}", "variables": { "who": "us" }, "recipientType": "ADDRESS", "recipients": [
            { "to": "+254700000001", "variables": { "code": 1, "hour": 9 } },
            { "to": "+254700000002", "variables": { "code": 2 } },
        ],
    });
    assert_eq!(api.post("/api/messages", each).await.told(422), "/variables/hour variable_missing");
    assert_eq!(api.get("/api/messages").await.expect(200)["total"], 0);
    world.end().await;
}
