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
    organizations,
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
    /// Whether look-alike characters are replaced as in an SMS that says `smart`; what the organization says if left out.
    smart: Option<bool>,
}

/// A template with values in it.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct TemplatePreview {
    /// The text. Variables without a value stay as they are written.
    rendered_message: String,
    /// The subject (e-mail).
    rendered_subject: Option<String>,
    /// The HTML part of the mail (e-mail), with a plain look.
    rendered_html: Option<String>,
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
    let smart = match body.smart {
        Some(smart) => smart,
        None => organizations::get(&cx.app.table, cx.org()).await?.smart,
    };
    preview(&template, &body.variables, smart).map(Success)
}

pub(super) fn preview(template: &Template, values: &BTreeMap<String, Value>, smart: bool) -> Result<TemplatePreview> {
    let nobody = Recipient { contact: None, address: String::new(), values: BTreeMap::new(), skip: None };
    let sms = template.channel == Channel::Sms;
    let renderer = Renderer::of(&template.body, template.subject.as_deref(), None, values)?.smart(smart && sms);
    let rendered = renderer.render(&nobody);
    let counted = sms.then(|| segments(&rendered.body));
    let missing = variables(template).0.into_iter().filter(|name| lookup(values, name).is_none());
    Ok(TemplatePreview {
        missing_variables: missing.collect(),
        segments: counted.map_or(0, |counted| counted.segments),
        encoding: counted.map(|counted| counted.encoding),
        rendered_html: (template.channel == Channel::Email)
            .then(|| providers::mail_preview(&serde_json::Value::Null, &rendered.body, rendered.html)),
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
        let preview = super::preview(&template, &values, false).unwrap();
        assert!(preview.rendered_message.starts_with("Hi there, KES 5 for "), "{}", preview.rendered_message);
        assert_eq!(preview.missing_variables, ["orderNumber"]);
        assert_eq!(preview.segments, 1);
    }

    #[test]
    fn look_alikes_are_replaced_where_that_is_wanted() {
        let template =
            Template { body: "It’s {{amount}} – pay “now”".into(), ..templates::built_in()[0].clone() };
        let values = BTreeMap::from([("amount".to_owned(), Value::Text("5…".into()))]);
        let of = |smart| super::preview(&template, &values, smart).unwrap();
        assert_eq!(of(true).rendered_message, "It's 5... - pay \"now\"");
        assert_eq!(of(true).encoding, Some(Encoding::Gsm7));
        assert_eq!(
            (of(false).rendered_message.as_str(), of(false).encoding),
            ("It’s 5… – pay “now”", Some(Encoding::Ucs2))
        );
    }
}
