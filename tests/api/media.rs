//! `/api/media`, and the links to files.

use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use tests::{
    World,
    files::{fetch, put, upload},
};

const PDF: &[u8] = b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\n";

fn path(media: &Value) -> String {
    format!("/api/media/{}", media["id"].as_str().expect("an id"))
}

#[tokio::test]
async fn a_file_is_uploaded_looked_at_linked_and_deleted() {
    let mut world = World::at("2026-03-02T08:00:00Z").await;
    let api = world.api.register("media").await;
    let media = upload(&mut world, &api, "Preisliste ü.pdf", "application/pdf", None, PDF).await;
    assert_eq!((&media["status"], &media["size"]), (&json!("READY"), &json!(PDF.len())), "{media}");
    assert_eq!(media["urlExpiresAt"].as_str().unwrap()[..10], *"2026-03-03", "{media}");

    let answer = fetch(&world, media["url"].as_str().unwrap()).await;
    assert_eq!(answer.status(), StatusCode::OK);
    let header = |name: &str| answer.headers()[name].to_str().unwrap().to_owned();
    assert_eq!(
        (header("content-type"), header("x-content-type-options")),
        ("application/pdf".into(), "nosniff".into())
    );
    assert!(header("content-security-policy").contains("sandbox"));
    assert!(header("content-disposition").ends_with("filename*=UTF-8''Preisliste%20%C3%BC.pdf"));
    assert_eq!(answer.bytes().await.unwrap(), PDF);

    let list = api.get("/api/media").await.expect(200);
    assert_eq!((&list["data"][0]["id"], &list["data"][0]["url"]), (&media["id"], &Value::Null));

    // A day later the link is over, and another can be had.
    world.pass(24 * 3_600).await;
    assert_eq!(fetch(&world, media["url"].as_str().unwrap()).await.status(), StatusCode::NOT_FOUND);
    let api = api.sign_in("media").await;
    let again = api.get(&path(&media)).await.expect(200)["url"].as_str().unwrap().to_owned();
    assert_eq!(fetch(&world, &again).await.status(), StatusCode::OK);

    api.delete(&path(&media)).await.expect(204);
    assert_eq!(api.get(&path(&media)).await.problem(404), "not_found");
    assert_eq!(fetch(&world, &again).await.status(), StatusCode::NOT_FOUND);
    assert_eq!(api.delete(&path(&media)).await.problem(404), "not_found");
    world.end().await;
}

#[tokio::test]
async fn what_a_file_is_its_bytes_say() {
    let mut world = World::at("2026-03-02T08:00:00Z").await;
    let api = world.api.register("media-sniffed").await;
    let png = [b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR".as_slice(), &[0; 64]].concat();
    let large = [png.as_slice(), &vec![0; 6 << 20]].concat();
    for (content_type, channel, bytes, code) in [
        ("application/pdf", None, png.as_slice(), "media_type_mismatch"),
        ("application/pdf", None, b"MZ\x90\0\x03\0\0\0".as_slice(), "media_type_mismatch"),
        ("text/plain", None, b"<!DOCTYPE html><script>alert(1)</script>".as_slice(), "media_type_mismatch"),
        ("image/png", None, b"".as_slice(), "media_empty"),
        ("image/png", Some("WHATSAPP"), large.as_slice(), "media_too_large"),
    ] {
        let media = upload(&mut world, &api, "a.pdf", content_type, channel, bytes).await;
        assert_eq!((&media["status"], &media["error"]["code"]), (&json!("REJECTED"), &json!(code)), "{media}");
        assert!(!media["error"]["detail"].as_str().unwrap().is_empty() && media["url"].is_null());
    }
    // What is larger than an answer may be is passed on to the bucket.
    let media = upload(&mut world, &api, "large.png", "image/png", None, &large).await;
    let answer = fetch(&world, media["url"].as_str().unwrap()).await;
    assert_eq!(answer.status(), StatusCode::TEMPORARY_REDIRECT);
    let http = reqwest::Client::builder().no_proxy().build().unwrap();
    let file = http.get(answer.headers()["location"].to_str().unwrap()).send().await.unwrap();
    assert_eq!((file.status(), file.bytes().await.unwrap().len()), (StatusCode::OK, large.len()));
    world.end().await;
}

#[tokio::test]
async fn a_file_that_was_found_good_cannot_be_exchanged() {
    let mut world = World::at("2026-03-02T08:00:00Z").await;
    let api = world.api.register("media-exchanged").await;
    let body = json!({ "fileName": "a.pdf", "contentType": "application/pdf" });
    let made = api.post("/api/media", body).await.expect(201);
    put(&made, PDF).await;
    world.idle().await;
    let media = api.get(&path(&made)).await.expect(200);
    put(&made, b"MZ another file").await;
    world.idle().await;
    let answer = fetch(&world, media["url"].as_str().unwrap()).await;
    assert_eq!(answer.bytes().await.unwrap(), PDF);
    assert_eq!(api.get(&path(&media)).await.expect(200)["status"], "READY");
    world.end().await;
}

#[tokio::test]
async fn a_file_is_asked_for_as_what_it_can_be() {
    let world = World::at("2026-03-02T08:00:00Z").await;
    let api = world.api.register("media-asked").await;
    for (body, told) in [
        (json!({ "fileName": " ", "contentType": "image/png" }), "/fileName name_invalid"),
        (json!({ "fileName": "a.exe", "contentType": "application/x-msdownload" }), "/contentType media_type_unknown"),
        (
            json!({ "fileName": "a.gif", "contentType": "image/gif", "channel": "WHATSAPP" }),
            "/contentType media_type_not_for_channel",
        ),
        (
            json!({ "fileName": "a.png", "contentType": "image/png", "channel": "SMS" }),
            "/channel media_not_for_channel",
        ),
    ] {
        assert_eq!(api.post("/api/media", body).await.told(422), told);
    }
    let viewer = api.member("media-asked", "VIEWER").await;
    let body = json!({ "fileName": "a.png", "contentType": "image/png" });
    assert_eq!(viewer.post("/api/media", body.clone()).await.problem(403), "role_too_small");
    let request = || api.request(Method::POST, "/api/media").header("Idempotency-Key", "one").json(&body);
    let first = api.send(request()).await.expect(201);
    assert_eq!(api.send(request()).await.expect(201)["id"], first["id"]);
    for token in ["x", "AAAA"] {
        assert_eq!(world.api.get(&format!("/api/m/{token}")).await.problem(404), "not_found");
    }
    world.end().await;
}
