//! What handlers answer with. The type is the status, so a success cannot carry an error's.

use bytes::Bytes;
use domain::{Error, Result};
use http::{HeaderValue, StatusCode, header};
use schemars::JsonSchema;
use serde::Serialize;

use crate::openapi::Describe;

/// An answer, ready to go.
pub type Response = http::Response<Bytes>;

/// Something a handler may answer with.
pub trait Reply: Send {
    /// The answer itself.
    fn into_response(self) -> Result<Response>;

    /// Adds its answers to the operation.
    fn describe(operation: &mut Describe<'_>);
}

/// 200 with a body.
#[derive(Debug, Clone)]
pub struct Success<T>(pub T);

/// 201 with a body that has an `id`. The dispatcher adds `Location`: the row's path (or `Row::location`) and the id.
#[derive(Debug, Clone)]
pub struct Created<T>(pub T);

/// 202 with a body: stored, and worked on from now on.
#[derive(Debug, Clone)]
pub struct Accepted<T>(pub T);

/// 204.
#[derive(Debug, Clone, Copy)]
pub struct NoContent;

/// 200 with a file to keep.
#[derive(Debug, Clone)]
pub struct File {
    /// What is in it.
    pub bytes: Bytes,
    /// Its media type.
    pub content_type: &'static str,
    /// What to call it: plain letters, digits, `-`, `_` and `.`; other characters become `_`.
    pub name: String,
}

/// One of two answers.
#[derive(Debug, Clone)]
pub enum Either<A, B> {
    /// The first.
    A(A),
    /// The second.
    B(B),
}

/// An answer that also sets a cookie in the browser.
#[derive(Debug, Clone)]
pub struct WithCookie<R> {
    /// The answer.
    pub reply: R,
    /// The value of `Set-Cookie`, if there is one to set.
    pub cookie: Option<String>,
}

/// An answer built by hand, for what fits no other type. The document shows it as 200 without a schema.
#[derive(Debug, Clone)]
pub struct Raw(pub Response);

/// A page of a list.
#[derive(Debug, Clone, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "PageOf{T}")]
pub struct Page<T> {
    /// The rows. A filtered page may be short while there is a cursor.
    pub data: Vec<T>,
    /// Where the next page begins; null at the end.
    pub next_cursor: Option<String>,
    /// How many there are in all, where that is counted; else null.
    pub total: Option<u64>,
}

fn json<T: Serialize>(status: StatusCode, body: &T) -> Result<Response> {
    let bytes = serde_json::to_vec(body).map_err(Error::internal)?;
    Ok(with(status, HeaderValue::from_static("application/json"), bytes.into()))
}

pub(crate) fn with(status: StatusCode, content_type: HeaderValue, body: Bytes) -> Response {
    let mut response = Response::new(body);
    *response.status_mut() = status;
    response.headers_mut().insert(header::CONTENT_TYPE, content_type);
    response
}

macro_rules! bodies {
    ($($name:ident = $status:ident, $text:literal;)*) => {$(
        impl<T: Serialize + JsonSchema + Send> Reply for $name<T> {
            fn into_response(self) -> Result<Response> {
                json(StatusCode::$status, &self.0)
            }

            fn describe(operation: &mut Describe<'_>) {
                let schema = operation.reply_schema::<T>();
                operation.reply(StatusCode::$status.as_u16(), $text, Some(("application/json", schema)));
            }
        }
    )*};
}

bodies! {
    Success = OK, "Done.";
    Created = CREATED, "Created.";
    Accepted = ACCEPTED, "Stored, and worked on from now on.";
}

impl Reply for NoContent {
    fn into_response(self) -> Result<Response> {
        let mut response = Response::new(Bytes::new());
        *response.status_mut() = StatusCode::NO_CONTENT;
        Ok(response)
    }

    fn describe(operation: &mut Describe<'_>) {
        operation.reply(204, "Done; there is nothing to say.", None);
    }
}

impl Reply for File {
    fn into_response(self) -> Result<Response> {
        let name: String = self
            .name
            .chars()
            .map(|c| if c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.') { c } else { '_' })
            .collect();
        let mut response = with(StatusCode::OK, HeaderValue::from_static(self.content_type), self.bytes);
        let disposition =
            HeaderValue::from_str(&format!("attachment; filename=\"{name}\"")).map_err(Error::internal)?;
        response.headers_mut().insert(header::CONTENT_DISPOSITION, disposition);
        Ok(response)
    }

    fn describe(operation: &mut Describe<'_>) {
        let schema = serde_json::json!({"type": "string", "contentMediaType": "application/octet-stream"});
        operation.reply(200, "The file.", Some(("application/octet-stream", schema)));
    }
}

impl<A: Reply, B: Reply> Reply for Either<A, B> {
    fn into_response(self) -> Result<Response> {
        match self {
            Self::A(reply) => reply.into_response(),
            Self::B(reply) => reply.into_response(),
        }
    }

    fn describe(operation: &mut Describe<'_>) {
        A::describe(operation);
        B::describe(operation);
    }
}

impl<R: Reply> Reply for WithCookie<R> {
    fn into_response(self) -> Result<Response> {
        let mut response = self.reply.into_response()?;
        if let Some(cookie) = self.cookie {
            let cookie = HeaderValue::try_from(cookie).map_err(Error::internal)?;
            response.headers_mut().append(header::SET_COOKIE, cookie);
        }
        Ok(response)
    }

    fn describe(operation: &mut Describe<'_>) {
        R::describe(operation);
    }
}

impl Reply for Raw {
    fn into_response(self) -> Result<Response> {
        Ok(self.0)
    }

    fn describe(operation: &mut Describe<'_>) {
        operation.reply(200, "Done.", None);
    }
}
