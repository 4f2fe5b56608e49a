//! Rows: one value says all there is to say about a function. Dispatch, the local gateway, `openapi.json`, the
//! template, the roles and the sweep tests derive from it.

use std::{future::Future, sync::Arc};

use domain::{
    Result,
    access::{Role, Scope},
};
use futures::future::BoxFuture;
use http::Method;
use serde::de::DeserializeOwned;

pub use engine::Queue;

pub use crate::trigger::{Access, Grant, Idempotency, Trigger};

use crate::{
    cx::Cx,
    extract::{Content, Incoming},
    handler::Handler,
    openapi::Describe,
    reply::Response,
    worker::{self, Batch, Job, Records},
};

type Answering = dyn Fn(Cx, Incoming) -> BoxFuture<'static, Result<Response>> + Send + Sync;
type Working = dyn Fn(Cx, Records) -> BoxFuture<'static, Result<Vec<String>>> + Send + Sync;
type Ticking = dyn Fn(Cx) -> BoxFuture<'static, Result<()>> + Send + Sync;

/// What runs.
#[derive(Clone)]
pub(crate) enum Run {
    Http(Arc<Answering>),
    Queue(Arc<Working>),
    Every(Arc<Ticking>),
    Fallback,
}

/// One function. Build it with [`Row::get`] and its sisters, then say the rest.
#[derive(Clone)]
pub struct Row {
    /// Operation id, `Handler`, event file, source path and test path.
    pub name: &'static str,
    /// What it is started by.
    pub trigger: Trigger,
    /// Who may call it. `None` for functions that no one calls over HTTP.
    pub access: Option<Access>,
    /// How it treats `Idempotency-Key`.
    pub idempotency: Idempotency,
    /// What it may touch.
    pub grants: Vec<Grant>,
    /// The codes it answers with, beside those that every row of its kind has: `409 group_name_taken`; without a
    /// status it is 422.
    pub errors: Vec<&'static str>,
    /// In MB.
    pub memory: u32,
    /// In seconds.
    pub timeout: u32,
    /// The largest body in bytes.
    pub body_limit: usize,
    /// What kind of body it takes.
    pub content: Content,
    /// One line for the documents.
    pub summary: &'static str,
    /// More for the documents.
    pub description: &'static str,
    /// The chapter of the API document.
    pub tag: &'static str,
    /// What `Location` begins with, where that is not the row's own path.
    pub location: Option<&'static str>,
    pub(crate) run: Run,
    pub(crate) describe: Option<fn(&mut Describe<'_>)>,
}

impl std::fmt::Debug for Row {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Row").field("name", &self.name).field("trigger", &self.trigger).finish_non_exhaustive()
    }
}

/// The largest body of a row that says nothing else.
const BODY_LIMIT: usize = 1 << 20;

/// The largest body of a form: a file of 4 MB, and room for the parts' heads and the texts.
const FORM_LIMIT: usize = 4 * (1 << 20) + (64 << 10);

macro_rules! methods {
    ($($name:ident $method:ident,)*) => {$(
        #[doc = concat!("An HTTP row for ", stringify!($method), ".")]
        pub fn $name<H: Handler<A>, A>(name: &'static str, path: &'static str, handler: H) -> Self {
            Self::http(name, Trigger::Http { method: Method::$method, path }, handler)
        }
    )*};
}

impl Row {
    methods! { get GET, post POST, put PUT, patch PATCH, delete DELETE, }

    fn new(name: &'static str, trigger: Trigger, run: Run) -> Self {
        Self {
            name,
            trigger,
            access: None,
            idempotency: Idempotency::Off,
            grants: Vec::new(),
            errors: Vec::new(),
            memory: 256,
            timeout: 29,
            body_limit: BODY_LIMIT,
            content: Content::None,
            summary: "",
            description: "",
            tag: "",
            location: None,
            run,
            describe: None,
        }
    }

    fn http<H: Handler<A>, A>(name: &'static str, trigger: Trigger, handler: H) -> Self {
        let run = Run::Http(Arc::new(move |cx, incoming| handler.call(cx, incoming)));
        let content = H::CONTENT;
        let body_limit = if content == Content::Multipart { FORM_LIMIT } else { BODY_LIMIT };
        Self { content, body_limit, describe: Some(H::describe), ..Self::new(name, trigger, run) }
    }

    /// A row behind a Lambda function URL of its own.
    pub fn function_url<H: Handler<A>, A>(name: &'static str, path: &'static str, handler: H) -> Self {
        Self::http(name, Trigger::FunctionUrl { path }, handler)
    }

    /// The row that answers what no route takes.
    pub fn fallback(name: &'static str) -> Self {
        Self::new(name, Trigger::Fallback, Run::Fallback).public()
    }

    fn on_queue<F>(name: &'static str, queue: Queue, run: F) -> Self
    where
        F: Fn(Cx, Records) -> BoxFuture<'static, Result<Vec<String>>> + Send + Sync + 'static,
    {
        Self::new(name, Trigger::Queue { queue, batch: 10, window: 0, concurrency: 4 }, Run::Queue(Arc::new(run)))
    }

    /// A worker that is called once a queue message. An error puts that message back (after the visibility
    /// timeout), and in the end into the dead-letter queue.
    pub fn queue<T, H, F>(name: &'static str, queue: Queue, handler: H) -> Self
    where
        T: DeserializeOwned + Send + 'static,
        H: Fn(Cx, Job<T>) -> F + Clone + Send + Sync + 'static,
        F: Future<Output = Result<()>> + Send + 'static,
    {
        Self::on_queue(name, queue, move |cx, records| Box::pin(worker::each(cx, records, handler.clone())))
    }

    /// A worker that is called once a batch, and answers with the ids of the messages to put back.
    pub fn queue_batch<T, H, F>(name: &'static str, queue: Queue, handler: H) -> Self
    where
        T: DeserializeOwned + Send + 'static,
        H: Fn(Cx, Batch<T>) -> F + Clone + Send + Sync + 'static,
        F: Future<Output = Result<Vec<String>>> + Send + 'static,
    {
        Self::on_queue(name, queue, move |cx, records| Box::pin(worker::whole(cx, records, handler.clone())))
    }

    /// A worker that the clock starts.
    pub fn every<H, F>(name: &'static str, rate: &'static str, handler: H) -> Self
    where
        H: Fn(Cx) -> F + Send + Sync + 'static,
        F: Future<Output = Result<()>> + Send + 'static,
    {
        Self::new(name, Trigger::Every { rate }, Run::Every(Arc::new(move |cx| Box::pin(handler(cx)))))
    }

    /// People with at least this role, and API keys with this scope.
    #[must_use]
    pub fn access(mut self, role: Role, scope: Scope) -> Self {
        self.access = Some(Access::Needs(role, scope));
        self
    }

    /// People with at least this role; no API keys.
    #[must_use]
    pub fn person(mut self, role: Role) -> Self {
        self.access = Some(Access::Person(role));
        self
    }

    /// Anyone, without a token.
    #[must_use]
    pub fn public(mut self) -> Self {
        self.access = Some(Access::Public);
        self
    }

    /// `Idempotency-Key` is honoured; the record goes into the handler's transaction.
    #[must_use]
    pub fn idempotent(mut self) -> Self {
        self.idempotency = Idempotency::InTransaction;
        self
    }

    /// `Idempotency-Key` is honoured; the record goes in first, the reply is stored after.
    #[must_use]
    pub fn idempotent_record_first(mut self) -> Self {
        self.idempotency = Idempotency::RecordFirst;
        self
    }

    /// What it may touch.
    #[must_use]
    pub fn grants(mut self, grants: &[Grant]) -> Self {
        self.grants = grants.to_vec();
        self
    }

    /// Codes it answers with, beside those named before: `409 group_name_taken`, or `audience_empty` for a 422.
    #[must_use]
    pub fn errors(mut self, codes: &[&'static str]) -> Self {
        self.errors.extend_from_slice(codes);
        self
    }

    /// Memory in MB and timeout in seconds.
    #[must_use]
    pub fn limits(mut self, memory: u32, timeout: u32) -> Self {
        (self.memory, self.timeout) = (memory, timeout);
        self
    }

    /// The largest body in bytes.
    #[must_use]
    pub fn body_limit(mut self, bytes: usize) -> Self {
        self.body_limit = bytes;
        self
    }

    /// One line for the documents.
    #[must_use]
    pub fn summary(mut self, summary: &'static str) -> Self {
        self.summary = summary;
        self
    }

    /// More for the documents.
    #[must_use]
    pub fn description(mut self, description: &'static str) -> Self {
        self.description = description;
        self
    }

    /// The chapter of the API document.
    #[must_use]
    pub fn tag(mut self, tag: &'static str) -> Self {
        self.tag = tag;
        self
    }

    /// What `Location` begins with, where that is not the row's own path.
    #[must_use]
    pub fn location(mut self, path: &'static str) -> Self {
        self.location = Some(path);
        self
    }

    /// Queue messages an invocation.
    #[must_use]
    pub fn batch(mut self, size: u16) -> Self {
        if let Trigger::Queue { batch, .. } = &mut self.trigger {
            *batch = size;
        }
        self
    }

    /// How long to wait for a batch to fill, in seconds.
    #[must_use]
    pub fn window(mut self, seconds: u16) -> Self {
        if let Trigger::Queue { window, .. } = &mut self.trigger {
            *window = seconds;
        }
        self
    }

    /// Invocations at the same time.
    #[must_use]
    pub fn concurrency(mut self, most: u16) -> Self {
        if let Trigger::Queue { concurrency, .. } = &mut self.trigger {
            *concurrency = most.max(2);
        }
        self
    }

    /// The path of an HTTP row.
    pub fn path(&self) -> Option<&'static str> {
        match self.trigger {
            Trigger::Http { path, .. } | Trigger::FunctionUrl { path } => Some(path),
            _ => None,
        }
    }

    /// The methods of an HTTP row.
    pub fn methods(&self) -> Vec<Method> {
        match &self.trigger {
            Trigger::Http { method, .. } => vec![method.clone()],
            Trigger::FunctionUrl { .. } => vec![Method::GET, Method::POST],
            _ => Vec::new(),
        }
    }

    /// `functions/src/messages/create.rs` for `messages-create`; workers are in `workers/`.
    pub fn source(&self) -> String {
        match &self.trigger {
            Trigger::Queue { .. } | Trigger::Every { .. } => format!("functions/src/workers/{}.rs", self.file()),
            _ => {
                let (resource, verb) = self.name.split_once('-').unwrap_or((self.name, "mod"));
                // `api-keys-create`: the resource itself may have a dash.
                let (resource, verb) = match (resource, verb.split_once('-')) {
                    ("api", Some(("keys", verb))) => ("api_keys", verb),
                    ("webhook", Some(("endpoints", verb))) => ("webhook_endpoints", verb),
                    ("whatsapp", Some(("templates", verb))) => ("whatsapp_templates", verb),
                    _ => (resource, verb),
                };
                format!("functions/src/{resource}/{}.rs", verb.replace('-', "_"))
            }
        }
    }

    fn file(&self) -> String {
        self.name.replace('-', "_")
    }
}
