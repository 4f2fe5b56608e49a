//! `POST /api/suppressions/import` and `GET /api/suppressions/export`.

use std::fmt::Write as _;

use serde_json::json;
use tests::World;

#[tokio::test]
async fn a_spreadsheet_is_read_and_an_export_reads_back() {
    let world = World::start().await;
    let api = world.api.register("suppress-file").await;
    api.patch("/api/organization", json!({"defaultCountry": "KE"})).await.expect(200);
    api.post("/api/suppressions", json!({"address": "+254700000001"})).await.expect(201);
    let csv = "Name,Phone,Email,Channel,Reason,Note\n\
               Ama,0700000001,,,,\n\
               Kofi,0700000002,Kofi@example.com,,opted_out,\"=he said, stop\"\n\
               Esi,0700000003,esi@example.com,SMS,,\n\
               Yaw,0700000002,,,,\n\
               Bad,07000x,,,,\n\
               Odd,0700000004,,FAX,,\n\
               None,0700000005,,EMAIL,,\n";
    let path = "/api/suppressions/import";
    let texts = [("reason", "COMPLAINED")];
    let result = api.upload(path, "stop.csv", csv.as_bytes().to_vec(), &texts).await.expect(200);
    // Kofi's number and address, Esi's number; Ama is on the list, Yaw has Kofi's number.
    assert_eq!((&result["added"], &result["skipped"]), (&json!(3), &json!(2)), "{result}");
    let rows: Vec<_> = result["errors"].as_array().unwrap().iter().map(|error| error["row"].clone()).collect();
    assert_eq!(rows, [json!(6), json!(7), json!(8)], "{result}");
    let kofi = api.all("/api/suppressions?search=kofi").await;
    assert_eq!((&kofi[0]["reason"], &kofi[0]["note"]), (&json!("OPTED_OUT"), &json!("=he said, stop")));
    let esi = api.all("/api/suppressions?search=0700000003").await;
    assert_eq!((&esi[0]["reason"], &esi[0]["channel"]), (&json!("COMPLAINED"), &json!("SMS")));
    assert_eq!(esi[0]["source"], "IMPORT");

    for (index, format) in ["csv", "XLSX"].into_iter().enumerate() {
        let file = api.get(&format!("/api/suppressions/export?format={format}")).await;
        assert_eq!(file.status, 200);
        let other = world.api.register(&format!("suppress-copy-{index}")).await;
        let name = format!("list.{}", format.to_lowercase());
        let copied = other.upload(path, &name, file.bytes, &[]).await.expect(200);
        assert_eq!((&copied["added"], &copied["errors"]), (&json!(4), &json!([])), "{format} {copied}");
        let kofi = other.all("/api/suppressions?search=kofi").await;
        assert_eq!((&kofi[0]["reason"], &kofi[0]["note"]), (&json!("OPTED_OUT"), &json!("=he said, stop")));
    }
    let some = String::from_utf8(api.get("/api/suppressions/export?channel=SMS").await.bytes).unwrap();
    assert_eq!(some.lines().count(), 2, "{some}");
    world.end().await;
}

#[tokio::test]
async fn e_mail_addresses_alone_will_do_and_nothing_else() {
    let world = World::start().await;
    let api = world.api.register("suppress-mails").await;
    let path = "/api/suppressions/import";
    for (file, added) in [("Email\nama@example.com\nkofi@example.com\n", 2), ("esi@example.com\nyaw@example.com\n", 2)]
    {
        let result = api.upload(path, "a.csv", file.as_bytes().to_vec(), &[("channel", "EMAIL")]).await.expect(200);
        assert_eq!((&result["added"], &result["errors"]), (&json!(added), &json!([])), "{file}");
    }
    assert_eq!(
        api.upload(path, "a.csv", b"Colour,Size\nred,small\n".to_vec(), &[]).await.problem(422),
        "phone_column_missing"
    );
    let mut long = String::from("Phone\n");
    for row in 0..5_001 {
        writeln!(long, "+2547{:08}", 10_000_000 + row).unwrap();
    }
    assert_eq!(api.upload(path, "a.csv", long.into_bytes(), &[]).await.problem(413), "too_many_rows");
    assert_eq!(api.get("/api/suppressions").await.expect(200)["total"], 4, "a refused file stores nothing");
    world.end().await;
}
