//! From an event to an answer. The same code runs on AWS and behind the local gateway: both hand in the event as
//! JSON text and get JSON text back.
//!
//! Checks of a request come in this order: 401, 403, 413/415, 404, 422, 409.

use std::{
    panic::AssertUnwindSafe,
    sync::{Arc, atomic::AtomicBool},
};

use bytes::Bytes;
use domain::{Error, Result, id::RequestId};
use engine::App;
use futures::FutureExt;
use http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use jiff::{SignedDuration, Timestamp};
use lambda_http::{Body, RequestExt, request::RequestContext};
use serde_json::{Value, json};
use tokio::sync::OnceCell;

use crate::{
    auth::{self, Keys, Principal},
    cx::{Cx, Request},
    extract::{Content, Incoming},
    idempotency::{self, Before},
    problem,
    reply::Response,
    route,
    row::{Access, Idempotency, Row, Run, Trigger},
    worker::Records,
};

/// Everything that answers: the rows, and what one process keeps between requests.
pub struct Kit {
    app: Arc<App>,
    rows: Vec<Arc<Row>>,
    /// HTTP rows, literal segments before variable ones.
    routes: Vec<Arc<Row>>,
    keys: Keys,
    cursor_key: OnceCell<Vec<u8>>,
}

impl Kit {
    /// A kit for these rows.
    pub fn new(app: Arc<App>, rows: Vec<Row>) -> Arc<Self> {
        let rows: Vec<_> = rows.into_iter().map(Arc::new).collect();
        let mut routes: Vec<_> = rows.iter().filter(|row| row.path().is_some()).cloned().collect();
        routes.sort_by_key(|row| row.path().map(route::precedence));
        Arc::new(Self { app, rows, routes, keys: Keys::default(), cursor_key: OnceCell::new() })
    }

    /// Everything outside.
    pub fn app(&self) -> &Arc<App> {
        &self.app
    }

    /// All rows.
    pub fn rows(&self) -> &[Arc<Row>] {
        &self.rows
    }

    /// The row with this name (the value of `_HANDLER`).
    pub fn row(&self, name: &str) -> Option<&Arc<Row>> {
        self.rows.iter().find(|row| row.name == name)
    }

    /// The row that a gateway gives this request to: the most specific route, else the fallback.
    pub fn find(&self, method: &Method, path: &str) -> Option<&Arc<Row>> {
        let fits = |row: &&Arc<Row>| {
            row.methods().contains(method) && row.path().is_some_and(|pattern| route::matches(pattern, path).is_some())
        };
        self.routes.iter().find(fits).or_else(|| self.rows.iter().find(|row| row.trigger == Trigger::Fallback))
    }

    pub(crate) async fn cursor_key(&self) -> Result<Vec<u8>> {
        self.cursor_key
            .get_or_try_init(|| async {
                let fresh = hex::encode(self.app.random.bytes::<32>());
                store::signing_keys::cursor_key(&self.app.table, fresh).await.map(String::into_bytes)
            })
            .await
            .cloned()
    }

    /// Runs a function on an event, as Lambda does: JSON text in, JSON text out. `Err`: the invocation failed, and
    /// its queue messages come back.
    pub async fn invoke(self: &Arc<Self>, row: &Arc<Row>, event: &str, deadline: Timestamp) -> Result<String, String> {
        match &row.run {
            Run::Http(_) | Run::Fallback => {
                let request = serde_json::from_str(event).map_err(|error| format!("not an HTTP event: {error}"))?;
                let mut context = lambda_http::Context::default();
                context.deadline = u64::try_from(deadline.as_millisecond()).unwrap_or(0);
                let service = lambda_http::service_fn(|request| async {
                    Ok::<_, std::convert::Infallible>(self.http(row, request).await)
                });
                let mut adapter = lambda_http::Adapter::from(service);
                let event = lambda_http::LambdaEvent::new(request, context);
                let answer =
                    lambda_http::Service::call(&mut adapter, event).await.unwrap_or_else(|never| match never {});
                serde_json::to_string(&answer).map_err(|error| error.to_string())
            }
            Run::Queue(run) => {
                let records: Records =
                    serde_json::from_str(event).map_err(|error| format!("not a queue event: {error}"))?;
                let failed = self.work(row, deadline, |cx| run(cx, records)).await?;
                let failed: Vec<Value> = failed.into_iter().map(|id| json!({ "itemIdentifier": id })).collect();
                Ok(json!({ "batchItemFailures": failed }).to_string())
            }
            Run::Every(run) => self.work(row, deadline, |cx| run(cx)).await.map(|()| "null".into()),
        }
    }

    async fn work<T, F>(
        self: &Arc<Self>,
        row: &Arc<Row>,
        deadline: Timestamp,
        run: impl FnOnce(Cx) -> F,
    ) -> Result<T, String>
    where
        F: Future<Output = Result<T>>,
    {
        let began = self.app.now();
        let cx = self.context(row, deadline, String::new(), HeaderMap::new(), None, None);
        let id = cx.request_id();
        let ran = AssertUnwindSafe(run(cx)).catch_unwind().await.unwrap_or_else(|_| Err(panicked()));
        let ms = self.app.now().duration_since(began).as_millis();
        match ran {
            Ok(value) => {
                tracing::debug!(%id, row = row.name, ms, "worked");
                Ok(value)
            }
            Err(error) => {
                tracing::error!(%id, row = row.name, ms, cause = cut(&error.to_string()), "work failed");
                Err(error.to_string())
            }
        }
    }

    fn context(
        self: &Arc<Self>,
        row: &Arc<Row>,
        deadline: Timestamp,
        source_ip: String,
        headers: HeaderMap,
        principal: Option<Principal>,
        replayable: Option<idempotency::Replayable>,
    ) -> Cx {
        let request = Request {
            row: row.clone(),
            id: RequestId::new(self.app.now(), self.app.random.bits()),
            deadline,
            source_ip,
            headers,
            principal,
            replayable,
            recorded: AtomicBool::new(false),
        };
        Cx { app: self.app.clone(), kit: self.clone(), request: Arc::new(request) }
    }

    /// Answers an HTTP request. There is always an answer, and it always has `X-Request-Id`.
    pub async fn http(self: &Arc<Self>, row: &Arc<Row>, request: lambda_http::Request) -> http::Response<Body> {
        let began = self.app.now();
        let source_ip = source_ip(&request);
        let deadline = deadline(&request, began, row.timeout);
        let incoming = incoming(row, request);
        let base = self.context(row, deadline, source_ip, incoming.headers.clone(), None, None);
        let id = base.request_id().to_string();

        let answered = AssertUnwindSafe(self.answer(&base, incoming)).catch_unwind().await;
        let answered = answered.unwrap_or_else(|_| Err(panicked()));
        let mut response = answered.unwrap_or_else(|error| {
            if let Error::Internal(cause) | Error::Unavailable(cause) = &error {
                tracing::error!(%id, row = row.name, cause = cut(cause), "failed");
            }
            problem::respond(&error, &id)
        });
        locate(row, &mut response);
        let headers = response.headers_mut();
        headers.insert("x-request-id", HeaderValue::from_str(&id).expect("ids are ASCII"));
        // Answers belong to one organization, or are secrets.
        headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
        headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
        let ms = self.app.now().duration_since(began).as_millis();
        let status = response.status();
        if status.is_success() && matches!(row.trigger, Trigger::FunctionUrl { .. }) {
            // A million receipts would be a million lines that say nothing.
            tracing::debug!(%id, row = row.name, status = status.as_u16(), ms);
        } else {
            tracing::info!(%id, row = row.name, status = status.as_u16(), ms);
        }
        response.map(body)
    }

    async fn answer(self: &Arc<Self>, base: &Cx, incoming: Incoming) -> Result<Response> {
        let (row, id) = (base.row(), base.request_id().to_string());
        let Run::Http(run) = &row.run else { return Ok(self.fallback(&incoming, &id)) };
        let principal = match row.access {
            Some(Access::Public) => None,
            Some(access) => {
                let principal = auth::authenticate(&self.app, &self.keys, &incoming.headers).await?;
                principal.check(access)?;
                Some(principal)
            }
            None => return Err(Error::internal("the row says nothing about access")),
        };
        size_and_type(row, &incoming)?;
        let replayable = match &principal {
            Some(principal) => {
                match idempotency::before(&self.app, row, principal.org, &incoming, base.deadline()).await? {
                    Before::Plain => None,
                    Before::Run(this) => Some(this),
                    Before::Replay(response) => return Ok(response),
                }
            }
            None => None,
        };
        let request = Request {
            row: base.request.row.clone(),
            id: base.request.id,
            deadline: base.request.deadline,
            source_ip: base.request.source_ip.clone(),
            headers: incoming.headers.clone(),
            principal,
            replayable: replayable.clone(),
            recorded: AtomicBool::new(false),
        };
        let cx = Cx { request: Arc::new(request), ..base.clone() };
        let Some(this) = replayable else { return run(cx, incoming).await };

        let ran = AssertUnwindSafe(run(cx.clone(), incoming)).catch_unwind().await;
        match ran.unwrap_or_else(|_| Err(panicked())) {
            Ok(mut response) => {
                idempotency::after(&cx, &this, &response).await?;
                locate(row, &mut response);
                Ok(response)
            }
            Err(error) if row.idempotency == Idempotency::RecordFirst => {
                idempotency::failed(&cx, &this, &error).await?;
                Err(error)
            }
            // Two at once: the one whose transaction came second answers what the first one answered.
            Err(error) => idempotency::answered(&self.app, row, &this).await?.ok_or(error),
        }
    }

    fn fallback(&self, incoming: &Incoming, id: &str) -> Response {
        let mut allowed: Vec<String> = self
            .routes
            .iter()
            .filter(|row| row.path().is_some_and(|pattern| route::matches(pattern, &incoming.path).is_some()))
            .flat_map(|row| row.methods())
            .map(|method| method.to_string())
            .collect();
        allowed.sort_unstable();
        allowed.dedup();
        if allowed.is_empty() {
            problem::no_such_route(id)
        } else {
            problem::method_not_allowed(&allowed.join(", "), id)
        }
    }
}

fn panicked() -> Error {
    Error::internal("panicked")
}

/// The start of a cause: logs are short.
fn cut(text: &str) -> String {
    text.chars().take(160).collect()
}

fn source_ip(request: &lambda_http::Request) -> String {
    match request.request_context_ref() {
        Some(RequestContext::ApiGatewayV2(context)) => context.http.source_ip.clone().unwrap_or_default(),
        _ => String::new(),
    }
}

fn deadline(request: &lambda_http::Request, now: Timestamp, timeout: u32) -> Timestamp {
    let given = request.lambda_context_ref().map(|context| context.deadline).filter(|deadline| *deadline > 0);
    let given = given.and_then(|ms| Timestamp::from_millisecond(ms as i64).ok());
    given.unwrap_or_else(|| now + SignedDuration::from_secs(i64::from(timeout)))
}

fn incoming(row: &Row, request: lambda_http::Request) -> Incoming {
    let path = request.raw_http_path().to_owned();
    let (head, body) = request.into_parts();
    let segments = row.path().and_then(|pattern| route::matches(pattern, &path)).unwrap_or_default();
    let body = match body {
        Body::Text(text) => Bytes::from(text),
        Body::Binary(bytes) => Bytes::from(bytes),
        _ => Bytes::new(),
    };
    Incoming {
        method: head.method,
        query: head.uri.query().unwrap_or_default().to_owned(),
        path,
        headers: head.headers,
        body,
        segments,
    }
}

fn body(bytes: Bytes) -> Body {
    if bytes.is_empty() {
        return Body::Empty;
    }
    match String::from_utf8(bytes.into()) {
        Ok(text) => Body::Text(text),
        Err(error) => Body::Binary(error.into_bytes()),
    }
}

fn size_and_type(row: &Row, incoming: &Incoming) -> Result<()> {
    if incoming.body.len() > row.body_limit {
        return Err(too_large(row));
    }
    let given = incoming.headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let essence = given.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    let (fits, wanted) = match row.content {
        Content::None | Content::Raw => (true, ""),
        // No body at all is for the handler to judge; no type at all is taken for JSON.
        Content::Json => (
            incoming.body.is_empty()
                || essence.is_empty()
                || essence == "application/json"
                || essence.ends_with("+json"),
            "application/json",
        ),
        Content::Multipart => (essence == "multipart/form-data", "multipart/form-data"),
    };
    if fits {
        Ok(())
    } else {
        Err(Error::Unsupported { code: "media_type_unsupported", detail: format!("This takes {wanted}.") })
    }
}

/// The 413 of a row: forms carry spreadsheets, for which there is a way without limit.
pub fn too_large(row: &Row) -> Error {
    if row.content == Content::Multipart {
        Error::TooLarge {
            code: "use_imports",
            detail: "The file is too large here. POST /api/imports takes any size.".into(),
        }
    } else {
        Error::TooLarge { code: "body_too_large", detail: format!("The body may have {} bytes.", row.body_limit) }
    }
}

/// What every created thing has.
#[derive(serde::Deserialize)]
struct HasId {
    id: String,
}

/// Adds `Location` to a 201: the row's path, or what it says instead, and the `id` in the body.
pub(crate) fn locate(row: &Row, response: &mut Response) {
    if response.status() != StatusCode::CREATED || response.headers().contains_key(header::LOCATION) {
        return;
    }
    let Some(base) = row.location.or_else(|| row.path().filter(|path| !path.contains('{'))) else { return };
    let Ok(HasId { id }) = serde_json::from_slice(response.body()) else { return };
    if let Ok(location) = HeaderValue::from_str(&format!("{base}/{id}")) {
        response.headers_mut().insert(header::LOCATION, location);
    }
}
