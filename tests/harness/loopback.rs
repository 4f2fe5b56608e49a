//! A provider's API on the loopback address, for kinds other than `CUSTOM`: it answers as a test says, and keeps what came.

use std::sync::{Arc, Mutex};

use axum::{
    Json, Router,
    body::Bytes,
    http::{Method, StatusCode, Uri},
    response::IntoResponse,
};
use serde_json::{Value, json};
use tokio::{net::TcpListener, task::JoinHandle};

/// A request that came.
#[derive(Debug, Clone)]
pub struct Seen {
    /// Its method.
    pub method: Method,
    /// Its path with the query.
    pub path: String,
    /// Its body: JSON, or the fields of a form as an object.
    pub body: Value,
}

/// The API. It runs until it is dropped.
pub struct Loopback {
    /// Where it listens: `http://127.0.0.1:port`.
    pub url: String,
    seen: Arc<Mutex<Vec<Seen>>>,
    server: JoinHandle<()>,
}

impl Drop for Loopback {
    fn drop(&mut self) {
        self.server.abort();
    }
}

impl Loopback {
    /// Starts it on a free port; `answer` makes the status and the body of each answer.
    pub async fn start(answer: impl Fn(&Seen) -> (u16, Value) + Clone + Send + Sync + 'static) -> Self {
        let seen: Arc<Mutex<Vec<Seen>>> = Arc::default();
        let kept = seen.clone();
        let router = Router::new().fallback(move |method: Method, uri: Uri, body: Bytes| {
            let came = Seen { method, path: uri.to_string(), body: read(&body) };
            let (status, body) = answer(&came);
            kept.lock().expect("no panic while it is held").push(came);
            let status = StatusCode::from_u16(status).expect("a status");
            async move { (status, Json(body)).into_response() }
        });
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let url = format!("http://{}", listener.local_addr().expect("bound"));
        let server = tokio::spawn(async move {
            let _ = axum::serve(listener, router).await;
        });
        Self { url, seen, server }
    }

    /// The requests so far whose path has `part` in it, in order.
    pub fn seen(&self, part: &str) -> Vec<Seen> {
        let seen = self.seen.lock().expect("no panic while it is held");
        seen.iter().filter(|one| one.path.contains(part)).cloned().collect()
    }
}

fn read(body: &[u8]) -> Value {
    serde_json::from_slice(body).unwrap_or_else(|_| {
        let fields = url::form_urlencoded::parse(body).into_owned();
        json!(fields.collect::<std::collections::BTreeMap<_, _>>())
    })
}
