//! Messages as they are sent and received, their limits and their checksums.

use std::collections::BTreeMap;

use base64::{Engine as _, prelude::BASE64_STANDARD, prelude::BASE64_URL_SAFE_NO_PAD};
use md5::{Digest as _, Md5};
use serde::{Deserialize, Serialize};

use super::error;
use crate::error::Result;

/// The largest message, and the largest batch, in bytes (SQS quotas: 1 MiB, attributes included).
pub const MAX_BYTES: usize = 1_048_576;
/// The longest delay of a message, in seconds (SQS quotas: 15 minutes).
pub const MAX_DELAY: u32 = 900;

/// A message attribute: a type and a text or binary value.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Attribute {
    /// `String`, `Number` or `Binary`, with an optional custom label after a dot.
    pub data_type: String,
    /// The value of `String` and `Number`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub string_value: Option<String>,
    /// The value of `Binary`, in base64.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub binary_value: Option<String>,
}

impl Attribute {
    /// A `String` attribute.
    pub fn text(value: impl Into<String>) -> Self {
        Self { data_type: "String".to_owned(), string_value: Some(value.into()), binary_value: None }
    }
}

/// A message to be sent.
#[derive(Clone, Debug, Default)]
pub struct Outgoing {
    /// The body: 1 byte to 1 MiB of text.
    pub body: String,
    /// Seconds until it can be received, 0–900; the queue's own delay if absent.
    pub delay: Option<u32>,
    /// Whom it belongs to (`MessageGroupId` on a standard queue): groups with little in flight are served first.
    pub group: Option<String>,
    /// At most ten attributes by name.
    pub attributes: BTreeMap<String, Attribute>,
    /// The `AWSTraceHeader` system attribute.
    pub trace: Option<String>,
}

impl Outgoing {
    /// A message with this body and nothing else.
    pub fn body(body: impl Into<String>) -> Self {
        Self { body: body.into(), ..Self::default() }
    }

    /// The size that counts against the limit: body, attribute names, types and values.
    pub fn bytes(&self) -> usize {
        let attributes = self.attributes.iter().map(|(name, attribute)| {
            name.len()
                + attribute.data_type.len()
                + attribute.string_value.as_ref().map_or(0, String::len)
                + attribute.binary_value.as_ref().map_or(0, |value| value.len() / 4 * 3)
        });
        self.body.len() + attributes.sum::<usize>()
    }

    /// Refuses what SQS refuses of a single message. `max` is the queue's own limit in bytes.
    pub fn check(&self, max: usize) -> Result<()> {
        if self.body.is_empty() {
            return Err(error::missing("MessageBody"));
        }
        if let Some(delay) = self.delay.filter(|delay| *delay > MAX_DELAY) {
            return Err(error::value("DelaySeconds", &delay.to_string(), "DelaySeconds must be >= 0 and <= 900."));
        }
        if self.bytes() > max {
            return Err(error::too_long());
        }
        if !self.body.chars().all(allowed) {
            return Err(error::contents());
        }
        if self.attributes.len() > 10 {
            return Err(error::value("MessageAttributes", "", "At most 10 message attributes are allowed."));
        }
        if self.group.as_ref().is_some_and(|group| {
            group.is_empty() || group.len() > 128 || !group.bytes().all(|byte| byte.is_ascii_graphic())
        }) {
            return Err(error::value(
                "MessageGroupId",
                "",
                "MessageGroupId can only include alphanumeric and punctuation characters. 1 to 128 in length.",
            ));
        }
        self.attributes.iter().try_for_each(|(name, attribute)| check_attribute(name, attribute))
    }
}

fn allowed(c: char) -> bool {
    matches!(c, '\t' | '\n' | '\r' | '\u{20}'..='\u{d7ff}' | '\u{e000}'..='\u{fffd}' | '\u{10000}'..='\u{10ffff}')
}

fn check_attribute(name: &str, attribute: &Attribute) -> Result<()> {
    let wrong = |reason: &str| {
        Err(error::value("MessageAttributes", name, &format!("The message attribute '{name}' {reason}")))
    };
    let named = !name.is_empty()
        && name.len() <= 256
        && name.bytes().all(|b| b.is_ascii_alphanumeric() || b"_-.".contains(&b))
        && !name.starts_with('.')
        && !name.ends_with('.');
    if !named {
        return wrong("has an invalid name.");
    }
    match attribute.data_type.split('.').next() {
        Some("String" | "Number") => match &attribute.string_value {
            Some(value) if !value.is_empty() && value.chars().all(allowed) => Ok(()),
            _ => wrong("must contain a non-empty message attribute value of type StringValue."),
        },
        Some("Binary") => match attribute.binary_value.as_ref().and_then(|v| BASE64_STANDARD.decode(v).ok()) {
            Some(value) if !value.is_empty() => Ok(()),
            _ => wrong("must contain a non-empty message attribute value of type BinaryValue."),
        },
        _ => wrong("has an invalid message attribute type; the prefix must be Binary, Number or String."),
    }
}

/// What SQS tells the sender of a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sent {
    /// The message's id, a UUID.
    pub message_id: String,
    /// MD5 of the body in hexadecimal; SDKs compare it.
    pub body_md5: String,
    /// MD5 of the attributes, if there are any.
    pub attributes_md5: Option<String>,
}

/// A message as a consumer gets it.
#[derive(Clone, Debug, PartialEq)]
pub struct Received {
    /// The message's id, a UUID.
    pub message_id: String,
    /// What a deletion or a change of visibility names; a later receive of the same message makes it void.
    pub receipt_handle: String,
    /// The body.
    pub body: String,
    /// The attributes by name.
    pub attributes: BTreeMap<String, Attribute>,
    /// The group, if the sender named one.
    pub group: Option<String>,
    /// How often it was received, this time included.
    pub receive_count: u32,
    /// When it was sent, in milliseconds since 1970.
    pub sent_at: i64,
    /// When it was first received, in milliseconds since 1970.
    pub first_received_at: i64,
    /// The `AWSTraceHeader` system attribute.
    pub trace: Option<String>,
    /// The ARN of the queue that gave it up, in a dead-letter queue.
    pub dead_letter_source: Option<String>,
}

/// A receipt handle: which receive of which message of which queue.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Receipt {
    pub queue: i64,
    pub message: i64,
    /// The receive count it was given out with: a later receive makes it void.
    pub receive: u32,
}

impl Receipt {
    pub fn write(self) -> String {
        BASE64_URL_SAFE_NO_PAD.encode(format!("receipt:{}:{}:{}", self.queue, self.message, self.receive))
    }

    pub fn read(handle: &str) -> Result<Self> {
        let parse = || {
            let text = String::from_utf8(BASE64_URL_SAFE_NO_PAD.decode(handle).ok()?).ok()?;
            let mut parts = text.strip_prefix("receipt:")?.splitn(3, ':');
            Some(Self {
                queue: parts.next()?.parse().ok()?,
                message: parts.next()?.parse().ok()?,
                receive: parts.next()?.parse().ok()?,
            })
        };
        parse().ok_or_else(error::handle)
    }
}

/// MD5 in hexadecimal.
pub(crate) fn md5_hex(bytes: &[u8]) -> String {
    hex(&Md5::digest(bytes))
}

fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        // Writing to a string cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// The checksum over message attributes, as the developer guide defines it ("Calculating the MD5 message digest for
/// message attributes"): by name, each of name, type and value with its length in front. `None` if there are none.
pub(crate) fn attributes_md5(attributes: &BTreeMap<String, Attribute>) -> Option<String> {
    if attributes.is_empty() {
        return None;
    }
    let mut framed = Vec::new();
    let frame = |framed: &mut Vec<u8>, bytes: &[u8]| {
        framed.extend((bytes.len() as u32).to_be_bytes());
        framed.extend(bytes);
    };
    for (name, attribute) in attributes {
        frame(&mut framed, name.as_bytes());
        frame(&mut framed, attribute.data_type.as_bytes());
        if attribute.data_type.starts_with("Binary") {
            framed.push(2);
            let value = attribute.binary_value.as_deref().unwrap_or_default();
            frame(&mut framed, &BASE64_STANDARD.decode(value).unwrap_or_default());
        } else {
            framed.push(1);
            frame(&mut framed, attribute.string_value.as_deref().unwrap_or_default().as_bytes());
        }
    }
    Some(md5_hex(&framed))
}
