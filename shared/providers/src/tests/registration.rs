//! Registering webhook addresses, against servers that answer as the providers' pages say.

use serde_json::json;

use super::*;
use crate::testing::{self, Seen, Server, json as answer, outbound};

const URL: &str = "https://app.example.test/webhooks/sms/prv_1/token";

fn account(kind: Kind, url: &str) -> Account {
    Account { api_url: Some(url.to_owned()), ..testing::account(kind) }
}

fn calls(server: &Server) -> Vec<(String, String)> {
    server.seen().into_iter().map(|seen| (seen.method.to_string(), seen.path)).collect()
}

fn call(method: &str, path: &str) -> (String, String) {
    (method.to_owned(), path.to_owned())
}

#[tokio::test]
async fn bulksms_gets_one_webhook_for_each_direction_and_none_twice() {
    let server = Server::start(|seen| match seen.method.as_str() {
        "GET" => answer(200, &json!([{ "id": "1", "url": URL, "triggerScope": "SENT" }])),
        _ => answer(201, &json!({ "id": "2" })),
    })
    .await;
    let made = register(&account(Kind::BulkSms, &server.url), &outbound()).await.unwrap();
    assert_eq!(made, Registration { registered: true, steps: Vec::new() });
    assert_eq!(calls(&server), [call("GET", "/webhooks"), call("POST", "/webhooks")]);
    let body = server.seen()[1].json();
    assert_eq!(
        (&body["triggerScope"], &body["url"], &body["invokeOption"]),
        (&json!("RECEIVED"), &json!(URL), &json!("MANY"))
    );
}

#[tokio::test]
async fn meta_takes_an_address_of_the_number() {
    let server = Server::start(|_| answer(200, &json!({ "success": true }))).await;
    let mut meta = account(Kind::Meta, &server.url);
    let made = register(&meta, &outbound()).await.unwrap();
    assert!(made.registered && made.steps.iter().any(|step| step.contains("businessAccountId")), "{made:?}");
    let expected =
        json!({ "webhook_configuration": { "override_callback_uri": URL, "verify_token": "my-verify-token" } });
    assert_eq!(server.seen()[0].json(), expected);
    meta.credentials.insert("businessAccountId".into(), "102290129340398".into());
    register(&meta, &outbound()).await.unwrap();
    assert_eq!(
        calls(&server)[1..],
        [call("POST", "/v23.0/102290129340398/subscribed_apps"), call("POST", "/v23.0/106540352242922")]
    );
}

#[tokio::test]
async fn a_refusal_is_told_in_the_providers_words() {
    let told = json!({ "error": { "message": "Callback verification failed", "code": 2200 } });
    let server = Server::start(move |_| answer(400, &told)).await;
    let refused = register(&account(Kind::Meta, &server.url), &outbound()).await.unwrap_err();
    assert_eq!(refused.reason, "the provider answered with HTTP 400: Callback verification failed");
}

#[tokio::test]
async fn gupshup_is_told_by_the_apps_id_and_else_by_hand() {
    let server = Server::start(|seen| {
        let there = json!({ "status": "success", "subscriptions": [{ "url": "https://elsewhere.example" }] });
        answer(200, &if seen.method == "GET" { there } else { json!({ "status": "success" }) })
    })
    .await;
    let mut gupshup = account(Kind::Gupshup, &server.url);
    let by_hand = register(&gupshup, &outbound()).await.unwrap();
    assert!(!by_hand.registered && by_hand.steps[0].contains(URL));
    gupshup.settings = json!({ "appName": "AcmeApp", "appId": "app-1" });
    assert!(register(&gupshup, &outbound()).await.unwrap().registered);
    let form = server.seen()[1].form();
    assert_eq!((form["url"].as_str(), form["version"].as_str()), (URL, "2"));
    assert_eq!(calls(&server)[1], call("POST", "/wa/app/app-1/subscription"));
}

#[tokio::test]
async fn fonnte_keeps_the_devices_name_and_number() {
    let server = Server::start(|seen| {
        let device = json!({ "status": true, "name": "Shop", "device": "628123456789" });
        answer(200, &if seen.path == "/device" { device } else { json!({ "status": true }) })
    })
    .await;
    assert!(register(&account(Kind::Fonnte, &server.url), &outbound()).await.unwrap().registered);
    let form = server.seen()[1].form();
    let of = |name: &str| form[name].as_str();
    assert_eq!((of("name"), of("device"), of("webhook"), of("webhookstatus")), ("Shop", "628123456789", URL, URL));
    let server = Server::start(|_| answer(200, &json!({ "status": false, "reason": "token invalid" }))).await;
    let refused = register(&account(Kind::Fonnte, &server.url), &outbound()).await.unwrap_err();
    assert_eq!(refused.reason, "Fonnte: token invalid");
}

#[tokio::test]
async fn twilio_sets_the_number_or_the_whatsapp_sender() {
    let server = Server::start(|seen: &Seen| match (seen.method.as_str(), seen.path.as_str()) {
        ("GET", path) if path.contains("IncomingPhoneNumbers") => {
            answer(200, &json!({ "incoming_phone_numbers": [{ "sid": "PN1" }] }))
        }
        ("GET", _) => answer(200, &json!({ "senders": [{ "sid": "XE1", "sender_id": "whatsapp:+15005550006" }] })),
        _ => answer(200, &json!({})),
    })
    .await;
    let sms = account(Kind::Twilio, &server.url);
    assert!(register(&sms, &outbound()).await.unwrap().registered);
    let base = "/2010-04-01/Accounts/AC00000000000000000000000000000001";
    let seen = server.seen();
    assert_eq!(seen[0].path, format!("{base}/IncomingPhoneNumbers.json?PhoneNumber=%2B15005550006"));
    assert_eq!(
        (seen[1].path.clone(), seen[1].form()["SmsUrl"].as_str()),
        (format!("{base}/IncomingPhoneNumbers/PN1.json"), URL)
    );
    let whatsapp = Account { channel: Channel::WhatsApp, ..sms.clone() };
    assert!(register(&whatsapp, &outbound()).await.unwrap().registered);
    let last = server.seen().pop().unwrap();
    assert_eq!(
        (last.path.as_str(), &last.json()["webhook"]["callback_url"]),
        ("/v2/Channels/Senders/XE1", &json!(URL))
    );
    // A messaging service has its own settings.
    let service = Account { sender_id: Some(format!("MG{}", "0".repeat(32))), ..sms };
    assert!(!register(&service, &outbound()).await.unwrap().registered);
}

#[tokio::test]
async fn telnyx_sets_the_messaging_profile_if_the_config_names_one() {
    let server = Server::start(|_| answer(200, &json!({ "data": {} }))).await;
    let mut telnyx = account(Kind::Telnyx, &server.url);
    assert!(!register(&telnyx, &outbound()).await.unwrap().registered);
    telnyx.settings = json!({ "messagingProfileId": "3fa8" });
    assert!(register(&telnyx, &outbound()).await.unwrap().registered);
    assert_eq!(calls(&server), [call("PATCH", "/messaging_profiles/3fa8")]);
    assert_eq!(server.seen()[0].json()["webhook_url"], URL);
}

#[tokio::test]
async fn vonage_sets_the_accounts_addresses() {
    let server = Server::start(|_| answer(200, &json!({ "mo-callback-url": URL }))).await;
    assert!(register(&account(Kind::Vonage, &server.url), &outbound()).await.unwrap().registered);
    let form = server.seen()[0].form();
    assert_eq!((form["moCallBackUrl"].as_str(), form["drCallBackUrl"].as_str()), (URL, URL));
    assert_eq!(calls(&server), [call("POST", "/account/settings")]);
    let whatsapp = Account { channel: Channel::WhatsApp, ..account(Kind::Vonage, &server.url) };
    assert!(!register(&whatsapp, &outbound()).await.unwrap().registered);
}

#[tokio::test]
async fn mailgun_is_told_of_what_is_missing() {
    let server = Server::start(|seen| {
        let there = json!({ "webhooks": { "delivered": { "urls": [URL] }, "complained": { "urls": ["https://else.example"] } } });
        answer(200, &if seen.method == "GET" { there } else { json!({ "webhooks": {} }) })
    })
    .await;
    assert!(register(&account(Kind::Mailgun, &server.url), &outbound()).await.unwrap().registered);
    assert_eq!(
        calls(&server),
        [call("GET", "/v3/domains/mg.acme.example/webhooks"), call("POST", "/v4/domains/mg.acme.example/webhooks")]
    );
    let events: Vec<String> = url::form_urlencoded::parse(server.seen()[1].body.as_bytes())
        .filter(|(name, _)| name == "event_types")
        .map(|(_, event)| event.into_owned())
        .collect();
    assert_eq!(events, ["permanent_fail", "temporary_fail", "complained", "unsubscribed"]);
}

#[tokio::test]
async fn sendgrid_makes_a_signed_webhook_once_and_tells_its_key() {
    let server = Server::start(|seen| match (seen.method.as_str(), seen.path.as_str()) {
        ("GET", _) => answer(200, &json!({ "webhooks": [{ "id": "w0", "url": "https://else.example" }] })),
        ("POST", _) => answer(201, &json!({ "id": "w1" })),
        _ => answer(200, &json!({ "id": "w1", "public_key": "MFkwKEY" })),
    })
    .await;
    let mut sendgrid = account(Kind::SendGrid, &server.url);
    let made = register(&sendgrid, &outbound()).await.unwrap();
    assert!(made.registered && made.steps[0].ends_with("MFkwKEY"), "{made:?}");
    assert_eq!(calls(&server)[2], call("PATCH", "/v3/user/webhooks/event/settings/signed/w1"));
    sendgrid.credentials.insert("webhookPublicKey".into(), "MFkwKEY".into());
    assert_eq!(register(&sendgrid, &outbound()).await.unwrap().steps, Vec::<String>::new());
}

#[tokio::test]
async fn the_others_are_told_in_steps_with_the_exact_address() {
    for kind in [Kind::AfricasTalking, Kind::AiSensy, Kind::Interakt, Kind::Mailjet, Kind::Ses, Kind::Custom] {
        let told = register(&testing::account(kind), &outbound()).await.unwrap();
        assert!(!told.registered, "{kind}");
        assert!(told.steps.iter().any(|step| step.contains(URL)), "{kind}: {told:?}");
    }
    let nowhere = Account { webhook_url: None, ..testing::account(Kind::Ses) };
    assert!(register(&nowhere, &outbound()).await.is_err());
}
