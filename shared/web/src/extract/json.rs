//! JSON bodies. Read in two steps, because the order of checks is 404 before 422: bytes that are no JSON fail
//! before the handler runs (400), what they mean is checked when the handler asks ([`Json::read`]).

use std::marker::PhantomData;

use bytes::Bytes;
use domain::{Error, Result, Violation};
use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::DeserializeOwned};

use super::{Content, Extract, Incoming};
use crate::openapi::Describe;

/// A JSON body that is not yet read as `T`.
#[derive(Debug, Clone)]
pub struct Json<T> {
    bytes: Bytes,
    is: PhantomData<fn() -> T>,
}

impl<T: DeserializeOwned> Json<T> {
    /// The body as `T`, or 422 with the pointer of the field that is wrong. `T` refuses unknown fields by
    /// `#[serde(deny_unknown_fields)]`.
    pub fn read(&self) -> Result<T> {
        if self.bytes.is_empty() {
            return Err(Error::Unreadable { code: "body_missing", detail: "A JSON body is needed.".into() });
        }
        read(&self.bytes)
    }

    /// The same; no body at all is `T`'s default.
    pub fn read_or_default(&self) -> Result<T>
    where
        T: Default,
    {
        if self.bytes.is_empty() { Ok(T::default()) } else { read(&self.bytes) }
    }
}

impl<T: DeserializeOwned + JsonSchema + Send> Extract for Json<T> {
    const CONTENT: Content = Content::Json;

    fn extract(incoming: &Incoming) -> Result<Self> {
        if !incoming.body.is_empty() {
            // Only whether it is JSON; line and column are no secret, the text would be.
            serde_json::from_slice::<serde::de::IgnoredAny>(&incoming.body).map_err(|error| unreadable(&error))?;
        }
        Ok(Self { bytes: incoming.body.clone(), is: PhantomData })
    }

    fn describe(operation: &mut Describe<'_>) {
        let schema = operation.request_schema::<T>();
        operation.body(true, &[("application/json", schema)]);
    }
}

fn unreadable(error: &serde_json::Error) -> Error {
    let detail = format!("The body is not JSON (line {}, column {}).", error.line(), error.column());
    Error::Unreadable { code: "json_invalid", detail }
}

/// A JSON value as `T`, or 422 with the pointer of what is wrong: for parts of a form that were read before.
pub fn from_value<T: DeserializeOwned>(value: serde_json::Value) -> Result<T> {
    serde_path_to_error::deserialize(value).map_err(|error| refused(&error))
}

/// JSON bytes as `T`, with the pointer of what is wrong.
pub(crate) fn read<T: DeserializeOwned>(bytes: &[u8]) -> Result<T> {
    // Serde would take a list for a struct, field by field. All our bodies are objects.
    if bytes.iter().find(|byte| !byte.is_ascii_whitespace()).is_some_and(|first| *first == b'[') {
        return Err(Error::invalid("", "field_type", "Expected an object."));
    }
    let mut reader = serde_json::Deserializer::from_slice(bytes);
    let value = serde_path_to_error::deserialize(&mut reader).map_err(|error| refused(&error))?;
    reader.end().map_err(|error| unreadable(&error))?;
    Ok(value)
}

fn refused(error: &serde_path_to_error::Error<serde_json::Error>) -> Error {
    let inner = error.inner();
    if inner.classify() != serde_json::error::Category::Data {
        return unreadable(inner);
    }
    let message = inner.to_string();
    let message = message.split(" at line ").next().unwrap_or_default();
    Error::Invalid(vec![violation(pointer(error.path()), message)])
}

/// The RFC 6901 pointer of a path.
fn pointer(path: &serde_path_to_error::Path) -> String {
    use serde_path_to_error::Segment::{Enum, Map, Seq, Unknown};
    let mut pointer = String::new();
    for segment in path {
        match segment {
            Seq { index } => pointer.push_str(&step(&index.to_string())),
            Map { key } => pointer.push_str(&step(key)),
            // A variant's name is not a place in the body.
            Enum { .. } | Unknown => {}
        }
    }
    pointer
}

fn step(key: &str) -> String {
    format!("/{}", key.replace('~', "~0").replace('/', "~1"))
}

/// Serde's sentence as a violation. What the caller sent is left out of the text: it may be personal.
fn violation(mut pointer: String, message: &str) -> Violation {
    let quoted = message.split('`').nth(1).unwrap_or_default();
    let expected = message.rsplit_once("expected ").map(|(_, expected)| expected);
    if message.starts_with("missing field") {
        pointer.push_str(&step(quoted));
        Violation::new(pointer, "field_required", "This field is needed.")
    } else if message.starts_with("unknown field") {
        if !pointer.ends_with(&step(quoted)) {
            pointer.push_str(&step(quoted));
        }
        Violation::new(pointer, "field_unknown", "There is no such field.")
    } else if message.starts_with("duplicate field") {
        if !pointer.ends_with(&step(quoted)) {
            pointer.push_str(&step(quoted));
        }
        Violation::new(pointer, "field_duplicate", "This field is given twice.")
    } else if message.starts_with("unknown variant") {
        Violation::new(pointer, "value_unknown", format!("Expected {}.", expected.unwrap_or("another value")))
    } else if message.starts_with("invalid type") || message.starts_with("invalid length") {
        Violation::new(pointer, "field_type", format!("Expected {}.", expected.unwrap_or("another type")))
    } else if message.starts_with("data did not match any variant") {
        Violation::new(pointer, "field_type", "None of the allowed forms.")
    } else if let Some(expected) = expected {
        Violation::new(pointer, "field_invalid", format!("Expected {expected}."))
    } else {
        Violation::new(pointer, "field_invalid", "This value cannot be read.")
    }
}

/// A field of a PATCH or PUT body that knows "left out" from `null`: left out keeps, `null` clears.
/// Needs `#[serde(default)]` on the field.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Patch<T> {
    /// Left out.
    #[default]
    Keep,
    /// `null`.
    Clear,
    /// A value.
    Set(T),
}

impl<T> Patch<T> {
    /// The value after the patch.
    pub fn apply(self, old: Option<T>) -> Option<T> {
        match self {
            Self::Keep => old,
            Self::Clear => None,
            Self::Set(value) => Some(value),
        }
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Patch<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Option::deserialize(deserializer)?.map_or(Self::Clear, Self::Set))
    }
}

impl<T: Serialize> Serialize for Patch<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Set(value) => serializer.serialize_some(value),
            Self::Keep | Self::Clear => serializer.serialize_none(),
        }
    }
}

impl<T: JsonSchema> JsonSchema for Patch<T> {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> std::borrow::Cow<'static, str> {
        <Option<T>>::schema_name()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        <Option<T>>::json_schema(generator)
    }

    fn _schemars_private_is_option() -> bool {
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields, rename_all = "camelCase")]
    #[expect(dead_code, reason = "only read")]
    struct Body {
        name: String,
        #[serde(default)]
        recipients: Vec<Recipient>,
        #[serde(default)]
        nick: Patch<String>,
    }

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    #[expect(dead_code, reason = "only read")]
    struct Recipient {
        to: String,
        kind: Option<Kind>,
    }

    #[derive(Debug, Deserialize)]
    #[serde(rename_all = "UPPERCASE")]
    enum Kind {
        Sms,
    }

    fn wrong(body: &str) -> (String, String) {
        match read::<Body>(body.as_bytes()) {
            Err(Error::Invalid(violations)) => (violations[0].pointer.clone(), violations[0].code.to_string()),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn pointers_lead_to_what_is_wrong() {
        let is = |pointer: &str, code: &str| (pointer.to_owned(), code.to_owned());
        assert_eq!(wrong(r#"{"name":1}"#), is("/name", "field_type"));
        assert_eq!(wrong("{}"), is("/name", "field_required"));
        assert_eq!(wrong("[]"), is("", "field_type"));
        assert_eq!(wrong(r#"{"name":"a","x/y":1}"#), is("/x~1y", "field_unknown"));
        assert_eq!(wrong(r#"{"name":"a","name":"b"}"#), is("/name", "field_duplicate"));
        assert_eq!(wrong(r#"{"name":"a","recipients":[{"to":"b"},{}]}"#), is("/recipients/1/to", "field_required"));
        assert_eq!(wrong(r#"{"name":"a","recipients":[{"to":"b","z":1}]}"#), is("/recipients/0/z", "field_unknown"));
        assert_eq!(wrong(r#"{"name":"a","recipients":[{"to":[]}]}"#), is("/recipients/0/to", "field_type"));
        assert_eq!(
            wrong(r#"{"name":"a","recipients":[{"to":"b","kind":"FAX"}]}"#),
            is("/recipients/0/kind", "value_unknown")
        );
    }

    #[test]
    fn texts_do_not_repeat_what_was_sent() {
        let Err(Error::Invalid(violations)) = read::<Body>(br#"{"name":"a","recipients":"+254711000000"}"#) else {
            panic!("accepted")
        };
        assert!(!violations[0].detail.contains("254"), "{}", violations[0].detail);
    }

    #[test]
    fn left_out_null_and_value_differ() {
        let nick = |text: &str| read::<Body>(text.as_bytes()).unwrap().nick;
        assert_eq!(nick(r#"{"name":"a"}"#), Patch::Keep);
        assert_eq!(nick(r#"{"name":"a","nick":null}"#), Patch::Clear);
        assert_eq!(nick(r#"{"name":"a","nick":"b"}"#), Patch::Set("b".into()));
    }

    #[test]
    fn what_is_no_json_is_unreadable() {
        assert!(matches!(read::<Body>(b"{"), Err(Error::Unreadable { code: "json_invalid", .. })));
        assert!(matches!(read::<Body>(b"{\"name\":\"a\"} x"), Err(Error::Unreadable { .. })));
    }
}
