//! Twilio on the loopback address, as far as sending and looking texts up go: it takes texts, and lists them with their
//! recipient, text and time.

use std::{
    collections::{BTreeMap, VecDeque},
    sync::{Arc, Mutex},
};

use axum::{
    Json, Router,
    extract::{Path, RawQuery, State},
    http::StatusCode,
    response::IntoResponse,
    routing::get,
};
use serde_json::{Value, json};
use store::Clock;
use tokio::{net::TcpListener, task::JoinHandle};

const SID: &str = "AC00000000000000000000000000000001";

/// What it does with a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Meets {
    /// Takes it, and says so.
    Accepts,
    /// Takes it, and the answer is lost behind its front.
    AcceptsUnheard,
    /// Never sees it: the front gives up.
    Misses,
    /// Takes it and says nothing.
    AcceptsInSilence,
    /// Never sees it, and says nothing.
    MissesInSilence,
}

/// A text that it took.
#[derive(Debug, Clone)]
pub struct Text {
    /// Its id.
    pub sid: String,
    /// The recipient.
    pub to: String,
    /// The text.
    pub body: String,
    created: String,
    status: &'static str,
}

struct Inner {
    clock: Clock,
    taken: Mutex<Vec<Text>>,
    script: Mutex<VecDeque<Meets>>,
    lists: Mutex<Lists>,
}

#[derive(Default)]
struct Lists {
    fail: bool,
    asked: usize,
}

/// The provider. It runs until it is dropped.
pub struct Twilio {
    url: String,
    inner: Arc<Inner>,
    server: JoinHandle<()>,
}

impl Drop for Twilio {
    fn drop(&mut self) {
        self.server.abort();
    }
}

impl Twilio {
    /// Starts it on a free port; texts get the time of `clock`.
    pub async fn start(clock: Clock) -> Self {
        let (taken, script, lists) = (Mutex::default(), Mutex::default(), Mutex::default());
        let inner = Arc::new(Inner { clock, taken, script, lists });
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let url = format!("http://{}", listener.local_addr().expect("bound"));
        let router = Router::new()
            .route("/2010-04-01/Accounts/{sid}/Messages.json", get(list).post(take))
            .route("/2010-04-01/Accounts/{sid}/Messages/{text}", get(fetch))
            .with_state(inner.clone());
        let server = tokio::spawn(async move {
            let _ = axum::serve(listener, router).await;
        });
        Self { url, inner, server }
    }

    /// The body of the config that sends to it.
    pub fn config(&self, policy: &str) -> Value {
        json!({
            "channel": "SMS", "kind": "TWILIO", "name": "Twilio", "apiUrl": self.url, "senderId": "+15005550006",
            "ratePerMinute": 60_000_000, "unknownPolicy": policy,
            "credentials": { "accountSid": SID, "authToken": "token-of-the-test" },
        })
    }

    /// The next texts are met so, one each; then everything is accepted again.
    pub fn script(&self, meets: impl IntoIterator<Item = Meets>) {
        self.inner.script.lock().expect("no panic").extend(meets);
    }

    /// Whether looking texts up fails from now on.
    pub fn fail_lists(&self, fail: bool) {
        self.inner.lists.lock().expect("no panic").fail = fail;
    }

    /// The text to a recipient is so by now, and nobody is told of it.
    pub fn becomes(&self, to: &str, status: &'static str) {
        let mut taken = self.inner.taken.lock().expect("no panic");
        taken.iter_mut().filter(|text| text.to == to).for_each(|text| text.status = status);
    }

    /// How often it was asked for its texts.
    pub fn lists(&self) -> usize {
        self.inner.lists.lock().expect("no panic").asked
    }

    /// Everything that it took, in order.
    pub fn taken(&self) -> Vec<Text> {
        self.inner.taken.lock().expect("no panic").clone()
    }
}

/// The fields of a form or a query, decoded.
fn fields(encoded: &str) -> BTreeMap<String, String> {
    let url = reqwest::Url::parse(&format!("http://form/?{encoded}")).expect("any query does");
    url.query_pairs().into_owned().collect()
}

async fn take(State(inner): State<Arc<Inner>>, form: String) -> impl IntoResponse {
    let text = fields(&form);
    let meets = inner.script.lock().expect("no panic").pop_front().unwrap_or(Meets::Accepts);
    let mut sid = String::new();
    if matches!(meets, Meets::Accepts | Meets::AcceptsUnheard | Meets::AcceptsInSilence) {
        let mut taken = inner.taken.lock().expect("no panic");
        sid = format!("SM{:032}", taken.len() + 1);
        let created = inner.clock.now().strftime("%a, %d %b %Y %H:%M:%S +0000").to_string();
        taken.push(Text {
            sid: sid.clone(),
            to: text["To"].clone(),
            body: text["Body"].clone(),
            created,
            status: "queued",
        });
    }
    match meets {
        Meets::AcceptsInSilence | Meets::MissesInSilence => std::future::pending().await,
        Meets::AcceptsUnheard | Meets::Misses => (StatusCode::GATEWAY_TIMEOUT, Json(json!({}))),
        Meets::Accepts => (StatusCode::CREATED, Json(json!({ "sid": sid, "status": "queued", "num_segments": "1" }))),
    }
}

async fn fetch(State(inner): State<Arc<Inner>>, Path((_, file)): Path<(String, String)>) -> impl IntoResponse {
    inner.lists.lock().expect("no panic").asked += 1;
    let taken = inner.taken.lock().expect("no panic");
    match taken.iter().find(|text| file == format!("{}.json", text.sid)) {
        Some(text) => {
            let undelivered = text.status == "undelivered";
            let code = if undelivered { json!(21610) } else { Value::Null };
            let told = json!({ "sid": text.sid, "status": text.status, "error_code": code, "price": "-0.0075", "price_unit": "USD" });
            (StatusCode::OK, Json(told))
        }
        None => (StatusCode::NOT_FOUND, Json(json!({ "code": 20404 }))),
    }
}

async fn list(State(inner): State<Arc<Inner>>, RawQuery(query): RawQuery) -> impl IntoResponse {
    let list = fields(&query.unwrap_or_default());
    let fail = {
        let mut lists = inner.lists.lock().expect("no panic");
        lists.asked += 1;
        lists.fail
    };
    if fail {
        return (StatusCode::INTERNAL_SERVER_ERROR, Json(json!({ "code": 20500 })));
    }
    let texts: Vec<Value> = inner
        .taken
        .lock()
        .expect("no panic")
        .iter()
        .rev()
        .filter(|text| text.to == list["To"])
        .map(|text| {
            json!({
                "sid": text.sid, "to": text.to, "body": text.body, "direction": "outbound-api", "status": text.status,
                "date_created": text.created, "date_sent": null,
            })
        })
        .collect();
    (StatusCode::OK, Json(json!({ "messages": texts, "next_page_uri": null })))
}
