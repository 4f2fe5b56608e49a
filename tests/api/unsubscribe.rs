//! `/api/u/{token}`, by the links that stand in e-mails, and what a provider of e-mail reports of addresses.

use std::sync::{Arc, Mutex};

use axum::{Json, Router, extract::State, routing::post};
use reqwest::Method;
use serde_json::{Value, json};
use tests::{Answer, Api, World};

type Mails = Arc<Mutex<Vec<Value>>>;

/// Mailjet on the loopback address: takes every message.
async fn mailjet() -> (String, Mails) {
    async fn take(State(mails): State<Mails>, Json(body): Json<Value>) -> Json<Value> {
        let messages = body["Messages"].as_array().expect("messages").clone();
        let taken = messages.iter().map(|mail| {
            let to = &mail["To"][0]["Email"];
            json!({ "Status": "success", "To": [{ "Email": to, "MessageUUID": format!("uuid-{to}") }] })
        });
        let answer = json!({ "Messages": taken.collect::<Vec<_>>() });
        mails.lock().unwrap().extend(messages);
        Json(answer)
    }
    let mails = Mails::default();
    let app = Router::new().route("/v3.1/send", post(take)).with_state(mails.clone());
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, app).await.unwrap() });
    (url, mails)
}

/// An organization that sends e-mail. Gives the config too.
async fn organization(world: &World, label: &str, url: &str) -> (Api, Value) {
    let api = world.api.register(label).await;
    let config = json!({
        "kind": "MAILJET", "channel": "EMAIL", "name": "Mail", "isActive": true, "apiUrl": url,
        "credentials": { "apiKey": "public-key-1", "secretKey": "secret-key-1" }, "senderId": "Acme <hello@acme.example>",
        "settings": { "branding": { "postalAddress": "P.O. Box 1, Nairobi" } },
    });
    let config = api.post("/api/providers", config).await.expect(201);
    assert_eq!(config["validationErrors"], json!([]), "{config}");
    (api, config)
}

async fn send(world: &mut World, api: &Api, body: &str, to: &[&str]) -> Value {
    let body = json!({
        "channel": "EMAIL", "subject": "News", "body": body, "recipientType": "ADDRESS", "recipients": to,
    });
    let message = api.post("/api/messages", body).await.expect(202);
    world.settled(api, message["id"].as_str().unwrap()).await
}

fn mail_to(mails: &Mails, to: &str) -> Value {
    let mails = mails.lock().unwrap();
    mails.iter().rfind(|mail| mail["To"][0]["Email"] == to).expect("a mail to them").clone()
}

/// The path of the link in a mail.
fn link(mail: &Value) -> String {
    let header = mail["Headers"]["List-Unsubscribe"].as_str().expect("the header");
    let url = header.trim_matches(['<', '>']);
    url[url.find("/api/u/").expect("our own link")..].to_owned()
}

fn html(answer: &Answer) -> String {
    assert!(answer.headers["content-type"].to_str().unwrap().starts_with("text/html"), "{answer:?}");
    String::from_utf8(answer.bytes.clone()).unwrap()
}

/// As the program of a receiver clicks.
async fn one_click(world: &World, path: &str) -> Answer {
    let form = [("List-Unsubscribe", "One-Click")];
    world.api.send(world.api.request(Method::POST, path).form(&form)).await
}

async fn suppressed(api: &Api) -> Vec<(String, String, String)> {
    let word = |row: &Value, name: &str| row[name].as_str().unwrap_or_default().to_owned();
    let rows = api.all("/api/suppressions").await;
    let mut found: Vec<_> =
        rows.iter().map(|row| (word(row, "address"), word(row, "channel"), word(row, "reason"))).collect();
    found.sort_unstable();
    found
}

fn row(address: &str, reason: &str) -> (String, String, String) {
    (address.to_owned(), "EMAIL".to_owned(), reason.to_owned())
}

#[tokio::test]
async fn a_link_in_a_mail_stops_mails_to_its_reader_alone() {
    let mut world = World::at("2026-03-02T08:00:00Z").await;
    let (url, mails) = mailjet().await;
    let (api, _) = organization(&world, "unsubscribe", &url).await;
    let (other, _) = organization(&world, "unsubscribe-other", &url).await;
    send(&mut world, &api, "Hi.", &["ann@x.example", "bob@x.example"]).await;
    let mail = mail_to(&mails, "ann@x.example");
    assert_eq!(mail["Headers"]["List-Unsubscribe-Post"], "List-Unsubscribe=One-Click");
    let path = link(&mail);
    assert!(mail["TextPart"].as_str().unwrap().contains(&path) && mail["HTMLPart"].as_str().unwrap().contains(&path));
    assert_ne!(path, link(&mail_to(&mails, "bob@x.example")));

    // Looking changes nothing, however often, and the page needs nothing from elsewhere.
    for _ in 0..2 {
        let page = world.api.send(world.api.request(Method::GET, &path)).await;
        let policy = page.headers["content-security-policy"].to_str().unwrap().to_owned();
        assert!(policy.starts_with("default-src 'none'"), "{policy}");
        assert_eq!((page.status.as_u16(), &page.headers["referrer-policy"]), (200, &"no-referrer".parse().unwrap()));
        let page = html(&page);
        assert!(page.contains("<form method=\"post\">") && page.contains("<button>Unsubscribe</button>"), "{page}");
        assert!(!page.contains("ann@"), "{page}");
    }
    assert_eq!(suppressed(&api).await, []);

    let done = one_click(&world, &path).await;
    assert_eq!(done.status, 200);
    assert!(html(&done).contains("You are unsubscribed"));
    assert_eq!(suppressed(&api).await, [row("ann@x.example", "OPTED_OUT")]);
    assert_eq!(one_click(&world, &path).await.status, 200, "again is the same");
    assert_eq!(suppressed(&api).await.len(), 1);
    assert!(html(&world.api.send(world.api.request(Method::GET, &path)).await).contains("You are unsubscribed"));

    let message = send(&mut world, &api, "Hi again.", &["ann@x.example", "bob@x.example"]).await;
    assert_eq!((&message["counts"]["sent"], &message["counts"]["skipped"]), (&json!(1), &json!(1)), "{message}");
    assert_eq!(suppressed(&other).await, [], "of another organization");
    world.end().await;
}

#[tokio::test]
async fn a_link_that_nobody_made_is_unknown() {
    let mut world = World::at("2026-03-02T08:00:00Z").await;
    let (url, mails) = mailjet().await;
    let (api, _) = organization(&world, "unsubscribe-forged", &url).await;
    send(&mut world, &api, "Hi.", &["ann@x.example"]).await;
    let path = link(&mail_to(&mails, "ann@x.example"));
    let changed = if path.ends_with('A') { 'B' } else { 'A' };
    for path in ["/api/u/x".to_owned(), format!("{path}A"), format!("{}{changed}", &path[..path.len() - 1])] {
        assert_eq!(world.api.send(world.api.request(Method::GET, &path)).await.status, 404, "{path}");
        assert_eq!(one_click(&world, &path).await.problem(404), "not_found", "{path}");
    }
    assert_eq!(suppressed(&api).await, []);
    world.end().await;
}

#[tokio::test]
async fn values_in_html_are_only_text() {
    let mut world = World::at("2026-03-02T08:00:00Z").await;
    let (url, mails) = mailjet().await;
    let (api, _) = organization(&world, "unsubscribe-html", &url).await;
    let name = "<img src=x onerror=alert(1)><b>Ann</b>";
    api.post("/api/contacts", json!({ "name": name, "email": "ann@x.example" })).await.expect(201);
    let contact = api.all("/api/contacts").await[0]["id"].clone();
    let body = json!({
        "channel": "EMAIL", "subject": "Hi {{name}}", "body": "<h1>Hi {{name}}</h1><p>News.</p>",
        "recipientType": "CONTACT", "recipientId": contact,
    });
    let message = api.post("/api/messages", body).await.expect(202);
    world.settled(&api, message["id"].as_str().unwrap()).await;
    let mail = mail_to(&mails, "ann@x.example");
    let html = mail["HTMLPart"].as_str().unwrap();
    assert!(html.contains("<h1>Hi &lt;img src=x onerror=alert(1)&gt;&lt;b&gt;Ann&lt;/b&gt;</h1>"), "{html}");
    assert_eq!(mail["Subject"], format!("Hi {name}"));
    assert!(mail["TextPart"].as_str().unwrap().contains(name), "{mail}");
    world.end().await;
}

#[tokio::test]
async fn what_a_provider_reports_of_addresses_ends_on_the_list() {
    let mut world = World::at("2026-03-02T08:00:00Z").await;
    let (url, mails) = mailjet().await;
    let (api, config) = organization(&world, "unsubscribe-told", &url).await;
    let message = send(&mut world, &api, "Hi.", &["ann@x.example", "bob@x.example", "cat@x.example"]).await;
    let id = |to: &str| mail_to(&mails, to)["CustomID"].clone();
    let events = json!([
        { "event": "bounce", "email": "ann@x.example", "CustomID": id("ann@x.example"), "hard_bounce": true, "error": "user unknown", "time": 1 },
        { "event": "spam", "email": "Bob@X.example", "CustomID": id("bob@x.example"), "time": 1 },
        { "event": "sent", "email": "cat@x.example", "CustomID": id("cat@x.example"), "time": 1 },
        { "event": "unsub", "email": "stranger@x.example", "CustomID": "", "time": 1 },
        { "event": "unsub", "email": "not an address", "time": 1 },
        { "event": "open", "email": "cat@x.example", "CustomID": id("cat@x.example"), "time": 1 },
    ]);
    let webhook = config["webhookUrl"].as_str().unwrap();
    let webhook = &webhook[webhook.find("/api/").unwrap()..];
    assert_eq!(world.api.post(webhook, events).await.expect(200)["received"], 6);
    let expected =
        [row("ann@x.example", "BOUNCED"), row("bob@x.example", "COMPLAINED"), row("stranger@x.example", "OPTED_OUT")];
    assert_eq!(suppressed(&api).await, expected);
    let copies = api.all(&format!("/api/messages/{}/recipients", message["id"].as_str().unwrap())).await;
    let status = |to: &str| copies.iter().find(|copy| copy["recipient"] == to).unwrap()["status"].clone();
    assert_eq!(status("ann@x.example"), "FAILED");
    assert_eq!((status("bob@x.example"), status("cat@x.example")), (json!("SENT"), json!("DELIVERED")));
    world.end().await;
}
