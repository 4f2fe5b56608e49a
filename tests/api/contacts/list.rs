//! `GET /api/contacts`.

use serde_json::{Value, json};
use tests::{Api, World};

async fn bulk(api: &Api, from: u32, to: u32, tag: &str, group: Option<&Value>) {
    let contacts: Vec<Value> = (from..to)
        .map(|n| json!({"phone": format!("+2547{:08}", 10_000_000 + n), "name": format!("Person {n}"), "tags": [tag]}))
        .collect();
    api.post("/api/contacts/bulk", json!({"contacts": contacts, "groupId": group})).await.expect(201);
}

#[tokio::test]
async fn pages_filters_and_totals() {
    let world = World::start().await;
    let api = world.api.register("list").await;
    api.patch("/api/organization", json!({"defaultCountry": "KE"})).await.expect(200);
    let group = api.post("/api/groups", json!({"name": "Parents"})).await.expect(201)["id"].clone();
    bulk(&api, 0, 40, "Red", None).await;
    bulk(&api, 40, 70, "Blue", Some(&group)).await;
    let group = group.as_str().unwrap();

    let page = api.get("/api/contacts").await.expect(200);
    assert_eq!((page["data"].as_array().unwrap().len(), &page["total"]), (25, &json!(70)));
    assert!(page["nextCursor"].is_string());
    assert_eq!(api.all("/api/contacts").await.len(), 70);
    for (query, count, total) in [
        ("tag=red".to_owned(), 40, json!(40)),
        (format!("groupId={group}"), 30, json!(30)),
        (format!("groupId={group}&tag=BLUE"), 30, Value::Null),
        (format!("groupId={group}&tag=red"), 0, Value::Null),
        ("search=person".to_owned(), 70, Value::Null),
        ("search=person&tag=red".to_owned(), 40, Value::Null),
        (format!("search=pers&groupId={group}"), 30, Value::Null),
        ("search=0710".to_owned(), 70, Value::Null),
        ("tag=green".to_owned(), 0, json!(0)),
        ("groupId=grp_01KAJ7Q4T0M5Z8X2V9C3B6N1R4".to_owned(), 0, json!(0)),
    ] {
        let rows = api.all(&format!("/api/contacts?{query}")).await;
        assert_eq!(rows.len(), count, "{query}");
        let page = api.get(&format!("/api/contacts?{query}")).await.expect(200);
        assert_eq!(page["total"], total, "{query}");
    }
    let cursor = api.get("/api/contacts?limit=1").await.expect(200)["nextCursor"].as_str().unwrap().to_owned();
    assert_eq!(api.get(&format!("/api/contacts?tag=red&cursor={cursor}")).await.problem(400), "cursor_invalid");
    assert_eq!(api.get("/api/contacts?limit=101").await.problem(422), "limit_invalid");
    world.end().await;
}
