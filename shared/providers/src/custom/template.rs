//! Texts with `{{placeholders}}`, filled in one pass: what a value contains is never read as a placeholder again.
//! Escaping is chosen by where the text goes, never by who wrote the template.

use std::{borrow::Cow, fmt::Write as _};

use indexmap::IndexMap;
use serde::{Deserialize, Deserializer, de::Error as _};
use serde_json::Value;

use crate::provider::{Account, Outgoing};

/// The names between the braces, for people.
const PLACEHOLDERS: &str = "to, toDigits, from, body, messageId, subject, secret.NAME";

/// One piece of a template.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Part {
    Text(String),
    To,
    ToDigits,
    From,
    Body,
    MessageId,
    Subject,
    Secret(String),
}

impl Part {
    fn named(name: &str) -> Option<Self> {
        Some(match name {
            "to" => Self::To,
            "toDigits" => Self::ToDigits,
            "from" => Self::From,
            "body" => Self::Body,
            "messageId" => Self::MessageId,
            "subject" => Self::Subject,
            _ => Self::Secret(name.strip_prefix("secret.").filter(|name| !name.is_empty())?.to_owned()),
        })
    }

    /// Whether it differs from recipient to recipient.
    fn is_of_recipient(&self) -> bool {
        matches!(self, Self::To | Self::ToDigits | Self::Body | Self::MessageId | Self::Subject)
    }
}

/// A text with placeholders.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Template(pub(crate) Vec<Part>);

impl Template {
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        let (mut parts, mut rest) = (Vec::new(), text);
        while let Some((before, after)) = rest.split_once("{{") {
            let (name, after) = after.split_once("}}").ok_or("a `{{` without its `}}`")?;
            if !before.is_empty() {
                parts.push(Part::Text(before.to_owned()));
            }
            parts.push(Part::named(name.trim()).ok_or_else(|| format!("`{name}` is not one of {PLACEHOLDERS}"))?);
            rest = after;
        }
        if !rest.is_empty() {
            parts.push(Part::Text(rest.to_owned()));
        }
        Ok(Self(parts))
    }

    pub(crate) fn fill(&self, values: &Values<'_>, escape: Escape) -> Result<String, String> {
        let mut filled = String::new();
        for part in &self.0 {
            match part {
                Part::Text(text) => filled.push_str(text),
                part => escape.write(&values.of(part)?, &mut filled),
            }
        }
        Ok(filled)
    }

    /// Whether any placeholder differs from recipient to recipient.
    pub(crate) fn is_of_recipient(&self) -> bool {
        self.0.iter().any(Part::is_of_recipient)
    }

    /// The credentials it needs.
    pub(crate) fn secrets(&self) -> impl Iterator<Item = &str> {
        self.0.iter().filter_map(|part| if let Part::Secret(name) = part { Some(name.as_str()) } else { None })
    }
}

impl<'de> Deserialize<'de> for Template {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::parse(&Cow::<str>::deserialize(deserializer)?).map_err(D::Error::custom)
    }
}

/// A JSON value whose texts are templates. Keys are taken as they are.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Shape {
    Text(Template),
    List(Vec<Shape>),
    Object(IndexMap<String, Shape>),
    Plain(Value),
}

impl Shape {
    pub(crate) fn parse(value: Value) -> Result<Self, String> {
        Ok(match value {
            Value::String(text) => Self::Text(Template::parse(&text)?),
            Value::Array(items) => Self::List(items.into_iter().map(Self::parse).collect::<Result<_, _>>()?),
            Value::Object(fields) => Self::Object(
                fields.into_iter().map(|(key, value)| Ok((key, Self::parse(value)?))).collect::<Result<_, String>>()?,
            ),
            plain => Self::Plain(plain),
        })
    }

    /// The value; JSON escapes by itself.
    pub(crate) fn fill(&self, values: &Values<'_>) -> Result<Value, String> {
        Ok(match self {
            Self::Text(template) => Value::String(template.fill(values, Escape::None)?),
            Self::List(items) => Value::Array(items.iter().map(|item| item.fill(values)).collect::<Result<_, _>>()?),
            Self::Object(fields) => Value::Object(
                fields
                    .iter()
                    .map(|(key, value)| Ok((key.clone(), value.fill(values)?)))
                    .collect::<Result<_, String>>()?,
            ),
            Self::Plain(value) => value.clone(),
        })
    }

    /// Every template in it.
    pub(crate) fn templates(&self) -> Vec<&Template> {
        match self {
            Self::Text(template) => vec![template],
            Self::List(items) => items.iter().flat_map(Self::templates).collect(),
            Self::Object(fields) => fields.values().flat_map(Self::templates).collect(),
            Self::Plain(_) => Vec::new(),
        }
    }
}

impl<'de> Deserialize<'de> for Shape {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::parse(Value::deserialize(deserializer)?).map_err(D::Error::custom)
    }
}

/// What placeholders stand for.
#[derive(Clone, Copy)]
pub(crate) struct Values<'a> {
    pub(crate) account: &'a Account,
    /// `None` where there is no recipient: balance, test, the frame around a batch.
    pub(crate) outgoing: Option<&'a Outgoing>,
}

impl<'a> Values<'a> {
    fn of(&self, part: &'a Part) -> Result<Cow<'a, str>, String> {
        if let Part::Secret(name) = part {
            let secret = self.account.credential(name).ok_or_else(|| format!("the credential `{name}` is missing"))?;
            return Ok(secret.expose().into());
        }
        if *part == Part::From {
            return Ok(self.account.sender_id.as_deref().unwrap_or("").into());
        }
        let outgoing = self.outgoing.ok_or("there is no recipient here")?;
        Ok(match part {
            Part::To => outgoing.to.as_str().into(),
            Part::ToDigits => outgoing.to.chars().filter(char::is_ascii_digit).collect::<String>().into(),
            Part::Body => outgoing.body.as_str().into(),
            Part::MessageId => outgoing.delivery_id.to_string().into(),
            Part::Subject => outgoing.subject.as_deref().unwrap_or("").into(),
            Part::Text(_) | Part::From | Part::Secret(_) => unreachable!("handled above"),
        })
    }
}

/// How values are made harmless.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Escape {
    None,
    /// Inside a JSON text.
    Json,
    /// Inside an XML text or attribute.
    Xml,
    /// A part of a URL or of a form: everything but unreserved characters (RFC 3986).
    Percent,
}

impl Escape {
    /// By the content type of a raw body.
    pub(crate) fn of_content_type(content_type: &str) -> Self {
        let kind = content_type.split(';').next().unwrap_or("").trim().to_ascii_lowercase();
        if kind.ends_with("json") {
            Self::Json
        } else if kind.ends_with("xml") || kind.ends_with("html") {
            Self::Xml
        } else if kind == "application/x-www-form-urlencoded" {
            Self::Percent
        } else {
            Self::None
        }
    }

    fn write(self, value: &str, into: &mut String) {
        match self {
            Self::None => into.push_str(value),
            Self::Json => {
                let quoted = Value::from(value).to_string();
                into.push_str(&quoted[1..quoted.len() - 1]);
            }
            Self::Xml => {
                for c in value.chars() {
                    match c {
                        '&' => into.push_str("&amp;"),
                        '<' => into.push_str("&lt;"),
                        '>' => into.push_str("&gt;"),
                        '"' => into.push_str("&quot;"),
                        '\'' => into.push_str("&apos;"),
                        c => into.push(c),
                    }
                }
            }
            Self::Percent => {
                for byte in value.bytes() {
                    if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
                        into.push(char::from(byte));
                    } else {
                        let _ = write!(into, "%{byte:02X}"); // writing to a String cannot fail
                    }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::{Kind, testing};

    fn fill(template: &str, body: &str, escape: Escape) -> Result<String, String> {
        let mut account = testing::account(Kind::Custom);
        account.credentials.insert("apiKey".into(), "k&y".into());
        let outgoing = testing::outgoing("+254700000001", body);
        Template::parse(template)?.fill(&Values { account: &account, outgoing: Some(&outgoing) }, escape)
    }

    #[test]
    fn values_are_not_read_as_templates() {
        let sly = "{{secret.apiKey}} }} {{to}}";
        assert_eq!(fill("{{to}}: {{ body }}!", sly, Escape::None).unwrap(), format!("+254700000001: {sly}!"));
        assert_eq!(fill("{{toDigits}}", "", Escape::None).unwrap(), "254700000001");
        assert!(fill("{{messageId}}", "", Escape::None).unwrap().starts_with("dlv_"));
        assert_eq!(fill("a } b { c", "", Escape::None).unwrap(), "a } b { c");
    }

    #[test]
    fn escaping_follows_the_place() {
        let text = "\"a\" & <b>\n'ç'";
        assert_eq!(fill("\"{{body}}\"", text, Escape::Json).unwrap(), r#""\"a\" & <b>\n'ç'""#);
        assert_eq!(fill("{{body}}", text, Escape::Xml).unwrap(), "&quot;a&quot; &amp; &lt;b&gt;\n&apos;ç&apos;");
        assert_eq!(
            fill("k={{secret.apiKey}}&t={{body}}", "1+1=2/é", Escape::Percent).unwrap(),
            "k=k%26y&t=1%2B1%3D2%2F%C3%A9"
        );
        assert_eq!(Escape::of_content_type("application/vnd.api+json; charset=utf-8"), Escape::Json);
        assert_eq!(Escape::of_content_type("text/xml"), Escape::Xml);
        assert_eq!(Escape::of_content_type("Application/X-WWW-Form-Urlencoded"), Escape::Percent);
        assert_eq!(Escape::of_content_type("text/plain"), Escape::None);
    }

    #[test]
    fn what_is_no_placeholder_is_an_error() {
        for bad in ["{{name}}", "{{", "{{to", "{{}}", "{{secret.}}", "{{To}}", "{{{to}}}"] {
            assert!(Template::parse(bad).is_err(), "{bad}");
        }
        assert!(fill("{{secret.other}}", "", Escape::None).is_err());
    }

    #[test]
    fn shapes_keep_keys_and_types() {
        let account = testing::account(Kind::Custom);
        let outgoing = testing::outgoing("+1", "x\"y");
        let values = Values { account: &account, outgoing: Some(&outgoing) };
        let shape = Shape::parse(json!({ "{{to}}": ["{{body}}", 1, null, { "t": "{{to}}" }], "flag": true })).unwrap();
        assert_eq!(shape.fill(&values).unwrap(), json!({ "{{to}}": ["x\"y", 1, null, { "t": "+1" }], "flag": true }));
        assert_eq!(shape.templates().len(), 2);
        assert!(Shape::parse(json!({ "a": ["{{nope}}"] })).is_err());
    }
}
