//! An organization's own program on the loopback address: it takes events, and keeps them as they came.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex},
};

use axum::{
    Router,
    extract::State,
    http::{HeaderMap, StatusCode, header::LOCATION},
    response::IntoResponse,
    routing::any,
};
use bytes::Bytes;
use serde_json::Value;
use standardwebhooks::Webhook;
use tokio::net::TcpListener;

/// A call as it came.
#[derive(Debug, Clone)]
pub struct Told {
    /// Its headers.
    pub headers: HeaderMap,
    /// Its body, as it came.
    pub bytes: Bytes,
    /// Its body as JSON.
    pub body: Value,
}

#[derive(Default)]
struct Inner {
    told: Mutex<Vec<Told>>,
    script: Mutex<VecDeque<u16>>,
    always: Mutex<Option<u16>>,
}

/// The program. It runs until it is dropped.
pub struct Receiver {
    /// Where it takes events.
    pub url: String,
    inner: Arc<Inner>,
    server: tokio::task::JoinHandle<()>,
}

impl Drop for Receiver {
    fn drop(&mut self) {
        self.server.abort();
    }
}

impl Receiver {
    /// Starts it on a free port.
    pub async fn start() -> Self {
        let inner = Arc::new(Inner::default());
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let url = format!("http://{}/hook", listener.local_addr().expect("bound"));
        let router = Router::new().route("/hook", any(take)).with_state(inner.clone());
        let server = tokio::spawn(async move {
            let _ = axum::serve(listener, router).await;
        });
        Self { url, inner, server }
    }

    /// The next calls are answered so, one each; then with 204 again.
    pub fn script(&self, statuses: impl IntoIterator<Item = u16>) {
        self.inner.script.lock().expect("no panic").extend(statuses);
    }

    /// Every call is answered so; `None`: with 204 again.
    pub fn always(&self, status: Option<u16>) {
        *self.inner.always.lock().expect("no panic") = status;
    }

    /// Every call that came, in order, however it was answered.
    pub fn told(&self) -> Vec<Told> {
        self.inner.told.lock().expect("no panic").clone()
    }

    /// The types of the events that came, in order.
    pub fn types(&self) -> Vec<String> {
        self.told().iter().map(|told| told.body["type"].as_str().unwrap_or_default().to_owned()).collect()
    }

    /// The calls with events of one type.
    pub fn of_type(&self, kind: &str) -> Vec<Told> {
        self.told().into_iter().filter(|told| told.body["type"] == kind).collect()
    }
}

impl Told {
    /// A header as text.
    pub fn header(&self, name: &str) -> &str {
        self.headers[name].to_str().expect("text")
    }

    /// Whether it is signed with a secret, as the specification's own library sees it.
    pub fn is_signed_with(&self, secret: &str) -> bool {
        let timestamp = self.header("webhook-timestamp").parse().expect("seconds");
        let judge = Webhook::new(secret).expect("a secret");
        let expected = judge.sign(self.header("webhook-id"), timestamp, &self.bytes).expect("text");
        self.header("webhook-signature").split(' ').any(|signature| signature == expected)
    }
}

async fn take(State(inner): State<Arc<Inner>>, headers: HeaderMap, bytes: Bytes) -> axum::response::Response {
    let body = serde_json::from_slice(&bytes).unwrap_or_default();
    inner.told.lock().expect("no panic").push(Told { headers, bytes, body });
    let always = *inner.always.lock().expect("no panic");
    let status = always.or_else(|| inner.script.lock().expect("no panic").pop_front()).unwrap_or(204);
    (StatusCode::from_u16(status).expect("a status"), [(LOCATION, "/hook")]).into_response()
}
