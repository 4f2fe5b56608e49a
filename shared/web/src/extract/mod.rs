//! Extractors: what a handler asks of a request, by the types of its arguments. Each also describes itself, so
//! the signature is the specification.

mod json;
mod list;
mod multipart;
mod path;
mod query;
mod raw;

pub use json::{Json, Patch, from_value};
pub(crate) use list::binding;
pub use list::{List, NoFilter};
pub use multipart::{FilePart, Form, Multipart};
pub use path::{Path, Segment, Segments};
pub use query::Query;
pub use raw::RawBody;

use bytes::Bytes;
use domain::Result;
use http::{HeaderMap, Method};

use crate::openapi::Describe;

/// A request as the dispatcher hands it to a handler: read whole, its path already matched.
#[derive(Debug, Clone)]
pub struct Incoming {
    /// The method.
    pub method: Method,
    /// The path as it came, still percent-encoded.
    pub path: String,
    /// The query string as it came, without `?`.
    pub query: String,
    /// The headers.
    pub headers: HeaderMap,
    /// The body, decoded from base64 where the gateway had encoded it.
    pub body: Bytes,
    /// The values of the path's `{…}` segments, in order, percent-decoded.
    pub segments: Vec<String>,
}

/// What kinds of body a row takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Content {
    /// None is looked at.
    #[default]
    None,
    /// `application/json`.
    Json,
    /// `multipart/form-data`.
    Multipart,
    /// Anything, as bytes.
    Raw,
}

/// Something that can be taken out of a request.
pub trait Extract: Sized + Send {
    /// What kind of body it needs.
    const CONTENT: Content = Content::None;

    /// Takes it, or says what is wrong.
    fn extract(incoming: &Incoming) -> Result<Self>;

    /// Adds parameters or a body to the operation.
    fn describe(operation: &mut Describe<'_>);
}
