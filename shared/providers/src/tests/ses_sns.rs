//! Notifications as Amazon signs them, with a certificate and signatures made by OpenSSL.

use domain::{id::DeliveryId, suppression::SuppressionReason};
use serde_json::json;

use super::*;
use crate::{
    provider::{Receipt, ReceiptStatus, Suppressed},
    ses_events,
    testing::{self, Server, outbound, reply, webhook},
};

const CERTIFICATE: &[u8] = include_bytes!("sns_certificate.pem");
const TOPIC: &str = "arn:aws:sns:eu-west-1:123456789012:mails";
const PEM: &str = "https://sns.eu-west-1.amazonaws.com/SimpleNotificationService-0001.pem";

/// By version.
const NOTIFIED: [&str; 2] = [
    "yFHf39W7RPptEq205eIMPZNt02/utoHezPhDKaXGiY6GvYuf1iLxq+7WDc8j/Dr1gQQufXgscnIoh0Uax4xrXQVq8pWkWA+GoNN8O7hZM2/Yt2/5cISN5rnZOjBNiuXm9+BAQWgCV3NU/O3kSUM753WtEqHlKNAJo//8dUbWtnpklxTSNdHL8Lp0igMM4dNIiJVWB8v7K7+UZQvyPpEY1UtHVqiL34FdJQZfUHS3QqyXdexsgNOrJ0wYFIMzBuzw0784hwBLvbVT3576bSIEtkJ3xSOSuwAOYaTOD0BZmfOi3LFHm/YFl1T5N+RkgRVIzK/saGM5oa4ClCprr4IBwg==",
    "jcEsiMK+m16X3YTU48x/48QxDJVsVtmezKnZY0AzVy8S4XPBANmXZfSx0xtt3RuIez2/ZdT5H3Pe6FJ0KYSXDoW0RqwdLpfY8zd2wlOdtQWQ6Qa8VwFjQ/0ts7hd8+qdFAsRgQFOEjpfkhD63qwQ4xy2/P8VYrMCe26e7X+/DXQqWE9jKAlN9rfE9i8JyVDlrEiBRpywVYKMjroUp5k3fMSj3/9crJzPd8GU7LqOgoKd48InCOELbN2fkzhvzPCzHT8pfsNM+diil5svqBegBc1VcnFcHgxqAIzNEPVyqnIiIBwutsZILmUKOyxPwHbUFTVXm3YoKBzmkkmeeOkR7g==",
];
/// By version.
const WITH_SUBJECT: [&str; 2] = [
    "mejDtecV1SURHS6w/WkY1T1KEm67GBRzWbALPKEFB2Is2r5y5NgWeeDKiTDa7qY7u8cuzqq560JH0dP8lYMlIp1lbfQGtQ/o40v/G+hwnHiR9jkqZBU6ct+TFH7f5jG6lpLBhhbVL6F+yU3AWfvL4/rBV2wVK4JtKs1amLEmOnQwGTCPACtHvACur0mbJAcVO6bvnt4UBJh3jzPISCXJ7i8nQEQMriBiRXjlEk9H34Xie4IiQ4c5V4QmY7JvvxQjlLsImt4QdatM/2tp3QKalZjPTMFOhgbNjU/58bk4uCWXZL7+E/EhAHc7kO57Zgq81WZmcoU47L2yXWMJzirPow==",
    "jfOXlm2T8V9Ow6kyD1mTVWOp9TgF8mTbCrBJEM2AFo/K80VsX/iFBk86b9UXHw/NWe/JYOKX23nWSt5jn8MTnvA4uaHT4qveD5gowceSn4Xx966fKSWmhpkUkRrUkhQ2DR3Aa9joMBmEZsJFXoR37pbVNomxcVjgGuXczzVZOV9bXKlDYVZwkVmb/lGqqt/ARSPANpRkrFpR42sorG5IdQQ083Dkl4sGIETnXsI4VMwt6zHlbmwwcqxD3oVsMcGX0P94KEdqdvWzVTUUWFm8ffJ9tYn+NFPqUFMVa2lpN5hl6hm9zv6sT0Rk9qWZKyZBPKGTA9kXjd0rZampXWYCBg==",
];
/// By version.
const ASKED: [&str; 2] = [
    "qMIXl5eGeB0vrwn+MyGDlz31AaEv3xqfDZZTY1oNgR0iDTiovQT3leTkMgvoBZMU3Cqa/3ukQ8d4+L5ruJ+Pi0sm5rGNjFxASsFXy9alu7U45OwSI8A8uDAW3KlbR+Cv0C7rA7jVbrBfQc7cmVJ8g1nvcT1SEckckB466MKPPUuqDZtgLlnmJp09AQtEsedZMSjFz+TmHMX/w+gC0BY2ha6nWWQ8RiFUb0SsYSQZzibdmP6VBB57ny218QwgEaGetb9if/qryuzW5YlzZ7XioayGWybXPz1BryFvlO3MQ85alope1kS5/LTlPCCZ4lwRvumaJOBzOI5QOmNDScb6aQ==",
    "uIiJOU7kj3QjyZH9f0CcmvfWlIKG62QkJgDAz3rZRB2vGZvzdQgiibhxB8U4WQuqOa3u7XESxWuJ2008D/FUJoWuJvnRfcBrCgLhOa3K04GdR6sLDL8ZqT/O1hUvqBSkxeVTAp8/8BYzRUzOi4uq2qlxbnZa2FHXj8a5hWbSi5xQZbAJT+Fpaqp1byvfeKO6ChchjD4AxiMqRNygjLlPSL+nf/QeF87lZJwfbgmVxtxqNIF0wjGzRrkb4866S1S3y08Sb/QXj+kHYBpkIivheQjfaQ9DBxSo003VbcR5XDwyhOf+e4SYKXLbVUEIcnuSfTH33RgRzPfq5aoDnJ8gQA==",
];

fn signed(version: usize, signatures: [&str; 2], own: &Value) -> Map<String, Value> {
    let mut call = json!({
        "MessageId": "165545c9-2a5c-472c-8df2-7ff2be2b3b1b", "TopicArn": TOPIC, "Timestamp": "2026-11-21T10:00:00.000Z",
        "SigningCertURL": PEM, "SignatureVersion": version.to_string(), "Signature": signatures[version - 1],
        "UnsubscribeURL": "https://sns.eu-west-1.amazonaws.com/?Action=Unsubscribe",
    });
    let call = call.as_object_mut().unwrap();
    call.extend(own.as_object().unwrap().clone());
    call.clone()
}

fn notified(version: usize) -> Map<String, Value> {
    signed(version, NOTIFIED, &json!({ "Type": "Notification", "Message": "{\"eventType\":\"Open\"}" }))
}

fn asked(version: usize) -> Map<String, Value> {
    let own = json!({
        "Type": "SubscriptionConfirmation", "Message": "You have chosen to subscribe", "Token": "2336412f37",
        "SubscribeURL": "https://sns.eu-west-1.amazonaws.com/?Action=ConfirmSubscription&Token=2336412f37",
    });
    signed(version, ASKED, &own)
}

fn request(call: &Map<String, Value>) -> WebhookRequest {
    let headers = [("content-type", "text/plain; charset=UTF-8")];
    webhook(Method::POST, &headers, "", &Value::Object(call.clone()).to_string())
}

#[test]
fn known_answers_of_both_versions() {
    for version in [1, 2] {
        assert_eq!(is_signed(&notified(version), CERTIFICATE), Ok(()));
        assert_eq!(is_signed(&asked(version), CERTIFICATE), Ok(()));
        let with_subject = json!({
            "Type": "Notification", "Message": "{\"eventType\":\"Open\"}", "Subject": "Amazon SES Email Event Notification",
        });
        assert_eq!(is_signed(&signed(version, WITH_SUBJECT, &with_subject), CERTIFICATE), Ok(()));
        for (key, value) in [
            ("Message", "{}"),
            ("TopicArn", "arn:aws:sns:eu-west-1:123456789012:other"),
            ("Timestamp", "2026-11-21T10:00:01.000Z"),
            ("Subject", "added"),
            ("Type", "SubscriptionConfirmation"),
            ("Signature", ""),
            ("Signature", "AAAA"),
            ("SignatureVersion", "3"),
        ] {
            let mut call = notified(version);
            call.insert(key.to_owned(), json!(value));
            assert!(is_signed(&call, CERTIFICATE).is_err(), "{version} {key}");
        }
        let mut other = notified(version);
        other.insert("SignatureVersion".to_owned(), json!((3 - version).to_string()));
        assert!(is_signed(&other, CERTIFICATE).is_err(), "the other version's digest");
        for pem in [&b""[..], b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n", &CERTIFICATE[..600]] {
            assert!(is_signed(&notified(version), pem).is_err());
        }
    }
}

#[test]
fn certificates_and_confirmations_are_amazons_own() {
    for url in [PEM, "https://sns.cn-north-1.amazonaws.com.cn/x.pem"] {
        assert!(amazon_url(url).is_ok(), "{url}");
    }
    for url in [
        "http://sns.eu-west-1.amazonaws.com/x.pem",
        "https://sns.eu-west-1.amazonaws.com.evil.example/x.pem",
        "https://evil.example/sns.eu-west-1.amazonaws.com/x.pem",
        "https://sns.eu-west-1.amazonaws.com@evil.example/x.pem",
        "https://user@sns.eu-west-1.amazonaws.com/x.pem",
        "https://sns.eu-west-1.amazonaws.com:8443/x.pem",
        "https://bucket.s3.amazonaws.com/x.pem",
        "https://snsxeu-west-1.amazonaws.com/x.pem",
        "https://127.0.0.1/x.pem",
        "",
    ] {
        assert!(amazon_url(url).is_err(), "{url}");
    }
    let mut call = notified(2);
    call.insert("SigningCertURL".to_owned(), json!("https://sns.eu-west-1.amazonaws.com/x.txt"));
    assert!(certificate_url(&call).is_err());
}

#[tokio::test]
async fn a_call_is_proven_with_the_certificate_that_was_fetched() {
    let server = Server::start(|_| reply(200, "application/x-pem-file", String::from_utf8_lossy(CERTIFICATE))).await;
    assert_eq!(get(&outbound(), server.url.parse().unwrap()).await.unwrap(), CERTIFICATE);
    let gone = Server::start(|_| reply(404, "text/plain", "")).await;
    assert!(get(&outbound(), gone.url.parse().unwrap()).await.is_err());

    let own = "https://sns.us-east-1.amazonaws.com/SimpleNotificationService-own-to-this-test.pem";
    let mut call = notified(2);
    call.insert("SigningCertURL".to_owned(), json!(own));
    assert!(verify(&request(&call), None).unwrap_err().0.contains("not there"), "it was not fetched yet");
    CERTIFICATES.lock().unwrap().insert(own.parse().unwrap(), Bytes::from_static(CERTIFICATE));
    assert_eq!(prepare(&outbound(), &request(&call)).await, Ok(()), "what is kept is not fetched again");
    assert_eq!(verify(&request(&call), None), Ok(()));
    assert_eq!(verify(&request(&call), Some(TOPIC)), Ok(()));
    assert!(verify(&request(&call), Some("arn:aws:sns:eu-west-1:123456789012:other")).is_err());
    // Somebody else's address is nothing to fetch, and proves nothing.
    call.insert("SigningCertURL".to_owned(), json!(format!("{}/x.pem", server.url)));
    assert_eq!(prepare(&outbound(), &request(&call)).await, Ok(()));
    assert!(verify(&request(&call), None).is_err());
    assert_eq!(server.seen().len(), 1);
    assert!(verify(&webhook(Method::POST, &[], "", "[]"), None).is_err());
}

#[tokio::test]
async fn only_a_subscription_is_confirmed_and_only_at_amazon() {
    assert_eq!(confirm(&outbound(), &request(&notified(1))).await, Ok(()), "nothing to do");
    let server = Server::start(|_| reply(200, "text/xml", "<x/>")).await;
    let mut call = asked(1);
    call.insert("SubscribeURL".to_owned(), json!(server.url));
    assert!(confirm(&outbound(), &request(&call)).await.is_err());
    assert_eq!(server.seen().len(), 0);
}

fn event(event: &Value) -> WebhookRequest {
    request(&signed(1, NOTIFIED, &json!({ "Type": "Notification", "Message": event.to_string() })))
}

fn read(own: &Value) -> (Vec<Receipt>, Vec<Suppressed>) {
    let id: DeliveryId = testing::outgoing("ann@x.example", "t").delivery_id;
    let mut body = json!({ "mail": {
        "messageId": "0102-1", "destination": ["ann@x.example"],
        "tags": { "ses:operation": ["SendEmail"], "dundun_delivery": [id.to_string()] },
    } });
    body.as_object_mut().unwrap().extend(own.as_object().unwrap().clone());
    let call = event(&body);
    let receipts = ses_events::receipts(&call).unwrap();
    assert!(receipts.iter().all(|receipt| receipt.correlation == Some(id)));
    (receipts, ses_events::suppressed(&call).unwrap())
}

#[test]
fn events_are_receipts_or_suppressions_or_neither() {
    let (receipts, suppressed) = read(&json!({
        "eventType": "Delivery", "delivery": { "timestamp": "2026-11-21T10:00:00.123Z", "recipients": ["ann@x.example"] },
    }));
    assert_eq!((receipts[0].status, suppressed.len()), (ReceiptStatus::Delivered, 0));
    assert_eq!(receipts[0].provider_message_id.as_deref(), Some("0102-1"));
    assert_eq!(receipts[0].occurred_at.unwrap().to_string(), "2026-11-21T10:00:00.123Z");
    assert_eq!(read(&json!({ "eventType": "Send", "send": {} })).0[0].status, ReceiptStatus::Sent);
    let bounce = |kind: &str| {
        let who =
            json!([{ "emailAddress": "ann@x.example", "status": "5.1.1", "diagnosticCode": "smtp; 550 5.1.1 no" }]);
        read(&json!({ "eventType": "Bounce", "bounce": { "bounceType": kind, "bouncedRecipients": who } }))
    };
    let (receipts, suppressed) = bounce("Permanent");
    assert_eq!(receipts[0].error.as_ref().unwrap().class, ErrorClass::InvalidRecipient);
    let expected = Suppressed { address: "ann@x.example".into(), reason: SuppressionReason::Bounced };
    assert_eq!(suppressed, [expected]);
    assert_eq!(bounce("Transient"), (vec![], vec![]));
    let (receipts, _) = read(&json!({ "eventType": "Reject", "reject": { "reason": "Bad content" } }));
    assert_eq!(receipts[0].error.as_ref().unwrap().class, ErrorClass::BadContent);
    let failure = json!({ "eventType": "Rendering Failure", "failure": { "errorMessage": "x", "templateName": "t" } });
    assert_eq!(read(&failure).0[0].status, ReceiptStatus::Failed);
    let complaint = json!({ "complainedRecipients": [{ "emailAddress": "ann@x.example" }] });
    // Account-level notifications have another name for the same field.
    for name in ["eventType", "notificationType"] {
        let (receipts, suppressed) = read(&json!({ name: "Complaint", "complaint": complaint }));
        assert_eq!((receipts.len(), suppressed[0].reason), (0, SuppressionReason::Complained));
    }
    let (_, suppressed) = read(&json!({ "eventType": "Subscription", "subscription": {} }));
    assert_eq!(suppressed[0].reason, SuppressionReason::OptedOut);
    for word in ["Open", "Click", "DeliveryDelay"] {
        assert_eq!(read(&json!({ "eventType": word })), (vec![], vec![]), "{word}");
    }
    assert_eq!(ses_events::receipts(&request(&asked(1))).unwrap(), []);
    assert!(ses_events::receipts(&event(&json!({ "eventType": "Send" }))).is_err());
    assert!(ses_events::receipts(&webhook(Method::POST, &[], "", "no")).is_err());
}
