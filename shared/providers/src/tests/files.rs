//! Files that go with messages, through every kind that takes them.

use std::sync::Arc;

use bytes::Bytes;
use domain::{delivery::ErrorClass, media::MediaKind};
use serde_json::{Value, json};

use crate::{
    Attachment, Kind, Outcome, Outgoing, catalogue,
    kind::{Channel, Feature},
    provider,
    provider::Account,
    testing::{self, Seen, Server, class, mail, outbound, outgoing},
};

const PDF: &[u8] = b"%PDF-1.7\nprices";

fn attachments() -> Arc<[Attachment]> {
    let file = |name: &str, content_type: &str, bytes: &'static [u8]| Attachment {
        name: name.to_owned(),
        content_type: content_type.to_owned(),
        bytes: Bytes::from_static(bytes),
        url: None,
    };
    Arc::from([file("Prices \"all\".pdf", "application/pdf", PDF), file("a.txt", "text/plain", b"Hello.")])
}

fn mails() -> Vec<Outgoing> {
    let media = attachments();
    let with = |to: &str| Outgoing { media: media.clone(), ..mail(to, "Prices", "See the files.") };
    vec![with("ann@x.example"), with("bob@x.example")]
}

/// Sends to a provider on the loopback address and gives what it saw.
async fn sent(kind: Kind, change: impl Fn(&mut Account), batch: &[Outgoing], answer: Value) -> Vec<Seen> {
    let server = Server::start(move |_| testing::json(if kind == Kind::SendGrid { 202 } else { 200 }, &answer)).await;
    let mut account = Account { api_url: Some(server.url.clone()), ..testing::account(kind) };
    change(&mut account);
    let outcomes = provider(kind).send(&account, &outbound(), batch).await;
    assert!(outcomes.iter().all(|outcome| class(outcome).is_none()), "{outcomes:?}");
    server.seen()
}

fn base64(bytes: &[u8]) -> String {
    crate::signature::base64(bytes)
}

#[tokio::test]
async fn mailgun_gets_a_form_with_files_for_all() {
    let seen = sent(Kind::Mailgun, |_| {}, &mails(), json!({ "id": "<1@mg>" })).await;
    assert_eq!(seen.len(), 1);
    let boundary = seen[0].header("content-type").strip_prefix("multipart/form-data; boundary=").unwrap().to_owned();
    let parts: Vec<&str> = seen[0].body.split(&format!("--{boundary}")).collect();
    let part =
        |head: &str| parts.iter().find(|part| part.contains(head)).unwrap_or_else(|| panic!("{head}")).to_string();
    assert!(part("name=\"attachment\"; filename=\"Prices %22all%22.pdf\"").ends_with("\r\n%PDF-1.7\nprices\r\n"));
    assert!(part("filename=\"a.txt\"").contains("Content-Type: text/plain\r\n\r\nHello.\r\n"));
    assert!(part("name=\"recipient-variables\"").contains("ann@x.example"));
    assert_eq!(parts.iter().filter(|part| part.contains("name=\"to\"")).count(), 2);
    assert_eq!(*parts.last().unwrap(), "--\r\n");
}

#[tokio::test]
async fn mailjet_gets_files_with_each_message() {
    let taken = json!({ "Status": "success", "To": [{ "MessageUUID": "u" }] });
    let seen = sent(Kind::Mailjet, |_| {}, &mails(), json!({ "Messages": [taken, taken] })).await;
    for message in seen[0].json()["Messages"].as_array().unwrap() {
        assert_eq!(message["Attachments"][0]["Base64Content"], base64(PDF));
        assert_eq!(
            (&message["Attachments"][1]["Filename"], &message["Attachments"][1]["ContentType"]),
            (&json!("a.txt"), &json!("text/plain"))
        );
    }
}

#[tokio::test]
async fn large_files_leave_in_several_calls() {
    let file = Attachment {
        name: "large.pdf".into(),
        content_type: "application/pdf".into(),
        bytes: Bytes::from(vec![b' '; 6 << 20]),
        url: None,
    };
    let media: Arc<[Attachment]> = Arc::from([file]);
    let batch: Vec<Outgoing> =
        (0..9).map(|n| Outgoing { media: media.clone(), ..mail(&format!("{n}@x.example"), "S", "t") }).collect();
    let account = testing::account(Kind::Mailjet);
    assert_eq!(provider(Kind::Mailjet).window(&account, &batch), 8, "four calls of two");
    assert_eq!(provider(Kind::Ses).window(&testing::account(Kind::Ses), &batch), 2);
    assert_eq!(provider(Kind::Smtp).window(&testing::account(Kind::Smtp), &batch), 2);
    assert_eq!(provider(Kind::SendGrid).window(&testing::account(Kind::SendGrid), &batch), 9, "they share the file");
}

#[tokio::test]
async fn sendgrid_gets_files_once_for_all() {
    let seen = sent(Kind::SendGrid, |_| {}, &mails(), json!({})).await;
    let body = seen[0].json();
    assert_eq!((seen.len(), body["personalizations"].as_array().unwrap().len()), (1, 2));
    let expected = json!({ "content": base64(PDF), "type": "application/pdf", "filename": "Prices \"all\".pdf", "disposition": "attachment" });
    assert_eq!(body["attachments"][0], expected);
}

#[tokio::test]
async fn ses_gets_the_mail_as_it_goes_over_the_wire() {
    let seen = sent(Kind::Ses, |_| {}, &mails(), json!({ "MessageId": "1" })).await;
    let body = seen[0].json();
    assert_eq!(body["Content"]["Simple"], Value::Null);
    assert!(body["EmailTags"][0]["Value"].as_str().unwrap().starts_with("dlv_"));
    let raw = body["Content"]["Raw"]["Data"].as_str().unwrap();
    let raw = base64::Engine::decode(&base64::prelude::BASE64_STANDARD, raw).unwrap();
    let raw = String::from_utf8(raw).unwrap();
    for part in [
        "To: ann@x.example",
        "Subject: Prices",
        "List-Unsubscribe-Post: List-Unsubscribe=One-Click",
        "multipart/mixed",
        "multipart/alternative",
        "Content-Type: application/pdf",
    ] {
        assert!(raw.contains(part), "{part}: {raw}");
    }
}

#[tokio::test]
async fn wishes_about_tracking_go_with_the_mail() {
    let wishes = |account: &mut Account| account.settings = json!({ "trackOpens": false, "trackClicks": true });
    let batch = [mail("ann@x.example", "S", "t")];
    let form = sent(Kind::Mailgun, wishes, &batch, json!({ "id": "<1@mg>" })).await[0].form();
    assert_eq!((form["o:tracking-opens"].as_str(), form["o:tracking-clicks"].as_str()), ("no", "yes"));
    let taken = json!({ "Messages": [{ "Status": "success", "To": [{ "MessageUUID": "u" }] }] });
    let body = sent(Kind::Mailjet, wishes, &batch, taken).await[0].json();
    assert_eq!(
        (&body["Messages"][0]["TrackOpens"], &body["Messages"][0]["TrackClicks"]),
        (&json!("disabled"), &json!("enabled"))
    );
    let body = sent(Kind::SendGrid, wishes, &batch, json!({})).await[0].json();
    assert_eq!(
        body["tracking_settings"],
        json!({ "open_tracking": { "enable": false }, "click_tracking": { "enable": true } })
    );
    for kind in [Kind::Ses, Kind::Smtp] {
        let mut account = testing::account(kind);
        wishes(&mut account);
        let found = crate::validate(&account, &outbound());
        let pointers: Vec<&str> = found.iter().map(|violation| violation.pointer.as_str()).collect();
        assert_eq!(pointers, ["/settings/trackOpens", "/settings/trackClicks"], "{kind}");
    }
}

fn picture() -> Outgoing {
    let file = Attachment {
        name: "menu.png".into(),
        content_type: "image/png".into(),
        bytes: Bytes::new(),
        url: Some("https://app.example/api/m/token".into()),
    };
    Outgoing { media: Arc::from([file]), ..outgoing("+254700000001", "The menu.") }
}

#[tokio::test]
async fn whatsapp_gets_a_link_and_the_text_below_it() {
    let link = "https://app.example/api/m/token";
    let whatsapp = |account: &mut Account| account.channel = Channel::WhatsApp;
    let one = [picture()];
    let body = sent(Kind::Meta, whatsapp, &one, json!({ "messages": [{ "id": "w" }] })).await[0].json();
    assert_eq!((&body["type"], &body["image"]), (&json!("image"), &json!({ "link": link, "caption": "The menu." })));
    let form = sent(Kind::Twilio, whatsapp, &one, json!({ "sid": "SM1", "status": "queued" })).await[0].form();
    assert_eq!((form["MediaUrl"].as_str(), form["Body"].as_str()), (link, "The menu."));
    let form = sent(Kind::Gupshup, whatsapp, &one, json!({ "status": "submitted", "messageId": "g" })).await[0].form();
    let message: Value = serde_json::from_str(&form["message"]).unwrap();
    assert_eq!(message, json!({ "type": "image", "originalUrl": link, "previewUrl": link, "caption": "The menu." }));
    let body = sent(Kind::Vonage, whatsapp, &one, json!({ "message_uuid": "u" })).await[0].json();
    assert_eq!(
        (&body["message_type"], &body["image"]),
        (&json!("image"), &json!({ "url": link, "caption": "The menu." }))
    );
    let answer = json!({ "status": true, "id": ["1"], "target": ["254700000001"] });
    let form = sent(Kind::Fonnte, whatsapp, &one, answer).await[0].form();
    let data: Value = serde_json::from_str(&form["data"]).unwrap();
    assert_eq!((&data[0]["url"], &data[0]["filename"]), (&json!(link), &json!("menu.png")));
}

#[tokio::test]
async fn a_file_fills_the_header_of_the_settings_template() {
    let link = "https://app.example/api/m/token";
    let template =
        |account: &mut Account| account.settings = json!({ "template": { "name": "menu", "language": "en" } });
    let one = [picture()];
    let body = sent(Kind::Meta, template, &one, json!({ "messages": [{ "id": "w" }] })).await[0].json();
    let header = json!({ "type": "header", "parameters": [{ "type": "image", "image": { "link": link } }] });
    assert_eq!(body["template"]["components"][0], header);
    let body = sent(Kind::Interakt, template, &one, json!({ "result": true, "id": "i" })).await[0].json();
    assert_eq!(body["template"]["headerValues"], json!([link]));
    let campaign = |account: &mut Account| account.settings = json!({ "campaign": "menu" });
    let body =
        sent(Kind::AiSensy, campaign, &one, json!({ "success": "true", "submitted_message_id": "a" })).await[0].json();
    assert_eq!(body["media"]["url"], link);

    // Outside of a template they take none.
    let outcomes = provider(Kind::Interakt).send(&testing::account(Kind::Interakt), &outbound(), &one).await;
    assert!(matches!(&outcomes[0], Outcome::Rejected { class: ErrorClass::Template, .. }), "{outcomes:?}");
}

#[test]
fn every_kind_of_mail_and_whatsapp_takes_files_and_no_other() {
    for spec in catalogue().into_iter().filter(|spec| !matches!(spec.kind, Kind::Sandbox | Kind::Custom)) {
        let takes = spec.channels.iter().any(|channel| *channel != Channel::Sms);
        assert_eq!(spec.features.contains(&Feature::Media), takes, "{}", spec.kind);
    }
    assert_eq!(picture().media[0].kind(), MediaKind::Image);
}
