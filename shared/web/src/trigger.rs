//! The words that rows are made of: what starts a function, who may call it, what it may touch.

use domain::access::{Role, Scope};
use engine::Queue;
use http::Method;

/// What a function is started by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Trigger {
    /// A route of the HTTP API.
    Http {
        /// The method.
        method: Method,
        /// The path, with `{name}` for a variable segment.
        path: &'static str,
    },
    /// Whatever no route takes: answers 404 or 405.
    Fallback,
    /// A Lambda function URL of its own (GET and POST); the local gateway serves the same path.
    FunctionUrl {
        /// The path, with `{name}` for a variable segment.
        path: &'static str,
    },
    /// A queue.
    Queue {
        /// Which.
        queue: Queue,
        /// Queue messages an invocation, at most.
        batch: u16,
        /// How long to wait for a batch to fill, in seconds.
        window: u16,
        /// Invocations at the same time, at most. At least 2, which is what AWS takes.
        concurrency: u16,
    },
    /// The clock.
    Every {
        /// `rate(1 minute)`.
        rate: &'static str,
    },
}

/// Who may call an HTTP row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// Anyone.
    Public,
    /// A person with at least this role; no API key.
    Person(Role),
    /// A person with at least this role, or an API key with this scope (API keys count as `ADMIN`).
    Needs(Role, Scope),
}

/// What a function may touch, for its role on AWS.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Grant {
    /// Reads the table.
    TableRead,
    /// Reads and writes the table.
    Table,
    /// Sends to a queue.
    Enqueue(Queue),
    /// Creates, changes and deletes message schedules.
    Schedule,
    /// Reads objects of the bucket.
    FilesRead,
    /// Writes and deletes objects of the bucket, and reads them.
    Files,
    /// Reads the secret `root`, which opens provider credentials.
    RootSecret,
    /// Reads the secret `signing`, which signs access tokens.
    SigningSecret,
    /// Sends mails by Amazon SES.
    Mail,
}

/// How a row treats `Idempotency-Key`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Idempotency {
    /// Ignores it.
    Off,
    /// The record goes into the transaction that makes the effect (`Cx::reply_record`).
    InTransaction,
    /// The effect does not fit one transaction: the record goes in first, the effect is repeatable
    /// (`Cx::repeatable`), the reply is stored after.
    RecordFirst,
}
