//! What the gateway refuses whatever a row would take: too much in, too much out, too long.

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use web::prelude::*;

use super::*;

const MB: usize = 1 << 20;

async fn take(_: Cx, RawBody(body): RawBody) -> Result<Success<usize>> {
    Ok(Success(body.len()))
}

async fn give(_: Cx, Path(size): Path<String>) -> Result<Success<String>> {
    Ok(Success("x".repeat(size.parse().map_err(Error::internal)?)))
}

async fn never(_: Cx) -> Result<NoContent> {
    std::future::pending().await
}

/// Rows that would take and give anything.
async fn start() -> Api {
    let rows = vec![
        Row::post("take", "/api/take", take).public().body_limit(64 * MB),
        Row::get("give", "/api/give/{size}", give).public(),
        Row::get("never", "/api/never", never).public().limits(128, 1),
        Row::fallback("fallback"),
    ];
    Api::with_rows(Registration::Open, rows).await
}

async fn take_of(api: &Api, content_type: &str, size: usize) -> (u16, Value) {
    let request = api.client.post(format!("{}/api/take", api.url)).header("Content-Type", content_type);
    let response = request.body(vec![b'x'; size]).send().await.unwrap();
    let status = response.status().as_u16();
    let body: Value = response.json().await.unwrap();
    (status, if status == 200 { body } else { body["code"].clone() })
}

#[tokio::test]
async fn an_event_has_at_most_6_mb() {
    let api = start().await;
    // The headers and the context of the event take a part of it.
    let most = 6 * MB - 4096;
    assert_eq!(take_of(&api, "text/plain", most).await, (200, json!(most)));
    assert_eq!(take_of(&api, "text/plain", 6 * MB).await, (413, json!("body_too_large")));
    // Four bytes for three.
    let most = most / 4 * 3;
    assert_eq!(take_of(&api, "application/octet-stream", most).await, (200, json!(most)));
    assert_eq!(take_of(&api, "application/octet-stream", 5 * MB).await, (413, json!("body_too_large")));
    assert_eq!(take_of(&api, "text/plain", 5 * MB).await, (200, json!(5 * MB)), "as text it is small enough");
}

#[tokio::test]
async fn a_body_of_more_than_10_mb_is_not_read_to_its_end() {
    let api = start().await;
    let (_, address) = api.url.split_once("//").unwrap();
    let mut connection = tokio::net::TcpStream::connect(address).await.unwrap();
    let head = format!("POST /api/take HTTP/1.1\r\nHost: {address}\r\nContent-Length: {}\r\n\r\n", 20 * MB);
    connection.write_all(head.as_bytes()).await.unwrap();
    // The rest never comes, so only who stops reading here can answer.
    connection.write_all(&vec![b'x'; 10 * MB + 1]).await.unwrap();
    let mut answer = [0; 12];
    connection.read_exact(&mut answer).await.unwrap();
    assert_eq!(&answer, b"HTTP/1.1 413");
}

#[tokio::test]
async fn an_answer_has_at_most_6_mb() {
    let api = start().await;
    let most = 6 * MB - 4096;
    let given = api.get(&format!("/api/give/{most}"), "").await;
    assert_eq!((given.status.as_u16(), given.body.as_str().map(str::len)), (200, Some(most)));
    assert_eq!(api.get(&format!("/api/give/{}", 6 * MB), "").await.code(), (500, "answer_too_large"));
}

#[tokio::test]
async fn a_function_that_does_not_end_in_time_is_given_up() {
    let api = start().await;
    assert_eq!(api.get("/api/never", "").await.code(), (503, "timeout"));
    assert_eq!(api.get("/api/give/1", "").await.status, 200, "others are answered");
}
