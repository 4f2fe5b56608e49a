//! `/api/routing/rules` and `/api/routing/prices`.

use reqwest::Method;
use serde_json::{Value, json};
use tests::{Api, World};

const RULES: &str = "/api/routing/rules";
const PRICES: &str = "/api/routing/prices";

async fn second(world: &World, api: &Api) -> Value {
    let mut config = world.provider.config("Second");
    config["isActive"] = json!(false);
    api.post("/api/providers", config).await.expect(201)
}

#[tokio::test]
async fn a_rule_is_made_changed_and_removed() {
    let world = World::start().await;
    let (api, first) = world.organization("rules").await;
    let second = second(&world, &api).await;
    let body = json!({
        "name": " Kenya by night ", "destinations": ["ke", "+255 7"], "from": "22:00", "until": "06:00", "strategy": "weighted",
        "providers": [{ "providerId": first["id"], "weight": 3 }, { "providerId": second["id"] }],
    });
    let made = api.post(RULES, body).await;
    let location = made.headers["location"].to_str().expect("text").to_owned();
    let made = made.expect(201);
    for (field, value) in [
        ("name", json!("Kenya by night")),
        ("position", json!(10)),
        ("isActive", json!(true)),
        ("channel", json!("SMS")),
        ("destinations", json!(["KE", "+2557"])),
        ("from", json!("22:00")),
        ("until", json!("06:00")),
        ("strategy", json!("WEIGHTED")),
    ] {
        assert_eq!(made[field], value, "{field}");
    }
    assert_eq!(made["providers"][1], json!({ "providerId": second["id"], "weight": 1 }));
    assert_eq!(api.get(&location).await.expect(200), made);
    let other = json!({ "name": "First", "position": 5, "providers": [{ "providerId": first["id"] }] });
    let other = api.post(RULES, other).await.expect(201);
    assert_eq!(
        (&other["strategy"], &other["destinations"], &other["from"]),
        (&json!("PRIORITY"), &json!([]), &Value::Null)
    );
    let all = api.get(RULES).await.expect(200);
    assert_eq!((&all["data"][0]["id"], &all["data"][1]["id"], &all["total"]), (&other["id"], &made["id"], &json!(2)));

    let change = json!({ "position": 1, "from": null, "isActive": false });
    let changed = api.put(&location, change).await.expect(200);
    assert_eq!((&changed["position"], &changed["from"], &changed["until"]), (&json!(1), &Value::Null, &json!("06:00")));
    assert_eq!(api.get(RULES).await.expect(200)["data"][0], changed);
    api.delete(&location).await.expect(204);
    assert_eq!(api.get(&location).await.problem(404), "not_found");
    world.end().await;
}

#[tokio::test]
async fn a_rule_that_makes_no_sense_is_refused() {
    let world = World::start().await;
    let (api, config) = world.organization("rules-wrong").await;
    let (_, strangers) = world.organization("rules-stranger").await;
    let good = json!([{ "providerId": config["id"] }]);
    for (body, told) in [
        (json!({ "name": "R" }), "/providers field_required"),
        (json!({ "name": " ", "providers": good }), "/name name_invalid"),
        (json!({ "name": "R", "providers": [] }), "/providers providers_empty"),
        (json!({ "name": "R", "providers": good, "from": "25:00" }), "/from time_invalid"),
        (json!({ "name": "R", "providers": good, "channel": "WHATSAPP" }), "/providers/0/providerId provider_channel"),
        (json!({ "name": "R", "providers": [good[0], good[0]] }), "/providers/1/providerId provider_twice"),
        (
            json!({ "name": "R", "providers": [{ "providerId": strangers["id"] }] }),
            "/providers/0/providerId provider_not_found",
        ),
    ] {
        assert_eq!(api.post(RULES, body.clone()).await.told(422), told, "{body}");
    }
    let nowhere = api.post(RULES, json!({ "name": "R", "providers": good, "destinations": ["Kenya"] })).await;
    assert!(nowhere.told(422).starts_with("/destinations/0 "));
    let member = api.member("rules-wrong", "MEMBER").await;
    member.get(RULES).await.expect(200);
    assert_eq!(member.post(RULES, json!({ "name": "R", "providers": good })).await.problem(403), "role_too_small");
    world.end().await;
}

#[tokio::test]
async fn prices_are_kept_and_imported() {
    let world = World::at("2026-03-02T08:00:00Z").await;
    let (api, config) = world.organization("prices").await;
    let kes = |amount: &str| json!({ "amount": amount, "currency": "KES" });
    let body = json!({ "providerId": config["id"], "destination": "KE", "price": kes("0.80") });
    let request = || api.request(Method::POST, PRICES).header("Idempotency-Key", "one").json(&body);
    let made = api.send(request()).await.expect(201);
    assert_eq!(api.send(request()).await.expect(201), made, "once");
    assert_eq!((&made["price"], &made["validFrom"]), (&kes("0.80"), &json!("2026-03-02T08:00:00Z")));
    let path = format!("{PRICES}/{}", made["id"].as_str().expect("an id"));
    let changed = api.put(&path, json!({ "price": kes("0.75") })).await.expect(200);
    assert_eq!((&changed["price"], &changed["destination"]), (&kes("0.75"), &json!("KE")));
    let negative = json!({ "price": kes("-1") });
    assert_eq!(api.put(&path, negative).await.told(422), "/price/amount amount_invalid");

    let id = config["id"].as_str().expect("an id");
    let import = async |csv: &str, replace: &str| {
        let texts = [("providerId", id), ("currency", "KES"), ("replace", replace)];
        api.upload(&format!("{PRICES}/import"), "prices.csv", csv.as_bytes().to_vec(), &texts).await
    };
    let broken = import("destination,price\nKE,0.7\nNowhere,1\nTZ,cheap\n", "false").await.expect(422);
    assert_eq!(broken["code"], "rows_invalid");
    let pointers: Vec<&str> =
        broken["errors"].as_array().unwrap().iter().filter_map(|one| one["pointer"].as_str()).collect();
    assert_eq!(pointers, ["/file/3", "/file/4"]);
    assert_eq!(import("name,price\nKE,0.7\n", "false").await.problem(422), "columns_missing");
    assert_eq!(api.all(PRICES).await.len(), 1, "a file with an error changes nothing");

    let csv = "Destination;Price;Currency;Valid from\n+2547;0.60;;2026-01-01\nTZ;0.02;EUR;\n*;5;;\n";
    assert_eq!(import(csv, "false").await.expect(200), json!({ "added": 3, "removed": 0 }));
    let prices = api.all(&format!("{PRICES}?providerId={id}")).await;
    assert_eq!(prices.len(), 4);
    let of = |destination: &str| prices.iter().find(|price| price["destination"] == destination).expect("it is there");
    assert_eq!((&of("+2547")["price"], &of("+2547")["validFrom"]), (&kes("0.60"), &json!("2026-01-01T00:00:00Z")));
    assert_eq!(of("TZ")["price"]["currency"], "EUR");
    assert_eq!(import("destination,price\nKE,0.5\n", "true").await.expect(200), json!({ "added": 1, "removed": 4 }));
    let left = api.all(PRICES).await;
    assert_eq!((left.len(), &left[0]["price"]), (1, &kes("0.5")));
    api.delete(&format!("{PRICES}/{}", left[0]["id"].as_str().expect("an id"))).await.expect(204);
    assert!(api.all(PRICES).await.is_empty());
    world.end().await;
}

#[tokio::test]
async fn an_estimate_tells_the_cost_where_all_prices_are_known() {
    let world = World::start().await;
    let (api, config) = world.organization("cost").await;
    let estimate = async |recipients: Value, body: &str| {
        let body = json!({ "body": body, "recipientType": "ADDRESS", "recipients": recipients });
        api.post("/api/messages/estimate", body).await.expect(200)["cost"].clone()
    };
    let two = json!(["+254712345678", "+255712345678"]);
    assert_eq!(estimate(two.clone(), "Hi.").await, Value::Null);
    let price = async |destination: &str, amount: &str, currency: &str| {
        let price = json!({ "amount": amount, "currency": currency });
        let since = "2026-01-01T00:00:00Z";
        let body =
            json!({ "providerId": config["id"], "destination": destination, "price": price, "validFrom": since });
        api.post(PRICES, body).await.expect(201)
    };
    price("KE", "0.80", "KES").await;
    assert_eq!(estimate(two.clone(), "Hi.").await, Value::Null, "one has no price");
    assert_eq!(estimate(json!(["+254712345678"]), "Hi.").await, json!({ "amount": "0.80", "currency": "KES" }));
    assert_eq!(estimate(json!(["+254712345678"]), &"x".repeat(200)).await["amount"], "1.60", "two segments");
    let tanzania = price("TZ", "1.5", "KES").await;
    assert_eq!(estimate(two.clone(), "Hi.").await, json!({ "amount": "2.30", "currency": "KES" }));
    let path = format!("{PRICES}/{}", tanzania["id"].as_str().expect("an id"));
    api.put(&path, json!({ "price": { "amount": "0.01", "currency": "EUR" } })).await.expect(200);
    assert_eq!(estimate(two, "Hi.").await, Value::Null, "several currencies have no sum");
    world.end().await;
}
