//! The main job: a spreadsheet becomes a group, a message reaches everyone in it, receipts come back.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use tests::{Api, World, provider::Accepted};

/// When the worlds begin.
const START: &str = "2026-03-02T08:00:00Z";

/// What the sample holds, imported with the country KE: see docs/samples/README.md.
pub(super) const VALID: u64 = 190;

pub(super) fn sample() -> Vec<u8> {
    std::fs::read(concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/samples/contacts.xlsx"))
        .expect("the sample is committed")
}

async fn kenya(api: &Api) {
    api.patch("/api/organization", json!({ "defaultCountry": "KE", "timezone": "Africa/Nairobi" })).await.expect(200);
}

async fn group(api: &Api, name: &str) -> String {
    let group = api.post("/api/groups", json!({ "name": name })).await.expect(201);
    group["id"].as_str().expect("an id").to_owned()
}

/// Waits until everyone got a message, and gives it.
async fn sent(world: &mut World, api: &Api, id: &str) -> Value {
    let message = world.settled(api, id).await;
    assert_eq!(message["status"], "SENT", "{message}");
    message
}

/// Waits until an import is done, and gives it.
async fn done(world: &mut World, api: &Api, path: &str) -> Value {
    world
        .until("the import is done", 60, || async {
            let import = api.get(path).await.expect(200);
            assert_ne!(import["status"], "FAILED", "{import}");
            (import["status"] == "DONE").then_some(import)
        })
        .await
}

/// Every contact got exactly one of these texts, with their own name in it, and nobody else did.
pub(super) fn assert_everyone_once(texts: &[Accepted], contacts: &[Value], greeting: &str) {
    assert_eq!((texts.len() as u64, contacts.len() as u64), (VALID, VALID), "texts and contacts");
    for contact in contacts {
        let phone = contact["phone"].as_str().expect("a number");
        let mut own = texts.iter().filter(|text| text.to == phone);
        let text = own.next().unwrap_or_else(|| panic!("{phone} got nothing"));
        assert!(own.next().is_none(), "{phone} got one text");
        let name = contact["name"].as_str().expect("everyone in the sample has a name");
        assert_eq!(text.body, format!("{greeting} {name}."));
    }
    let ids: BTreeSet<_> = texts.iter().map(|text| &text.message_id).collect();
    assert_eq!(ids.len() as u64, VALID, "the id given to the provider is unique per recipient");
}

/// The receipts for a message to everyone come back, and all figures tell of it.
async fn assert_delivered(world: &mut World, api: &Api, config: &Value, id: &str) {
    let metrics = api.get("/api/dashboard/metrics").await.expect(200);
    assert_eq!(metrics["totalSmsSent"], VALID);
    assert_eq!(metrics["messagesToday"], VALID);
    assert_eq!(metrics["totalContacts"], VALID);
    assert_eq!(metrics["failedMessages"], 0);

    world.provider.report_all(config["webhookUrl"].as_str().expect("a URL"), "DELIVRD").await;
    let delivered = api.all(&format!("/api/messages/{id}/recipients?status=delivered")).await;
    assert_eq!(delivered.len() as u64, VALID);
    let one = api.get(&format!("/api/deliveries/{}", delivered[0]["id"].as_str().expect("an id"))).await.expect(200);
    assert_eq!(one["status"], "DELIVERED");
    assert!(
        one["deliveredAt"].is_string() && one["sentAt"].is_string() && one["providerMessageId"].is_string(),
        "{one}"
    );
    assert_eq!(sent(world, api, id).await["counts"]["delivered"], VALID);
    // A burst of receipts is folded once, some seconds later.
    world.pass(10).await;
    let stats = api.get("/api/dashboard/stats").await.expect(200);
    assert_eq!((&stats["totalSent"], &stats["totalDelivered"]), (&json!(VALID), &json!(VALID)));
}

/// Waits for the report beside a dropped file.
pub(super) async fn report(world: &mut World, key: &str) -> Value {
    let files = world.host.app.files.clone();
    world
        .until("the report appears", 60, || async {
            let stream = files.stream(&format!("{key}.report.json")).await.ok()?;
            let bytes = stream.collect().await.ok()?.into_bytes();
            serde_json::from_slice(&bytes).ok()
        })
        .await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_spreadsheet_becomes_a_group_and_a_message_reaches_everyone_once() {
    let mut world = World::at(START).await;
    let (api, config) = world.organization("journey").await;
    kenya(&api).await;
    let group = group(&api, "Customers").await;

    let uploaded =
        api.upload(&format!("/api/groups/{group}/upload-excel"), "contacts.xlsx", sample(), &[]).await.expect(200);
    assert_eq!(uploaded["contactsCreated"], VALID);
    assert_eq!(uploaded["contactsSkipped"], 10);
    assert_eq!(uploaded["errors"].as_array().map(Vec::len), Some(4), "invalid rows are named");
    let again =
        api.upload(&format!("/api/groups/{group}/upload-excel"), "contacts.xlsx", sample(), &[]).await.expect(200);
    assert_eq!(again["contactsCreated"], 0, "the same file again makes no contact twice");
    assert_eq!(api.get(&format!("/api/groups/{group}")).await.expect(200)["contactCount"], VALID);

    let body = json!({ "body": "Hello {{name}}.", "recipientType": "GROUP", "recipientId": group });
    let estimate = api.post("/api/messages/estimate", body.clone()).await.expect(200);
    assert_eq!(estimate["recipients"], VALID);
    let message = api.post("/api/messages", body).await.expect(202);
    assert_eq!(message["recipientCount"], VALID);
    let id = message["id"].as_str().expect("an id").to_owned();
    let message = sent(&mut world, &api, &id).await;
    assert_eq!(message["counts"]["sent"], VALID);
    assert_eq!(message["counts"]["total"], VALID);

    let contacts = api.all(&format!("/api/groups/{group}/contacts")).await;
    assert_everyone_once(&world.provider.accepted(), &contacts, "Hello");
    assert_delivered(&mut world, &api, &config, &id).await;
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_import_with_a_message_sends_it_once_to_the_imported_rows() {
    let mut world = World::at(START).await;
    let (api, config) = world.organization("imports").await;
    kenya(&api).await;
    let group = group(&api, "Imported").await;
    let import = api
        .post(
            "/api/imports",
            json!({ "fileName": "contacts.xlsx", "groupId": group, "mode": "DIRECT", "message": { "body": "Habari {{name}}." } }),
        )
        .await
        .expect(201);
    assert_eq!(import["status"], "AWAITING_UPLOAD");
    upload(&import["upload"], sample()).await;
    let path = format!("/api/imports/{}", import["id"].as_str().expect("an id"));
    let done = done(&mut world, &api, &path).await;
    assert_eq!(
        done["counts"],
        json!({ "rows": 200, "valid": VALID, "invalid": 4, "duplicate": 6, "created": VALID, "skipped": 0 })
    );
    let message = done["messageId"].as_str().expect("an id");
    sent(&mut world, &api, message).await;
    let contacts = api.all(&format!("/api/groups/{group}/contacts")).await;
    assert_everyone_once(&world.provider.accepted(), &contacts, "Habari");
    assert_delivered(&mut world, &api, &config, message).await;
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_previewed_import_is_fixed_and_committed() {
    let mut world = World::at(START).await;
    let (api, _) = world.organization("preview").await;
    kenya(&api).await;
    let preview = api.upload("/api/uploads/excel", "contacts.xlsx", sample(), &[]).await.expect(200);
    assert_eq!(preview["counts"]["invalid"], 4);
    assert_eq!(preview["rows"].as_array().map(Vec::len), Some(100));
    let id = preview["importId"].as_str().expect("an id").to_owned();
    let invalid = api.all(&format!("/api/imports/{id}/rows?state=invalid")).await;
    assert_eq!(invalid.len(), 4);
    let row = invalid[0]["row"].as_u64().expect("a row");
    let path = format!("/api/imports/{id}/rows/{row}");
    assert_eq!(api.patch(&path, json!({ "phone": "12" })).await.problem(422), "phone_too_short");
    let fixed = api.patch(&path, json!({ "phone": "+254 700 000 998" })).await.expect(200);
    assert_eq!(fixed["state"], "VALID");
    assert_eq!(fixed["phone"], "+254700000998");
    let rejected = api.get(&format!("/api/imports/{id}/rejected")).await;
    assert_eq!(rejected.status.as_u16(), 200);
    assert!(rejected.bytes.starts_with(b"PK"), "a workbook");
    api.post(&format!("/api/imports/{id}/commit"), json!({})).await.expect(202);
    let done = done(&mut world, &api, &format!("/api/imports/{id}")).await;
    assert_eq!(done["counts"]["created"], VALID + 1);
    assert_eq!(api.get("/api/contacts?limit=1").await.expect(200)["total"], VALID + 1);
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dropped_file_is_imported_and_reported_on_and_its_group_is_sent_to() {
    let mut world = World::at(START).await;
    let (api, config) = world.organization("drop").await;
    kenya(&api).await;
    let group = group(&api, "Dropped").await;
    let me = api.get("/api/auth/me").await.expect(200);
    let org = me["organization"]["id"].as_str().expect("an id");
    let key = format!("drop/{org}/{group}/new contacts+1.xlsx");
    world.host.app.files.put(&key, sample(), "application/octet-stream").await.expect("the bucket takes it");
    let report = report(&mut world, &key).await;
    assert_eq!(report["status"], "DONE", "{report}");
    assert_eq!(report["counts"]["created"], VALID);
    assert_eq!(api.get(&format!("/api/groups/{group}")).await.expect(200)["contactCount"], VALID);
    let body = json!({ "body": "Karibu {{name}}.", "recipientType": "GROUP", "recipientId": group });
    let message = api.post("/api/messages", body).await.expect(202);
    let id = message["id"].as_str().expect("an id");
    sent(&mut world, &api, id).await;
    let contacts = api.all(&format!("/api/groups/{group}/contacts")).await;
    assert_everyone_once(&world.provider.accepted(), &contacts, "Karibu");
    assert_delivered(&mut world, &api, &config, id).await;
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_spreadsheet_and_a_text_in_one_call() {
    let mut world = World::at(START).await;
    let (api, _) = world.organization("bulk").await;
    kenya(&api).await;
    let accepted =
        api.upload("/api/messages/bulk", "contacts.xlsx", sample(), &[("body", "Jambo {{name}}.")]).await.expect(202);
    assert_eq!(accepted["recipientCount"], VALID);
    sent(&mut world, &api, accepted["id"].as_str().expect("an id")).await;
    let contacts = api.all("/api/contacts").await;
    assert_everyone_once(&world.provider.accepted(), &contacts, "Jambo");
    world.end().await;
}

/// Puts a file where a presigned upload says.
async fn upload(upload: &Value, bytes: Vec<u8>) {
    let http = reqwest::Client::builder().no_proxy().build().expect("a plain client");
    let mut request = http.put(upload["url"].as_str().expect("a URL")).body(bytes);
    for (name, value) in upload["headers"].as_object().expect("headers") {
        if !name.eq_ignore_ascii_case("host") {
            request = request.header(name, value.as_str().expect("text"));
        }
    }
    let answer = request.send().await.expect("the bucket answers");
    assert!(answer.status().is_success(), "{}", answer.status());
}
