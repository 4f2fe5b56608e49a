//! `POST /api/uploads/excel` and `POST /api/messages/bulk`: files that come with the request.

use std::fmt::Write as _;

use serde_json::{Value, json};
use tests::World;

fn csv(rows: u32) -> Vec<u8> {
    let mut text = String::from("Name,Phone\n");
    for row in 0..rows {
        writeln!(text, "P{row},+2547{:08}", 10_000_000 + row).unwrap();
    }
    text.into_bytes()
}

#[tokio::test]
async fn too_much_for_one_call_is_sent_to_imports_and_stores_nothing() {
    let world = World::start().await;
    let (api, _) = world.organization("uploads").await;
    for path in ["/api/uploads/excel", "/api/messages/bulk"] {
        let long =
            api.upload(path, "long.csv", csv(5_001), &[("body", "Hi.")][..usize::from(path.ends_with("bulk"))]).await;
        assert_eq!(long.problem(413), "use_imports", "{path}");
        let bad = api
            .upload(
                path,
                "a.xlsx",
                b"%PDF-1.7 not a sheet".to_vec(),
                &[("body", "Hi.")][..usize::from(path.ends_with("bulk"))],
            )
            .await;
        assert_eq!(bad.problem(422), "not_a_spreadsheet", "{path}");
    }
    assert_eq!(api.get("/api/imports").await.expect(200)["data"], json!([]));
    assert_eq!(api.get("/api/messages").await.expect(200)["total"], 0);
    world.end().await;
}

#[tokio::test]
async fn a_preview_shows_the_first_rows_and_what_is_wrong() {
    let mut world = World::at("2026-03-02T08:00:00Z").await;
    let api = world.api.register("preview").await;
    let group = api.post("/api/groups", json!({ "name": "All" })).await.expect(201);
    let group = group["id"].as_str().unwrap();
    let mut file = csv(450);
    file.extend(b"Bad,12ab\nAgain,+254710000000\n");
    let preview = api.upload("/api/uploads/excel", "a.csv", file, &[("groupId", group)]).await.expect(200);
    assert_eq!(
        preview["counts"],
        json!({ "rows": 452, "valid": 450, "invalid": 1, "duplicate": 1, "created": 0, "skipped": 0 })
    );
    assert_eq!(preview["rows"].as_array().unwrap().len(), 100);
    assert_eq!((&preview["errors"][0]["row"], &preview["errors"][0]["phone"]), (&json!(452), &json!("12ab")));
    let path = format!("/api/imports/{}", preview["importId"].as_str().unwrap());
    assert_eq!(api.get(&path).await.expect(200)["status"], "READY");
    assert_eq!(api.all(&format!("{path}/rows")).await.len(), 452, "all rows are kept");
    api.post(&format!("{path}/commit"), json!({})).await.expect(202);
    world.idle().await;
    assert_eq!(api.get(&path).await.expect(200)["status"], "DONE");
    assert_eq!(api.get(&format!("/api/groups/{group}")).await.expect(200)["contactCount"], 450);
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn columns_that_were_recognised_can_be_chosen_anew() {
    let mut world = World::at("2026-03-02T08:00:00Z").await;
    let api = world.api.register("columns").await;
    let file = b"Ref,Phone,Second phone,Who\nA1,+254700000001,+254711000001,Ama\nA2,+254700000001,+254711000002,Kofi\n";
    let preview = api.upload("/api/uploads/excel", "a.csv", file.to_vec(), &[]).await.expect(200);
    assert_eq!(preview["columns"]["headings"], json!(["Ref", "Phone", "Second phone", "Who"]));
    assert_eq!((&preview["columns"]["phone"], &preview["counts"]["duplicate"]), (&json!(1), &json!(1)));
    let path = format!("/api/imports/{}", preview["importId"].as_str().unwrap());
    let choose = |columns: Value| api.patch(&path, json!({ "columns": columns }));

    let wrong = choose(json!({ "name": [4], "attributes": { "Ref": 0 } })).await.expect(422);
    let of =
        |at: usize| (wrong["errors"][at]["pointer"].as_str().unwrap(), wrong["errors"][at]["code"].as_str().unwrap());
    assert_eq!([of(0), of(1)], [("/columns/phone", "phone_column_missing"), ("/columns/name/0", "column_unknown")]);
    api.patch(&format!("{path}/rows/2"), json!({ "name": "Fixed" })).await.expect(200);
    let chosen = choose(json!({ "name": [3], "phone": 2, "attributes": { "Ref": 0 } })).await.expect(200);
    assert_eq!(chosen["status"], "PARSING");
    world.idle().await;

    let import = api.get(&path).await.expect(200);
    assert_eq!((&import["status"], &import["counts"]["valid"]), (&json!("READY"), &json!(2)), "{import}");
    assert_eq!((&import["columns"]["phone"], &import["columns"]["headerRow"]), (&json!(2), &json!(1)));
    let rows = api.all(&format!("{path}/rows")).await;
    let shown: Vec<_> = rows.iter().map(|row| (&row["name"], &row["phone"], &row["attributes"])).collect();
    let (ama, kofi) = (json!({ "Ref": "A1" }), json!({ "Ref": "A2" }));
    assert_eq!(
        shown,
        [(&json!("Ama"), &json!("+254711000001"), &ama), (&json!("Kofi"), &json!("+254711000002"), &kofi),]
    );
    api.post(&format!("{path}/commit"), json!({})).await.expect(202);
    world.idle().await;
    assert_eq!(api.get("/api/contacts").await.expect(200)["total"], 2);
    assert_eq!(choose(json!({ "phone": 1 })).await.problem(409), "import_not_ready");
    world.end().await;
}

#[tokio::test]
async fn a_repeated_upload_is_one_import() {
    let mut world = World::at("2026-03-02T08:00:00Z").await;
    let (api, _) = world.organization("repeated").await;
    let send = async || {
        let file = reqwest::multipart::Part::bytes(csv(30)).file_name("a.csv");
        let form = reqwest::multipart::Form::new().part("file", file).text("body", "Hi {{name}}.");
        let request = api.request(reqwest::Method::POST, "/api/messages/bulk").header("idempotency-key", "k1");
        api.send(request.multipart(form)).await.expect(202)
    };
    let first = send().await;
    assert_eq!(send().await, first);
    world.idle().await;
    let message = world.settled(&api, first["id"].as_str().unwrap()).await;
    assert_eq!((&message["status"], &message["counts"]["sent"]), (&json!("SENT"), &json!(30)), "{message}");
    assert_eq!(world.provider.accepted().len(), 30);
    assert_eq!(api.all("/api/imports").await.len(), 1);
    assert_ne!(first["importId"], Value::Null);
    world.end().await;
}
