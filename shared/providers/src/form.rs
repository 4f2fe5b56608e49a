//! A webhook's fields, whichever way they come: form body, JSON object, or query.

use crate::provider::{Unreadable, WebhookRequest};

/// Fields by name, in the order received. The body's come before the query's.
pub(crate) struct Form(Vec<(String, String)>);

impl Form {
    /// The fields of a body (`application/x-www-form-urlencoded`), or of the query if there is no body.
    pub(crate) fn read(request: &WebhookRequest) -> Result<Self, Unreadable> {
        let bytes = if request.body.is_empty() { request.query.as_bytes() } else { &request.body[..] };
        let text = std::str::from_utf8(bytes).map_err(|_| Unreadable("the fields are not UTF-8".to_owned()))?;
        let pairs = url::form_urlencoded::parse(text.as_bytes()).into_owned().collect();
        Ok(Self(pairs))
    }

    /// A field that is there and not empty; the first, if repeated.
    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str()).filter(|value| !value.is_empty())
    }
}

/// A field of the query, decoded.
pub(crate) fn query_field(request: &WebhookRequest, name: &str) -> Option<String> {
    url::form_urlencoded::parse(request.query.as_bytes())
        .find(|(key, _)| key == name)
        .map(|(_, value)| value.into_owned())
}
