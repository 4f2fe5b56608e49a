//! The text of a message for one recipient, and what fills its WhatsApp template.

use std::{borrow::Cow, collections::BTreeMap, convert::Infallible};

use domain::{
    Error, Result,
    attributes::Value,
    smart::smart,
    template::Template,
    text::{escape_html, is_html},
    whatsapp::{Filled, Used},
};
use store::{ledger::Recipient, messages::Message};

use crate::audience::lookup;

/// All texts of a message that may hold variables.
pub(crate) fn texts(body: &str, subject: Option<&str>, whatsapp: Option<&Used>) -> Result<Vec<Template>> {
    let filled = whatsapp.into_iter().flat_map(|used| used.filled.values()).map(String::as_str);
    std::iter::once(body)
        .chain(subject)
        .chain(filled)
        .map(|text| Template::parse(text).map_err(Error::internal))
        .collect()
}

/// A message's subject, body and template, parsed once.
pub struct Renderer {
    body: Template,
    subject: Option<Template>,
    whatsapp: Option<Filled<Template>>,
    html: bool,
    smart: bool,
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
    /// The WhatsApp template that is sent instead of the text, filled.
    pub template: Option<Filled>,
}

impl Renderer {
    /// For a message.
    pub fn new(message: &Message) -> Result<Self> {
        let whatsapp = message.whatsapp.as_ref();
        Ok(Self::of(&message.body, message.subject.as_deref(), whatsapp, &message.variables)?.smart(message.smart))
    }

    /// For a text that is not stored yet, with all of its characters.
    pub fn of(
        body: &str,
        subject: Option<&str>,
        whatsapp: Option<&Used>,
        variables: &BTreeMap<String, Value>,
    ) -> Result<Self> {
        let parse = |text: &String| Template::parse(text).map_err(Error::internal);
        Ok(Self {
            body: Template::parse(body).map_err(Error::internal)?,
            subject: subject.map(Template::parse).transpose().map_err(Error::internal)?,
            whatsapp: whatsapp.map(|used| used.filled.try_map(parse)).transpose()?,
            // Only an e-mail has a subject, and only an e-mail can be HTML.
            html: subject.is_some() && is_html(body),
            smart: false,
            variables: variables.clone(),
        })
    }

    /// With look-alike characters replaced where that keeps an SMS in the GSM alphabet.
    #[must_use]
    pub fn smart(self, smart: bool) -> Self {
        Self { smart, ..self }
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
        let fill = |text: &Template| Ok::<_, Infallible>(on_one_line(&text.render(find).text));
        let template = self.whatsapp.as_ref().map(|filled| {
            let Ok(filled) = filled.try_map(fill);
            filled.with_filename()
        });
        let replaced = if self.smart { smart(&body.text) } else { None };
        let body = replaced.map_or(body.text, |smart| smart.text);
        Rendered { subject, body, html: self.html, template }
    }
}

/// WhatsApp takes neither line breaks nor runs of blanks in a placeholder.
fn on_one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use domain::{
        id::WhatsAppTemplateId,
        whatsapp::{Components, Parameters, TemplateCategory},
    };
    use jiff::Timestamp;

    use super::*;

    #[test]
    fn a_template_is_filled_for_each_recipient_on_one_line() {
        let components = Components { header: None, body: "Hi {{1}}: {{2}}".into(), footer: None, buttons: Vec::new() };
        let given = Parameters { body: vec!["{{name|friend}}".into(), "{{what}}".into()], ..Parameters::default() };
        let filled = components.fill("ready", "en", &given, "").unwrap();
        let id = WhatsAppTemplateId::new(Timestamp::UNIX_EPOCH, 1);
        let used = Used { id, name: "ready".into(), category: TemplateCategory::Utility, filled };
        let body = components.text(&given);
        let all = texts(&body, None, Some(&used)).unwrap();
        let names: Vec<&str> = all.iter().flat_map(Template::variables).map(|variable| variable.name).collect();
        assert_eq!(names, ["name", "what", "name", "what"]);
        let variables = BTreeMap::from([("what".to_owned(), Value::Text("two\n  lines".into()))]);
        let renderer = Renderer::of(&body, None, Some(&used), &variables).unwrap();
        let ann = BTreeMap::from([("name".to_owned(), Value::Text("Ann".into()))]);
        let recipient = Recipient { contact: None, address: "+254700000001".into(), values: ann, skip: None };
        let rendered = renderer.render(&recipient);
        assert_eq!(rendered.body, "Hi Ann: two\n  lines");
        assert_eq!(rendered.template.unwrap().body, ["Ann", "two lines"]);
    }
}
