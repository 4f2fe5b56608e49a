//! Business profiles, against servers that answer as the providers' pages say.

use serde_json::json;

use super::*;
use crate::testing::{self, Server, json as answer, outbound, reply};

fn account(kind: Kind, url: &str) -> Account {
    Account { api_url: Some(url.to_owned()), channel: Channel::WhatsApp, ..testing::account(kind) }
}

fn about(text: &str) -> Profile {
    Profile { about: Some(text.to_owned()), ..Profile::default() }
}

#[tokio::test]
async fn meta_tells_and_changes_the_profile_of_the_number() {
    let server = Server::start(|seen| match (seen.method.as_str(), seen.path.as_str()) {
        ("GET", "/logo.png") => reply(200, "image/png", "picture"),
        ("GET", "/logo.txt") => reply(200, "text/plain", "no picture"),
        ("GET", path) if path.contains("verified_name") => answer(200, &json!({ "verified_name": "Acme" })),
        ("GET", _) => answer(
            200,
            &json!({ "data": [{ "about": "Bread", "vertical": "RETAIL", "websites": ["https://acme.example"] }] }),
        ),
        (_, path) if path.contains("/app/uploads") => answer(200, &json!({ "id": "upload:1" })),
        (_, path) if path.contains("upload:1") => answer(200, &json!({ "h": "handle-1" })),
        _ => answer(200, &json!({ "success": true })),
    })
    .await;
    let account = account(Kind::Meta, &server.url);
    let meta = profiles(Kind::Meta, Channel::WhatsApp).unwrap();
    let profile = meta.get(&account, &outbound()).await.unwrap();
    let expected = Profile {
        display_name: Some("Acme".into()),
        category: Some("RETAIL".into()),
        websites: Some(vec!["https://acme.example".into()]),
        ..about("Bread")
    };
    assert_eq!(profile, expected);

    let change = Profile { picture_url: Some(format!("{}/logo.png", server.url)), ..about("Cake") };
    meta.put(&account, &outbound(), &change).await.unwrap();
    let calls = server.seen();
    let [.., session, upload, put] = calls.as_slice() else { panic!("three calls") };
    assert_eq!(session.path, "/v23.0/app/uploads?file_length=7&file_type=image/png");
    assert_eq!((upload.header("file_offset"), upload.body.as_str()), ("0", "picture"));
    assert_eq!(upload.header("authorization"), "OAuth EAAG0123456789abcdefgh");
    let expected = json!({ "messaging_product": "whatsapp", "about": "Cake", "profile_picture_handle": "handle-1" });
    assert_eq!((put.path.as_str(), put.json()), ("/v23.0/106540352242922/whatsapp_business_profile", expected));

    let change = Profile { picture_url: Some(format!("{}/logo.txt", server.url)), ..Profile::default() };
    let refused = meta.put(&account, &outbound(), &change).await.unwrap_err();
    assert_eq!(refused.reason, "there is no JPEG or PNG at the picture's address");
}

#[tokio::test]
async fn twilio_sends_the_whole_profile_of_the_sender() {
    let server = Server::start(|seen| match (seen.method.as_str(), seen.path.as_str()) {
        ("GET", path) if path.contains("Channel=whatsapp") => {
            answer(200, &json!({ "senders": [{ "sid": "XE1", "sender_id": "whatsapp:+15005550006" }] }))
        }
        ("GET", _) => answer(
            200,
            &json!({ "profile": {
            "name": "Acme", "about": "Bread", "websites": [{ "website": "https://acme.example", "label": "Website" }],
        } }),
        ),
        _ => answer(202, &json!({ "sid": "XE1" })),
    })
    .await;
    let account = account(Kind::Twilio, &server.url);
    let twilio = profiles(Kind::Twilio, Channel::WhatsApp).unwrap();
    let profile = twilio.get(&account, &outbound()).await.unwrap();
    assert_eq!((profile.display_name.as_deref(), profile.websites.unwrap().len()), (Some("Acme"), 1));
    twilio.put(&account, &outbound(), &about("Cake")).await.unwrap();
    let last = server.seen().pop().unwrap();
    assert_eq!(last.path, "/v2/Channels/Senders/XE1");
    let sent = &last.json()["profile"];
    assert_eq!((&sent["name"], &sent["about"]), (&json!("Acme"), &json!("Cake")));
    let other = Account { sender_id: Some("+15005550009".into()), ..account };
    assert!(twilio.get(&other, &outbound()).await.unwrap_err().reason.contains("`senderId`"));
}

#[test]
fn only_some_have_profiles() {
    assert!(profiles(Kind::Twilio, Channel::Sms).is_none());
    assert!(profiles(Kind::Fonnte, Channel::WhatsApp).is_none());
}
