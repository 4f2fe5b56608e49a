//! Files that go with messages: uploaded as a client does it.

use serde_json::{Value, json};

use crate::{Api, World};

/// Puts bytes where an answer with `upload` says.
pub async fn put(begun: &Value, bytes: &[u8]) {
    let url = begun["upload"]["url"].as_str().expect("a URL");
    let origin = url.splitn(4, '/').take(3).collect::<Vec<_>>().join("/");
    put_by(&origin, begun, bytes).await;
}

/// The same by this AWS endpoint, where the address that was signed was that of a proxy.
pub async fn put_by(endpoint: &str, begun: &Value, bytes: &[u8]) {
    let http = reqwest::Client::builder().no_proxy().build().expect("a plain client");
    let url = begun["upload"]["url"].as_str().expect("a URL");
    let [_, _, host, path] = url.splitn(4, '/').collect::<Vec<_>>()[..] else { panic!("{url}") };
    let request = http.put(format!("{endpoint}/{path}")).header("host", host).body(bytes.to_vec());
    let answer = request.send().await.expect("the bucket answers");
    assert!(answer.status().is_success(), "{}", answer.status());
}

/// Begins a file and uploads its bytes; gives it as it is once it was looked at.
pub async fn upload(
    world: &mut World,
    api: &Api,
    name: &str,
    content_type: &str,
    channel: Option<&str>,
    bytes: &[u8],
) -> Value {
    let body = json!({ "fileName": name, "contentType": content_type, "channel": channel });
    let media = api.post("/api/media", body).await.expect(201);
    assert_eq!((media["status"].as_str(), &media["url"]), (Some("AWAITING_UPLOAD"), &Value::Null), "{media}");
    put(&media, bytes).await;
    let path = format!("/api/media/{}", media["id"].as_str().expect("an id"));
    world
        .until("the file was looked at", 10, || async {
            let media = api.get(&path).await.expect(200);
            (media["status"] != "AWAITING_UPLOAD").then_some(media)
        })
        .await
}

/// What is behind a link of ours.
pub async fn fetch(world: &World, url: &str) -> reqwest::Response {
    let path = &url[url.find("/api/m/").expect("our own link")..];
    let plain = reqwest::Client::builder().no_proxy().redirect(reqwest::redirect::Policy::none());
    let plain = plain.build().expect("a plain client");
    plain.get(format!("{}{path}", world.api.url)).send().await.expect("an answer")
}
