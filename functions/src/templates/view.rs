//! Templates as clients see them, and the rules of their text.

use domain::{Error, Result, id::TemplateId, message::Channel, template::Template as Text};
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::Serialize;
use store::templates::Template;

/// A text to be used again.
#[derive(Debug, Clone, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "Template")]
pub(crate) struct TemplateView {
    /// Its id.
    pub id: TemplateId,
    /// The name, for people.
    pub name: String,
    /// The channel it is written for.
    pub channel: Channel,
    /// What it is sent for, in capitals.
    pub event: Option<String>,
    /// The subject (e-mail), with its variables.
    pub subject: Option<String>,
    /// The text, with its variables.
    pub body: String,
    /// `false`: it is locked. Copy it to change it.
    pub is_custom: bool,
    /// Variables that need a value: those of the text without a default, and those its author named.
    pub required_variables: Vec<String>,
    /// All variables of the text, in order.
    pub variables: Vec<String>,
    /// Goes up with each change.
    pub version: u64,
    /// Who made it: the id of a user or an API key; null for built-in ones.
    pub created_by: Option<String>,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub updated_at: Timestamp,
}

impl From<&Template> for TemplateView {
    fn from(template: &Template) -> Self {
        let (required_variables, variables) = variables(template);
        Self {
            id: template.id,
            name: template.name.clone(),
            channel: template.channel,
            event: template.event.clone(),
            subject: template.subject.clone(),
            body: template.body.clone(),
            is_custom: template.is_custom,
            required_variables,
            variables,
            version: template.version,
            created_by: template.created_by.clone(),
            created_at: template.created_at,
            updated_at: template.updated_at,
        }
    }
}

/// The variables of a template: those that need a value, and all.
pub(super) fn variables(template: &Template) -> (Vec<String>, Vec<String>) {
    let texts = [template.subject.as_deref().unwrap_or_default(), &template.body];
    // What is stored was parsed before.
    let parsed: Vec<Text> = texts.into_iter().filter_map(|text| Text::parse(text).ok()).collect();
    let (mut required, mut all) = (Vec::new(), Vec::new());
    for variable in parsed.iter().flat_map(Text::variables) {
        if !variable.has_default {
            add(&mut required, variable.name);
        }
        add(&mut all, variable.name);
    }
    for name in &template.declared {
        add(&mut required, name);
    }
    (required, all)
}

/// Adds a name once, whatever its case.
fn add(names: &mut Vec<String>, name: &str) {
    if !names.iter().any(|known| known.to_lowercase() == name.to_lowercase()) {
        names.push(name.to_owned());
    }
}

/// 409 for a template that is not to be changed.
pub(super) fn unlocked(template: &Template) -> Result<()> {
    if template.is_custom {
        return Ok(());
    }
    Err(Error::conflict("template_locked", "The template is locked. Copy it, and change the copy."))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn template(subject: Option<&str>, body: &str, declared: &[&str]) -> Template {
        Template {
            subject: subject.map(Into::into),
            body: body.into(),
            declared: declared.iter().map(|name| (*name).into()).collect(),
            ..store::templates::built_in()[0].clone()
        }
    }

    #[test]
    fn variables_without_a_default_are_required_and_so_are_declared_ones() {
        let one = template(Some("Order {{number}}"), "Hi {{name|there}}, {{number}} costs {{amount}}.", &["name"]);
        let (required, all) = variables(&one);
        assert_eq!(required, ["number", "amount", "name"]);
        assert_eq!(all, ["number", "name", "amount"]);
    }

    #[test]
    fn built_in_templates_are_locked() {
        assert!(matches!(unlocked(&template(None, "x", &[])), Err(Error::Conflict { code: "template_locked", .. })));
        assert!(unlocked(&Template { is_custom: true, ..template(None, "x", &[]) }).is_ok());
    }
}
