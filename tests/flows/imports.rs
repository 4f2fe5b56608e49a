//! Imports under strain: the same file twice at once, a kill in the middle, files that cannot be taken.

use std::fmt::Write as _;

use engine::Queue;
use serde_json::{Value, json};
use tests::{Api, Process, World, eventually};

use super::journey::{report, sample};

/// Begins an import that needs no commit, and uploads its file. Gives its path.
async fn import(api: &Api, name: &str, group: Option<&str>, bytes: Vec<u8>) -> String {
    begin(api, name, group, "DIRECT", bytes).await
}

async fn begin(api: &Api, name: &str, group: Option<&str>, mode: &str, bytes: Vec<u8>) -> String {
    let import =
        api.post("/api/imports", json!({ "fileName": name, "groupId": group, "mode": mode })).await.expect(201);
    tests::files::put(&import, &bytes).await;
    format!("/api/imports/{}", import["id"].as_str().expect("an id"))
}

/// Waits until a previewed import was read, and gives it.
async fn ready(world: &mut World, api: &Api, path: &str) -> Value {
    world
        .until("the file was read", 60, || async {
            let import = api.get(path).await.expect(200);
            (import["status"] == "READY").then_some(import)
        })
        .await
}

async fn organization_of(api: &Api) -> String {
    let me = api.get("/api/auth/me").await.expect(200);
    me["organization"]["id"].as_str().expect("an id").to_owned()
}

/// Whether the bucket has an object.
async fn exists(world: &World, key: &str) -> bool {
    world.host.app.files.size(key).await.expect("the bucket answers").is_some()
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

/// A workbook with a password, as far as anyone without it can read it: a compound file (MS-CFB) of one sector for its
/// allocation table and one for its directory, in which the package is encrypted.
fn encrypted() -> Vec<u8> {
    const TABLE: u32 = 0xFFFF_FFFD;
    const END: u32 = 0xFFFF_FFFE;
    const NONE: u32 = 0xFFFF_FFFF;
    let words = |words: &[u32]| words.iter().flat_map(|word| word.to_le_bytes()).collect::<Vec<u8>>();
    let entry = |name: &str, kind: u8, child: u32| {
        let mut bytes: Vec<u8> = name.encode_utf16().flat_map(u16::to_le_bytes).collect();
        let length = if name.is_empty() { 0 } else { bytes.len() as u16 + 2 };
        bytes.resize(64, 0);
        [&bytes[..], &length.to_le_bytes(), &[kind, 1], &words(&[NONE, NONE, child]), &[0; 36], &words(&[END, 0, 0])]
            .concat()
    };
    let mut file = [
        &b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"[..],
        &[0; 16],
        &[0x3e, 0, 3, 0, 0xfe, 0xff, 9, 0, 6, 0],
        &[0; 6],
        &words(&[0, 1, 1, 0, 4_096, END, 0, END, 0, 0]),
        &words(&[NONE; 108]),
        &words(&[TABLE, END]),
        &words(&[NONE; 126]),
    ]
    .concat();
    file.extend(entry("Root Entry", 5, 1));
    file.extend(entry("EncryptedPackage", 2, NONE));
    file.extend([entry("", 0, NONE), entry("", 0, NONE)].concat());
    file
}

/// A workbook of some 40 KB that unpacks to nearly 20 MB, hundreds of times as much.
fn bomb() -> Vec<u8> {
    let name = "x".repeat(32_000);
    let rows = (0..600).map(|row| [format!("{name}{row}"), format!("+2547{row:08}")]);
    let bytes = sheets::write::write_xlsx(["Name", "Phone"], rows).expect("a workbook");
    assert!(bytes.len() < 200_000, "{} bytes", bytes.len());
    bytes
}

/// A workbook that broke off on its way.
fn damaged() -> Vec<u8> {
    let mut bytes = sample();
    bytes.truncate(bytes.len() / 2);
    bytes
}

#[tokio::test(flavor = "multi_thread")]
async fn files_that_cannot_be_taken_are_named_and_store_nothing() {
    let mut world = World::at("2026-03-02T08:00:00Z").await;
    let api = world.api.register("bad").await;
    // An unnamed heading is a column too.
    let wide = format!("{}Phone\n{}+254700000001\n", "c,".repeat(101), "x,".repeat(101));
    let org = organization_of(&api).await;
    let files: [(&str, Vec<u8>, &str); 8] = [
        ("page.xls", b"<html><body><table><tr><td>0700</td></tr></table></body></html>".to_vec(), "not_a_spreadsheet"),
        ("none.csv", b"Name,City\nAma,Accra\nKofi,Kumasi\n".to_vec(), "phone_column_missing"),
        ("empty.csv", b"Name,Phone\n".to_vec(), "file_empty"),
        ("wide.csv", wide.into_bytes(), "too_many_columns"),
        ("picture.xlsx", b"\x89PNG\r\n\x1a\n0000000000".to_vec(), "not_a_spreadsheet"),
        ("locked.xlsx", encrypted(), "file_encrypted"),
        ("bomb.xlsx", bomb(), "file_bomb"),
        ("damaged.xlsx", damaged(), "file_damaged"),
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
        world.idle().await;
        let id = path.rsplit('/').next().expect("an id");
        assert!(!exists(&world, &format!("uploads/{org}/{id}/{name}")).await, "{name} does not stay");
        let at_once = api.upload("/api/uploads/excel", name, bytes, &[]).await;
        assert_eq!(at_once.body["code"], code, "{name}: {}", at_once.body);
    }
    assert_eq!(api.get("/api/contacts").await.expect(200)["total"], 0);
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bad_file_in_the_drop_folder_has_failed_by_its_report() {
    let mut world = World::at("2026-03-02T08:00:00Z").await;
    let api = world.api.register("bad-drop").await;
    let group = api.group_of("Dropped", &[]).await;
    let key = format!("drop/{}/{group}/damaged.xlsx", organization_of(&api).await);
    world.host.app.files.put(&key, damaged(), "application/octet-stream").await.expect("the bucket takes it");
    let report = report(&mut world, &key).await;
    assert_eq!((&report["status"], &report["error"]["code"]), (&json!("FAILED"), &json!("file_damaged")), "{report}");
    assert_eq!((&report["counts"]["rows"], &report["counts"]["created"]), (&json!(0), &json!(0)), "{report}");
    world.idle().await;
    assert!(!exists(&world, &key).await, "the file does not stay");
    assert_eq!(api.get("/api/contacts").await.expect(200)["total"], 0);
    world.end().await;
}

/// Tells the import queue of an object that was created just now, as the bucket did.
async fn tell_again(world: &World, org: &str, key: &str) {
    let sequencer = format!("{:018X}", world.clock.now().as_nanosecond());
    let event = json!({ "Records": [{
        "eventSource": "aws:s3",
        "eventName": "ObjectCreated:Put",
        "s3": { "object": { "key": key, "size": 1, "sequencer": sequencer } },
    }] });
    let org = org.parse().expect("an id");
    world.host.app.queues.send(Queue::Import, org, &event, 0).await.expect("sent");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_is_told_of_twice_is_imported_once() {
    const ROWS: u32 = 30;
    let mut world = World::at("2026-03-02T08:00:00Z").await;
    let api = world.api.register("told-twice").await;
    let org = organization_of(&api).await;
    let group = api.group_of("Dropped", &[]).await;

    let uploaded = import(&api, "a.csv", None, csv(ROWS)).await;
    let key = format!("uploads/{org}/{}/a.csv", uploaded.rsplit('/').next().expect("an id"));
    tell_again(&world, &org, &key).await;
    // An id follows from the time of the event, so that of the dropped file has to be the same.
    let drop = format!("drop/{org}/{group}/b.csv");
    world.host.app.files.put(&drop, csv(2 * ROWS), "text/csv").await.expect("the bucket takes it");
    tell_again(&world, &org, &drop).await;
    world.idle().await;

    let told = api.all("/api/imports").await;
    assert_eq!(told.len(), 2, "one for each file: {told:?}");
    for import in &told {
        assert_eq!(import["status"], "DONE", "{import}");
    }
    // The two files came at once, so either may have met the other's contacts.
    let sum = |count: &str| told.iter().map(|import| import["counts"][count].as_u64().expect("a count")).sum::<u64>();
    assert_eq!((sum("created"), sum("skipped")), (u64::from(2 * ROWS), u64::from(ROWS)), "{told:?}");
    // Nor once it is done and the file is gone.
    assert!(!exists(&world, &key).await && !exists(&world, &drop).await);
    tell_again(&world, &org, &key).await;
    tell_again(&world, &org, &drop).await;
    world.pass(1).await;
    assert_eq!(api.all("/api/imports").await, told);
    assert_eq!(api.get("/api/contacts?limit=1").await.expect(200)["total"], 2 * ROWS);
    assert_eq!(api.get(&format!("/api/groups/{group}")).await.expect(200)["contactCount"], 2 * ROWS);
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_leaves_the_bucket_once_it_is_committed() {
    let mut world = World::at("2026-03-02T08:00:00Z").await;
    let api = world.api.register("committed").await;
    let path = begin(&api, "a.csv", None, "PREVIEW", csv(3)).await;
    let key = format!("uploads/{}/{}/a.csv", organization_of(&api).await, path.rsplit('/').next().expect("an id"));
    ready(&mut world, &api, &path).await;
    assert!(exists(&world, &key).await, "it may be read again under other columns");
    api.post(&format!("{path}/commit"), json!({})).await.expect(202);
    let done = world.until("the import has ended", 60, || ended(&api, &path)).await;
    assert_eq!((&done["status"], &done["counts"]["created"]), (&json!("DONE"), &json!(3)), "{done}");
    world.idle().await;
    assert!(!exists(&world, &key).await);
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_of_200_000_rows_is_counted_exactly() {
    const GOOD: u32 = 199_000;
    const BAD: u32 = 400;
    const AGAIN: u32 = 600;
    let mut world = World::at("2026-03-02T08:00:00Z").await;
    let api = world.api.register("large").await;
    let mut text = String::from_utf8(csv(GOOD)).expect("a text");
    for row in 0..BAD {
        writeln!(text, "Person {row},12,Nakuru").expect("a text grows");
    }
    for row in 0..AGAIN {
        writeln!(text, "Person {row},+2547{row:08},Nakuru").expect("a text grows");
    }
    let path = begin(&api, "many.csv", None, "PREVIEW", text.into_bytes()).await;
    let ready = ready(&mut world, &api, &path).await;
    assert_eq!(
        ready["counts"],
        json!({
            "rows": GOOD + BAD + AGAIN, "valid": GOOD, "invalid": BAD, "duplicate": AGAIN, "created": 0, "skipped": 0,
        })
    );
    assert_eq!(api.get("/api/contacts?limit=1").await.expect(200)["total"], 0, "nothing is one before the commit");
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
