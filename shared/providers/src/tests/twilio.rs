//! Twilio as its API definition and pages show it.

use domain::keywords::Keyword;
use http::Method;
use serde_json::{Value, json};

use super::*;
use crate::{
    Kind,
    testing::{self, Server, broken, nobody, outbound, outgoing, reply, webhook},
};

const SID: &str = "AC00000000000000000000000000000001";

fn account(url: &str) -> Account {
    Account { api_url: Some(url.to_owned()), ..testing::account(Kind::Twilio) }
}

async fn send(account: &Account, batch: &[Outgoing]) -> Vec<Outcome> {
    Twilio.send(account, &outbound(), batch).await
}

fn taken(fields: &Value) -> Value {
    let mut message = json!({
        "sid": "SM00000000000000000000000000000001", "status": "queued", "num_segments": "1", "price": null,
        "price_unit": "USD", "error_code": null, "error_message": null, "to": "+254700000001",
    });
    message.as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
    message
}

fn problem(code: u32, status: u16) -> Value {
    json!({
        "code": code,
        "message": "The 'To' number +254700000001 is not a valid phone number",
        "more_info": "https://…",
        "status": status,
    })
}

#[tokio::test]
async fn a_text_is_a_form_with_our_id_in_its_callback() {
    let server = Server::start(|_| testing::json(201, &taken(&json!({})))).await;
    let text = outgoing("+254700000001", "Hi & bye");
    let outcomes = send(&account(&server.url), std::slice::from_ref(&text)).await;
    let Outcome::Accepted { id, cost: None, segments: Some(1), .. } = &outcomes[0] else { panic!("{outcomes:?}") };
    assert_eq!(id.as_deref(), Some("SM00000000000000000000000000000001"));
    let seen = &server.seen()[0];
    assert_eq!(
        (seen.method.as_str(), seen.path.as_str()),
        ("POST", &*format!("/2010-04-01/Accounts/{SID}/Messages.json"))
    );
    assert_eq!(
        seen.header("authorization"),
        format!("Basic {}", crate::signature::base64(format!("{SID}:twilio_token_1234")))
    );
    let form = seen.form();
    assert_eq!((&*form["To"], &*form["From"], &*form["Body"]), ("+254700000001", "+15005550006", "Hi & bye"));
    let callback = format!("https://app.example.test/webhooks/sms/prv_1/token?delivery={}", text.delivery_id);
    assert_eq!((form["StatusCallback"].as_str(), form.len()), (callback.as_str(), 4));
}

#[tokio::test]
async fn sender_key_and_channel_change_the_form() {
    let server = Server::start(|_| testing::json(201, &taken(&json!({ "num_segments": "0" })))).await;
    let text = [outgoing("+254700000001", "Hi")];
    let mut account = account(&server.url);
    account.webhook_url = None;
    account.api_url = Some(format!("{}/fake/2010-04-01/", server.url));
    account.sender_id = Some("MG00000000000000000000000000000001".to_owned());
    account.credentials.insert("apiKeySid".into(), "SK1".into());
    account.credentials.insert("apiKeySecret".into(), "s3cr".into());
    let outcomes = send(&account, &text).await;
    assert!(matches!(&outcomes[0], Outcome::Accepted { segments: None, .. }), "a messaging service counts later");
    account.channel = Channel::WhatsApp;
    account.sender_id = Some("+15005550006".to_owned());
    send(&account, &text).await;
    account.settings = json!({ "messagingServiceSid": "MG2", "validityPeriod": 60, "smartEncoded": true });
    send(&account, &text).await;
    let seen = server.seen();
    assert_eq!(seen[0].path, format!("/fake/2010-04-01/Accounts/{SID}/Messages.json"));
    assert_eq!(seen[0].form()["MessagingServiceSid"], "MG00000000000000000000000000000001");
    assert!(!seen[0].form().contains_key("From") && !seen[0].form().contains_key("StatusCallback"));
    assert_eq!(seen[0].header("authorization"), format!("Basic {}", crate::signature::base64("SK1:s3cr")));
    assert_eq!((&*seen[1].form()["To"], &*seen[1].form()["From"]), ("whatsapp:+254700000001", "whatsapp:+15005550006"));
    let form = seen[2].form();
    assert_eq!(
        (&*form["MessagingServiceSid"], &*form["ValidityPeriod"], &*form["SmartEncoded"]),
        ("MG2", "60", "true")
    );
}

#[tokio::test]
async fn a_template_goes_without_a_text() {
    let server = Server::start(|_| testing::json(201, &taken(&json!({})))).await;
    let mut account = Account { channel: Channel::WhatsApp, ..account(&server.url) };
    account.settings = json!({ "template": { "name": "HX00000000000000000000000000000001" } });
    send(&account, &[outgoing("+254700000001", "Ann\n12 \"sharp\"")]).await;
    let form = server.seen()[0].form();
    assert_eq!(form["ContentSid"], "HX00000000000000000000000000000001");
    assert_eq!(form["ContentVariables"], r#"{"1":"Ann","2":"12 \"sharp\""}"#);
    assert!(!form.contains_key("Body"));
}

#[tokio::test]
async fn prices_and_failures_in_the_answer() {
    let server = Server::start(|seen| {
        let fields = match &*seen.form()["Body"] {
            "price" => json!({ "price": "-0.00750", "num_segments": "3" }),
            _ => json!({ "status": "failed", "error_code": 21610 }),
        };
        testing::json(201, &taken(&fields))
    })
    .await;
    let outcomes = send(&account(&server.url), &[outgoing("+1", "price"), outgoing("+1", "fail")]).await;
    let Outcome::Accepted { cost, segments: Some(3), .. } = &outcomes[0] else { panic!("{outcomes:?}") };
    assert_eq!(*cost, answer::amount("0.00750", "USD"));
    assert!(matches!(&outcomes[1], Outcome::Rejected { class: E::OptedOut, .. }), "{outcomes:?}");
}

#[tokio::test]
async fn every_code_has_its_class_and_the_batch_its_order() {
    let server = Server::start(|seen| match seen.form()["Body"].parse() {
        Ok(code) => testing::json(400, &problem(code, 400)),
        Err(_) => testing::json(201, &taken(&json!({}))),
    })
    .await;
    let codes: Vec<(ErrorClass, u32)> =
        CODES.iter().flat_map(|(class, codes)| codes.iter().map(|code| (*class, *code))).collect();
    let mut batch: Vec<_> = codes.iter().map(|(_, code)| outgoing("+254700000001", &code.to_string())).collect();
    batch.push(outgoing("+254700000001", "fine"));
    let outcomes = send(&account(&server.url), &batch).await;
    assert_eq!(outcomes.len(), batch.len());
    for ((wanted, code), outcome) in codes.iter().zip(&outcomes) {
        match outcome {
            Outcome::Rejected { class, reason, response } => {
                assert_eq!(class, wanted, "{code}");
                assert!(reason.contains(&code.to_string()) && !reason.contains("+254"), "{reason}");
                assert!(response.contains("is not a valid"));
            }
            Outcome::Retry { class, .. } => {
                assert!(class == wanted && matches!(class, E::RateLimited | E::Transient), "{code}");
            }
            Outcome::Unknown { .. } => assert_eq!(*wanted, E::Ambiguous, "{code}"),
            other @ Outcome::Accepted { .. } => panic!("{code}: {other:?}"),
        }
    }
    assert!(matches!(outcomes.last(), Some(Outcome::Accepted { .. })));
}

#[tokio::test]
async fn the_status_decides_where_no_code_does() {
    let cases: [(u16, u32, Option<&str>, ErrorClass); 7] = [
        (401, 99_999, None, E::BadCredentials),
        (400, 99_999, None, E::BadContent),
        (429, 20_429, Some("3"), E::RateLimited),
        (429, 99_999, None, E::RateLimited),
        (503, 99_999, None, E::Transient),
        (500, 20_500, None, E::Ambiguous),
        (504, 99_999, None, E::Ambiguous),
    ];
    for (status, code, after, wanted) in cases {
        let server = Server::start(move |_| {
            let reply = testing::json(status, &problem(code, status));
            after.map_or_else(
                || testing::json(status, &problem(code, status)),
                |after| reply.header("retry-after", after),
            )
        })
        .await;
        let outcomes = send(&account(&server.url), &[outgoing("+254700000001", "Hi")]).await;
        match &outcomes[0] {
            Outcome::Rejected { class, .. } => assert_eq!(*class, wanted, "{status}"),
            Outcome::Retry { class, after: pause, .. } => {
                assert_eq!(*class, wanted, "{status}");
                assert_eq!(pause.map(|pause| pause.as_secs().to_string()).as_deref(), after, "{status}");
            }
            Outcome::Unknown { .. } => assert_eq!(wanted, E::Ambiguous, "{status}"),
            Outcome::Accepted { .. } => panic!("{status}"),
        }
    }
}

#[tokio::test]
async fn before_and_after_the_request_left() {
    let text = [outgoing("+254700000001", "Hi")];
    assert!(matches!(send(&account(&nobody().await), &text).await[0], Outcome::Retry { class: E::Transient, .. }));
    assert!(matches!(send(&account(&broken(None).await), &text).await[0], Outcome::Unknown { .. }));
    assert!(matches!(send(&account(&broken(Some("")).await), &text).await[0], Outcome::Unknown { .. }));
    // A 201 whose text cannot be read was a 201.
    let server = Server::start(|_| reply(201, "application/json", "{\"sid\":")).await;
    assert!(matches!(&send(&account(&server.url), &text).await[0], Outcome::Accepted { id: None, .. }));
}

#[tokio::test]
async fn balance_and_test_send_nothing() {
    let server = Server::start(|seen| {
        assert_eq!(seen.method, Method::GET);
        if seen.path.ends_with("/Balance.json") {
            testing::json(200, &json!({ "account_sid": SID, "balance": "17.2", "currency": "USD" }))
        } else {
            testing::json(200, &json!({ "sid": SID, "status": "active", "friendly_name": "Acme" }))
        }
    })
    .await;
    let good = account(&server.url);
    assert_eq!(Twilio.balance(&good, &outbound()).await, Ok(answer::amount("17.2", "USD")));
    assert!(Twilio.test(&good, &outbound()).await.unwrap().asked);
    assert_eq!(server.seen()[1].path, format!("/2010-04-01/Accounts/{SID}.json"));
    let server = Server::start(|seen| {
        if seen.path.ends_with("/Balance.json") {
            testing::json(401, &json!({ "code": 20003, "message": "Authenticate", "status": 401 }))
        } else {
            testing::json(200, &json!({ "sid": SID, "status": "suspended" }))
        }
    })
    .await;
    let bad = account(&server.url);
    assert_eq!(Twilio.balance(&bad, &outbound()).await.unwrap_err().class, E::BadCredentials);
    assert_eq!(Twilio.test(&bad, &outbound()).await.unwrap_err().class, E::AccountSuspended);
}

#[test]
fn callbacks() {
    let account = testing::account(Kind::Twilio);
    let id = outgoing("+254700000001", "Hi").delivery_id;
    let query = format!("delivery={id}");
    let read = |body: &str| Twilio.receipts(&account, &webhook(Method::POST, &[], &query, body));
    let first =
        read("MessageSid=SM1&SmsSid=SM1&MessageStatus=delivered&To=%2B254700000001&From=%2B15005550006").unwrap();
    assert_eq!((first[0].correlation, first[0].status), (Some(id), ReceiptStatus::Delivered));
    assert_eq!(
        (first[0].provider_message_id.as_deref(), first[0].phone.as_deref()),
        (Some("SM1"), Some("+254700000001"))
    );
    for (word, status) in
        [("sent", ReceiptStatus::Sent), ("read", ReceiptStatus::Read), ("canceled", ReceiptStatus::Failed)]
    {
        assert_eq!(read(&format!("MessageSid=SM1&MessageStatus={word}&To=whatsapp:%2B1")).unwrap()[0].status, status);
    }
    assert_eq!(read("MessageSid=SM1&MessageStatus=read&To=whatsapp:%2B1").unwrap()[0].phone.as_deref(), Some("+1"));
    for (word, code, class) in
        [("undelivered", "30003", E::InvalidRecipient), ("failed", "21610", E::OptedOut), ("failed", "", E::Transient)]
    {
        let receipts = read(&format!("MessageSid=SM1&MessageStatus={word}&ErrorCode={code}")).unwrap();
        assert_eq!(receipts[0].error.as_ref().unwrap().class, class);
    }
    for word in ["accepted", "scheduled", "queued", "sending", "partially_delivered", "news"] {
        assert_eq!(read(&format!("MessageSid=SM1&MessageStatus={word}")).unwrap(), []);
    }
    assert_eq!(read("MessageSid=SM1&From=%2B1&To=%2B2&Body=STOP&NumMedia=0").unwrap(), []);
    for cut in ["", "MessageStatus=delivered", "MessageSid=SM1", "MessageSid=SM1&MessageSta"] {
        assert!(read(cut).is_err(), "{cut}");
    }
    // An id that is not ours is no id.
    let foreign = webhook(Method::POST, &[], "delivery=msg_1", "MessageSid=SM1&MessageStatus=sent");
    assert_eq!(Twilio.receipts(&account, &foreign).unwrap()[0].correlation, None);
}

#[test]
fn incoming_texts() {
    let account = testing::account(Kind::Twilio);
    let read = |body: &str| Twilio.inbound(&account, &webhook(Method::POST, &[], "", body)).unwrap();
    let text = read("MessageSid=SM9&From=%2B254700000001&To=%2B15005550006&Body=Stop+it%21&NumMedia=0");
    assert_eq!(
        text,
        [Inbound {
            provider_message_id: Some("SM9".into()),
            from: "+254700000001".into(),
            to: Some("+15005550006".into()),
            text: "Stop it!".into(),
            keyword: None,
            occurred_at: None,
        }]
    );
    let whatsapp = read("MessageSid=SM9&From=whatsapp%3A%2B254700000001&To=whatsapp%3A%2B1&Body=Hi&ProfileName=Ama");
    assert_eq!((whatsapp[0].from.as_str(), whatsapp[0].to.as_deref()), ("+254700000001", Some("+1")));
    // With Advanced Opt-Out they say what they took it for, in any language.
    let arret = read("MessageSid=SM9&From=%2B1&To=%2B2&Body=ARRET&OptOutType=STOP");
    assert_eq!(arret[0].keyword, Some(Keyword::Stop));
    // A picture alone has no text.
    assert_eq!(read("MessageSid=MM9&From=%2B1&To=%2B2&Body=&NumMedia=1")[0].text, "");
    assert_eq!(read("MessageSid=SM1&MessageStatus=delivered&To=%2B254700000001&From=%2B15005550006"), []);
    assert!(Twilio.replies_with_body());
}

#[test]
fn settings_are_checked() {
    let codes = |account: &Account| -> Vec<String> {
        crate::validate(account, &outbound())
            .into_iter()
            .map(|found| format!("{} {}", found.pointer, found.code))
            .collect()
    };
    let mut account = testing::account(Kind::Twilio);
    assert!(codes(&account).is_empty());
    account.sender_id = None;
    account.settings = json!({ "validityPeriod": 0 });
    account.credentials.insert("apiKeySid".into(), format!("SK{}", "0".repeat(32)).into());
    assert_eq!(
        codes(&account),
        ["/settings/validityPeriod out_of_range", "/senderId required", "/credentials/apiKeySecret required"]
    );
    account.settings = json!({ "messagingServiceSid": "MG12" });
    assert_eq!(
        codes(&account),
        ["/settings/messagingServiceSid pattern_mismatch", "/credentials/apiKeySecret required"]
    );
}
