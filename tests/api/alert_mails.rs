//! Alerts by e-mail: to whom, by which server, and what happens when it is not there.

use engine::alerts::{Kind, raise};
use serde_json::{Value, json};
use tests::{Api, MailServer, World};

async fn organization(api: &Api) -> domain::id::OrgId {
    api.get("/api/organization").await.expect(200)["id"].as_str().unwrap().parse().unwrap()
}

/// A minute passes, in which the sweep looks.
async fn minute(world: &mut World) {
    world.pass(61).await;
}

fn texts(rows: &[Value], name: &str) -> Vec<String> {
    let mut texts: Vec<String> = rows.iter().map(|row| row[name].as_str().unwrap_or_default().to_owned()).collect();
    texts.sort();
    texts
}

#[tokio::test]
async fn without_a_server_mails_are_kept_for_the_owners_to_read() {
    let mut world = World::at("2026-03-02T08:00:00Z").await;
    let api = world.api.register("outbox").await;
    api.member("outbox", "ADMIN").await;
    let org = organization(&api).await;
    raise(&world.host.app, org, Kind::ProviderBalanceLow, Some("prv_1".into()), "`Main` has KES 3 left.")
        .await
        .unwrap();
    for _ in 0..3 {
        minute(&mut world).await;
    }
    let mails = api.all("/api/alerts/mails").await;
    assert_eq!(mails.len(), 1, "{mails:?}");
    let mail = &mails[0];
    assert_eq!((&mail["to"], &mail["status"]), (&json!("owner@outbox.example"), &json!("KEPT")));
    assert_eq!(mail["subject"], "outbox Ltd: Provider balance low");
    let text = mail["text"].as_str().unwrap();
    assert!(
        text.starts_with("`Main` has KES 3 left.") && text.contains("2026-03-02 08:00 UTC") && text.contains("/alerts")
    );
    let viewer = api.member("outbox", "VIEWER").await;
    assert_eq!(viewer.get("/api/alerts/mails").await.problem(403), "role_too_small");
    world.end().await;
}

#[tokio::test]
async fn people_get_the_kinds_that_they_want_once_and_later_when_the_server_was_busy() {
    let server = MailServer::start().await;
    let mut world = World::mailing("2026-03-02T08:00:00Z", &server).await;
    let api = world.api.register("mailing").await;
    let org = organization(&api).await;
    let said = api.get("/api/alerts/recipients").await.expect(200);
    assert_eq!(said, json!({ "recipients": [{ "address": "owner@mailing.example", "kinds": [] }], "isDefault": true }));
    let recipients = json!({ "recipients": [
        { "address": " Ops@acme.example " },
        { "address": "money@acme.example", "kinds": ["PROVIDER_BALANCE", "PROVIDER_BALANCE_LOW"] },
        { "address": "nobody@acme.example" },
    ] });
    let said = api.put("/api/alerts/recipients", recipients).await.expect(200);
    assert_eq!(said["isDefault"], false);

    server.busy(1);
    raise(&world.host.app, org, Kind::MessageLate, None, "It was late.").await.unwrap();
    minute(&mut world).await;
    let mails = api.all("/api/alerts/mails").await;
    assert_eq!(texts(&mails, "status"), ["FAILED", "WAITING"], "{mails:?}");
    assert_eq!(server.mails().len(), 0);
    for _ in 0..3 {
        minute(&mut world).await;
    }
    let mails = api.all("/api/alerts/mails").await;
    assert_eq!(texts(&mails, "status"), ["FAILED", "SENT"], "{mails:?}");
    assert_eq!(server.mails().len(), 1);
    let mail = &server.mails()[0];
    assert!(mail.to.eq_ignore_ascii_case("ops@acme.example"), "{mail:?}");
    assert!(mail.data.contains("Subject: mailing Ltd: Message late") && mail.data.contains("It was late."), "{mail:?}");
    assert!(mail.data.contains("alerts@dundun.example") && !mail.data.contains("nsubscribe"), "{mail:?}");

    raise(&world.host.app, org, Kind::ProviderBalance, None, "Empty.").await.unwrap();
    minute(&mut world).await;
    minute(&mut world).await;
    let to: Vec<String> = server.mails()[1..].iter().map(|mail| mail.to.to_lowercase()).collect();
    assert_eq!(to.len(), 2);
    assert!(to.contains(&"money@acme.example".into()) && to.contains(&"ops@acme.example".into()), "{to:?}");

    api.put("/api/alerts/recipients", json!({ "recipients": [] })).await.expect(200);
    raise(&world.host.app, org, Kind::MessageStuck, None, "Stuck.").await.unwrap();
    minute(&mut world).await;
    assert_eq!(server.mails().len(), 3, "nobody wants them");
    let back = api.put("/api/alerts/recipients", json!({ "recipients": null })).await.expect(200);
    assert_eq!(back["isDefault"], true);
    for (wrong, told) in [
        (json!([{ "address": "x" }]), "/recipients/0/address email_invalid"),
        (json!([{ "address": "a@x.example" }, { "address": "A@x.example" }]), "/recipients/1/address email_repeated"),
    ] {
        let answer = api.put("/api/alerts/recipients", json!({ "recipients": wrong })).await;
        assert_eq!(answer.told(422), told);
    }
    let many: Vec<Value> = (0..21).map(|number| json!({ "address": format!("a{number}@x.example") })).collect();
    let answer = api.put("/api/alerts/recipients", json!({ "recipients": many })).await;
    assert_eq!(answer.told(422), "/recipients too_many_recipients");
    world.end().await;
}
