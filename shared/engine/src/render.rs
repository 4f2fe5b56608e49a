//! The text of a message for one recipient.

use std::{borrow::Cow, collections::BTreeMap};

use domain::{Error, Result, attributes::Value, template::Template};
use store::{ledger::Recipient, messages::Message};

use crate::audience::lookup;

/// A message's subject and body, parsed once.
pub struct Renderer {
    body: Template,
    subject: Option<Template>,
    variables: BTreeMap<String, Value>,
}

/// What one recipient gets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rendered {
    /// The subject, on channels that have one.
    pub subject: Option<String>,
    /// The text.
    pub body: String,
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
        Rendered {
            subject: self.subject.as_ref().map(|subject| subject.render(find).text),
            body: self.body.render(find).text,
        }
    }
}
