//! Amazon SES. <https://docs.aws.amazon.com/ses/latest/APIReference-V2/API_SendEmail.html>

use domain::delivery::ErrorClass as E;
use providers::{Account, Kind, ReceiptStatus, WebhookRequest};
use serde_json::{Value, json};

use super::{answer, json_call, json_of, text, without_footer};
use crate::{
    contract::{Contract, Proof, Text},
    sign,
    testing::{self, Reply, Seen},
};

#[derive(Clone, Copy)]
pub struct Ses;

/// Made for these tests, with OpenSSL.
const CERTIFICATE: &str = include_str!("sns_certificate.pem");
const KEY: &[u8] = include_bytes!("sns_key.der");

fn refused(status: u16, name: &str, message: &str) -> Reply {
    answer(status, json!({ "message": message })).header("x-amzn-errortype", name)
}

/// <https://docs.aws.amazon.com/sns/latest/dg/sns-verify-signature-of-message.html>
fn signed(event: &Value) -> WebhookRequest {
    let (id, topic) = ("165545c9-2a5c-472c-8df2-7ff2be2b3b1b", "arn:aws:sns:eu-west-1:123456789012:mails");
    let (at, message) = ("2026-03-01T12:00:00.000Z", event.to_string());
    let text = format!("Message\n{message}\nMessageId\n{id}\nTimestamp\n{at}\nTopicArn\n{topic}\nType\nNotification\n");
    let body = json!({
        "Type": "Notification", "MessageId": id, "TopicArn": topic, "Message": message, "Timestamp": at,
        "SignatureVersion": "2", "Signature": sign::rsa_base64(KEY, &text),
        "SigningCertURL": "https://sns.eu-west-1.amazonaws.com/SimpleNotificationService-0001.pem",
    });
    json_call(&[], "", &body)
}

impl Contract for Ses {
    fn account(&self) -> Account {
        testing::account(Kind::Ses)
    }

    fn texts(&self, seen: &Seen) -> Vec<Text> {
        let body = json_of(seen);
        if body.get("Destination").is_none() {
            return Vec::new();
        }
        assert_eq!(
            body["Destination"]["ToAddresses"].as_array().map(Vec::len),
            Some(1),
            "nobody sees another's address"
        );
        assert_eq!(text(&body, "/EmailTags/0/Name"), "dundun_delivery");
        vec![Text {
            to: text(&body, "/Destination/ToAddresses/0"),
            body: without_footer(&text(&body, "/Content/Simple/Body/Text/Data")),
            reference: text(&body, "/EmailTags/0/Value"),
        }]
    }

    fn taken(&self, _: &[Text], ids: &[String]) -> Reply {
        answer(200, json!({ "MessageId": ids[0] }))
    }

    fn refusals(&self) -> Vec<(E, Reply)> {
        let unverified = "Email address is not verified. The following identities failed the check: a1@x.example";
        vec![
            (E::InvalidRecipient, refused(400, "BadRequestException", "Illegal address")),
            (E::BadSender, refused(400, "MessageRejected", unverified)),
            (E::BadContent, refused(400, "MessageRejected", "Email content is malformed")),
            (E::BadSender, refused(400, "MailFromDomainNotVerifiedException", "")),
            (E::AccountSuspended, refused(400, "AccountSuspendedException", "")),
            (E::AccountSuspended, refused(400, "SendingPausedException", "")),
            (E::BadCredentials, refused(403, "InvalidSignatureException:http://internal.amazon.com/", "")),
            (E::RateLimited, refused(429, "TooManyRequestsException", "Maximum sending rate exceeded.")),
            (E::BadSender, refused(404, "NotFoundException", "Configuration set does not exist")),
        ]
    }

    fn tested(&self) -> Reply {
        let quota = json!({ "Max24HourSend": 50000.0, "MaxSendRate": 14.0, "SentLast24Hours": 7.0 });
        answer(200, json!({ "ProductionAccessEnabled": true, "SendingEnabled": true, "SendQuota": quota }))
    }

    fn denied(&self) -> Reply {
        refused(403, "UnrecognizedClientException", "The security token included in the request is invalid.")
    }

    fn report(&self, sent: &Text, id: &str, status: ReceiptStatus) -> Option<WebhookRequest> {
        let bounced = json!([{ "emailAddress": sent.to, "status": "5.1.1", "diagnosticCode": "smtp; 550 5.1.1 no" }]);
        let mut event = match status {
            ReceiptStatus::Sent => json!({ "eventType": "Send", "send": {} }),
            ReceiptStatus::Delivered => {
                json!({ "eventType": "Delivery", "delivery": { "timestamp": "2026-03-01T12:00:00.123Z", "recipients": [sent.to] } })
            }
            ReceiptStatus::Read => return None,
            ReceiptStatus::Failed => {
                json!({ "eventType": "Bounce", "bounce": { "bounceType": "Permanent", "bouncedRecipients": bounced } })
            }
        };
        event["mail"] =
            json!({ "messageId": id, "destination": [sent.to], "tags": { "dundun_delivery": [sent.reference] } });
        Some(signed(&event))
    }

    fn stop(&self) -> WebhookRequest {
        let mail = json!({ "messageId": "0102-9", "destination": ["a9@x.example"], "tags": {} });
        signed(&json!({ "eventType": "Subscription", "subscription": {}, "mail": mail }))
    }

    fn proof(&self) -> Proof {
        Proof::Signature
    }

    fn certificate(&self) -> Option<(&'static str, &'static str)> {
        Some(("https://sns.eu-west-1.amazonaws.com", CERTIFICATE))
    }

    fn correlates(&self) -> bool {
        true
    }
}
