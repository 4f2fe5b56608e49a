//! A provider on the loopback address, for `CUSTOM` configs: it counts what it accepts, by our own id, and reports when told.

use std::{
    collections::{BTreeMap, VecDeque},
    sync::{
        Arc, Mutex,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use axum::{
    Json, Router,
    extract::State,
    http::{HeaderMap, StatusCode},
    response::IntoResponse,
    routing::{any, get},
};
use jiff::Timestamp;
use serde_json::{Value, json};
use store::Clock;
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
    /// The ids that were given, by the key in the header `Idempotency-Key`.
    keys: Mutex<BTreeMap<String, String>>,
    /// When each request came, by the system's clock.
    starts: Mutex<Vec<Timestamp>>,
    /// How long an answer takes, in milliseconds.
    latency: AtomicU64,
    /// How often the balance was asked for.
    balances: AtomicU64,
}

/// The body of a `CUSTOM` config that sends one text a call to `url`, where answers give an `id`.
pub fn custom(name: &str, url: &str) -> Value {
    json!({
        "channel": "SMS",
        "kind": "CUSTOM",
        "name": name,
        "ratePerMinute": 60_000_000,
        "isActive": true,
        "credentials": { "apiKey": "secret-of-the-test" },
        "settings": {
            "request": {
                "url": url,
                "headers": { "Authorization": "Bearer {{secret.apiKey}}" },
                "body": { "template": { "to": "{{to}}", "text": "{{body}}", "ref": "{{messageId}}" } },
            },
            "messageId": { "from": "json", "pointer": "/id" },
        },
    })
}

/// The provider. It runs until it is dropped.
pub struct Provider {
    /// Where it takes texts.
    pub url: String,
    /// Where it tells the balance of the account: one shilling less each time.
    pub balance_url: String,
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
        let address = listener.local_addr().expect("bound");
        let router = Router::new().route("/send", any(take)).route("/balance", get(balance)).with_state(inner.clone());
        let server = tokio::spawn(async move {
            let _ = axum::serve(listener, router).await;
        });
        Self { url: format!("http://{address}/send"), balance_url: format!("http://{address}/balance"), inner, server }
    }

    /// From now on every answer takes so long.
    pub fn slow(&self, latency: Duration) {
        self.inner.latency.store(latency.as_millis() as u64, Ordering::Relaxed);
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
    pub fn requests(&self) -> usize {
        self.starts().len()
    }

    /// When each request came, by the system's clock, in order.
    pub fn starts(&self) -> Vec<Timestamp> {
        self.inner.starts.lock().expect("no panic").clone()
    }

    /// How often the balance was asked for.
    pub fn balances(&self) -> u64 {
        self.inner.balances.load(Ordering::Relaxed)
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
        let mut config = custom(name, &self.url);
        config["settings"]["balance"] = json!({ "url": self.balance_url, "pointer": "/balance", "currency": "KES" });
        config["settings"]["inbound"] = json!({});
        config["settings"]["dlr"] = json!({
            "itemsPointer": "",
            "messageIdPointer": "/ref",
            "idPointer": "/id",
            "statusPointer": "/status",
            "map": { "DELIVRD": "DELIVERED", "UNDELIV": "FAILED" },
        });
        config
    }

    /// Reports on everything that was accepted, to a config's webhook.
    pub async fn report_all(&self, webhook: &str, status: &str) {
        for text in self.accepted() {
            text.report(webhook, status).await;
        }
    }
}

impl Accepted {
    /// Reports on this text, to a config's webhook.
    pub async fn report(&self, webhook: &str, status: &str) {
        let http = reqwest::Client::builder().no_proxy().build().expect("a plain client");
        let report = json!({ "ref": self.message_id, "id": self.id, "status": status });
        let answer = http.post(webhook).json(&report).send().await.expect("the webhook answers");
        assert_eq!(answer.status().as_u16(), 200, "the webhook takes a report");
    }
}

async fn balance(State(inner): State<Arc<Inner>>) -> Json<Value> {
    let asked = inner.balances.fetch_add(1, Ordering::Relaxed);
    Json(json!({ "balance": format!("{}.50", 100 - asked) }))
}

async fn take(
    State(inner): State<Arc<Inner>>,
    headers: HeaderMap,
    Json(body): Json<Value>,
) -> axum::response::Response {
    let clock = Clock::system();
    inner.starts.lock().expect("no panic").push(clock.now());
    clock.sleep(Duration::from_millis(inner.latency.load(Ordering::Relaxed))).await;
    let behaviour = inner.script.lock().expect("no panic").pop_front().unwrap_or(Behaviour::Accept);
    if let Behaviour::Refuse(status) = behaviour {
        return StatusCode::from_u16(status).expect("a status").into_response();
    }
    let key = headers.get("idempotency-key").and_then(|key| key.to_str().ok()).map(str::to_owned);
    if let Some(id) = key.as_ref().and_then(|key| inner.keys.lock().expect("no panic").get(key).cloned()) {
        return Json(json!({ "id": id })).into_response();
    }
    let text = |name: &str| body[name].as_str().unwrap_or_default().to_owned();
    let mut accepted = inner.accepted.lock().expect("no panic");
    let id = format!("loop-{}", accepted.len() + 1);
    accepted.push(Accepted { message_id: text("ref"), to: text("to"), body: text("text"), id: id.clone() });
    if let Some(key) = key {
        inner.keys.lock().expect("no panic").insert(key, id.clone());
    }
    if let Behaviour::AcceptAndAnswer(status) = behaviour {
        return StatusCode::from_u16(status).expect("a status").into_response();
    }
    Json(json!({ "id": id })).into_response()
}
