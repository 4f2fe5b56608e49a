//! `POST /api/templates/{id}/preview`: the text with values in it.

use std::collections::BTreeMap;

use domain::{
    attributes::{self, Value},
    message::Channel,
    segments::{Encoding, segments},
};
use engine::{audience::lookup, render::Renderer};
use store::{
    ledger::Recipient,
    templates::{self, Template},
};
use web::prelude::*;

use super::view::variables;

/// The row.
pub fn row() -> Row {
    Row::post("templates-preview", "/api/templates/{id}/preview", handle)
        .summary("Preview a template")
        .description("Nothing is stored or sent. What a contact would give (`name`, `attributes.city`) is given here as a variable.")
        .tag("Templates")
        .access(Role::Viewer, Scope::TemplatesRead)
        .grants(&[Grant::TableRead])
}

/// The values to fill in.
#[derive(Default, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
struct PreviewTemplate {
    /// By the name of the variable; texts, numbers or booleans.
    variables: BTreeMap<String, Value>,
}

/// A template with values in it.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct TemplatePreview {
    /// The text. Variables without a value stay as they are written.
    rendered_message: String,
    /// The subject (e-mail).
    rendered_subject: Option<String>,
    /// Required variables that have no value, in the order of the text.
    missing_variables: Vec<String>,
    /// As how many parts the text is sent (SMS); 0 on other channels.
    segments: u32,
    /// The encoding that the text needs (SMS).
    encoding: Option<Encoding>,
}

async fn handle(
    cx: Cx,
    Path(id): Path<id::TemplateId>,
    body: Json<PreviewTemplate>,
) -> Result<Success<TemplatePreview>> {
    let template = templates::get(&cx.app.table, cx.org(), id).await?;
    let body = body.read_or_default()?;
    let violations = attributes::check(&body.variables, "/variables");
    if !violations.is_empty() {
        return Err(Error::Invalid(violations));
    }
    preview(&template, &body.variables).map(Success)
}

fn preview(template: &Template, values: &BTreeMap<String, Value>) -> Result<TemplatePreview> {
    let nobody = Recipient { contact: None, address: String::new(), values: BTreeMap::new(), skip: None };
    let rendered = Renderer::of(&template.body, template.subject.as_deref(), values)?.render(&nobody);
    let counted = (template.channel == Channel::Sms).then(|| segments(&rendered.body));
    let missing = variables(template).0.into_iter().filter(|name| lookup(values, name).is_none());
    Ok(TemplatePreview {
        missing_variables: missing.collect(),
        segments: counted.map_or(0, |counted| counted.segments),
        encoding: counted.map(|counted| counted.encoding),
        rendered_message: rendered.body,
        rendered_subject: rendered.subject,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_filled_in_and_missing_ones_named() {
        let template = Template {
            body: "Hi {{name|there}}, {{amount}} for {{orderNumber}}".into(),
            ..templates::built_in()[0].clone()
        };
        let values = BTreeMap::from([("AMOUNT".to_owned(), Value::Text("KES 5".into()))]);
        let preview = preview(&template, &values).unwrap();
        assert!(preview.rendered_message.starts_with("Hi there, KES 5 for "), "{}", preview.rendered_message);
        assert_eq!(preview.missing_variables, ["orderNumber"]);
        assert_eq!(preview.segments, 1);
    }
}
