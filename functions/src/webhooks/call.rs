//! A webhook call as it came in: signatures are over the raw bytes, the raw query, the method and the headers.

use ::providers::WebhookRequest;
use domain::Result;
use jiff::Timestamp;
use web::{
    extract::{Content, Extract, Incoming, RawBody},
    openapi::Describe,
};

/// The call, unread.
pub(super) struct Call(Incoming);

impl Extract for Call {
    const CONTENT: Content = Content::Raw;

    fn extract(incoming: &Incoming) -> Result<Self> {
        Ok(Self(incoming.clone()))
    }

    fn describe(operation: &mut Describe<'_>) {
        RawBody::describe(operation);
    }
}

impl Call {
    /// As adapters take it.
    pub fn into_request(self, received_at: Timestamp) -> WebhookRequest {
        let Incoming { method, query, headers, body, .. } = self.0;
        WebhookRequest { method, query, headers, body, received_at }
    }
}
