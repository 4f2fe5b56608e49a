//! `GET /api/contacts/export`.

use serde_json::json;
use tests::{Api, World};

#[tokio::test]
async fn what_is_exported_can_be_imported_again() {
    let world = World::start().await;
    let api = world.api.register("export").await;
    let group = api.post("/api/groups", json!({"name": "Parents"})).await.expect(201);
    let contacts = json!([
        {"name": "Amina", "phone": "+254700000001", "tags": ["a", "b"], "attributes": {"class": "4B"}},
        {"name": "=1+1", "phone": "+254700000002", "email": "b@example.com", "timezone": "Africa/Nairobi"},
    ]);
    api.post("/api/contacts/bulk", json!({"contacts": contacts, "groupId": group["id"]})).await.expect(201);
    api.post("/api/contacts", json!({"phone": "+254700000003"})).await.expect(201);

    let csv = api.get("/api/contacts/export?tag=A").await;
    assert!(csv.headers["content-type"].to_str().unwrap().starts_with("text/csv"));
    assert!(csv.headers["content-disposition"].to_str().unwrap().contains(".csv"));
    let text = String::from_utf8(csv.bytes).unwrap();
    assert_eq!(
        text.trim_start_matches('\u{feff}'),
        "Name,Phone,Email,Tags,Timezone,class\r\nAmina,+254700000001,,\"a, b\",,4B\r\n"
    );

    let other = world.api.register("export-to").await;
    let target = other.post("/api/groups", json!({"name": "Copy"})).await.expect(201);
    let target = format!("/api/groups/{}", target["id"].as_str().unwrap());
    for format in ["csv", "XLSX"] {
        let id = group["id"].as_str().unwrap();
        let file = api.get(&format!("/api/contacts/export?groupId={id}&format={format}")).await;
        assert_eq!(file.status, 200);
        let name = format!("contacts.{}", format.to_lowercase());
        let result = other.upload(&format!("{target}/upload-excel"), &name, file.bytes, &[]).await.expect(200);
        assert_eq!(result["errors"], json!([]), "{format}");
        let created = if format == "csv" { 2 } else { 0 };
        assert_eq!(
            (&result["contactsCreated"], &result["contactsSkipped"]),
            (&json!(created), &json!(2 - created)),
            "{format}"
        );
    }
    let copied = other.all("/api/contacts?search=%2B254700000002").await;
    assert_eq!((&copied[0]["name"], &copied[0]["timezone"]), (&json!("=1+1"), &json!("Africa/Nairobi")));
    world.end().await;
}

#[tokio::test]
async fn a_large_file_comes_by_a_link() {
    let world = World::start().await;
    let api = world.api.register("export-large").await;
    let person = |number: usize| {
        let attributes: serde_json::Map<_, _> =
            (0..10).map(|key| (format!("note {key}"), json!(format!("{number:03} ").repeat(240)))).collect();
        json!({"phone": format!("+254700000{number:03}"), "attributes": attributes})
    };
    let people: Vec<_> = (0..450).map(person).collect();
    for page in people.chunks(90) {
        api.post("/api/contacts/bulk", json!({"contacts": page})).await.expect(201);
    }
    let export = api.get("/api/contacts/export").await.expect(202);
    assert_eq!(export["status"], "DONE");
    assert!(!export["id"].as_str().unwrap().is_empty());
    let url = export["url"].as_str().unwrap();
    let bucket = Api::new("");
    let file = bucket.get(url).await;
    assert_eq!(file.status, 200);
    assert!(file.headers["content-type"].to_str().unwrap().starts_with("text/csv"));
    assert!(file.bytes.len() >= 4 << 20, "{}", file.bytes.len());
    let text = String::from_utf8(file.bytes).unwrap();
    let mut lines = text.trim_start_matches('\u{feff}').split_terminator("\r\n");
    let notes: Vec<String> = (0..10).map(|key| format!("note {key}")).collect();
    assert_eq!(lines.next(), Some(format!("Name,Phone,Email,Tags,Timezone,{}", notes.join(",")).as_str()));
    let mut numbers: Vec<String> = lines.map(|line| line.split(',').nth(1).unwrap().to_owned()).collect();
    numbers.sort_unstable();
    assert_eq!(numbers, (0..450).map(|number| format!("+254700000{number:03}")).collect::<Vec<_>>());
    // Whoever has no link gets nothing: the signature is part of it.
    let (unsigned, _) = url.split_once('?').unwrap();
    assert_eq!(bucket.get(unsigned).await.status, 403);
    world.end().await;
}
