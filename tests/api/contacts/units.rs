//! What a page of contacts costs to read, which is not more where there are more contacts.

use std::{collections::BTreeMap, ops::Range};

use local::meter::TableUse;
use serde_json::{Value, json};
use tests::{Api, World};

/// A first page, and first pages of searches for the beginning of a name and of a number. All contacts are found.
const PAGES: [&str; 4] =
    ["/api/contacts", "/api/contacts?search=pers", "/api/contacts?search=%2B25471", "/api/contacts/search?q=pers"];

/// Contacts that differ in nothing that has a size.
async fn add(api: &Api, numbers: Range<usize>) {
    let contacts: Vec<Value> = numbers
        .map(|number| json!({ "name": format!("Person {number:05}"), "phone": format!("+254710{number:06}") }))
        .collect();
    for page in contacts.chunks(1_000) {
        api.post("/api/contacts/bulk", json!({ "contacts": page })).await.expect(201);
    }
}

/// What the table did for each page.
async fn cost(world: &mut World, api: &Api) -> Vec<(&'static str, BTreeMap<String, TableUse>)> {
    world.idle().await;
    let mut costs = Vec::new();
    for path in PAGES {
        world.host.meter.start(false);
        let page = api.get(path).await.expect(200);
        costs.push((path, world.host.meter.reading().table));
        world.host.meter.stop();
        assert_eq!(page["data"].as_array().unwrap().len(), 25, "{path}");
        assert!(page["nextCursor"].is_string(), "{path}");
    }
    costs
}

#[tokio::test(flavor = "multi_thread")]
async fn a_first_page_costs_as_much_among_thousands_as_among_a_hundred() {
    let mut world = World::at("2026-03-02T08:00:00Z").await;
    let api = world.api.register("units").await;
    add(&api, 0..100).await;
    // What an instance reads once is read now.
    cost(&mut world, &api).await;
    let few = cost(&mut world, &api).await;
    for (path, table) in &few {
        let units: f64 = table.values().map(|used| used.read_units).sum();
        assert!(units > 0.0 && units < 50.0, "{path}: {table:?}");
    }
    add(&api, 100..5_000).await;
    assert_eq!(api.get("/api/contacts?limit=1").await.expect(200)["total"], 5_000);
    assert_eq!(cost(&mut world, &api).await, few);
    world.end().await;
}
