//! Values for tests.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
    time::Duration,
};

use bytes::Bytes;
use domain::{
    delivery::ErrorClass,
    id::{DeliveryId, MessageId},
};
use http::{HeaderMap, Method};
use jiff::Timestamp;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

use crate::{
    kind::Kind,
    outbound::Outbound,
    provider::{Account, Outcome, Outgoing, WebhookRequest},
};

/// Of the private key whose 32 bytes count from 0.
pub(crate) const TELNYX_KEY: &str = "A6EHv/POEL4dcN0Y50vAmWfk1jCbpQ1fHdyGZBJVMbg=";

/// A config of `kind` that is ready for use, except for settings of a custom one.
pub(crate) fn account(kind: Kind) -> Account {
    let (credentials, sender): (&[(&str, &str)], Option<&str>) = match kind {
        Kind::AfricasTalking => (&[("username", "acme"), ("apiKey", "at_key_0123456789")], Some("ACME")),
        Kind::Twilio => (
            &[("accountSid", "AC00000000000000000000000000000001"), ("authToken", "twilio_token_1234")],
            Some("+15005550006"),
        ),
        Kind::BulkSms => (&[("tokenId", "token-id-1"), ("tokenSecret", "token_secret_1234")], Some("ACME")),
        Kind::Vonage => (&[("apiKey", "abcd1234"), ("apiSecret", "vonage_secret_1")], Some("ACME")),
        Kind::Telnyx => (&[("apiKey", "KEY0123456789abcdef"), ("publicKey", TELNYX_KEY)], Some("+15550001111")),
        Kind::Meta => (
            &[
                ("accessToken", "EAAG0123456789abcdefgh"),
                ("phoneNumberId", "106540352242922"),
                ("appSecret", "0123456789abcdef"),
                ("verifyToken", "my-verify-token"),
            ],
            None,
        ),
        Kind::Fonnte => (&[("token", "fonnte_token_1")], None),
        Kind::AiSensy => (&[("apiKey", "aisensy_key_0123456789")], None),
        Kind::Interakt => (&[("apiKey", "aW50ZXJha3Rfa2V5OjEyMw==")], None),
        Kind::Gupshup => (&[("apiKey", "gupshup_key_0123456789")], Some("+15550002222")),
        Kind::Mailgun => (
            &[("domain", "mg.acme.example"), ("apiKey", "mailgun_key_1234"), ("webhookSigningKey", "key-test-1234")],
            Some("Acme <hello@acme.example>"),
        ),
        Kind::Mailjet => {
            (&[("apiKey", "mailjet_public_1"), ("secretKey", "mailjet_secret_1")], Some("Acme <hello@acme.example>"))
        }
        Kind::SendGrid => (&[("apiKey", "SG.sendgrid_key_1234")], Some("Acme <hello@acme.example>")),
        Kind::Ses => (
            &[
                ("region", "eu-west-1"),
                ("accessKeyId", "AKIAEXAMPLE000000001"),
                ("secretAccessKey", "ses/secret/0123456789"),
            ],
            Some("Acme <hello@acme.example>"),
        ),
        Kind::Smtp => (&[("host", "smtp.acme.example")], Some("Acme <hello@acme.example>")),
        _ => (&[], None),
    };
    let settings =
        if kind == Kind::Gupshup { serde_json::json!({ "appName": "AcmeApp" }) } else { serde_json::Value::Null };
    Account {
        kind,
        channel: crate::spec(kind).channels[0],
        credentials: credentials.iter().map(|&(name, value)| (name.to_owned(), value.into())).collect(),
        settings,
        sender_id: sender.map(str::to_owned),
        api_url: None,
        webhook_url: Some("https://app.example.test/webhooks/sms/prv_1/token".to_owned()),
    }
}

/// A text to `to`. Its id depends on both, so that different texts have different ids; no message has more recipients
/// than its ordinal allows.
pub(crate) fn outgoing(to: &str, body: &str) -> Outgoing {
    let ordinal = to.bytes().chain(body.bytes()).fold(7u32, |sum, byte| sum.wrapping_mul(31).wrapping_add(byte.into()));
    let message = MessageId::generate(Timestamp::UNIX_EPOCH, 1 << 80);
    Outgoing {
        delivery_id: DeliveryId::of(message, ordinal >> 2),
        to: to.to_owned(),
        body: body.to_owned(),
        subject: None,
        template: None,
        media: Arc::default(),
        html: false,
        unsubscribe_url: None,
        segments: 1,
        attempt: 1,
        submission: 1,
    }
}

/// A mail to `to`, with a link that ends such mails.
pub(crate) fn mail(to: &str, subject: &str, body: &str) -> Outgoing {
    Outgoing {
        subject: Some(subject.to_owned()),
        html: domain::text::is_html(body),
        unsubscribe_url: Some(format!("https://app.example.test/u/token-of-{}", to.replace('@', "-at-"))),
        ..outgoing(to, body)
    }
}

/// The class of an outcome; none for accepted.
pub(crate) fn class(outcome: &Outcome) -> Option<ErrorClass> {
    match outcome {
        Outcome::Accepted { .. } => None,
        Outcome::Rejected { class, .. } | Outcome::Retry { class, .. } => Some(*class),
        Outcome::Unknown { .. } => Some(ErrorClass::Ambiguous),
    }
}

/// A webhook call.
pub(crate) fn webhook(method: Method, headers: &[(&'static str, &str)], query: &str, body: &str) -> WebhookRequest {
    WebhookRequest {
        method,
        query: query.to_owned(),
        headers: headers.iter().map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap())).collect(),
        body: Bytes::copy_from_slice(body.as_bytes()),
        received_at: Timestamp::UNIX_EPOCH,
    }
}

/// A provider on the loopback interface: answers every request with what `answer` makes of it, and records it.
pub(crate) struct Server {
    /// `http://127.0.0.1:port`.
    pub(crate) url: String,
    requests: Arc<Mutex<Vec<Seen>>>,
}

/// A request that a [`Server`] saw.
#[derive(Debug, Clone)]
pub(crate) struct Seen {
    pub(crate) method: Method,
    /// With its query.
    pub(crate) path: String,
    pub(crate) headers: HeaderMap,
    pub(crate) body: String,
}

impl Seen {
    /// The fields of a form body, decoded.
    pub(crate) fn form(&self) -> BTreeMap<String, String> {
        url::form_urlencoded::parse(self.body.as_bytes()).into_owned().collect()
    }

    pub(crate) fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.body).unwrap()
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }
}

/// What a [`Server`] answers.
#[derive(Debug, Clone)]
pub(crate) struct Reply {
    status: u16,
    headers: Vec<(&'static str, String)>,
    body: String,
}

/// An answer of a status, a content type and a body.
pub(crate) fn reply(status: u16, kind: &str, body: impl Into<String>) -> Reply {
    Reply { status, headers: vec![("content-type", kind.to_owned())], body: body.into() }
}

/// An answer in JSON.
pub(crate) fn json(status: u16, body: &serde_json::Value) -> Reply {
    reply(status, "application/json", body.to_string())
}

impl Reply {
    pub(crate) fn header(mut self, name: &'static str, value: &str) -> Self {
        self.headers.push((name, value.to_owned()));
        self
    }
}

impl Server {
    pub(crate) async fn start(answer: impl Fn(&Seen) -> Reply + Clone + Send + Sync + 'static) -> Self {
        let requests = Arc::new(Mutex::new(Vec::new()));
        let record = requests.clone();
        let app = axum::Router::new().fallback(move |request: axum::extract::Request| {
            let (record, answer) = (record.clone(), answer.clone());
            async move {
                let (head, body) = request.into_parts();
                let body = axum::body::to_bytes(body, usize::MAX).await.unwrap();
                let seen = Seen {
                    method: head.method,
                    path: head.uri.to_string(),
                    headers: head.headers,
                    body: String::from_utf8(body.to_vec()).unwrap(),
                };
                let reply = answer(&seen);
                record.lock().unwrap().push(seen);
                let mut response = http::Response::builder().status(reply.status);
                for (name, value) in reply.headers {
                    response = response.header(name, value);
                }
                response.body(axum::body::Body::from(reply.body)).unwrap()
            }
        });
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        tokio::spawn(async move { axum::serve(listener, app).await.unwrap() });
        Self { url, requests }
    }

    /// What came in so far.
    pub(crate) fn seen(&self) -> Vec<Seen> {
        self.requests.lock().unwrap().clone()
    }
}

/// A client that may call the loopback interface, with short limits.
pub(crate) fn outbound() -> Outbound {
    Outbound::new("127.0.0.1".parse().unwrap()).with_timeouts(Duration::from_millis(200), Duration::from_millis(300))
}

/// An address at which nothing listens.
pub(crate) async fn nobody() -> String {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    format!("http://{}", listener.local_addr().unwrap())
}

/// A server that reads a request and then says nothing (`None`), or `answer` and hangs up.
pub(crate) async fn broken(answer: Option<&'static str>) -> String {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move {
        let mut held = Vec::new();
        while let Ok((mut stream, _)) = listener.accept().await {
            let mut buffer = [0; 16 * 1024];
            let _ = stream.read(&mut buffer).await;
            if let Some(answer) = answer {
                let _ = stream.write_all(answer.as_bytes()).await;
                let _ = stream.shutdown().await;
            } else {
                held.push(stream);
            }
        }
    });
    url
}
