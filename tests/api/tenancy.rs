//! The sweep over all rows: no token is 401, a role that is too small 403, another organization's things 404, and
//! a body that makes no sense is 4xx, never 500.

use std::collections::BTreeMap;

use domain::access::Role;
use serde_json::{Value, json};
use tests::{Answer, Api, World};
use web::{
    Row,
    extract::Content,
    row::{Access, Trigger},
};

/// One request to a row, with `ids` for the variables of its path.
async fn call(api: &Api, row: &Row, path: &str) -> Answer {
    let method = row.methods().pop().expect("an HTTP row has a method");
    let request = api.request(method, path);
    let request = match row.content {
        Content::Json => request.json(&json!({})),
        Content::Multipart => request.multipart(
            reqwest::multipart::Form::new()
                .part("file", reqwest::multipart::Part::bytes(b"Name,Phone\n".to_vec()).file_name("a.csv")),
        ),
        Content::None | Content::Raw => request,
    };
    api.send(request).await
}

/// The rows that need a token.
fn guarded() -> Vec<Row> {
    functions::catalogue()
        .into_iter()
        .filter(|row| matches!(row.trigger, Trigger::Http { .. }))
        .filter(|row| matches!(row.access, Some(Access::Needs(..) | Access::Person(..))))
        .collect()
}

/// The path of a row with ids in it. Variables are looked up by the resource they stand behind.
fn path(row: &Row, ids: &BTreeMap<&str, String>) -> String {
    let mut path = String::new();
    let mut resource = "";
    for segment in row.path().expect("an HTTP row has a path").split('/').skip(1) {
        path.push('/');
        if segment.starts_with('{') {
            path.push_str(ids.get(resource).unwrap_or_else(|| panic!("no id for {} of {}", segment, row.name)));
        } else {
            resource = segment;
            path.push_str(segment);
        }
    }
    path
}

/// One thing of every kind, in an organization.
async fn things(world: &World, api: &Api, config: &Value) -> BTreeMap<&'static str, String> {
    let id = |value: &Value| value["id"].as_str().expect("an id").to_owned();
    let contact = api.post("/api/contacts", json!({ "name": "Ama", "phone": "+254700000001" })).await.expect(201);
    let group = api.post("/api/groups", json!({ "name": "All" })).await.expect(201);
    api.post(&format!("/api/groups/{}/contacts", id(&group)), json!({ "contactIds": [id(&contact)] })).await;
    let template = api
        .post("/api/templates", json!({ "name": "T", "channel": "SMS", "body": "Hi {{name}}", "isCustom": true }))
        .await
        .expect(201);
    let import = api.post("/api/imports", json!({ "fileName": "a.csv" })).await.expect(201);
    let key = api.post("/api/api-keys", json!({ "name": "k", "scopes": ["contacts:read"] })).await.expect(201);
    let request = api
        .request(reqwest::Method::POST, "/api/messages")
        .header("Prefer", "wait=10")
        .json(&json!({ "body": "Hi.", "recipientType": "ADDRESS", "recipients": ["+254700000001"] }));
    let message = api.send(request).await.expect(200);
    let me = api.get("/api/auth/me").await.expect(200);
    // An alert, made as the product makes one.
    let org = me["organization"]["id"].as_str().expect("an id").parse().expect("an id");
    engine::alerts::raise(&world.host.app, org, engine::alerts::Kind::MessageLate, None, "late").await.expect("stored");
    let alerts = api.get("/api/alerts").await.expect(200);
    let webhook = config["webhookUrl"].as_str().expect("an address");
    let told = json!({ "id": "sweep", "from": "+254700000001", "text": "Hello" });
    world.api.post(&webhook[webhook.find("/api/").expect("a path")..], told).await.expect(200);
    let conversations = api.get("/api/conversations").await.expect(200);
    let endpoint = api.post("/api/webhook-endpoints", json!({ "url": "http://127.0.0.1:9/hook" })).await.expect(201);
    // Nobody listens there, which is an attempt as well.
    let attempt = api.post(&format!("/api/webhook-endpoints/{}/test", id(&endpoint)), json!({})).await.expect(200);
    let providers = json!([{ "providerId": config["id"] }]);
    let rule = api.post("/api/routing/rules", json!({ "name": "R", "providers": providers })).await.expect(201);
    let price = json!({ "amount": "1", "currency": "KES" });
    let price = json!({ "providerId": config["id"], "destination": "*", "price": price });
    let price = api.post("/api/routing/prices", price).await.expect(201);
    let suppressed = api.post("/api/suppressions", json!({ "address": "+254700000099" })).await.expect(201);
    let mail = json!({
        "kind": "SMTP", "channel": "EMAIL", "name": "Mail", "senderId": "hello@acme.example",
        "credentials": { "host": "127.0.0.1", "security": "NONE" },
    });
    let mail = api.post("/api/providers", mail).await.expect(201);
    let domain = json!({ "name": "acme.example", "providerId": mail["id"] });
    let domain = api.post("/api/domains", domain).await.expect(201);
    let media = json!({ "fileName": "a.pdf", "contentType": "application/pdf" });
    let media = api.post("/api/media", media).await.expect(201);
    let whatsapp = json!({ "kind": "SANDBOX", "channel": "WHATSAPP", "name": "WhatsApp" });
    let whatsapp = api.post("/api/providers", whatsapp).await.expect(201);
    let approved = json!({
        "providerId": whatsapp["id"], "name": "t", "language": "en", "category": "UTILITY", "submit": false,
        "components": { "body": "Hi" },
    });
    let approved = api.post("/api/whatsapp-templates", approved).await.expect(201);
    BTreeMap::from([
        ("media", id(&media)),
        ("domains", id(&domain)),
        ("contacts", id(&contact)),
        ("groups", id(&group)),
        ("templates", id(&template)),
        ("whatsapp-templates", id(&approved)),
        ("imports", id(&import)),
        ("rows", "2".to_owned()),
        ("api-keys", id(&key)),
        ("messages", id(&message)),
        ("deliveries", message["recipients"]["data"][0]["id"].as_str().expect("an id").to_owned()),
        ("users", me["user"]["id"].as_str().expect("an id").to_owned()),
        ("providers", id(config)),
        ("alerts", id(&alerts["data"][0])),
        ("suppressions", id(&suppressed)),
        ("conversations", id(&conversations["data"][0])),
        ("webhook-endpoints", id(&endpoint)),
        ("attempts", id(&attempt)),
        ("rules", id(&rule)),
        ("prices", id(&price)),
    ])
}

#[tokio::test(flavor = "multi_thread")]
async fn every_row_is_bound_to_token_role_and_organization() {
    let world = World::start().await;
    let (owner, config) = world.organization("sweep").await;
    let ids = things(&world, &owner, &config).await;
    let mut people = Vec::new();
    for role in [Role::Viewer, Role::Member, Role::Admin] {
        people.push((role, owner.member("sweep", &role.to_string()).await));
    }
    let mut refused = BTreeMap::from([(Role::Viewer, 0), (Role::Member, 0)]);
    let (stranger, _) = world.organization("stranger").await;
    let forged = world.api.with_token("eyJhbGciOiJFZERTQSJ9.e30.AAAA");
    let mut wrong = Vec::new();
    for row in guarded() {
        let path = path(&row, &ids);
        let mut check = |what: &str, answer: &Answer, expected: u16| {
            if answer.status.as_u16() != expected {
                wrong.push(format!("{} {what}: {} instead of {expected}", row.name, answer.status.as_u16()));
            }
        };
        check("without a token", &call(&world.api, &row, &path).await, 401);
        check("with a forged token", &call(&forged, &row, &path).await, 401);
        let Some(Access::Needs(role, _) | Access::Person(role)) = row.access else { continue };
        for (smaller, api) in people.iter().filter(|(person, _)| *person < role) {
            let answer = call(api, &row, &path).await;
            check(&format!("as {smaller}, {}", answer.body["code"]), &answer, 403);
            refused.entry(*smaller).and_modify(|times| *times += 1).or_insert(1);
        }
        if row.path().is_some_and(|path| path.contains('{')) {
            check("by a stranger", &call(&stranger, &row, &path).await, 404);
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(refused.values().all(|times| *times > 10), "rows were looked for: {refused:?}");
    // Nothing that the strangers tried had an effect.
    owner.get(&format!("/api/contacts/{}", ids["contacts"])).await.expect(200);
    owner.get(&format!("/api/groups/{}", ids["groups"])).await.expect(200);
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn lists_show_nothing_of_another_organization() {
    let world = World::start().await;
    let (owner, config) = world.organization("owner").await;
    let ids = things(&world, &owner, &config).await;
    let (stranger, _) = world.organization("other").await;
    for row in guarded() {
        let (Trigger::Http { method, path }, true) = (&row.trigger, row.content == Content::None) else { continue };
        if *method != http::Method::GET || path.contains('{') {
            continue;
        }
        let query = if *path == "/api/contacts/search" { "?q=Ama" } else { "" };
        let answer = stranger.get(&format!("{path}{query}")).await;
        let text = String::from_utf8_lossy(&answer.bytes).into_owned();
        for (kind, id) in &ids {
            assert!(*kind == "rows" || !text.contains(id.as_str()), "{} shows a stranger {kind}: {text}", row.name);
        }
    }
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn bodies_that_make_no_sense_are_refused_and_never_a_defect() {
    let world = World::start().await;
    let (owner, config) = world.organization("malformed").await;
    let ids = things(&world, &owner, &config).await;
    let mut wrong = Vec::new();
    for row in guarded().into_iter().filter(|row| row.content == Content::Json) {
        let path = path(&row, &ids);
        let method = row.methods().pop().expect("a method");
        let json = ("content-type", "application/json");
        for body in ["{", "[]", "\"text\"", r#"{"no such field": 1}"#] {
            let request = owner.request(method.clone(), &path).header(json.0, json.1).body(body);
            let answer = owner.send(request).await;
            let status = answer.status.as_u16();
            if !(400..500).contains(&status) || answer.body["code"].as_str().is_none() {
                wrong.push(format!("{} {body}: {status} {}", row.name, answer.body));
            }
        }
        let request = owner.request(method, &path).header("content-type", "text/plain").body("{}");
        let answer = owner.send(request).await;
        if answer.status.as_u16() != 415 {
            wrong.push(format!("{} text/plain: {}", row.name, answer.status));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    world.end().await;
}
