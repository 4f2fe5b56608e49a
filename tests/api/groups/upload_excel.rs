//! `POST /api/groups/{id}/upload-excel`.

use std::fmt::Write as _;

use serde_json::json;
use tests::World;

#[tokio::test]
async fn rows_become_contacts_in_the_group() {
    let world = World::start().await;
    let api = world.api.register("upload").await;
    api.patch("/api/organization", json!({"defaultCountry": "KE"})).await.expect(200);
    let made = api.post("/api/groups", json!({"name": "Parents"})).await.expect(201);
    let path = format!("/api/groups/{}/upload-excel", made["id"].as_str().unwrap());
    api.post("/api/contacts", json!({"phone": "+254700000003"})).await.expect(201);
    let csv = "Name,Phone,Class\nAmina,0700000001,4B\n,,\nBrian,+254700000002,\nAmina again,254700000001,\nCarol,0700000003,\nDan,12ab,\n";
    let result = api.upload(&path, "parents.csv", csv.as_bytes().to_vec(), &[]).await.expect(200);
    assert_eq!(
        (&result["success"], &result["contactsCreated"], &result["contactsSkipped"]),
        (&json!(true), &json!(2), &json!(3))
    );
    assert_eq!(result["errors"].as_array().unwrap().len(), 1);
    assert_eq!((&result["errors"][0]["row"], &result["errors"][0]["phone"]), (&json!(7), &json!("12ab")));
    let group = api.get(path.trim_end_matches("/upload-excel")).await.expect(200);
    assert_eq!(group["contactCount"], 3, "who exists joins too");
    let again = api.upload(&path, "parents.csv", csv.as_bytes().to_vec(), &[]).await.expect(200);
    assert_eq!((&again["contactsCreated"], &again["contactsSkipped"]), (&json!(0), &json!(5)));
    assert_eq!(api.get("/api/contacts").await.expect(200)["total"], 3);
    world.end().await;
}

#[tokio::test]
async fn what_is_no_small_spreadsheet_stores_nothing() {
    let world = World::start().await;
    let api = world.api.register("upload-bad").await;
    let made = api.post("/api/groups", json!({"name": "Parents"})).await.expect(201);
    let path = format!("/api/groups/{}/upload-excel", made["id"].as_str().unwrap());
    let mut long = String::from("Name,Phone\n");
    for row in 0..5_001 {
        writeln!(long, "P{row},+2547{:08}", 10_000_000 + row).unwrap();
    }
    assert_eq!(api.upload(&path, "long.csv", long.into_bytes(), &[]).await.problem(413), "use_imports");
    assert_eq!(
        api.upload(&path, "a.xlsx", b"%PDF-1.7 not a sheet".to_vec(), &[]).await.problem(422),
        "not_a_spreadsheet"
    );
    assert_eq!(
        api.upload(&path, "a.csv", b"Colour,Size\nred,small\nblue,large\n".to_vec(), &[]).await.problem(422),
        "phone_column_missing"
    );
    assert_eq!(api.upload(&path, "a.csv", b"Name,Phone\n".to_vec(), &[]).await.problem(422), "file_empty");
    let missing = "/api/groups/grp_01KAJ7Q4T0M5Z8X2V9C3B6N1R4/upload-excel";
    api.upload(missing, "a.csv", b"x".to_vec(), &[]).await.expect(404);
    assert_eq!(api.get("/api/contacts").await.expect(200)["total"], 0);
    world.end().await;
}
