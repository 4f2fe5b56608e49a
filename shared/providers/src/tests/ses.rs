//! Amazon SES as its API model shows it.

use serde_json::{Value, json};

use super::*;
use crate::{
    Kind,
    testing::{self, Server, broken, class, mail, nobody, outbound, reply},
};

fn account(url: &str) -> Account {
    Account { api_url: Some(url.to_owned()), ..testing::account(Kind::Ses) }
}

async fn send(url: &str, batch: &[Outgoing]) -> Vec<Outcome> {
    Ses.send(&account(url), &outbound(), batch).await
}

#[tokio::test]
async fn each_mail_is_a_signed_call() {
    let server = Server::start(|seen| {
        let to = seen.json()["Destination"]["ToAddresses"][0].as_str().unwrap().to_owned();
        testing::json(200, &json!({ "MessageId": format!("id-of-{to}") }))
    })
    .await;
    let batch =
        [mail("ann@x.example", "Hi Ann", "Dear Ann"), mail("bob@x.example", "Hi Bob", "<p>Dear <b>Bob</b></p>")];
    let mut account = account(&server.url);
    account.settings = json!({ "configurationSet": "mails", "tenant": "t1", "replyTo": "help@acme.example" });
    account.credentials.insert("sessionToken".into(), "session-token-0123456789".into());
    let outcomes = Ses.send(&account, &outbound(), &batch).await;
    for (outgoing, outcome) in batch.iter().zip(&outcomes) {
        let Outcome::Accepted { id: Some(id), .. } = outcome else { panic!("{outcome:?}") };
        assert_eq!(*id, format!("id-of-{}", outgoing.to));
    }
    let seen = server.seen().into_iter().find(|seen| seen.body.contains("bob@")).unwrap();
    assert_eq!((seen.method.as_str(), seen.path.as_str()), ("POST", "/v2/email/outbound-emails"));
    let authorization = seen.header("authorization");
    assert!(authorization.starts_with("AWS4-HMAC-SHA256 Credential=AKIAEXAMPLE000000001/"), "{authorization}");
    assert!(authorization.contains("/eu-west-1/ses/aws4_request, SignedHeaders=content-type;host;x-amz-date"));
    assert_eq!(seen.header("x-amz-security-token"), "session-token-0123456789");
    let body = seen.json();
    assert_eq!(body["FromEmailAddress"], "Acme <hello@acme.example>");
    assert_eq!(body["ReplyToAddresses"], json!(["help@acme.example"]));
    assert_eq!((&body["ConfigurationSetName"], &body["TenantName"]), (&json!("mails"), &json!("t1")));
    assert_eq!(body["EmailTags"], json!([{ "Name": "dundun_delivery", "Value": batch[1].delivery_id.to_string() }]));
    let simple = &body["Content"]["Simple"];
    assert_eq!(simple["Subject"], json!({ "Data": "Hi Bob", "Charset": "UTF-8" }));
    assert!(simple["Body"]["Html"]["Data"].as_str().unwrap().contains("<p>Dear <b>Bob</b></p>"));
    assert!(simple["Body"]["Text"]["Data"].as_str().unwrap().starts_with("Dear Bob"));
    let link = batch[1].unsubscribe_url.as_deref().unwrap();
    let headers = json!([
        { "Name": "List-Unsubscribe", "Value": format!("<{link}>") },
        { "Name": "List-Unsubscribe-Post", "Value": "List-Unsubscribe=One-Click" },
    ]);
    assert_eq!(simple["Headers"], headers);
}

/// Their tags take letters, digits, `-` and `_` only.
#[test]
fn our_id_is_fit_for_a_tag() {
    let id = mail("a@x.example", "S", "t").delivery_id.to_string();
    assert!(id.chars().chain(CORRELATION.chars()).all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_')), "{id}");
}

#[tokio::test]
async fn refusals_have_their_classes() {
    let batch = [mail("a@x.example", "S", "t")];
    for (status, name, message, expected) in [
        (429, "TooManyRequestsException", "", E::RateLimited),
        (400, "LimitExceededException", "", E::RateLimited),
        (400, "AccountSuspendedException", "", E::AccountSuspended),
        (400, "SendingPausedException", "", E::AccountSuspended),
        (400, "MailFromDomainNotVerifiedException", "", E::BadSender),
        (400, "MessageRejected", "Email address is not verified. The following identities failed", E::BadSender),
        (400, "MessageRejected", "too big", E::BadContent),
        (400, "BadRequestException", "Illegal address", E::InvalidRecipient),
        (404, "NotFoundException", "Configuration set does not exist", E::BadSender),
        (403, "InvalidSignatureException:http://internal.amazon.com/", "", E::BadCredentials),
        (403, "UnrecognizedClientException", "", E::BadCredentials),
        (403, "AccessDeniedException", "", E::BadCredentials),
        (500, "InternalFailure", "", E::Ambiguous),
        (503, "ServiceUnavailable", "", E::Transient),
    ] {
        let body = json!({ "message": message });
        let server = Server::start(move |_| testing::json(status, &body).header("x-amzn-errortype", name)).await;
        assert_eq!(class(&send(&server.url, &batch).await[0]), Some(expected), "{name} {message}");
    }
    let plain = Server::start(|_| reply(403, "text/plain", "no")).await;
    assert_eq!(class(&send(&plain.url, &batch).await[0]), Some(E::BadCredentials));
    assert_eq!(class(&send(&nobody().await, &batch).await[0]), Some(E::Transient));
    assert_eq!(class(&send(&broken(None).await, &batch).await[0]), Some(E::Ambiguous));
}

#[tokio::test]
async fn the_test_reads_the_account() {
    let page = |enabled: bool| {
        json!({
            "DedicatedIpAutoWarmupEnabled": false, "ProductionAccessEnabled": false, "SendingEnabled": enabled,
            "SendQuota": { "Max24HourSend": 200.0, "MaxSendRate": 1.0, "SentLast24Hours": 7.0 },
        })
    };
    let body = page(true);
    let server = Server::start(move |_| testing::json(200, &body)).await;
    let report = Ses.test(&account(&server.url), &outbound()).await.unwrap();
    assert!(report.message.contains("7 of 200") && report.message.contains("sandbox"), "{report:?}");
    assert_eq!((server.seen()[0].method.clone(), server.seen()[0].path.as_str()), (Method::GET, "/v2/email/account"));
    let body = page(false);
    let paused = Server::start(move |_| testing::json(200, &body)).await;
    assert_eq!(Ses.test(&account(&paused.url), &outbound()).await.unwrap_err().class, E::AccountSuspended);
}

#[test]
fn settings_are_checked() {
    let found = |settings: Value| {
        let account = Account { settings, ..testing::account(Kind::Ses) };
        Ses.check(&account, &outbound()).into_iter().map(|violation| violation.pointer).collect::<Vec<_>>()
    };
    assert_eq!(found(json!({ "topicArn": "arn:aws:sns:eu-west-1:123456789012:mails" })), Vec::<String>::new());
    assert_eq!(found(json!({ "topicArn": "mails" })), ["/settings/topicArn"]);
}
