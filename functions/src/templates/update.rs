//! `PUT /api/templates/{id}`: changes a template. What is left out stays as it is.

use domain::message::Channel;
use store::templates::{self, Template};
use web::prelude::*;

use super::{
    request,
    view::{TemplateView, unlocked},
};

/// The row.
pub fn row() -> Row {
    Row::put("templates-update", "/api/templates/{id}", handle)
        .summary("Change a template")
        .description("Messages that were made from it keep their text.")
        .tag("Templates")
        .access(Role::Member, Scope::TemplatesWrite)
        .grants(&[Grant::Table])
        .errors(&[
            "409 template_locked",
            "409 changed_meanwhile",
            "name_invalid",
            "event_invalid",
            "template_malformed",
        ])
}

/// What changes.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct UpdateTemplate {
    /// For people.
    name: Option<String>,
    /// The channel it is written for.
    channel: Option<Channel>,
    /// What it is sent for; null: nothing in particular.
    #[serde(default)]
    event: Patch<String>,
    /// The subject (e-mail); null: none.
    #[serde(default)]
    subject: Patch<String>,
    /// The text, with `{{variables}}`.
    body: Option<String>,
    /// Variables that need a value even where the text has a default for them.
    required_variables: Option<Vec<String>>,
}

async fn handle(cx: Cx, Path(id): Path<id::TemplateId>, body: Json<UpdateTemplate>) -> Result<Success<TemplateView>> {
    let old = templates::get(&cx.app.table, cx.org(), id).await?;
    let body = body.read()?;
    let new = Template {
        name: body.name.map_or_else(|| old.name.clone(), |name| name.trim().to_owned()),
        channel: body.channel.unwrap_or(old.channel),
        event: body.event.apply(old.event.clone()).as_deref().map(request::event),
        subject: body.subject.apply(old.subject.clone()),
        body: body.body.unwrap_or_else(|| old.body.clone()),
        declared: body.required_variables.unwrap_or_else(|| old.declared.clone()),
        version: old.version + 1,
        updated_at: cx.now(),
        ..old.clone()
    };
    request::check(&new)?;
    unlocked(&old)?;
    if !templates::replace(&cx.app.table, cx.org(), &old, &new).await? {
        return Err(Error::conflict("changed_meanwhile", "It was changed by another request; try again."));
    }
    Ok(Success(TemplateView::from(&new)))
}
