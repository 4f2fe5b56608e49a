//! A webhook's fields, whichever way they come: form body, JSON object, or query.

use serde_json::Value;

use crate::provider::{Unreadable, WebhookRequest};

/// Fields by name, in the order received. The body's come before the query's.
pub(crate) struct Form(Vec<(String, String)>);

impl Form {
    /// The fields of a body (`application/x-www-form-urlencoded`, or an object in JSON), or of the query if there is no
    /// body.
    pub(crate) fn read(request: &WebhookRequest) -> Result<Self, Unreadable> {
        if request.body.starts_with(b"{") {
            return Self::read_object(&request.body);
        }
        let bytes = if request.body.is_empty() { request.query.as_bytes() } else { &request.body[..] };
        let text = std::str::from_utf8(bytes).map_err(|_| Unreadable("the fields are not UTF-8".to_owned()))?;
        let pairs = url::form_urlencoded::parse(text.as_bytes()).into_owned().collect();
        Ok(Self(pairs))
    }

    /// The members of an object that are texts or numbers.
    fn read_object(body: &[u8]) -> Result<Self, Unreadable> {
        let object: serde_json::Map<String, Value> =
            serde_json::from_slice(body).map_err(|_| Unreadable("the body is not JSON".to_owned()))?;
        let pair = |(name, value): (String, Value)| match value {
            Value::String(text) => Some((name, text)),
            Value::Number(number) => Some((name, number.to_string())),
            _ => None,
        };
        Ok(Self(object.into_iter().filter_map(pair).collect()))
    }

    /// All fields.
    pub(crate) fn pairs(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value.as_str()))
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
