//! The proxy between the functions and their AWS endpoint. It lives in the harness, so it survives the kill: it is the
//! one that kills the process at a step, and lets AWS calls go wrong.

use std::{sync::Arc, time::Duration};

use axum::{
    Router,
    body::{Body, Bytes},
    extract::{Request, State},
    response::{IntoResponse, Response},
};
use http::{StatusCode, request};
use serde_json::{Value, json};
use tokio::net::TcpListener;

use crate::faults::{
    aws::{self, Fault},
    control::Control,
    plan::Side,
    steps::{Seen, Step},
};

/// The proxy, running until it is dropped.
pub struct Proxy {
    /// What the functions take for AWS.
    pub url: String,
    server: tokio::task::JoinHandle<()>,
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.server.abort();
    }
}

#[derive(Clone)]
struct Shared {
    upstream: Arc<str>,
    http: reqwest::Client,
    control: Arc<Control>,
}

/// An answer of the endpoint, read whole.
struct Answer {
    status: StatusCode,
    headers: http::HeaderMap,
    body: Bytes,
}

impl IntoResponse for Answer {
    fn into_response(self) -> Response {
        let mut response = Response::new(Body::from(self.body));
        *response.status_mut() = self.status;
        *response.headers_mut() = self.headers;
        // Written anew for this connection and this body.
        for name in ["connection", "transfer-encoding", "content-length", "x-amz-crc32"] {
            response.headers_mut().remove(name);
        }
        response
    }
}

impl Proxy {
    /// Starts it on a free port, before the endpoint `upstream`.
    pub async fn start(upstream: &str, control: Arc<Control>) -> Self {
        local::install_tls();
        let http = reqwest::Client::builder().no_proxy().retry(reqwest::retry::never()).build().unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let shared = Shared { upstream: upstream.into(), http, control };
        let router = Router::new().fallback(pass).with_state(shared);
        let server = tokio::spawn(async move {
            let _ = axum::serve(listener, router).await;
        });
        Self { url, server }
    }
}

async fn pass(State(shared): State<Shared>, request: Request) -> Response {
    let control = shared.control.clone();
    let life = control.life();
    let (parts, body) = request.into_parts();
    let Ok(body) = axum::body::to_bytes(body, 16 << 20).await else { return aws::broken() };
    let armed = control.is_armed();
    let mut seen = Seen::of(&parts, &body);
    let side = if armed { control.meets(seen.step) } else { None };
    if side == Some(Side::Before) {
        control.kill(&format!("before {:?}", seen.step));
        return aws::broken();
    }
    let kind = format!("{:?} {}", seen.step, seen.operation);
    // A call is either killed at or goes wrong, never both: the kill is what is looked at then.
    let fault = if armed && side.is_none() { control.plan.fault(&seen, control.nth(&kind)) } else { None };
    if let Some(fault) = fault {
        control.note(format!("{fault:?} at {kind} {}", seen.chunk.as_deref().unwrap_or_default()));
    }
    let mut body = body;
    let mut given_back = None;
    match fault {
        Some(Fault::Fail) => return aws::failed(&seen),
        Some(Fault::Throttle) => return aws::throttled(&seen),
        Some(Fault::Conflict) => return aws::conflict(&seen),
        Some(Fault::Stale) => return axum::Json(json!({ "Count": 0, "ScannedCount": 0, "Items": [] })).into_response(),
        Some(Fault::Stall(milliseconds)) => control.clock.sleep(Duration::from_millis(milliseconds)).await,
        Some(Fault::Unprocessed(hundredths)) => {
            if let Some((request, member, rest)) = aws::cut(&seen, hundredths) {
                body = request.to_string().into();
                given_back = Some((member, rest));
            }
        }
        Some(Fault::Late(seconds)) => body = late(&seen.body, seconds).into(),
        Some(Fault::LoseAnswer) | None => {}
    }
    // What a process that is dead by now had asked for does not reach the one after it.
    if control.life() != life {
        return aws::broken();
    }
    control.forwards(&mut seen);
    let Some(mut answer) = shared.forward(&parts, body).await else { return aws::broken() };
    if answer.status.is_success() {
        control.made(&seen);
        if armed {
            shared.repeat(&seen);
        }
        if let Some((member, rest)) = given_back
            && let Ok(mut json) = serde_json::from_slice::<Value>(&answer.body)
        {
            json[member] = rest;
            answer.body = json.to_string().into();
        }
    }
    if side == Some(Side::After) {
        control.kill(&format!("after {:?}", seen.step));
        return aws::broken();
    }
    if fault == Some(Fault::LoseAnswer) {
        return aws::broken();
    }
    if side == Some(Side::Answered) {
        tokio::spawn(async move {
            control.clock.sleep(Duration::from_millis(1)).await;
            control.kill(&format!("at the answer to {:?}", seen.step));
        });
    }
    answer.into_response()
}

impl Shared {
    async fn forward(&self, parts: &request::Parts, body: Bytes) -> Option<Answer> {
        let path = parts.uri.path_and_query().map_or("/", |path| path.as_str());
        let mut headers = parts.headers.clone();
        headers.remove(http::header::CONTENT_LENGTH);
        headers.remove(http::header::CONNECTION);
        let request = self.http.request(parts.method.clone(), format!("{}{path}", self.upstream)).headers(headers);
        let response = request.body(body).send().await.ok()?;
        let (status, headers) = (response.status(), response.headers().clone());
        let body = response.bytes().await.ok()?;
        Some(Answer { status, headers, body })
    }

    /// Delivers some queue messages once more: standard queues may do that at any time, also while the first is at work.
    fn repeat(&self, seen: &Seen) {
        if !matches!(seen.step, Step::EnqueuePlan | Step::EnqueueSend | Step::EnqueueFinish) {
            return;
        }
        let n = self.control.nth(&format!("repeat {:?}", seen.step));
        let Some(milliseconds) = self.control.plan.repeat(seen, n) else { return };
        let entry = match seen.body["Entries"].as_array().and_then(|entries| entries.first()) {
            Some(entry) => entry.clone(),
            None => seen.body.clone(),
        };
        let job = json!({
            "QueueUrl": seen.body["QueueUrl"], "MessageBody": entry["MessageBody"], "MessageGroupId": entry["MessageGroupId"],
        });
        let (control, step) = (self.control.clone(), seen.step);
        let request = self
            .http
            .post(&*self.upstream)
            .header("x-amz-target", "AmazonSQS.SendMessage")
            .header("content-type", "application/x-amz-json-1.0")
            .body(job.to_string());
        tokio::spawn(async move {
            control.clock.sleep(Duration::from_millis(milliseconds)).await;
            control.note(format!("a job of {step:?} is delivered twice"));
            // One that meets a dead process is not delivered twice after all.
            let _ = request.send().await;
        });
    }
}

/// The same messages, visible later.
fn late(body: &Value, seconds: u64) -> String {
    let mut body = body.clone();
    let more = |entry: &mut Value| {
        entry["DelaySeconds"] = json!(entry["DelaySeconds"].as_u64().unwrap_or(0).saturating_add(seconds).min(900));
    };
    match body["Entries"].as_array_mut() {
        Some(entries) => entries.iter_mut().for_each(more),
        None => more(&mut body),
    }
    body.to_string()
}
