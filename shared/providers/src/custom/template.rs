//! Texts with `{{placeholders}}`, filled in one pass: what a value contains is never read as a placeholder again.
//! Escaping is chosen by where the text goes, never by who wrote the template.

use std::{borrow::Cow, fmt::Write as _};

use indexmap::IndexMap;
use serde::{Deserialize, Deserializer, de::Error as _};
use serde_json::Value;

use crate::provider::{Account, Outgoing};

/// The names between the braces, for people.
const PLACEHOLDERS: &str = "to, toDigits, from, body, messageId, subject, unsubscribeUrl, secret.NAME";

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
    UnsubscribeUrl,
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
            "unsubscribeUrl" => Self::UnsubscribeUrl,
            _ => Self::Secret(name.strip_prefix("secret.").filter(|name| !name.is_empty())?.to_owned()),
        })
    }

    /// Whether it differs from recipient to recipient.
    fn is_of_recipient(&self) -> bool {
        matches!(self, Self::To | Self::ToDigits | Self::Body | Self::MessageId | Self::Subject | Self::UnsubscribeUrl)
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

    /// Whether it says where the link to unsubscribe goes.
    pub(crate) fn places_link(&self) -> bool {
        self.0.contains(&Part::UnsubscribeUrl)
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
    /// Whether texts end in the link to unsubscribe, because no template says where it goes.
    pub(crate) adds_link: bool,
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
            Part::Body => self.body(outgoing),
            Part::MessageId => outgoing.delivery_id.to_string().into(),
            Part::Subject => outgoing.subject.as_deref().unwrap_or("").into(),
            Part::UnsubscribeUrl => outgoing.unsubscribe_url.as_deref().unwrap_or("").into(),
            Part::Text(_) | Part::From | Part::Secret(_) => unreachable!("handled above"),
        })
    }
}

impl Values<'_> {
    /// The text, with the link to unsubscribe below it where no template places that.
    pub(crate) fn body<'o>(&self, outgoing: &'o Outgoing) -> Cow<'o, str> {
        let body = outgoing.body.as_str();
        let Some(url) = outgoing.unsubscribe_url.as_deref().filter(|_| self.adds_link) else { return body.into() };
        if !outgoing.html {
            return format!("{body}\n\nUnsubscribe: {url}").into();
        }
        let link = format!("<p><a href=\"{}\">Unsubscribe</a></p>", domain::text::escape_html(url));
        let end = body.to_ascii_lowercase().rfind("</body>").unwrap_or(body.len());
        format!("{}{link}{}", &body[..end], &body[end..]).into()
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
        Template::parse(template)?
            .fill(&Values { account: &account, outgoing: Some(&outgoing), adds_link: false }, escape)
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
    fn a_mail_ends_in_the_link_where_nothing_says_where_it_goes() {
        let account = testing::account(Kind::Custom);
        let mut outgoing = testing::outgoing("ann@x.example", "Hi");
        outgoing.unsubscribe_url = Some("https://app.example.test/u/t?a=1&b=2".into());
        let fill = |template: &str, outgoing: &Outgoing, adds_link| {
            let values = Values { account: &account, outgoing: Some(outgoing), adds_link };
            Template::parse(template).unwrap().fill(&values, Escape::None).unwrap()
        };
        let placed = "{{body}} ({{unsubscribeUrl}})";
        assert!(Template::parse(placed).unwrap().places_link());
        assert_eq!(fill(placed, &outgoing, false), "Hi (https://app.example.test/u/t?a=1&b=2)");
        assert_eq!(fill("{{body}}", &outgoing, true), "Hi\n\nUnsubscribe: https://app.example.test/u/t?a=1&b=2");
        outgoing.html = true;
        outgoing.body = "<html><BODY><p>Hi</p></BODY></html>".into();
        assert_eq!(
            fill("{{body}}", &outgoing, true),
            "<html><BODY><p>Hi</p><p><a href=\"https://app.example.test/u/t?a=1&amp;b=2\">Unsubscribe</a></p></BODY></html>"
        );
        outgoing.unsubscribe_url = None;
        assert_eq!(fill("{{body}}{{unsubscribeUrl}}", &outgoing, true), outgoing.body);
    }

    #[test]
    fn shapes_keep_keys_and_types() {
        let account = testing::account(Kind::Custom);
        let outgoing = testing::outgoing("+1", "x\"y");
        let values = Values { account: &account, outgoing: Some(&outgoing), adds_link: false };
        let shape = Shape::parse(json!({ "{{to}}": ["{{body}}", 1, null, { "t": "{{to}}" }], "flag": true })).unwrap();
        assert_eq!(shape.fill(&values).unwrap(), json!({ "{{to}}": ["x\"y", 1, null, { "t": "+1" }], "flag": true }));
        assert_eq!(shape.templates().len(), 2);
        assert!(Shape::parse(json!({ "a": ["{{nope}}"] })).is_err());
    }
}
