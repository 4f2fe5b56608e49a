//! What a handler knows beside its arguments: who asks, when, under which request id, and everything outside.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use domain::{
    Error, Result,
    id::{OrgId, RequestId, UserId},
};
use engine::{App, app::same_bits};
use http::HeaderMap;
use jiff::Timestamp;

use crate::{
    auth::{Actor, Principal},
    dispatch::Kit,
    idempotency::Replayable,
    row::Row,
};

/// The context of one request or one batch of work. Cheap to clone.
#[derive(Clone)]
pub struct Cx {
    /// Everything outside of the function.
    pub app: Arc<App>,
    pub(crate) kit: Arc<Kit>,
    pub(crate) request: Arc<Request>,
}

/// What is known of the request itself.
pub(crate) struct Request {
    pub row: Arc<Row>,
    pub id: RequestId,
    pub deadline: Timestamp,
    pub source_ip: String,
    pub headers: HeaderMap,
    pub principal: Option<Principal>,
    pub replayable: Option<Replayable>,
    pub recorded: AtomicBool,
}

impl Cx {
    /// The organization of the token. Only rows that need a token may ask.
    pub fn org(&self) -> OrgId {
        self.principal().org
    }

    /// Who asks. Only rows that need a token may ask.
    pub fn principal(&self) -> &Principal {
        self.request.principal.as_ref().expect("rows that are not public have a principal")
    }

    /// The person who asks; 403 for an API key.
    pub fn user(&self) -> Result<UserId> {
        match self.principal().actor {
            Actor::User { id, .. } => Ok(id),
            Actor::ApiKey(_) => {
                Err(Error::Forbidden { code: "person_needed", detail: "An API key cannot do this.".into() })
            }
        }
    }

    /// The id of who asks, as things keep it (`createdBy`, `sentBy`).
    pub fn actor(&self) -> String {
        self.principal().actor.to_string()
    }

    /// What time it is.
    pub fn now(&self) -> Timestamp {
        self.app.now()
    }

    /// When this invocation is ended from outside. No slow call may begin shortly before it.
    pub fn deadline(&self) -> Timestamp {
        self.request.deadline
    }

    /// The id of this request, as in `X-Request-Id`.
    pub fn request_id(&self) -> RequestId {
        self.request.id
    }

    /// The address of the caller, as the gateway saw it.
    pub fn source_ip(&self) -> &str {
        &self.request.source_ip
    }

    /// A header's value, if it is there once and is text.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.request.headers.get(name).and_then(|value| value.to_str().ok())
    }

    /// All headers.
    pub fn headers(&self) -> &HeaderMap {
        &self.request.headers
    }

    /// The function's row.
    pub fn row(&self) -> &Row {
        &self.request.row
    }

    /// All rows: for the API document.
    pub fn rows(&self) -> &[Arc<Row>] {
        self.kit.rows()
    }

    /// A time and 128 bits for the id of what this request makes. With an `Idempotency-Key` they are the same
    /// whenever the request is repeated, so that a repetition after a crash meets what the first try left.
    /// `label` tells several ids of one request apart.
    pub fn repeatable(&self, label: &str) -> (Timestamp, u128) {
        match &self.request.replayable {
            None => (self.now(), self.app.random.bits()),
            Some(of) => (of.began, same_bits(&format!("{}\n{}\n{}\n{label}", of.org, of.route, of.key))),
        }
    }

    pub(crate) fn mark_recorded(&self) {
        self.request.recorded.store(true, Ordering::Release);
    }

    pub(crate) fn is_recorded(&self) -> bool {
        self.request.recorded.load(Ordering::Acquire)
    }
}
