//! The text of a message for one recipient.

use std::{borrow::Cow, collections::BTreeMap};

use domain::{
    Error, Result,
    attributes::Value,
    template::Template,
    text::{escape_html, is_html},
};
use store::{ledger::Recipient, messages::Message};

use crate::audience::lookup;

/// A message's subject and body, parsed once.
pub struct Renderer {
    body: Template,
    subject: Option<Template>,
    html: bool,
    variables: BTreeMap<String, Value>,
}

/// What one recipient gets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rendered {
    /// The subject, on channels that have one.
    pub subject: Option<String>,
    /// The text.
    pub body: String,
    /// Whether the text is HTML; then its values are escaped.
    pub html: bool,
}

impl Renderer {
    /// For a message.
    pub fn new(message: &Message) -> Result<Self> {
        Self::of(&message.body, message.subject.as_deref(), &message.variables)
    }

    /// For a text that is not stored yet.
    pub fn of(body: &str, subject: Option<&str>, variables: &BTreeMap<String, Value>) -> Result<Self> {
        Ok(Self {
            body: Template::parse(body).map_err(Error::internal)?,
            subject: subject.map(Template::parse).transpose().map_err(Error::internal)?,
            // Only an e-mail has a subject, and only an e-mail can be HTML.
            html: subject.is_some() && is_html(body),
            variables: variables.clone(),
        })
    }

    /// The text for a recipient. Values of the recipient come before those of the message.
    pub fn render(&self, recipient: &Recipient) -> Rendered {
        let find = |name: &str| {
            lookup(&recipient.values, name)
                .or_else(|| lookup(&self.variables, name))
                .map(|value| Cow::Owned(value.to_string()))
        };
        let body = if self.html {
            // What a contact is called must not become a tag of the mail.
            self.body.render(|name: &str| find(name).map(|value| Cow::Owned(escape_html(&value))))
        } else {
            self.body.render(find)
        };
        let subject = self.subject.as_ref().map(|subject| subject.render(find).text);
        Rendered { subject, body: body.text, html: self.html }
    }
}
