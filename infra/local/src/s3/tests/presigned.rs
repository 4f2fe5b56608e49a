//! Presigned requests and CORS, by raw HTTP.

use std::time::{Duration, SystemTime};

use aws_sdk_s3::presigning::PresigningConfig;

use super::*;

const KEY: &str = "drop/a b+ç/ü.xlsx";

async fn server_at_noon() -> (Server, TempDir) {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::open(folder.path(), Clock::manual(noon()), Arc::default()).await;
    server.client.create_bucket().bucket(BUCKET).send().await.unwrap();
    (server, folder)
}

fn ten_minutes(clock: &Clock) -> PresigningConfig {
    let start = SystemTime::from(clock.now());
    PresigningConfig::builder().start_time(start).expires_in(Duration::from_mins(10)).build().unwrap()
}

async fn presigned_put(server: &Server, client: &Client) -> String {
    let put = client.put_object().bucket(BUCKET).key(KEY).content_type("text/csv");
    put.presigned(ten_minutes(&server.clock)).await.unwrap().uri().to_owned()
}

fn put(uri: &str) -> reqwest::RequestBuilder {
    http().put(uri).header("content-type", "text/csv").header("origin", "https://console.example").body("name,phone")
}

#[tokio::test]
async fn a_presigned_put_and_get_work_until_they_expire() {
    let (server, _folder) = server_at_noon().await;
    let uri = presigned_put(&server, &server.client).await;
    let answer = put(&uri).send().await.unwrap();
    assert_eq!(answer.status(), 200, "{}", answer.text().await.unwrap());
    assert_eq!(answer.headers()["access-control-allow-origin"], "*");
    assert!(answer.headers().contains_key("etag"));
    assert_eq!(server.get(KEY).await.unwrap(), b"name,phone");

    let get = server.client.get_object().bucket(BUCKET).key(KEY).response_content_disposition("attachment");
    let get = get.presigned(ten_minutes(&server.clock)).await.unwrap();
    let answer = http().get(get.uri()).send().await.unwrap();
    assert_eq!(answer.headers()["content-type"], "text/csv");
    assert_eq!(answer.headers()["content-disposition"], "attachment");
    assert_eq!(answer.text().await.unwrap(), "name,phone");

    server.clock.advance(Duration::from_secs(599));
    assert_eq!(http().get(get.uri()).send().await.unwrap().status(), 200);
    server.clock.advance(Duration::from_secs(1));
    for answer in [put(&uri).send().await.unwrap(), http().get(get.uri()).send().await.unwrap()] {
        assert_eq!(answer.status(), 403);
        assert!(answer.text().await.unwrap().contains("Request has expired"));
    }
}

#[tokio::test]
async fn a_changed_presigned_request_is_refused() {
    let (server, _folder) = server_at_noon().await;
    let uri = presigned_put(&server, &server.client).await;
    let other_key = uri.replace("drop/", "drop2/");
    let longer = uri.replace("X-Amz-Expires=600", "X-Amz-Expires=6000");
    for changed in [&other_key, &longer] {
        assert_ne!(changed, &uri);
        assert_eq!(put(changed).send().await.unwrap().status(), 403);
    }
    // Another method, and another content type than the signed one.
    assert_eq!(http().delete(&uri).header("content-type", "text/csv").send().await.unwrap().status(), 403);
    let typed = http().put(&uri).header("content-type", "text/html").body("x");
    assert_eq!(typed.send().await.unwrap().status(), 403);
    // A key that this server does not know, and no signature at all.
    let stranger = presigned_put(&server, &client(&server.address, "stranger", "secret")).await;
    assert!(put(&stranger).send().await.unwrap().text().await.unwrap().contains("InvalidAccessKeyId"));
    let forger = presigned_put(&server, &client(&server.address, "local", "guess")).await;
    assert!(put(&forger).send().await.unwrap().text().await.unwrap().contains("SignatureDoesNotMatch"));
    let bare = put(uri.split('?').next().unwrap()).send().await.unwrap();
    assert_eq!(bare.status(), 403);
    assert!(!bare.headers().contains_key("access-control-allow-origin"));
    assert!(server.get(KEY).await.is_none());
}

#[tokio::test]
async fn a_page_of_any_origin_may_upload_but_not_sign_by_header() {
    let (server, _folder) = server_at_noon().await;
    let ask = http().request(reqwest::Method::OPTIONS, format!("{}/{BUCKET}/a", server.address));
    let ask = ask.header("origin", "https://console.example").header("access-control-request-method", "PUT");
    let answer = ask.header("access-control-request-headers", "authorization, content-type").send().await.unwrap();
    assert_eq!(answer.status(), 200);
    let header = |name: &str| answer.headers()[name].to_str().unwrap();
    assert_eq!(header("access-control-allow-origin"), "*");
    assert!(header("access-control-allow-methods").contains("PUT"));
    assert_eq!(header("access-control-allow-headers"), "content-type");

    let signed = http().get(format!("{}/{BUCKET}", server.address)).header("origin", "https://evil.example");
    let signed = signed.header("authorization", "AWS4-HMAC-SHA256 Credential=any/20260301/x/s3/aws4_request");
    let answer = signed.send().await.unwrap();
    assert_eq!(answer.status(), 200);
    assert!(!answer.headers().contains_key("access-control-allow-origin"));
}

#[tokio::test]
async fn a_bucket_in_the_host_name() {
    let (server, _folder) = server_at_noon().await;
    server.put("a", b"x").await;
    let port = server.address.rsplit(':').next().unwrap();
    let get = http().get(format!("{}/a", server.address)).header("host", format!("{BUCKET}.localhost:{port}"));
    let get = get.header("authorization", "AWS4-HMAC-SHA256 Credential=any/20260301/x/s3/aws4_request");
    assert_eq!(get.send().await.unwrap().text().await.unwrap(), "x");
}

#[tokio::test]
async fn a_form_upload_is_refused() {
    let (server, _folder) = server_at_noon().await;
    let form =
        http().post(format!("{}/{BUCKET}", server.address)).header("content-type", "multipart/form-data; boundary=x");
    assert_eq!(form.body("--x--").send().await.unwrap().status(), 403);
}
