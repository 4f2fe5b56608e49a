//! Imports under strain: the same file twice at once, a kill in the middle, files that cannot be taken.

use std::fmt::Write as _;

use serde_json::{Value, json};
use tests::{Api, Process, World, eventually};

/// Begins an import and uploads its file. Gives its path.
async fn import(api: &Api, name: &str, group: Option<&str>, bytes: Vec<u8>) -> String {
    let import =
        api.post("/api/imports", json!({ "fileName": name, "groupId": group, "mode": "DIRECT" })).await.expect(201);
    let upload = &import["upload"];
    let http = reqwest::Client::builder().no_proxy().build().expect("a plain client");
    let answer = http.put(upload["url"].as_str().expect("a URL")).body(bytes).send().await.expect("the bucket answers");
    assert!(answer.status().is_success(), "{}", answer.status());
    format!("/api/imports/{}", import["id"].as_str().expect("an id"))
}

/// An import that has ended. `None` while it has not, or nobody answers.
async fn ended(api: &Api, path: &str) -> Option<Value> {
    let import = api.try_send(api.request(reqwest::Method::GET, path)).await?.body;
    matches!(import["status"].as_str(), Some("DONE" | "FAILED")).then_some(import)
}

fn csv(rows: u32) -> Vec<u8> {
    let mut text = "Name,Phone,City\n".to_owned();
    for row in 0..rows {
        writeln!(text, "Person {row},+2547{row:08},Nakuru").expect("a text grows");
    }
    text.into_bytes()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_file_twice_at_once_makes_no_contact_twice() {
    const ROWS: u32 = 600;
    let mut world = World::at("2026-03-02T08:00:00Z").await;
    let api = world.api.register("twice").await;
    let group = api.post("/api/groups", json!({ "name": "All" })).await.expect(201);
    let group = group["id"].as_str().expect("an id");
    let (first, second) =
        tokio::join!(import(&api, "a.csv", Some(group), csv(ROWS)), import(&api, "a.csv", Some(group), csv(ROWS)));
    let first = world.until("the first has ended", 60, || ended(&api, &first)).await;
    let second = world.until("the second has ended", 60, || ended(&api, &second)).await;
    for import in [&first, &second] {
        assert_eq!(import["status"], "DONE", "{import}");
        let counts = &import["counts"];
        let done = counts["created"].as_u64().expect("a count") + counts["skipped"].as_u64().expect("a count");
        assert_eq!(done, u64::from(ROWS), "every row became or met a contact: {import}");
    }
    let created = |import: &Value| import["counts"]["created"].as_u64().expect("a count");
    assert_eq!(created(&first) + created(&second), u64::from(ROWS), "each contact was created by one of the two");
    assert_eq!(api.get("/api/contacts?limit=1").await.expect(200)["total"], ROWS);
    assert_eq!(api.get(&format!("/api/groups/{group}")).await.expect(200)["contactCount"], ROWS);
    assert_eq!(api.all("/api/contacts").await.len(), ROWS as usize, "the counter equals a recount");
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_import_resumes_after_kill_9() {
    const ROWS: u32 = 3_000;
    let folder = tempfile::tempdir().expect("a folder");
    let mut process = Process::start(folder.path(), None).await;
    process.api = process.api.register("resume").await;
    let path = import(&process.api, "many.csv", None, csv(ROWS)).await;
    for threshold in [200, 1_200] {
        let api = process.api.clone();
        eventually("rows become contacts", 60, || async {
            let import = api.get(&path).await.expect(200);
            (import["counts"]["created"].as_u64()? >= threshold).then_some(())
        })
        .await;
        process = process.kill_and_restart().await;
    }
    let done = eventually("the import has ended", 120, || ended(&process.api, &path)).await;
    assert_eq!(
        done["counts"],
        json!({ "rows": ROWS, "valid": ROWS, "invalid": 0, "duplicate": 0, "created": ROWS, "skipped": 0 }),
        "a chunk that was committed twice counts once"
    );
    assert_eq!(process.api.get("/api/contacts?limit=1").await.expect(200)["total"], ROWS);
    process.kill().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn files_that_cannot_be_taken_are_named_and_store_nothing() {
    let mut world = World::at("2026-03-02T08:00:00Z").await;
    let api = world.api.register("bad").await;
    // An unnamed heading is a column too.
    let wide = format!("{}Phone\n{}+254700000001\n", "c,".repeat(101), "x,".repeat(101));
    let files: [(&str, Vec<u8>, &str); 5] = [
        ("page.xls", b"<html><body><table><tr><td>0700</td></tr></table></body></html>".to_vec(), "not_a_spreadsheet"),
        ("none.csv", b"Name,City\nAma,Accra\nKofi,Kumasi\n".to_vec(), "phone_column_missing"),
        ("empty.csv", b"Name,Phone\n".to_vec(), "file_empty"),
        ("wide.csv", wide.into_bytes(), "too_many_columns"),
        ("picture.xlsx", b"\x89PNG\r\n\x1a\n0000000000".to_vec(), "not_a_spreadsheet"),
    ];
    for (name, bytes, code) in files {
        let path = import(&api, name, None, bytes.clone()).await;
        let failed = world.until("the import has ended", 60, || ended(&api, &path)).await;
        assert_eq!(
            (failed["status"].as_str(), failed["error"]["code"].as_str()),
            (Some("FAILED"), Some(code)),
            "{name}: {failed}"
        );
        assert_eq!(api.get(&format!("{path}/rows")).await.expect(200)["data"], json!([]), "{name} stores no rows");
        let at_once = api.upload("/api/uploads/excel", name, bytes, &[]).await;
        assert_eq!(at_once.body["code"], code, "{name}: {}", at_once.body);
    }
    assert_eq!(api.get("/api/contacts").await.expect(200)["total"], 0);
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_nobody_commits_goes_after_a_day() {
    let mut world = World::at("2026-03-02T08:00:00Z").await;
    let api = world.api.register("abandoned").await;
    let preview = api.upload("/api/uploads/excel", "a.csv", csv(3), &[]).await.expect(200);
    let files = world.host.app.files.clone();
    let me = api.get("/api/auth/me").await.expect(200);
    let (org, id) = (me["organization"]["id"].as_str().expect("an id"), preview["importId"].as_str().expect("an id"));
    let key = format!("bulk/{org}/{id}/a.csv");
    assert!(files.size(&key).await.expect("the bucket answers").is_some());
    // A day counts from the midnight after the file came.
    world.pass(39 * 3_600).await;
    assert!(files.size(&key).await.expect("the bucket answers").is_some());
    world.pass(3_600).await;
    let gone = || async { files.size(&key).await.expect("the bucket answers").is_none().then_some(()) };
    eventually("the file is gone", 30, gone).await;
    let api = api.sign_in("abandoned").await;
    assert_eq!(api.all(&format!("/api/imports/{id}/rows")).await.len(), 3, "its rows can still be committed");
    world.end().await;
}
