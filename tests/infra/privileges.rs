//! The main job through the real binary, a process per function, on queues that nobody else takes from: each function
//! stays within its role. The local AWS refuses nothing, so without this a missing grant would show on AWS only.

use engine::unsubscribe::Links;
use jiff::ToSpan;
use serde_json::{Value, json};
use tests::{Receiver, files};

use super::{
    root,
    stage::{Stage, multipart},
};

#[tokio::test(flavor = "multi_thread")]
async fn every_function_stays_within_its_role() {
    let mut stage = Stage::start().await;
    let s = &mut stage;

    // People.
    s.http("auth-update-me", None, 200).await;
    s.http("auth-me", None, 200).await;
    let email = json!({ "email": "owner@roles.example", "password": "correct horse battery staple" });
    let signed_in = s.http("auth-login", Some(email), 200).await;
    s.http("auth-refresh", Some(json!({ "refreshToken": signed_in["refreshToken"] })), 200).await;
    s.http("auth-register", Some(json!({
        "organizationName": "Other", "name": "B", "email": "b@other.example", "password": "correct horse battery staple",
    })), 201).await;
    s.http("organization-get", None, 200).await;
    s.http("organization-update", None, 200).await;
    let invited = s.make("users-create", "usr", None, 201).await;
    s.http("users-list", None, 200).await;
    s.http("users-update", Some(json!({ "role": "VIEWER" })), 200).await;
    let token = invited["inviteUrl"].as_str().and_then(|url| url.split_once("token=")).expect("a link with a token").1;
    let accept = json!({ "token": token, "name": "Juma", "password": "battery horse correct staple" });
    let juma = s.http("auth-accept-invite", Some(accept), 201).await;
    let owner = std::mem::replace(&mut s.token, juma["accessToken"].as_str().expect("a token").to_owned());
    let passwords =
        json!({ "oldPassword": "battery horse correct staple", "newPassword": "staple battery horse correct" });
    s.http("auth-change-password", Some(passwords), 204).await;
    s.http("auth-logout", Some(json!({})), 204).await;
    s.token = owner;
    s.http("users-delete", None, 204).await;
    let key = json!({ "name": "Shop", "scopes": ["messages:read"] });
    s.make("api-keys-create", "key", Some(key), 201).await;
    s.http("api-keys-list", None, 200).await;

    // Contacts and groups.
    s.make("contacts-create", "con", None, 201).await;
    s.make("groups-create", "grp", Some(json!({ "name": "Parents 4B" })), 201).await;
    s.http("groups-contacts-add", None, 201).await;
    let more = json!({ "contacts": [{ "name": "Wanjiru", "phone": "+254712345003" }], "groupId": s.ids["grp"] });
    s.http("contacts-bulk", Some(more), 201).await;
    for name in [
        "contacts-list",
        "contacts-get",
        "contacts-update",
        "contacts-tags",
        "contacts-export",
        "groups-list",
        "groups-get",
        "groups-contacts-list",
    ] {
        s.http(name, None, 200).await;
    }
    s.http("groups-update", Some(json!({ "name": "Parents 5B" })), 200).await;
    multipart(s, "groups-upload-excel", &[], 200).await;

    // Who gets no messages.
    s.make("suppressions-create", "sup", Some(json!({ "address": "+254712345099" })), 201).await;
    for name in ["suppressions-list", "suppressions-get", "suppressions-export"] {
        s.http(name, None, 200).await;
    }
    s.http("suppressions-delete", None, 204).await;

    // Where our own programs are told what happened.
    let receiver = Receiver::start().await;
    let endpoint = json!({ "url": receiver.url });
    s.make("webhook-endpoints-create", "whe", Some(endpoint), 201).await;
    for name in ["webhook-endpoints-list", "webhook-endpoints-get", "webhook-endpoints-rotate-secret"] {
        s.http(name, None, 200).await;
    }
    s.http("webhook-endpoints-update", Some(json!({ "description": "Shop" })), 200).await;
    let tried = s.http("webhook-endpoints-test", None, 200).await;
    s.ids.insert("evt", tried["id"].as_str().unwrap().to_owned());
    s.http("webhook-endpoints-attempts-list", None, 200).await;
    s.http("webhook-endpoints-attempts-replay", None, 202).await;

    // Providers and templates.
    for name in [
        "providers-catalogue",
        "providers-list",
        "providers-get",
        "providers-test",
        "providers-health",
        "providers-health-list",
        "providers-stats",
    ] {
        s.http(name, None, 200).await;
    }
    s.http("providers-test-message", None, 200).await;
    s.http("providers-update", Some(json!({ "name": "Loop" })), 200).await;
    s.http("providers-balance", None, 200).await;
    s.http("providers-resume", None, 200).await;
    s.http("providers-alerts-update", None, 200).await;
    s.http("providers-alerts-get", None, 200).await;
    let rule = json!({ "name": "All", "providers": [{ "providerId": s.ids["prv"] }] });
    s.make("routing-rules-create", "rul", Some(rule), 201).await;
    let price = json!({ "amount": "0.80", "currency": "KES" });
    let price = json!({ "providerId": s.ids["prv"], "destination": "KE", "price": price });
    s.make("routing-prices-create", "prc", Some(price), 201).await;
    for name in ["routing-rules-list", "routing-rules-get", "routing-prices-list"] {
        s.http(name, None, 200).await;
    }
    s.http("routing-rules-update", Some(json!({ "position": 2 })), 200).await;
    s.http("routing-prices-update", Some(json!({ "destination": "*" })), 200).await;
    // The sample's columns are those of contacts.
    let provider = s.ids["prv"].clone();
    multipart(s, "routing-prices-import", &[("providerId", provider.as_str())], 422).await;
    s.http("routing-prices-delete", None, 204).await;
    s.http("routing-rules-delete", None, 204).await;
    let template = json!({ "name": "Ready", "channel": "SMS", "event": "ORDER_READY", "body": "Hello {{name}}." });
    s.make("templates-create", "tpl", Some(template), 201).await;
    for name in ["templates-list", "templates-get", "templates-preview"] {
        s.http(name, None, 200).await;
    }
    s.http("templates-update", Some(json!({ "body": "Hello {{name}}!" })), 200).await;
    s.http("templates-copy", Some(json!({ "name": "Ready too" })), 201).await;
    let text = json!({ "channel": "SMS", "body": "Hello {{name}}.", "variables": { "name": "Ann" } });
    s.http("templates-preview-unsaved", Some(text), 200).await;
    whatsapp(s).await;

    // A group that asks who joins, and the link of its question.
    let wary = json!({ "name": "Wary", "doubleOptIn": true, "confirmationTemplateId": s.ids["tpl"] });
    let known = s.ids["grp"].clone();
    s.make("groups-create", "grp", Some(wary), 201).await;
    s.http("groups-contacts-add", None, 201).await;
    let more = json!({ "contacts": [{ "phone": "+254712345005" }], "groupId": s.ids["grp"] });
    s.http("contacts-bulk", Some(more), 201).await;
    multipart(s, "groups-upload-excel", &[], 200).await;
    s.http("groups-confirmations-ask", None, 202).await;
    s.work().await;
    let org = s.http("organization-get", None, 200).await["id"].as_str().unwrap().parse().unwrap();
    let app = s.world.host.app.clone();
    let links = engine::confirm::Links::of(&app, org, s.ids["grp"].parse().unwrap()).await.unwrap();
    let link = links.to(s.ids["con"].parse().unwrap());
    let token = link.rsplit_once('/').unwrap().1;
    for name in ["confirmations-show", "confirmations-confirm"] {
        s.with_token(name, token).await;
    }
    s.ids.insert("grp", known);

    // A list that the provider does not keep, and a domain of e-mail.
    s.http("providers-suppressions-sync", None, 409).await;
    let loopback = s.ids["prv"].clone();
    let own = json!({
        "kind": "SMTP", "channel": "EMAIL", "name": "Own", "senderId": "hello@acme.example",
        "credentials": { "host": "127.0.0.1", "security": "NONE" },
    });
    let own = s.make("providers-create", "prv", Some(own), 201).await["id"].clone();
    s.make("domains-create", "dom", Some(json!({ "name": "acme.example", "providerId": own })), 201).await;
    for name in ["domains-list", "domains-get", "domains-check"] {
        s.http(name, None, 200).await;
    }
    s.http("domains-delete", None, 204).await;
    s.http("providers-delete", None, 204).await;
    s.ids.insert("prv", loopback);

    // Files that go with messages.
    let media =
        s.make("media-create", "med", Some(json!({ "fileName": "a.txt", "contentType": "text/plain" })), 201).await;
    files::put_by(&s.world.host.aws, &media, b"Hello.").await;
    // The bucket tells the host's own queue.
    s.world.idle().await;
    let media = s.http("media-get", None, 200).await;
    assert_eq!(media["status"], "READY");
    s.http("media-list", None, 200).await;
    let token = media["url"].as_str().and_then(|url| url.rsplit_once('/')).expect("a link").1;
    s.with_token("media-file", token).await;

    // A message now, one in a moment, one later that changes its hour and is cancelled, a draft.
    let group = s.ids["grp"].clone();
    let text = |more: Value| {
        let mut body = json!({ "body": "Hello {{name}}.", "recipientType": "GROUP", "recipientId": group });
        body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        Some(body)
    };
    let now = s.world.clock.now();
    s.http("messages-estimate", text(json!({})), 200).await;
    s.make("messages-create", "msg", text(json!({ "scheduledAt": now + 1.hour() })), 202).await;
    s.http("messages-update", Some(json!({ "scheduledAt": now + 2.hours() })), 200).await;
    s.http("messages-delete", None, 200).await;
    s.make("messages-create", "msg", text(json!({ "draft": true })), 202).await;
    s.http("messages-estimate-kept", None, 200).await;
    s.http("messages-send", None, 202).await;
    s.make("messages-create", "msg", text(json!({ "scheduledAt": now + 5.seconds() })), 202).await;
    s.make("messages-create", "msg", text(json!({})), 202).await;
    s.http("messages-pause", None, 200).await;
    s.http("messages-resume", Some(json!({})), 200).await;
    s.work().await;
    let sent = s.http("messages-get", None, 200).await;
    assert_eq!(sent["status"], "SENT");
    for name in [
        "messages-list",
        "messages-recipients",
        "contacts-deliveries",
        "deliveries-export",
        "dashboard-metrics",
        "dashboard-stats",
        "alerts-list",
        "alerts-recipients-get",
        "alerts-recipients-update",
        "alerts-mails-list",
        "contacts-search",
    ] {
        s.http(name, None, 200).await;
    }
    let delivery = s.http("deliveries-list", None, 200).await["data"][0]["id"].as_str().unwrap().to_owned();
    s.ids.insert("dlv", delivery);
    s.http("deliveries-get", None, 200).await;

    for name in ["messages-resend", "messages-resolve", "deliveries-retry", "deliveries-resolve"] {
        // Nothing failed and nothing is open.
        s.http(name, None, 409).await;
    }

    // A sandbox, whose receipts come by a queue.
    let loopback = s.ids["prv"].clone();
    s.make("providers-create", "prv", Some(json!({ "kind": "SANDBOX", "channel": "SMS", "name": "Sandbox" })), 201)
        .await;
    let body = json!({ "body": "Hello.", "recipientType": "ADDRESS", "recipients": ["+254712345009"], "providerId": s.ids["prv"] });
    s.make("messages-create", "msg", Some(body), 202).await;
    s.work().await;
    s.http("sandbox-outbox", None, 200).await;
    s.http("providers-delete", None, 204).await;

    // The link in an e-mail.
    let mail = json!({ "kind": "SANDBOX", "channel": "EMAIL", "name": "Mail" });
    let mail = s.make("providers-create", "prv", Some(mail), 201).await["id"].as_str().unwrap().parse().unwrap();
    let org = s.http("organization-get", None, 200).await["id"].as_str().unwrap().parse().unwrap();
    let app = s.world.host.app.clone();
    let config = store::providers::get(&app.table, org, mail).await.unwrap();
    let link = Links::of(&app, &config).await.unwrap().expect("e-mail has links").to("amina@example.org");
    let token = link.rsplit_once('/').unwrap().1;
    for name in
        ["unsubscribe-show", "unsubscribe-preferences-show", "unsubscribe-preferences-save", "unsubscribe-confirm"]
    {
        s.with_token(name, token).await;
    }
    s.ids.insert("prv", loopback);

    // Receipts, by the provider's own call.
    let config = s.http("providers-get", None, 200).await;
    let webhook = config["webhookUrl"].as_str().unwrap().to_owned();
    let path = &webhook[webhook.find("/api/").unwrap()..];
    let text = std::fs::read_to_string(root("events/webhooks-receive.json")).unwrap();
    let mut event: Value = serde_json::from_str(&text).unwrap();
    event["rawPath"] = json!(path);
    event["requestContext"]["http"]["path"] = json!(path);
    let accepted = s.world.provider.accepted();
    let report: Vec<Value> =
        accepted.iter().map(|text| json!({ "ref": text.message_id, "id": text.id, "status": "DELIVRD" })).collect();
    event["body"] = json!(json!(report).to_string());
    let answer = s.run("webhooks-receive", &event).await;
    assert_eq!(answer["statusCode"], 200, "{answer}");

    // What somebody wrote, by the provider's own call, and a reply.
    event["body"] = json!(json!({ "id": "in-1", "from": "+254712345001", "text": "When do you open?" }).to_string());
    let answer = s.run("webhooks-receive", &event).await;
    assert_eq!(answer["statusCode"], 200, "{answer}");
    let talks = s.http("conversations-list", None, 200).await;
    s.ids.insert("cnv", talks["data"][0]["id"].as_str().unwrap().to_owned());
    for name in ["conversations-get", "conversations-messages-list"] {
        s.http(name, None, 200).await;
    }
    s.http("conversations-messages-create", Some(json!({ "body": "Thank you." })), 202).await;
    s.work().await;

    // Files.
    let import = multipart(s, "uploads-excel", &[], 200).await;
    let id = import["id"].as_str().or(import["importId"].as_str()).unwrap_or_else(|| panic!("{import}"));
    s.ids.insert("imp", id.to_owned());
    for name in ["imports-get", "imports-list", "imports-rows-list", "imports-rejected"] {
        s.http(name, None, 200).await;
    }
    s.http("imports-update", Some(json!({ "columns": { "name": [0], "phone": 1 } })), 200).await;
    s.work().await;
    let row = json!({ "phone": "+254712345004" });
    s.http("imports-rows-update", Some(row), 200).await;
    s.http("imports-commit", None, 202).await;
    multipart(s, "messages-bulk", &[("body", "Hello {{name}}.")], 202).await;
    s.http("imports-create", Some(json!({ "fileName": "contacts.csv", "mode": "PREVIEW" })), 201).await;
    s.work().await;
    s.run("sweep", &json!({})).await;
    s.work().await;

    // What touches nothing, and what is not there.
    s.http("health-get", None, 200).await;
    s.http("openapi-get", None, 200).await;
    s.http("fallback", None, 404).await;
    s.http("alerts-acknowledge", None, 404).await;

    assert!(receiver.types().iter().any(|kind| kind == "message.sent"), "{:?}", receiver.types());
    s.http("webhook-endpoints-delete", None, 204).await;

    // The end of things; whom the others wrote to gets no more messages.
    multipart(s, "suppressions-import", &[], 200).await;
    for name in [
        "media-delete",
        "api-keys-delete",
        "templates-delete",
        "groups-contacts-remove",
        "groups-delete",
        "contacts-delete",
    ] {
        s.http(name, None, 204).await;
    }
    assert!(stage.beyond.is_empty(), "beyond their roles, or not reached: {:#?}", stage.beyond);
    let reached: Vec<&String> = stage.used.keys().collect();
    assert_eq!(reached, stage.roles.keys().collect::<Vec<_>>(), "a function that is not called here needs a call");
    stage.world.host.stop().await;
}

/// Templates of WhatsApp, recorded by hand; a config of a provider whose profile and addresses are not set by an API.
async fn whatsapp(s: &mut Stage) {
    let other = s.ids["prv"].clone();
    s.http("providers-webhooks", None, 200).await;
    s.http("providers-profile-get", None, 409).await;
    s.http("providers-profile-update", Some(json!({ "about": "Bread since 1911" })), 409).await;
    let config = json!({ "kind": "SANDBOX", "channel": "WHATSAPP", "name": "Practice" });
    let config = s.make("providers-create", "prv", Some(config), 201).await["id"].clone();
    let template = json!({
        "providerId": config, "name": "order_ready", "language": "en", "category": "UTILITY",
        "components": { "body": "Hello {{1}}." }, "submit": false, "externalId": "order-1",
    });
    s.make("whatsapp-templates-create", "wat", Some(template), 201).await;
    for name in ["whatsapp-templates-list", "whatsapp-templates-get"] {
        s.http(name, None, 200).await;
    }
    s.http("whatsapp-templates-sync", Some(json!({ "providerId": config })), 422).await;
    s.http("whatsapp-templates-delete", None, 204).await;
    s.http("providers-delete", None, 204).await;
    s.ids.insert("prv", other);
}
