//! The client against servers that behave and servers that do not.

use serde_json::json;

use super::*;
use crate::testing::{self, Server, broken, nobody, outbound, reply};

fn get(url: &str) -> Call {
    Call::new(Method::GET, url.parse().unwrap())
}

/// A resolver that knows one answer for every name.
fn knows(addresses: &'static [&'static str]) -> Lookup {
    Arc::new(move |_| Box::pin(async move { Ok(addresses.iter().map(|address| address.parse().unwrap()).collect()) }))
}

fn strict(lookup: Lookup) -> Outbound {
    outbound_for("", lookup)
}

fn outbound_for(allow: &str, lookup: Lookup) -> Outbound {
    let short = Duration::from_millis(300);
    Outbound::new(allow.parse().unwrap()).with_timeouts(short, short).with_lookup(lookup)
}

#[tokio::test]
async fn a_call_carries_what_it_is_given() {
    let server = Server::start(|_| testing::json(201, &json!({ "ok": true })).header("x-id", "7")).await;
    let mut call = Call::new(Method::POST, format!("{}/send?x=1", server.url).parse().unwrap());
    call.headers.insert("authorization", "Bearer k".parse().unwrap());
    call.body = "hello".into();
    let answer = outbound().call(call).await.unwrap();
    assert_eq!(
        (answer.status, &answer.body[..], &answer.headers["x-id"]),
        (201, &b"{\"ok\":true}"[..], &"7".parse().unwrap())
    );
    let seen = &server.seen()[0];
    assert_eq!((seen.method.as_str(), seen.path.as_str(), seen.body.as_str()), ("POST", "/send?x=1", "hello"));
    assert_eq!((seen.header("authorization"), seen.header("user-agent")), ("Bearer k", "dundun"));
}

#[tokio::test]
async fn without_an_entry_the_loopback_is_refused() {
    let server = Server::start(|_| reply(200, "text/plain", "")).await;
    let plain = Outbound::new(AllowList::default());
    let result = plain.call(get(&server.url)).await;
    assert!(matches!(&result, Err(CallError::Refused(text)) if !text.contains(&server.url)), "{result:?}");
    assert!(server.seen().is_empty());
}

#[tokio::test]
async fn names_are_judged_by_every_address_they_have() {
    for addresses in
        [&["127.0.0.1"][..], &["169.254.169.254"], &["8.8.8.8", "10.0.0.1"], &["::1"], &["::ffff:10.0.0.1"]]
    {
        let result = strict(knows(addresses)).call(get("https://innocent.example/")).await;
        assert!(matches!(result, Err(CallError::Refused(_))), "{addresses:?}: {result:?}");
    }
    // `localhost` with and without a dot is an ordinary name to us: where it leads decides.
    for url in ["https://localhost/", "https://localhost./"] {
        let result = strict(knows(&["127.0.0.1"])).call(get(url)).await;
        assert!(matches!(result, Err(CallError::Refused(_))), "{result:?}");
        assert!(Outbound::new(AllowList::default()).call(get(url)).await.is_err());
    }
}

#[tokio::test]
async fn the_address_that_was_judged_is_the_one_connected_to() {
    let server = Server::start(|_| reply(200, "text/plain", "here")).await;
    let port = server.url.rsplit_once(':').unwrap().1;
    // The name exists in no DNS: only our resolver can have led there.
    let url = format!("http://gateway.test:{port}/");
    let listed = outbound_for("gateway.test", knows(&["127.0.0.1"]));
    assert_eq!(&listed.call(get(&url)).await.unwrap().body[..], b"here");
    assert_eq!(server.seen()[0].header("host"), format!("gateway.test:{port}"));
    let by_network = outbound_for("127.0.0.0/8", knows(&["127.0.0.1"]));
    assert_eq!(by_network.call(get(&url)).await.unwrap().status, 200);
    let both = outbound_for("127.0.0.1", knows(&["::1", "127.0.0.1"]));
    assert_eq!(both.call(get(&url)).await.unwrap().status, 200);
    // Plain http to a name outside the listed network, though it is public.
    let result = outbound_for("127.0.0.0/8", knows(&["8.8.8.8"])).call(get(&url)).await;
    assert!(matches!(result, Err(CallError::Refused(_))), "{result:?}");
}

#[tokio::test]
async fn redirects_are_answers() {
    let inner = Server::start(|_| reply(200, "text/plain", "secret")).await;
    let target = inner.url.clone();
    let server = Server::start(move |_| reply(302, "text/plain", "").header("location", &target)).await;
    assert_eq!(outbound().call(get(&server.url)).await.unwrap().status, 302);
    assert!(inner.seen().is_empty());
}

#[tokio::test]
async fn before_the_request_left_it_was_not_sent() {
    let result = outbound().call(get(&nobody().await)).await;
    assert!(matches!(result, Err(CallError::NotSent(_))), "{result:?}");
    let unknown: Lookup = Arc::new(|_| Box::pin(async { Err(io::Error::other("no such name")) }));
    let result = strict(unknown).call(get("https://nowhere.example/")).await;
    assert_eq!(result.unwrap_err(), CallError::NotSent("no such name".to_owned()));
    let result = strict(knows(&[])).call(get("https://nowhere.example/")).await;
    assert!(matches!(result, Err(CallError::NotSent(_))), "{result:?}");
    // A name server that never answers runs into the connection's limit, not the call's.
    let silent: Lookup = Arc::new(|_| Box::pin(futures::future::pending()));
    let slow = Outbound::new(AllowList::default()).with_timeouts(Duration::from_millis(100), Duration::from_secs(5));
    let result = slow.with_lookup(silent).call(get("https://slow.example/")).await;
    assert!(matches!(result, Err(CallError::NotSent(_))), "{result:?}");
    // TLS that does not come about.
    let plain = Server::start(|_| reply(200, "text/plain", "")).await;
    let result = outbound().call(get(&plain.url.replace("http:", "https:"))).await;
    assert!(matches!(result, Err(CallError::NotSent(_))), "{result:?}");
}

#[tokio::test]
async fn after_the_request_left_nobody_knows() {
    for url in [
        broken(None).await,
        broken(Some("")).await,
        broken(Some("HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nhalf")).await,
    ] {
        let result = outbound().call(get(&url)).await;
        assert!(matches!(&result, Err(CallError::Ambiguous(text)) if !text.contains("127.0.0.1")), "{result:?}");
    }
    // A refusal is one, however its text ends.
    let url = broken(Some("HTTP/1.1 401 No\r\ncontent-length: 9\r\n\r\nhalf")).await;
    assert_eq!(outbound().call(get(&url)).await.unwrap().status, 401);
}

#[tokio::test]
async fn large_answers_are_not_read_to_the_end() {
    let server = Server::start(|seen| {
        let status = if seen.path == "/ok" { 200 } else { 500 };
        reply(status, "text/plain", "x".repeat(LARGEST_ANSWER + 1))
    })
    .await;
    let result = outbound().call(get(&format!("{}/ok", server.url))).await;
    assert!(matches!(result, Err(CallError::Ambiguous(_))), "{result:?}");
    assert!(outbound().call(get(&server.url)).await.unwrap().body.len() <= LARGEST_ANSWER);
}
