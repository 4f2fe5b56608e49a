//! A provider on the loopback address that misbehaves by the seed, and counts what it took.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex},
    time::Duration,
};

use axum::{
    Json, Router,
    extract::State,
    response::{IntoResponse, Response},
    routing::post,
};
use http::StatusCode;
use serde_json::{Value, json};
use tests::{eventually, provider::custom};
use tokio::{net::TcpListener, task::JoinSet};

use crate::faults::{
    aws,
    control::Control,
    plan::{Manner, Side},
    steps::Step,
};

/// How long our side waits for an answer, in milliseconds.
const TIMEOUT: u64 = 2_000;

/// One copy, as the provider knows it.
#[derive(Debug, Clone, Default)]
pub struct Copy {
    /// The number.
    pub to: String,
    /// How often it was taken.
    pub taken: u32,
    /// The id it was last given.
    pub id: String,
    /// How many answers left it open what became of it.
    pub ambiguous: u32,
    /// The furthest state of the receipts that our side has answered with 200.
    pub acknowledged: Option<&'static str>,
}

/// What it shares with its handlers.
struct Inner {
    control: Arc<Control>,
    /// By our own id, `dlv_…`.
    copies: Mutex<HashMap<String, Copy>>,
    /// Our webhook's path, and the API's URL in this life.
    webhook: Mutex<String>,
    api: Mutex<String>,
    http: reqwest::Client,
    reports: Mutex<JoinSet<()>>,
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
    pub async fn start(control: Arc<Control>) -> Self {
        local::install_tls();
        let inner = Arc::new(Inner {
            control,
            copies: Mutex::default(),
            webhook: Mutex::default(),
            api: Mutex::default(),
            http: reqwest::Client::builder().no_proxy().timeout(Duration::from_secs(20)).build().unwrap(),
            reports: Mutex::default(),
        });
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/send", listener.local_addr().unwrap());
        let router = Router::new().route("/send", post(take)).with_state(inner.clone());
        let server = tokio::spawn(async move {
            let _ = axum::serve(listener, router).await;
        });
        Self { url, inner, server }
    }

    /// The body of the config that sends to it.
    pub fn config(&self) -> Value {
        let mut config = custom("Loopback", &self.url);
        config["retryAttempts"] = json!(1);
        config["settings"]["request"]["timeoutMs"] = json!(TIMEOUT);
        config["settings"]["dlr"] = json!({
            "messageIdPointer": "/ref",
            "map": { "ENROUTE": "SENT", "DELIVRD": "DELIVERED", "READ": "READ" },
        });
        config
    }

    /// Where it reports to.
    pub fn reports_to(&self, webhook: &str) {
        let path = webhook.split_once("/api/").expect("an address of the API").1;
        *self.inner.webhook.lock().unwrap() = format!("/api/{path}");
    }

    /// The address of the API in this life.
    pub fn api(&self, url: &str) {
        url.clone_into(&mut self.inner.api.lock().unwrap());
    }

    /// All copies, by our id.
    pub fn copies(&self) -> HashMap<String, Copy> {
        self.inner.copies.lock().unwrap().clone()
    }

    /// How many texts it has taken.
    pub fn taken(&self) -> u64 {
        self.inner.copies.lock().unwrap().values().map(|copy| u64::from(copy.taken)).sum()
    }

    /// Waits until every receipt has been answered with 200.
    pub async fn reported(&self) {
        loop {
            let mut reports = std::mem::take(&mut *self.inner.reports.lock().unwrap());
            if reports.is_empty() {
                return;
            }
            while let Some(report) = reports.join_next().await {
                report.expect("a receipt is reported without a panic");
            }
        }
    }
}

/// On a task of its own: it goes on when our side hangs up. Where there is no answer, that is what ends the wait for it.
async fn take(State(inner): State<Arc<Inner>>, Json(body): Json<Value>) -> Response {
    match tokio::spawn(answer(inner, body)).await.expect("the provider answers without a panic") {
        Some(answer) => answer,
        None => std::future::pending().await,
    }
}

/// `None`: it never answers.
async fn answer(inner: Arc<Inner>, body: Value) -> Option<Response> {
    let control = &inner.control;
    let text = |name: &str| body[name].as_str().unwrap_or_default().to_owned();
    let (to, reference) = (text("to"), text("ref"));
    // The text holds the message's number in this world: ids differ from run to run.
    let about = format!("{to} {}", text("text"));
    let side = if control.is_armed() { control.meets(Step::ProviderRequest) } else { None };
    if side == Some(Side::Before) {
        control.kill("before ProviderRequest");
        return Some(aws::broken());
    }
    let manner = match side {
        Some(Side::After) => Manner::Accept(0),
        _ => control.plan.manner(&about, control.nth(&about)),
    };
    if !matches!(manner, Manner::Accept(_)) {
        control.note(format!("provider: {manner:?} of {reference}"));
    }
    let id = {
        let mut copies = inner.copies.lock().unwrap();
        let copy = copies.entry(reference.clone()).or_default();
        copy.to = to;
        copy.taken += u32::from(manner.takes());
        copy.ambiguous += u32::from(manner.is_ambiguous());
        if manner.takes() {
            copy.id = format!("loop-{reference}-{}", copy.taken);
        }
        copy.id.clone()
    };
    if side == Some(Side::After) {
        control.kill("after ProviderRequest");
        return Some(aws::broken());
    }
    if manner == Manner::AcceptAfterReceipt {
        report(inner.clone(), reference.clone(), id.clone(), "DELIVRD").await;
    }
    if manner.takes() {
        let words = control.plan.receipts(&about);
        if !words.is_empty() {
            let (inner, reference, id) = (inner.clone(), reference, id.clone());
            let reports = inner.clone();
            reports.reports.lock().unwrap().spawn(async move {
                for word in words.iter().flat_map(|word| [word, word]) {
                    report(inner.clone(), reference.clone(), id.clone(), word).await;
                }
            });
        }
    }
    let status = |status: u16| StatusCode::from_u16(status).unwrap();
    Some(match manner {
        Manner::Accept(milliseconds) => {
            control.clock.sleep(Duration::from_millis(milliseconds)).await;
            Json(json!({ "id": id })).into_response()
        }
        Manner::AcceptAfterReceipt => Json(json!({ "id": id })).into_response(),
        Manner::AcceptAndStall => return None,
        Manner::AcceptAndReset | Manner::Reset => aws::broken(),
        Manner::AcceptAndAnswer(code) => (status(code), "something went wrong").into_response(),
        Manner::Refuse(429) => (status(429), [("Retry-After", "1")], "slow down").into_response(),
        Manner::Refuse(code) => (status(code), "no").into_response(),
    })
}

/// Reports until our side says 200; a provider tries again for hours.
async fn report(inner: Arc<Inner>, reference: String, id: String, word: &'static str) {
    eventually("a receipt is taken", 600, || async {
        let url = format!("{}{}", inner.api.lock().unwrap(), inner.webhook.lock().unwrap());
        let body = json!({ "ref": reference, "id": id, "status": word });
        let answer = inner.http.post(url).json(&body).send().await.ok()?;
        (answer.status() == StatusCode::OK).then_some(())
    })
    .await;
    let rank = |word: &str| ["ENROUTE", "DELIVRD", "READ"].iter().position(|known| *known == word);
    let mut copies = inner.copies.lock().unwrap();
    let copy = copies.entry(reference).or_default();
    if copy.acknowledged.is_none_or(|known| rank(known) < rank(word)) {
        copy.acknowledged = Some(word);
    }
}
