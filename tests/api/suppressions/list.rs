//! `GET /api/suppressions`.

use serde_json::{Value, json};
use tests::World;

fn field(rows: &[Value], name: &str) -> Vec<String> {
    rows.iter().map(|row| row[name].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn pages_filters_and_search() {
    let world = World::start().await;
    let api = world.api.register("suppressed-list").await;
    api.patch("/api/organization", json!({"defaultCountry": "KE"})).await.expect(200);
    for number in 0..30 {
        let body = json!({"address": format!("+2547100000{number:02}"), "reason": "OPTED_OUT"});
        api.post("/api/suppressions", body).await.expect(201);
    }
    for channel in ["SMS", "WHATSAPP"] {
        let body = json!({"address": "+254710000000", "channel": channel, "reason": "COMPLAINED"});
        api.post("/api/suppressions", body).await.expect(201);
    }
    api.post("/api/suppressions", json!({"address": "ama@example.com", "channel": "EMAIL"})).await.expect(201);

    let page = api.get("/api/suppressions").await.expect(200);
    assert_eq!((page["data"].as_array().unwrap().len(), &page["total"]), (25, &json!(33)));
    assert_eq!(page["data"][0]["address"], "ama@example.com", "newest first");
    assert_eq!(api.all("/api/suppressions").await.len(), 33);
    for (query, count) in [
        ("channel=ALL", 30),
        ("channel=sms", 1),
        ("reason=COMPLAINED", 2),
        ("reason=complained&channel=WHATSAPP", 1),
        ("search=0710", 32),
        ("search=%2B25471000001", 10),
        ("search=AMA@", 1),
        ("search=0710&channel=SMS", 1),
        ("search=0799", 0),
    ] {
        let rows = api.all(&format!("/api/suppressions?{query}")).await;
        assert_eq!(rows.len(), count, "{query}");
        assert_eq!(api.get(&format!("/api/suppressions?{query}")).await.expect(200)["total"], Value::Null, "{query}");
    }

    // One address with three suppressions, in pages of two: nothing is left out, nothing comes twice.
    let mut found: Vec<Value> = Vec::new();
    let mut cursor = String::new();
    loop {
        let page = api.get(&format!("/api/suppressions?search=07100000&limit=2{cursor}")).await.expect(200);
        let rows = page["data"].as_array().unwrap();
        assert!(rows.len() <= 2);
        found.extend(rows.iter().cloned());
        let Some(next) = page["nextCursor"].as_str() else { break };
        cursor = format!("&cursor={next}");
    }
    assert_eq!(found.len(), 32);
    assert_eq!(field(&found[..3], "channel"), ["ALL", "SMS", "WHATSAPP"]);
    assert!(field(&found, "address").is_sorted());

    let cursor = api.get("/api/suppressions?limit=1").await.expect(200)["nextCursor"].as_str().unwrap().to_owned();
    let edited = format!("/api/suppressions?reason=MANUAL&cursor={cursor}");
    assert_eq!(api.get(&edited).await.problem(400), "cursor_invalid");
    world.end().await;
}
