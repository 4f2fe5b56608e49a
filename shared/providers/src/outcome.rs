//! What comes of a call to a provider: the outcome for each recipient, the report of a test, or a failure.

use std::time::Duration;

use domain::{delivery::ErrorClass, money::Money};

use crate::answer;

/// What became of one recipient. `response` is the provider's answer, cut to [`crate::answer::RESPONSE_LENGTH`]
/// characters, credentials replaced by `****`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// The provider took it.
    Accepted {
        /// The provider's id.
        id: Option<String>,
        /// What it costs, if told at once.
        cost: Option<Money>,
        /// The provider's count of parts.
        segments: Option<u32>,
        /// The answer.
        response: String,
    },
    /// The provider refused it; the same request will be refused again. Classes that concern the account
    /// (credentials, balance, sender, suspension) concern all recipients.
    Rejected {
        /// Why, for programs.
        class: ErrorClass,
        /// Why, for people.
        reason: String,
        /// The answer.
        response: String,
    },
    /// It was certainly not taken, and may be tried again.
    Retry {
        /// Not before, if the provider said so.
        after: Option<Duration>,
        /// `RATE_LIMITED` or `TRANSIENT`.
        class: ErrorClass,
        /// Why, for people.
        reason: String,
    },
    /// Nobody knows whether it was taken. Never sent again without being asked to.
    Unknown {
        /// Why, for people.
        reason: String,
    },
}

impl Outcome {
    /// The provider took it, and tells no more than perhaps its id.
    pub(crate) fn accepted(id: Option<String>, response: String) -> Self {
        Self::Accepted { id, cost: None, segments: None, response }
    }

    /// The answer does not tell whether it was taken.
    pub(crate) fn unreadable() -> Self {
        Self::Unknown { reason: "the answer to the submission cannot be read".to_owned() }
    }
}

/// What failed before the call was made failed for every text of it.
impl From<Failure> for Outcome {
    fn from(failure: Failure) -> Self {
        answer::outcome(failure.class, failure.reason, None, failure.response)
    }
}

/// A test that went well.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TestReport {
    /// What was tried and found, for people.
    pub message: String,
    /// Whether the provider was asked at all; a config without a test request is only read.
    pub asked: bool,
    /// What is left on the account, where the same call tells.
    pub balance: Option<Money>,
}

impl TestReport {
    /// The provider was asked, and all is well.
    pub(crate) fn good(message: impl Into<String>) -> Self {
        Self { message: message.into(), asked: true, balance: None }
    }

    /// There was nothing to ask the provider.
    pub(crate) fn unasked(message: impl Into<String>) -> Self {
        Self { message: message.into(), asked: false, balance: None }
    }
}

/// A test or a balance query that failed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{reason}")]
pub struct Failure {
    /// For programs.
    pub class: ErrorClass,
    /// For people.
    pub reason: String,
    /// The provider's answer, cut and without credentials.
    pub response: String,
}

impl Failure {
    pub(crate) fn new(class: ErrorClass, reason: impl Into<String>, response: String) -> Self {
        Self { class, reason: reason.into(), response }
    }
}
