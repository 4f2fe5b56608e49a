//! The body as bytes: for webhooks, whose signatures are over the bytes as they came.

use bytes::Bytes;
use domain::Result;

use super::{Content, Extract, Incoming};
use crate::openapi::Describe;

/// The body, unread.
#[derive(Debug, Clone)]
pub struct RawBody(pub Bytes);

impl Extract for RawBody {
    const CONTENT: Content = Content::Raw;

    fn extract(incoming: &Incoming) -> Result<Self> {
        Ok(Self(incoming.body.clone()))
    }

    fn describe(operation: &mut Describe<'_>) {
        operation.body(false, &[("*/*", serde_json::json!({}))]);
    }
}
