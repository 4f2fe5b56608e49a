//! `/api/domains`, against a provider and a DNS server on the loopback address.

use axum::{Json, Router, extract::Path, routing::get};
use serde_json::{Value, json};
use tests::{Api, Mailjet, World, dns::Dns};

const KEY: &str = "k=rsa; p=MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQC";

/// Mailjet's page of a domain.
async fn page(Path(domain): Path<String>) -> Json<Value> {
    Json(json!({ "Count": 1, "Data": [{
        "Domain": domain, "DKIMRecordName": format!("mailjet._domainkey.{domain}."), "DKIMRecordValue": KEY,
        "SPFRecordValue": "v=spf1 include:spf.mailjet.com ?all",
    }] }))
}

/// What stands in an answer of each record: its purpose, state and what was found.
fn states(domain: &Value) -> Vec<(String, String, Value)> {
    let text = |record: &Value, name: &str| record[name].as_str().unwrap().to_owned();
    let records = domain["records"].as_array().unwrap().iter();
    records.map(|record| (text(record, "purpose"), text(record, "state"), record["found"].clone())).collect()
}

fn state(purpose: &str, state: &str, found: Value) -> (String, String, Value) {
    (purpose.to_owned(), state.to_owned(), found)
}

async fn check(api: &Api, domain: &Value) -> Value {
    let path = format!("/api/domains/{}/check", domain["id"].as_str().unwrap());
    api.post(&path, json!({})).await.expect(200)
}

#[tokio::test]
async fn a_domain_says_what_it_needs_and_what_is_there() {
    let dns = Dns::start().await;
    let world = World::asking(dns.address).await;
    let mailjet = Mailjet::beside(Router::new().route("/v3/REST/dns/{domain}", get(page))).await;
    let (api, config) = mailjet.organization(&world, "domains").await;
    let body = json!({ "name": " Acme.Example. ", "providerId": config["id"] });
    let domain = api.post("/api/domains", body.clone()).await.expect(201);
    assert_eq!(
        (&domain["name"], &domain["isReady"], &domain["checkedAt"]),
        (&json!("acme.example"), &json!(false), &Value::Null)
    );
    let records = &domain["records"];
    assert_eq!(records[0]["name"], "acme.example");
    assert_eq!(
        (&records[1]["type"], &records[1]["name"], &records[1]["value"]),
        (&json!("TXT"), &json!("mailjet._domainkey.acme.example"), &json!(KEY))
    );
    assert_eq!(records[2]["name"], "_dmarc.acme.example");
    assert_eq!(api.post("/api/domains", body).await.problem(409), "domain_taken");

    let nothing = json!([]);
    let found = check(&api, &domain).await;
    assert_eq!(states(&found), ["SPF", "DKIM", "DMARC"].map(|purpose| state(purpose, "MISSING", nothing.clone())));

    dns.put("acme.example", "TXT", "google-site-verification=1");
    dns.put("acme.example", "TXT", "v=spf1 include:_spf.google.com -all");
    dns.put("mailjet._domainkey.acme.example", "TXT", KEY);
    dns.put("_dmarc.acme.example", "TXT", "v=DMARC1; p=quarantine");
    let found = check(&api, &domain).await;
    assert_eq!(
        states(&found),
        [
            state("SPF", "WRONG", json!(["v=spf1 include:_spf.google.com -all"])),
            state("DKIM", "GOOD", json!([KEY])),
            state("DMARC", "GOOD", json!(["v=DMARC1; p=quarantine"])),
        ]
    );
    assert_eq!(found["isReady"], false);

    dns.clear("acme.example");
    dns.put("acme.example", "TXT", "v=spf1 include:_spf.google.com include:spf.mailjet.com -all");
    let found = check(&api, &domain).await;
    assert_eq!(found["isReady"], true, "{found}");
    let path = format!("/api/domains/{}", domain["id"].as_str().unwrap());
    assert_eq!(api.get(&path).await.expect(200), found, "it is kept");
    assert_eq!(api.get("/api/domains").await.expect(200)["data"], json!([found]));

    api.delete(&path).await.expect(204);
    assert_eq!(api.get(&path).await.problem(404), "not_found");
    world.end().await;
}

#[tokio::test]
async fn a_domain_needs_a_name_and_a_provider_that_tells() {
    let dns = Dns::start().await;
    let world = World::asking(dns.address).await;
    let mailjet = Mailjet::start().await;
    let (api, config) = mailjet.organization(&world, "domains-bad").await;
    let sms = api.post("/api/providers", world.provider.config("Loopback")).await.expect(201);
    for (name, provider, told) in [
        ("acme", &config["id"], "/name domain_invalid"),
        ("https://acme.example", &config["id"], "/name domain_invalid"),
        ("acme.example", &json!("prv_01KAJ7Q4T0M5Z8X2V9C3B6N1R4"), "/providerId provider_not_found"),
        ("acme.example", &sms["id"], "/providerId provider_channel"),
    ] {
        assert_eq!(api.post("/api/domains", json!({ "name": name, "providerId": provider })).await.told(422), told);
    }
    // It answers nothing about domains here.
    let body = json!({ "name": "acme.example", "providerId": config["id"] });
    assert_eq!(api.post("/api/domains", body).await.problem(409), "provider_failed");
    assert_eq!(api.get("/api/domains").await.expect(200)["total"], 0);

    // A server of one's own tells nothing: what is shown is advice.
    let smtp = json!({
        "kind": "SMTP", "channel": "EMAIL", "name": "Own", "senderId": "hello@acme.example",
        "credentials": { "host": "127.0.0.1", "security": "NONE" },
    });
    let smtp = api.post("/api/providers", smtp).await.expect(201);
    let domain =
        api.post("/api/domains", json!({ "name": "acme.example", "providerId": smtp["id"] })).await.expect(201);
    dns.put("acme.example", "TXT", "v=spf1 mx -all");
    let found = check(&api, &domain).await;
    assert_eq!(states(&found)[0], state("SPF", "GOOD", json!(["v=spf1 mx -all"])));
    assert_eq!(states(&found)[1].1, "MISSING", "{found}");
    world.end().await;
}
