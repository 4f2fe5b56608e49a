//! The settings of a `CUSTOM` config: how to build a request and how to read an answer. Data only; nothing is executed.
//! docs/providers/custom.md explains every key. Reading is strict: unknown keys are errors.

use std::{borrow::Cow, collections::BTreeMap};

use domain::delivery::ErrorClass;
use indexmap::IndexMap;
use regex::{Regex, RegexBuilder};
use serde::{Deserialize, Deserializer, de::Error as _};
use serde_json::Value;

use super::template::{Shape, Template};
use crate::provider::ReceiptStatus;

/// Everything. Only `request.url` (or the config's `apiUrl`) has to be there.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Format {
    pub request: Request,
    pub batch: Option<Batch>,
    pub success: Success,
    pub message_id: Option<Extract>,
    pub errors: Vec<ErrorRule>,
    pub balance: Option<Balance>,
    pub test: Option<Test>,
    pub dlr: Dlr,
    pub inbound: Option<Inbound>,
    pub limits: Limits,
}

/// How a text is submitted.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Request {
    pub method: Method,
    pub url: Option<Template>,
    pub timeout_ms: Option<u64>,
    pub headers: IndexMap<String, Template>,
    pub body: Option<Body>,
    pub idempotency: Option<Idempotency>,
}

/// How the provider is told that a submission is the same one again.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Idempotency {
    /// The header that takes the key.
    pub header: String,
    /// For how long the provider remembers a key.
    #[serde(default = "day")]
    pub hours: u64,
}

fn day() -> u64 {
    24
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub(crate) enum Method {
    #[serde(alias = "get")]
    Get,
    #[default]
    #[serde(alias = "post")]
    Post,
    #[serde(alias = "put")]
    Put,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Body {
    #[serde(default)]
    pub kind: BodyKind,
    pub template: Option<Shape>,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum BodyKind {
    #[default]
    Json,
    Form,
    Query,
    Raw,
}

/// Many recipients in one JSON body.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Batch {
    pub max: usize,
    /// Where the list of items goes in the body.
    #[serde(default)]
    pub items_pointer: Pointer,
    pub item_template: Option<Shape>,
    /// Where the list of results is in the answer, in the order of the items. `success`, `messageId` and `errors` then
    /// look at one result each. Without it the whole answer speaks for all.
    pub results_pointer: Option<Pointer>,
}

/// When a text counts as taken: every condition holds.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Success {
    /// 200–299 if not said.
    pub http: Option<Vec<Statuses>>,
    pub all: Vec<Matcher>,
}

/// Conditions on an answer; every one that is given holds.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Matcher {
    pub http: Option<Vec<Statuses>>,
    pub pointer: Option<Pointer>,
    pub equals: Option<Value>,
    #[serde(rename = "in")]
    pub one_of: Option<Vec<Value>>,
    /// A regular expression on the answer's text.
    pub text: Option<Pattern>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct ErrorRule {
    pub when: Matcher,
    pub class: ErrorClass,
    pub retry_after: Option<RetryAfter>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct RetryAfter {
    /// A header with seconds or a date.
    pub header: Option<String>,
    /// A number of seconds in the answer.
    pub pointer: Option<Pointer>,
    pub seconds: Option<u64>,
}

/// Where the provider's id is.
#[derive(Debug, Deserialize)]
#[serde(tag = "from", rename_all = "lowercase", deny_unknown_fields)]
pub(crate) enum Extract {
    Json {
        pointer: Pointer,
    },
    Header {
        name: String,
    },
    /// The first group of a regular expression on the text.
    Text {
        pattern: Pattern,
    },
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Balance {
    #[serde(default = "get")]
    pub method: Method,
    pub url: Template,
    /// The request's headers if not said.
    pub headers: Option<IndexMap<String, Template>>,
    pub pointer: Pointer,
    /// ISO 4217, where the answer does not say it.
    pub currency: Option<String>,
    pub currency_pointer: Option<Pointer>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Test {
    #[serde(default = "get")]
    pub method: Method,
    pub url: Template,
    pub headers: Option<IndexMap<String, Template>>,
    /// 200–299 if not said.
    pub http: Option<Vec<Statuses>>,
}

fn get() -> Method {
    Method::Get
}

/// How receipts are read.
#[derive(Debug, Deserialize)]
#[serde(default, rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Dlr {
    /// A list of receipts, or one.
    pub items_pointer: Pointer,
    /// The provider's id.
    pub id_pointer: Pointer,
    /// What `{{messageId}}` was.
    pub message_id_pointer: Pointer,
    pub status_pointer: Pointer,
    pub error_pointer: Pointer,
    pub phone_pointer: Pointer,
    /// RFC 3339 or epoch seconds.
    pub time_pointer: Option<Pointer>,
    /// The provider's words to ours.
    pub map: BTreeMap<String, Word>,
    pub auth: Auth,
}

impl Default for Dlr {
    fn default() -> Self {
        let at = |path: &str| Pointer(path.to_owned());
        Self {
            items_pointer: at(""),
            id_pointer: at("/id"),
            message_id_pointer: at("/messageId"),
            status_pointer: at("/status"),
            error_pointer: at("/error"),
            phone_pointer: at("/to"),
            time_pointer: None,
            map: BTreeMap::new(),
            auth: Auth::default(),
        }
    }
}

/// What a provider's word means.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub(crate) enum Word {
    Sent,
    Delivered,
    Read,
    Failed,
    /// A step that means nothing to us.
    Ignore,
}

impl Word {
    pub(crate) fn status(self) -> Option<ReceiptStatus> {
        match self {
            Self::Sent => Some(ReceiptStatus::Sent),
            Self::Delivered => Some(ReceiptStatus::Delivered),
            Self::Read => Some(ReceiptStatus::Read),
            Self::Failed => Some(ReceiptStatus::Failed),
            Self::Ignore => None,
        }
    }
}

/// How a receipt proves where it comes from, beyond the token in its address.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Auth {
    pub kind: AuthKind,
    pub header: Option<String>,
    pub encoding: Encoding,
    pub prefix: String,
    pub over: Over,
    /// The credential that holds the key, the token, or `user:password`.
    pub secret: Option<String>,
}

impl Auth {
    pub(crate) fn secret(&self) -> &str {
        self.secret.as_deref().unwrap_or("webhookSecret")
    }
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum AuthKind {
    #[default]
    None,
    HmacSha256,
    Token,
    Basic,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Encoding {
    #[default]
    Hex,
    Base64,
}

/// What is signed: always the body as received.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
pub(crate) enum Over {
    #[default]
    #[serde(rename = "rawBody", alias = "raw_body")]
    RawBody,
}

/// How incoming texts are read. Kept for the conversations to come.
/// How incoming texts are read. They come to the same address as receipts: what has a sender and a text, and no
/// `dlr.statusPointer`, is one.
#[derive(Debug, Deserialize)]
#[serde(default, rename_all = "camelCase", deny_unknown_fields)]
#[expect(clippy::struct_field_names, reason = "named as in the settings")]
pub(crate) struct Inbound {
    /// A list of texts, or one.
    pub items_pointer: Pointer,
    pub from_pointer: Pointer,
    pub to_pointer: Pointer,
    pub text_pointer: Pointer,
    pub id_pointer: Pointer,
    /// RFC 3339 or epoch seconds.
    pub time_pointer: Option<Pointer>,
}

impl Default for Inbound {
    fn default() -> Self {
        let at = |path: &str| Pointer(path.to_owned());
        Self {
            items_pointer: at(""),
            from_pointer: at("/from"),
            to_pointer: at("/to"),
            text_pointer: at("/text"),
            id_pointer: at("/id"),
            time_pointer: None,
        }
    }
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Limits {
    pub per_second: Option<f64>,
    pub concurrency: Option<usize>,
}

/// A status code, or a range of them: `429`, `"429"`, `"200-299"`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Statuses(pub u16, pub u16);

impl Statuses {
    pub(crate) const OK: Self = Self(200, 299);

    pub(crate) fn any_has(list: Option<&[Self]>, status: u16) -> bool {
        list.unwrap_or(&[Self::OK]).iter().any(|range| (range.0..=range.1).contains(&status))
    }
}

impl<'de> Deserialize<'de> for Statuses {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let value = Value::deserialize(deserializer)?;
        let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        let (first, last) = text.split_once('-').unwrap_or((&text, &text));
        match (first.trim().parse(), last.trim().parse()) {
            (Ok(first), Ok(last)) if 100 <= first && first <= last && last <= 599 => Ok(Self(first, last)),
            _ => Err(D::Error::custom("expected a status code such as 429, or a range such as \"200-299\"")),
        }
    }
}

/// A JSON pointer (RFC 6901). Form fields are `/field`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Pointer(pub String);

impl Pointer {
    /// The scalar there as text: `1` and `"1"` are the same, and so are `true` and `"true"`.
    pub(crate) fn text(&self, value: &Value) -> Option<String> {
        text_of(value.pointer(&self.0)?)
    }
}

/// A scalar as text; none for `null`, lists and objects.
pub(crate) fn text_of(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(_) | Value::Bool(_) => Some(value.to_string()),
        _ => None,
    }
}

impl<'de> Deserialize<'de> for Pointer {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        if text.is_empty() || text.starts_with('/') {
            Ok(Self(text))
        } else {
            Err(D::Error::custom("expected a JSON pointer: empty for the whole, else such as /messages/0/id"))
        }
    }
}

/// A regular expression; matching takes linear time.
#[derive(Debug, Clone)]
pub(crate) struct Pattern(pub Regex);

impl<'de> Deserialize<'de> for Pattern {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = Cow::<str>::deserialize(deserializer)?;
        RegexBuilder::new(&text)
            .size_limit(1 << 18)
            .build()
            .map(Self)
            .map_err(|_| D::Error::custom("not a regular expression, or too large a one"))
    }
}
