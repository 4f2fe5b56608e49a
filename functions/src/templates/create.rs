//! `POST /api/templates`: makes a template.

use domain::message::Channel;
use store::templates::{self, Template};
use web::{prelude::*, row::Access};

use super::{request, view::TemplateView};

/// The row.
pub fn row() -> Row {
    Row::post("templates-create", "/api/templates", handle)
        .summary("Make a template")
        .description("With `isCustom: false`, which takes the role ADMIN, nobody can change or delete it afterwards.")
        .tag("Templates")
        .access(Role::Member, Scope::TemplatesWrite)
        .idempotent()
        .grants(&[Grant::Table])
        .errors(&[
            "name_invalid",
            "event_invalid",
            "subject_not_for_channel",
            "body_required",
            "body_too_long",
            "template_malformed",
        ])
}

/// What a new template needs.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct CreateTemplate {
    /// For people.
    #[schemars(example = &"Order is ready")]
    name: String,
    /// The channel it is written for.
    #[serde(default = "sms")]
    channel: Channel,
    /// What it is sent for.
    #[schemars(example = &"ORDER_READY")]
    event: Option<String>,
    /// The subject (e-mail).
    subject: Option<String>,
    /// The text, with `{{variables}}`.
    #[schemars(example = &"Hello {{name|there}}, your order {{orderNumber}} is ready.")]
    body: String,
    /// `false`: locked from the start.
    #[serde(default = "yes")]
    is_custom: bool,
    /// Variables that need a value even where the text has a default for them.
    #[serde(default)]
    required_variables: Vec<String>,
}

pub(super) fn sms() -> Channel {
    Channel::Sms
}

fn yes() -> bool {
    true
}

async fn handle(cx: Cx, body: Json<CreateTemplate>) -> Result<Created<TemplateView>> {
    let body = body.read()?;
    if !body.is_custom {
        // Locked for everyone, so it takes more than making one for oneself.
        cx.principal().check(Access::Needs(Role::Admin, Scope::TemplatesWrite))?;
    }
    let (at, bits) = cx.repeatable("template");
    let template = Template {
        id: id::TemplateId::new(at, bits),
        name: body.name.trim().to_owned(),
        channel: body.channel,
        event: body.event.as_deref().map(request::event),
        subject: body.subject,
        body: body.body,
        is_custom: body.is_custom,
        declared: body.required_variables,
        version: 1,
        created_by: Some(cx.actor()),
        created_at: at,
        updated_at: at,
    };
    request::check(&template)?;
    let view = TemplateView::from(&template);
    let mut writes = templates::create(&cx.app.table, cx.org(), &template)?;
    writes.extend(cx.reply_record(201, &view)?);
    cx.app.table.transact(writes).await?;
    Ok(Created(view))
}
