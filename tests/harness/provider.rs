//! A provider on the loopback address, for `CUSTOM` configs: it counts what it accepts, by our own id, and reports when told.

use std::{
    collections::{BTreeMap, VecDeque},
    sync::{Arc, Mutex},
};

use axum::{Json, Router, extract::State, http::StatusCode, response::IntoResponse, routing::any};
use serde_json::{Value, json};
use tokio::net::TcpListener;

/// What the provider does with the next request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Behaviour {
    /// Accepts it.
    Accept,
    /// Answers with this status and takes nothing.
    Refuse(u16),
    /// Takes it, and answers with this status all the same.
    AcceptAndAnswer(u16),
}

/// One text that was accepted.
#[derive(Debug, Clone)]
pub struct Accepted {
    /// Our id of it.
    pub message_id: String,
    /// The number.
    pub to: String,
    /// The text.
    pub body: String,
    /// The id that the provider gave it.
    pub id: String,
}

#[derive(Default)]
struct Inner {
    accepted: Mutex<Vec<Accepted>>,
    script: Mutex<VecDeque<Behaviour>>,
    requests: Mutex<u64>,
}

/// The provider. It runs until it is dropped.
pub struct Provider {
    /// Where it takes texts.
    pub url: String,
    inner: Arc<Inner>,
    server: tokio::task::JoinHandle<()>,
}

impl Drop for Provider {
    fn drop(&mut self) {
        self.server.abort();
    }
}

impl Provider {
    /// Starts it on a free port.
    pub async fn start() -> Self {
        let inner = Arc::new(Inner::default());
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let url = format!("http://{}/send", listener.local_addr().expect("bound"));
        let router = Router::new().route("/send", any(take)).with_state(inner.clone());
        let server = tokio::spawn(async move {
            let _ = axum::serve(listener, router).await;
        });
        Self { url, inner, server }
    }

    /// The next requests are met so, one each; then everything is accepted again.
    pub fn script(&self, behaviours: impl IntoIterator<Item = Behaviour>) {
        self.inner.script.lock().expect("no panic").extend(behaviours);
    }

    /// Everything that was accepted, in order.
    pub fn accepted(&self) -> Vec<Accepted> {
        self.inner.accepted.lock().expect("no panic").clone()
    }

    /// How many requests came, accepted or not.
    pub fn requests(&self) -> u64 {
        *self.inner.requests.lock().expect("no panic")
    }

    /// What was accepted, by number.
    pub fn by_number(&self) -> BTreeMap<String, Vec<Accepted>> {
        let mut numbers: BTreeMap<String, Vec<Accepted>> = BTreeMap::new();
        for text in self.accepted() {
            numbers.entry(text.to.clone()).or_default().push(text);
        }
        numbers
    }

    /// The body of the `CUSTOM` config that sends to it.
    pub fn config(&self, name: &str) -> Value {
        json!({
            "channel": "SMS",
            "kind": "CUSTOM",
            "name": name,
            "ratePerMinute": 60_000_000,
            "isActive": true,
            "credentials": { "apiKey": "secret-of-the-test" },
            "settings": {
                "request": {
                    "method": "POST",
                    "url": self.url,
                    "headers": { "Authorization": "Bearer {{secret.apiKey}}" },
                    "body": { "kind": "json", "template": { "to": "{{to}}", "text": "{{body}}", "ref": "{{messageId}}" } },
                },
                "messageId": { "from": "json", "pointer": "/id" },
                "inbound": {},
                "dlr": {
                    "itemsPointer": "",
                    "messageIdPointer": "/ref",
                    "idPointer": "/id",
                    "statusPointer": "/status",
                    "map": { "DELIVRD": "DELIVERED", "UNDELIV": "FAILED" },
                },
            },
        })
    }

    /// Reports on everything that was accepted, to a config's webhook.
    pub async fn report_all(&self, webhook: &str, status: &str) {
        let http = reqwest::Client::builder().no_proxy().build().expect("a plain client");
        for text in self.accepted() {
            let report = json!({ "ref": text.message_id, "id": text.id, "status": status });
            let answer = http.post(webhook).json(&report).send().await.expect("the webhook answers");
            assert_eq!(answer.status().as_u16(), 200, "the webhook takes a report");
        }
    }
}

async fn take(State(inner): State<Arc<Inner>>, Json(body): Json<Value>) -> axum::response::Response {
    *inner.requests.lock().expect("no panic") += 1;
    let behaviour = inner.script.lock().expect("no panic").pop_front().unwrap_or(Behaviour::Accept);
    if let Behaviour::Refuse(status) = behaviour {
        return StatusCode::from_u16(status).expect("a status").into_response();
    }
    let text = |name: &str| body[name].as_str().unwrap_or_default().to_owned();
    let mut accepted = inner.accepted.lock().expect("no panic");
    let id = format!("loop-{}", accepted.len() + 1);
    accepted.push(Accepted { message_id: text("ref"), to: text("to"), body: text("text"), id: id.clone() });
    if let Behaviour::AcceptAndAnswer(status) = behaviour {
        return StatusCode::from_u16(status).expect("a status").into_response();
    }
    Json(json!({ "id": id })).into_response()
}
