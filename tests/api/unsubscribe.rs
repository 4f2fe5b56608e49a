//! `/api/u/{token}`, by the links that stand in e-mails, and what a provider of e-mail reports of addresses.

use reqwest::Method;
use serde_json::{Value, json};
use tests::{Answer, Api, Mailjet, World, mailjet::webhook};

async fn send(world: &mut World, api: &Api, body: &str, to: &[&str]) -> Value {
    let body = json!({
        "channel": "EMAIL", "subject": "News", "body": body, "recipientType": "ADDRESS", "recipients": to,
    });
    let message = api.post("/api/messages", body).await.expect(202);
    world.settled(api, message["id"].as_str().unwrap()).await
}

/// The link in a mail.
fn address(mail: &Value) -> &str {
    mail["Headers"]["List-Unsubscribe"].as_str().expect("the header").trim_matches(['<', '>'])
}

/// Its path.
fn link(mail: &Value) -> String {
    let url = address(mail);
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
async fn an_estimate_shows_the_mail_that_is_sent() {
    let mut world = World::at("2026-03-02T08:00:00Z").await;
    let mails = Mailjet::start().await;
    let (api, _) = mails.organization(&world, "mail-preview").await;
    let to = "amina@x.example";
    let request = json!({
        "channel": "EMAIL", "subject": "News", "body": "<p>Hi {{name|there}}</p>", "recipientType": "ADDRESS", "recipients": [to],
    });
    let estimate = api.post("/api/messages/estimate", request).await.expect(200);
    send(&mut world, &api, "<p>Hi {{name|there}}</p>", &[to]).await;
    let sent = mails.mail_to(to);
    assert_eq!(estimate["mail"]["subject"], sent["Subject"]);
    let shown = estimate["mail"]["html"].as_str().unwrap();
    assert!(shown.contains("P.O. Box 1, Nairobi"), "with the look of the config: {shown}");
    assert_eq!(
        shown.replace("href=\"#\"", &format!("href=\"{}\"", address(&sent))),
        sent["HTMLPart"].as_str().unwrap()
    );
    world.end().await;
}

#[tokio::test]
async fn a_link_in_a_mail_stops_mails_to_its_reader_alone() {
    let mut world = World::at("2026-03-02T08:00:00Z").await;
    let mails = Mailjet::start().await;
    let (api, _) = mails.organization(&world, "unsubscribe").await;
    let (other, _) = mails.organization(&world, "unsubscribe-other").await;
    send(&mut world, &api, "Hi.", &["ann@x.example", "bob@x.example"]).await;
    let mail = mails.mail_to("ann@x.example");
    assert_eq!(mail["Headers"]["List-Unsubscribe-Post"], "List-Unsubscribe=One-Click");
    let path = link(&mail);
    assert!(mail["TextPart"].as_str().unwrap().contains(&path) && mail["HTMLPart"].as_str().unwrap().contains(&path));
    assert_ne!(path, link(&mails.mail_to("bob@x.example")));

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
    let mails = Mailjet::start().await;
    let (api, _) = mails.organization(&world, "unsubscribe-forged").await;
    send(&mut world, &api, "Hi.", &["ann@x.example"]).await;
    let path = link(&mails.mail_to("ann@x.example"));
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
    let mails = Mailjet::start().await;
    let (api, _) = mails.organization(&world, "unsubscribe-html").await;
    let name = "<img src=x onerror=alert(1)><b>Ann</b>";
    api.post("/api/contacts", json!({ "name": name, "email": "ann@x.example" })).await.expect(201);
    let contact = api.all("/api/contacts").await[0]["id"].clone();
    let body = json!({
        "channel": "EMAIL", "subject": "Hi {{name}}", "body": "<h1>Hi {{name}}</h1><p>News.</p>",
        "recipientType": "CONTACT", "recipientId": contact,
    });
    let message = api.post("/api/messages", body).await.expect(202);
    world.settled(&api, message["id"].as_str().unwrap()).await;
    let mail = mails.mail_to("ann@x.example");
    let html = mail["HTMLPart"].as_str().unwrap();
    assert!(html.contains("<h1>Hi &lt;img src=x onerror=alert(1)&gt;&lt;b&gt;Ann&lt;/b&gt;</h1>"), "{html}");
    assert_eq!(mail["Subject"], format!("Hi {name}"));
    assert!(mail["TextPart"].as_str().unwrap().contains(name), "{mail}");
    world.end().await;
}

#[tokio::test]
async fn what_a_provider_reports_of_addresses_ends_on_the_list() {
    let mut world = World::at("2026-03-02T08:00:00Z").await;
    let mails = Mailjet::start().await;
    let (api, config) = mails.organization(&world, "unsubscribe-told").await;
    let message = send(&mut world, &api, "Hi.", &["ann@x.example", "bob@x.example", "cat@x.example"]).await;
    let id = |to: &str| mails.mail_to(to)["CustomID"].clone();
    let events = json!([
        { "event": "bounce", "email": "ann@x.example", "CustomID": id("ann@x.example"), "hard_bounce": true, "error": "user unknown", "time": 1 },
        { "event": "spam", "email": "Bob@X.example", "CustomID": id("bob@x.example"), "time": 1 },
        { "event": "sent", "email": "cat@x.example", "CustomID": id("cat@x.example"), "time": 1 },
        { "event": "unsub", "email": "stranger@x.example", "CustomID": "", "time": 1 },
        { "event": "unsub", "email": "not an address", "time": 1 },
        { "event": "open", "email": "cat@x.example", "CustomID": id("cat@x.example"), "time": 1 },
    ]);
    assert_eq!(world.api.post(webhook(&config), events).await.expect(200)["received"], 7);
    let expected =
        [row("ann@x.example", "BOUNCED"), row("bob@x.example", "COMPLAINED"), row("stranger@x.example", "OPTED_OUT")];
    assert_eq!(suppressed(&api).await, expected);
    let copies = api.all(&format!("/api/messages/{}/recipients", message["id"].as_str().unwrap())).await;
    let status = |to: &str| copies.iter().find(|copy| copy["recipient"] == to).unwrap()["status"].clone();
    assert_eq!(status("ann@x.example"), "FAILED");
    assert_eq!((status("bob@x.example"), status("cat@x.example")), (json!("SENT"), json!("DELIVERED")));
    world.end().await;
}

#[tokio::test]
async fn a_reader_leaves_channels_and_groups_and_nobody_else_does() {
    let mut world = World::at("2026-03-02T08:00:00Z").await;
    let mails = Mailjet::start().await;
    let (api, _) = mails.organization(&world, "preferences").await;
    let contact = async |name: &str, phone: &str, email: &str| {
        let contact = json!({ "name": name, "phone": phone, "email": email });
        api.post("/api/contacts", contact).await.expect(201)["id"].clone()
    };
    let ann = contact("Ann", "+254700000001", "ann@x.example").await;
    let bob = contact("Bob", "+254700000002", "ann@x.example.org").await;
    let mut groups = Vec::new();
    for name in ["News <b>", "Sales"] {
        let group =
            api.post("/api/groups", json!({ "name": name })).await.expect(201)["id"].as_str().unwrap().to_owned();
        api.post(&format!("/api/groups/{group}/contacts"), json!({ "contactIds": [ann, bob] })).await.expect(201);
        groups.push(group);
    }
    send(&mut world, &api, "Hi.", &["ann@x.example"]).await;
    let path = link(&mails.mail_to("ann@x.example"));
    let preferences = format!("{path}/preferences");
    let page = html(&world.api.get(&path).await);
    assert!(page.contains(&format!("<a href=\"{preferences}\">")), "{page}");

    let page = html(&world.api.get(&preferences).await);
    assert!(!page.contains("<script") && !page.contains("ann@") && !page.contains("2547"), "{page}");
    for part in ["value=\"EMAIL\"", "value=\"SMS\"", "value=\"WHATSAPP\"", "News &lt;b&gt;", "Sales", &groups[0]] {
        assert!(page.contains(part), "{part}: {page}");
    }
    assert_eq!(suppressed(&api).await, [], "looking changes nothing");

    let stranger = "grp_01KAJ7Q4T0M5Z8X2V9C3B6N1R4";
    let form = [("channel", "SMS"), ("group", groups[0].as_str()), ("group", stranger), ("channel", "FAX")];
    for _ in 0..2 {
        let saved = world.api.send(world.api.request(Method::POST, &preferences).form(&form)).await;
        let page = html(&saved);
        assert!(page.contains("Saved.") && page.contains("value=\"EMAIL\"") && page.contains("Sales"), "{page}");
        assert!(!page.contains("value=\"SMS\"") && !page.contains("News"), "{page}");
    }
    assert_eq!(suppressed(&api).await, [("+254700000001".to_owned(), "SMS".to_owned(), "OPTED_OUT".to_owned())]);
    let count = async |group: &str| api.get(&format!("/api/groups/{group}")).await.expect(200)["contactCount"].clone();
    assert_eq!((count(&groups[0]).await, count(&groups[1]).await), (json!(1), json!(2)), "Bob stays");

    assert_eq!(world.api.get("/api/u/x/preferences").await.problem(404), "not_found");
    world.end().await;
}

#[tokio::test]
async fn opens_and_clicks_are_shown_and_change_no_state() {
    let mut world = World::at("2026-03-02T08:00:00Z").await;
    let mails = Mailjet::start().await;
    let (api, config) = mails.organization(&world, "engaged").await;
    let message = send(&mut world, &api, "Hi.", &["ann@x.example", "bob@x.example", "cat@x.example"]).await;
    let path = format!("/api/messages/{}", message["id"].as_str().unwrap());
    assert_eq!(message["engagement"], Value::Null);
    let id = |to: &str| mails.mail_to(to)["CustomID"].clone();
    let at = |seconds: i64| 1_772_438_400 + seconds;
    let open = |to: &str, seconds| json!({ "event": "open", "email": to, "CustomID": id(to), "time": at(seconds) });
    let click = |to: &str, seconds, url: &str| json!({ "event": "click", "email": to, "CustomID": id(to), "time": at(seconds), "url": url });
    let link = "https://shop.example/sale?utm=1&email=ann@x.example";
    let events = json!([
        open("ann@x.example", 60), open("ann@x.example", 60), open("ann@x.example", 90),
        click("ann@x.example", 91, link), open("bob@x.example", 70),
        { "event": "open", "email": "ann@x.example", "CustomID": "dlv_01KAJ7Q4T0M5Z8X2V9C3B6N1R4", "time": at(1) },
        { "event": "open", "email": "ann@x.example", "time": at(1) },
    ]);
    for _ in 0..2 {
        assert_eq!(world.api.post(webhook(&config), events.clone()).await.expect(200)["received"], 6);
    }
    let shown = api.get(&path).await.expect(200);
    assert_eq!((&shown["engagement"], &shown["counts"]["sent"]), (&json!({ "opened": 2, "clicked": 1 }), &json!(3)));
    let copy = api.get(&format!("/api/deliveries/{}", id("ann@x.example").as_str().unwrap())).await.expect(200);
    let expected = json!({
        "opens": 2, "firstOpenedAt": "2026-03-02T08:01:00Z", "lastOpenedAt": "2026-03-02T08:01:30Z",
        "clicks": 1, "firstClickedAt": "2026-03-02T08:01:31Z", "lastClickedAt": "2026-03-02T08:01:31Z",
        "lastLink": "https://shop.example/sale",
    });
    assert_eq!((&copy["engagement"], &copy["status"]), (&expected, &json!("SENT")), "{copy}");
    let copy = api.get(&format!("/api/deliveries/{}", id("cat@x.example").as_str().unwrap())).await.expect(200);
    assert_eq!(copy["engagement"], Value::Null);

    // The list shows what the last fold counted.
    world
        .until("a fold counts them", 120, || async {
            let list = api.get("/api/messages").await.expect(200);
            (list["data"][0]["engagement"] == json!({ "opened": 2, "clicked": 1 })).then_some(())
        })
        .await;
    world.end().await;
}
