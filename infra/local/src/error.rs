//! The error every service of the local cloud answers with, and its two shapes on the wire (AWS JSON and REST JSON).

use axum::response::{IntoResponse, Response};
use http::{HeaderValue, StatusCode, header};
use serde_json::json;

use crate::database::DatabaseError;

/// What a service of the local cloud gives back instead of an answer.
pub type Result<T> = std::result::Result<T, AwsError>;

/// An error in AWS's terms. Its message names ids, queues and parameters, never the content of a message.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{code}: {message}")]
pub struct AwsError {
    /// The HTTP status of the answer.
    pub status: StatusCode,
    /// The namespace of the error's shape in AWS's model, such as `com.amazonaws.sqs`.
    pub namespace: &'static str,
    /// The name of the error's shape, such as `QueueDoesNotExist`. SDKs choose their error type by it.
    pub code: &'static str,
    /// The code of the older query protocol, for services that still send it in `x-amzn-query-error`.
    pub query: Option<&'static str>,
    /// What was wrong, for a person.
    pub message: String,
}

/// Which protocol the answer is written in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Protocol {
    /// `application/x-amz-json-1.0`, the operation in `X-Amz-Target` (SQS, DynamoDB).
    Json10,
    /// `application/x-amz-json-1.1`, the operation in `X-Amz-Target` (Secrets Manager).
    Json11,
    /// `application/json`, the operation in method and path (Scheduler).
    Rest,
}

impl Protocol {
    /// The media type of requests and answers.
    pub fn content_type(self) -> &'static str {
        match self {
            Self::Json10 => "application/x-amz-json-1.0",
            Self::Json11 => "application/x-amz-json-1.1",
            Self::Rest => "application/json",
        }
    }

    /// A `200` answer with this body.
    pub fn answer(self, body: Vec<u8>) -> Response {
        ([(header::CONTENT_TYPE, self.content_type())], body).into_response()
    }

    /// The answer that tells the client of `error`.
    pub fn refuse(self, error: &AwsError) -> Response {
        let body = match self {
            // Scheduler's model calls the member `Message`, the JSON protocols `message`; SDKs take either.
            Self::Rest => json!({ "Message": error.message }),
            Self::Json10 | Self::Json11 => {
                json!({ "__type": format!("{}#{}", error.namespace, error.code), "message": error.message })
            }
        };
        let mut response =
            (error.status, [(header::CONTENT_TYPE, self.content_type())], body.to_string()).into_response();
        let headers = response.headers_mut();
        if self == Self::Rest {
            headers.insert("x-amzn-errortype", HeaderValue::from_static(error.code));
        }
        if let Some(query) = error.query {
            let side = if error.status.is_server_error() { "Receiver" } else { "Sender" };
            if let Ok(value) = HeaderValue::from_str(&format!("{query};{side}")) {
                headers.insert("x-amzn-query-error", value);
            }
        }
        response
    }
}

impl AwsError {
    /// An error of the caller's making (`400`), without a query-protocol code.
    pub fn client(namespace: &'static str, code: &'static str, message: impl Into<String>) -> Self {
        Self { status: StatusCode::BAD_REQUEST, namespace, code, query: None, message: message.into() }
    }

    /// The same error with another status.
    #[must_use]
    pub fn with_status(mut self, status: StatusCode) -> Self {
        self.status = status;
        self
    }

    /// The same error with the code that the older query protocol gave it.
    #[must_use]
    pub fn with_query(mut self, query: &'static str) -> Self {
        self.query = Some(query);
        self
    }

    /// The body could not be read as the operation's input.
    pub fn serialization(error: &serde_json::Error) -> Self {
        // serde's text may quote the input; its place in the body is enough.
        Self::client(
            "com.amazon.coral.service",
            "SerializationException",
            format!(
                "the body is not a valid input of this operation (line {}, column {})",
                error.line(),
                error.column()
            ),
        )
    }

    /// The local cloud does not offer this operation.
    pub fn unknown_operation(operation: &str) -> Self {
        Self::client(
            "com.amazon.coral.service",
            "UnknownOperationException",
            format!("the local cloud does not offer the operation {operation}"),
        )
    }
}

impl From<DatabaseError> for AwsError {
    fn from(error: DatabaseError) -> Self {
        tracing::error!(%error, "the local cloud's database failed");
        Self::client("com.amazon.coral.service", "InternalFailure", "the local cloud's database failed")
            .with_status(StatusCode::INTERNAL_SERVER_ERROR)
    }
}

impl From<rusqlite::Error> for AwsError {
    fn from(error: rusqlite::Error) -> Self {
        DatabaseError::from(error).into()
    }
}
