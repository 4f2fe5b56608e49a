//! `PUT /api/groups/{id}`: changes a group's name, description and how people join; what is left out stays.

use domain::{
    Result,
    access::{Role, Scope},
    id::{GroupId, TemplateId},
};
use schemars::JsonSchema;
use serde::Deserialize;
use store::groups;
use web::prelude::{Cx, Grant, Json, Patch, Path, Row, Success};

use super::view::{ERRORS, GroupView, check_confirmation, description, view};
use crate::text;

/// The row.
pub fn row() -> Row {
    Row::put("groups-update", "/api/groups/{id}", handle)
        .summary("Change a group")
        .description("What is left out stays; null clears.")
        .tag("Groups")
        .access(Role::Member, Scope::GroupsWrite)
        .grants(&[Grant::Table])
        .errors(&ERRORS)
}

/// What to change of a group.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct UpdateGroup {
    /// Unique in the organization, whatever the case.
    #[schemars(extend("examples" = ["Parents 5B"]))]
    name: Option<String>,
    /// For people.
    #[serde(default)]
    description: Patch<String>,
    /// Whether who joins from now on is pending until they confirm. Who is in it stays as they are.
    double_opt_in: Option<bool>,
    /// The template by which they are asked to.
    #[serde(default)]
    confirmation_template_id: Patch<TemplateId>,
}

async fn handle(cx: Cx, Path(id): Path<GroupId>, body: Json<UpdateGroup>) -> Result<Success<GroupView>> {
    let (table, org) = (&cx.app.table, cx.org());
    let old = groups::get(table, org, id).await?;
    let body = body.read()?;
    let name = body.name.map(|name| text::name(&name, "/name")).transpose()?;
    let text = match body.description {
        Patch::Keep => None,
        Patch::Clear => Some(None),
        Patch::Set(text) => Some(description(Some(&text))?),
    };
    let double_opt_in = body.double_opt_in.unwrap_or(old.double_opt_in);
    let template = body.confirmation_template_id.apply(old.confirmation_template);
    check_confirmation(&cx, double_opt_in, template).await?;
    let change = |group: &mut groups::Group| {
        if let Some(name) = &name {
            group.name.clone_from(name);
        }
        if let Some(text) = &text {
            group.description.clone_from(text);
        }
        group.double_opt_in = double_opt_in;
        group.confirmation_template = template;
        Ok(())
    };
    let group = groups::change(table, org, id, cx.now(), change).await?;
    view(&cx, group).await.map(Success)
}
