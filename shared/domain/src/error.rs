//! The one error type of the product. It knows no HTTP: `web/src/problem.rs` turns it into an answer.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

/// What every crate below `web` returns.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// One thing wrong with one field of the input.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Violation {
    /// RFC 6901 pointer into the request body (`/recipients/3/to`), or the name of a query parameter (`?limit`).
    pub pointer: String,
    /// Stable, snake_case.
    pub code: Cow<'static, str>,
    /// For people: what was expected.
    pub detail: String,
}

impl Violation {
    /// A violation at `pointer`.
    pub fn new(pointer: impl Into<String>, code: &'static str, detail: impl Into<String>) -> Self {
        Self { pointer: pointer.into(), code: code.into(), detail: detail.into() }
    }
}

/// Why something could not be done. Texts are for the caller; causes that only operators may see go into
/// [`Error::Internal`] and [`Error::Unavailable`], which show the caller nothing of it.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The request could not be read at all (bad JSON, bad cursor).
    #[error("{detail}")]
    Unreadable {
        /// Stable code, such as `cursor_invalid`.
        code: &'static str,
        /// For people.
        detail: String,
    },
    /// No token, or one that does not hold.
    #[error("{detail}")]
    Unauthenticated {
        /// Stable code, such as `token_expired`.
        code: &'static str,
        /// For people.
        detail: String,
    },
    /// Known, but not allowed: role or scope.
    #[error("{detail}")]
    Forbidden {
        /// Stable code, such as `role_too_small`.
        code: &'static str,
        /// For people.
        detail: String,
    },
    /// No such thing in this organization. Things of other organizations give the same.
    #[error("no {kind} has the id {id}")]
    NotFound {
        /// The kind of thing, in words (`contact`).
        kind: &'static str,
        /// As asked for.
        id: String,
    },
    /// The state of things forbids it.
    #[error("{detail}")]
    Conflict {
        /// Stable code, such as `message_not_editable`.
        code: &'static str,
        /// For people.
        detail: String,
    },
    /// More than is taken.
    #[error("{detail}")]
    TooLarge {
        /// Stable code, such as `use_imports`.
        code: &'static str,
        /// For people.
        detail: String,
    },
    /// A media type that is not understood.
    #[error("{detail}")]
    Unsupported {
        /// Stable code, such as `media_type_unsupported`.
        code: &'static str,
        /// For people.
        detail: String,
    },
    /// Understood, but wrong: one entry a field.
    #[error("{} field(s) are wrong", .0.len())]
    Invalid(Vec<Violation>),
    /// Understood, but wrong as a whole, with a code of its own (`audience_empty`) and maybe fields.
    #[error("{detail}")]
    Unprocessable {
        /// Stable code.
        code: &'static str,
        /// For people.
        detail: String,
        /// Fields, if any.
        violations: Vec<Violation>,
    },
    /// Too often.
    #[error("{detail}")]
    Limited {
        /// Seconds until it is worth trying again.
        retry_after: u64,
        /// For people.
        detail: String,
    },
    /// A service that is needed did not answer. Worth trying again.
    #[error("unavailable: {0}")]
    Unavailable(String),
    /// A defect or a broken promise of a service. The text goes to the log only.
    #[error("internal: {0}")]
    Internal(String),
}

impl Error {
    /// Not found, by kind (in words) and id.
    #[allow(clippy::needless_pass_by_value, reason = "ids are small and callers pass them as they are")]
    pub fn not_found(kind: &'static str, id: impl ToString) -> Self {
        Self::NotFound { kind, id: id.to_string() }
    }

    /// A conflict with a stable code.
    pub fn conflict(code: &'static str, detail: impl Into<String>) -> Self {
        Self::Conflict { code, detail: detail.into() }
    }

    /// One wrong field.
    pub fn invalid(pointer: impl Into<String>, code: &'static str, detail: impl Into<String>) -> Self {
        Self::Invalid(vec![Violation::new(pointer, code, detail)])
    }

    /// Wrong as a whole, with a code of its own.
    pub fn unprocessable(code: &'static str, detail: impl Into<String>) -> Self {
        Self::Unprocessable { code, detail: detail.into(), violations: Vec::new() }
    }

    /// A defect; the text goes to the log only.
    pub fn internal(cause: impl std::fmt::Display) -> Self {
        Self::Internal(cause.to_string())
    }
}
