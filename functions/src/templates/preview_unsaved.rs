//! `POST /api/templates/preview`: a text with values in it, before it is a template.

use std::collections::BTreeMap;

use domain::{
    attributes::{self, Value},
    message::Channel,
};
use store::{organizations, templates::Template};
use web::prelude::*;

use super::{
    create::sms,
    preview::{TemplatePreview, preview},
    request,
};

/// The row.
pub fn row() -> Row {
    Row::post("templates-preview-unsaved", "/api/templates/preview", handle)
        .summary("Preview a text")
        .description("As `POST /templates/{id}/preview`, of a text that is no template yet. Nothing is stored or sent.")
        .tag("Templates")
        .access(Role::Viewer, Scope::TemplatesRead)
        .grants(&[Grant::TableRead])
        .errors(&["subject_not_for_channel", "subject_invalid", "body_required", "body_too_long", "template_malformed"])
}

/// A text, and the values to fill in.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct PreviewText {
    /// The channel it is written for.
    #[serde(default = "sms")]
    channel: Channel,
    /// The subject (e-mail).
    subject: Option<String>,
    /// The text, with `{{variables}}`.
    #[schemars(example = &"Hello {{name|there}}, your order {{orderNumber}} is ready.")]
    body: String,
    /// By the name of the variable; texts, numbers or booleans.
    #[serde(default)]
    variables: BTreeMap<String, Value>,
}

async fn handle(cx: Cx, body: Json<PreviewText>) -> Result<Success<TemplatePreview>> {
    let body = body.read()?;
    let violations = attributes::check(&body.variables, "/variables");
    if !violations.is_empty() {
        return Err(Error::Invalid(violations));
    }
    let (at, bits) = cx.repeatable("template");
    let mut template = Template {
        id: id::TemplateId::new(at, bits),
        name: "Preview".to_owned(),
        channel: body.channel,
        event: None,
        subject: body.subject,
        body: body.body,
        is_custom: true,
        declared: Vec::new(),
        version: 1,
        created_by: None,
        created_at: at,
        updated_at: at,
    };
    request::check(&template)?;
    if template.channel == Channel::Email {
        // Only what has a subject is taken for a mail; one that is being written may not have it yet.
        template.subject.get_or_insert_default();
    }
    let smart = organizations::get(&cx.app.table, cx.org()).await?.smart;
    preview(&template, &body.variables, smart).map(Success)
}
