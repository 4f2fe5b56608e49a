//! Credentials of providers in the table: nothing there can be read without the root key.

use aws_sdk_dynamodb::types::AttributeValue;
use base64::{Engine, prelude::BASE64_STANDARD};
use domain::id::OrgId;
use serde_json::{Value, json};
use store::providers::ProviderConfig;
use tests::{Api, World};

/// As long as it is unlike anything else.
const SECRET: &str = "sk-live-quiet-harbour-7731";

const LATER: &str = "rk-live-louder-harbour-9942";

fn path_of(config: &Value) -> String {
    format!("/api/providers/{}", config["id"].as_str().unwrap())
}

fn with_secret(world: &World, name: &str, secret: &str) -> Value {
    let mut config = world.provider.config(name);
    config["credentials"]["apiKey"] = json!(secret);
    config
}

async fn make(world: &World, api: &Api, name: &str, secret: &str) -> Value {
    let request = api.request(reqwest::Method::POST, "/api/providers").header("Idempotency-Key", "once");
    api.send(request.json(&with_secret(world, name, secret))).await.expect(201)
}

async fn org(api: &Api) -> OrgId {
    api.get("/api/organization").await.expect(200)["id"].as_str().unwrap().parse().unwrap()
}

async fn stored(world: &World, api: &Api, config: &Value) -> ProviderConfig {
    let id = config["id"].as_str().unwrap().parse().unwrap();
    store::providers::get(&world.host.app.table, org(api).await, id).await.unwrap()
}

/// All bytes of an attribute, keys of maps included.
fn bytes(value: &AttributeValue, all: &mut Vec<u8>) {
    match value {
        AttributeValue::S(text) | AttributeValue::N(text) => all.extend(text.bytes()),
        AttributeValue::B(blob) => all.extend(blob.as_ref()),
        AttributeValue::L(list) => list.iter().for_each(|value| bytes(value, all)),
        AttributeValue::M(map) => {
            for (name, value) in map {
                all.extend(name.bytes());
                bytes(value, all);
            }
        }
        AttributeValue::Bool(_) | AttributeValue::Null(_) => {}
        other => panic!("a kind of attribute that the table does not use: {other:?}"),
    }
    all.push(0);
}

/// Everything in the table.
async fn scan(world: &World) -> Vec<u8> {
    let table = &world.host.app.table;
    let mut all = Vec::new();
    let mut start = None;
    loop {
        let page = table.client().scan().table_name(table.name()).set_exclusive_start_key(start).send().await.unwrap();
        for item in page.items() {
            bytes(&AttributeValue::M(item.clone()), &mut all);
        }
        start = page.last_evaluated_key;
        if start.is_none() {
            return all;
        }
    }
}

fn holds(all: &[u8], text: &str) -> bool {
    all.windows(text.len()).any(|part| part == text.as_bytes())
}

#[tokio::test]
async fn the_table_shows_no_secret() {
    let mut world = World::at("2026-03-02T08:00:00Z").await;
    let api = world.api.register("sealed").await;
    let config = make(&world, &api, "Harbour config", SECRET).await;
    let other = make(&world, &world.api.register("sealed-too").await, "Harbour config", SECRET).await;
    api.put(&path_of(&config), json!({ "credentials": { "apiKey": LATER } })).await.expect(200);
    api.post(&format!("{}/test", path_of(&config)), json!({})).await.expect(200);
    let body = json!({ "body": "Hi.", "recipientType": "ADDRESS", "recipients": ["+254700000001"] });
    let message = api.post("/api/messages", body).await.expect(202);
    world.settled(&api, message["id"].as_str().unwrap()).await;

    let all = scan(&world).await;
    for seen in [config["id"].as_str().unwrap(), other["id"].as_str().unwrap(), "Harbour config", "+254700000001"] {
        assert!(holds(&all, seen), "the scan sees what is not secret: {seen}");
    }
    for secret in [SECRET, LATER] {
        // Base64 of it is the same in the middle wherever it begins, but for these three.
        let encoded = (0..3).map(|from| {
            let text = BASE64_STANDARD.encode(&secret[from..]);
            text[..text.len() / 4 * 4 - 4].to_owned()
        });
        let reversed: String = secret.chars().rev().collect();
        for text in encoded.chain([secret.to_owned(), secret[8..].to_owned(), reversed]) {
            assert!(!holds(&all, &text), "{text}");
        }
    }
    world.end().await;
}

#[tokio::test]
async fn sealed_credentials_open_in_their_organization_only() {
    let world = World::at("2026-03-02T08:00:00Z").await;
    let app = &world.host.app;
    let (api, other) = (world.api.register("mine").await, world.api.register("theirs").await);
    let config = make(&world, &api, "Mine", SECRET).await;
    let theirs = make(&world, &other, "Theirs", LATER).await;
    let (mine, moved) = (stored(&world, &api, &config).await, stored(&world, &other, &theirs).await);
    let opened = engine::providers::open(app, mine.org, &mine.credentials).await.unwrap();
    assert_eq!(opened["apiKey"].expose(), SECRET);
    assert!(engine::providers::open(app, moved.org, &mine.credentials).await.is_err());

    // As someone would who may write to the table: the other organization's config with these credentials.
    let (table, key) = (&app.table, store::keys::provider(moved.org, moved.id));
    let update = table
        .client()
        .update_item()
        .table_name(table.name())
        .key("pk", AttributeValue::S(key.pk))
        .key("sk", AttributeValue::S(key.sk))
        .condition_expression("credentials = :theirs")
        .update_expression("SET credentials = :mine")
        .expression_attribute_values(":theirs", AttributeValue::S(moved.credentials))
        .expression_attribute_values(":mine", AttributeValue::S(mine.credentials));
    update.send().await.unwrap();
    let test = other.post(&format!("{}/test", path_of(&theirs)), json!({})).await;
    assert_eq!(test.status, 500, "{}", test.body);
    assert_eq!(world.provider.balances(), 0, "nothing was asked with it");
    world.end().await;
}
