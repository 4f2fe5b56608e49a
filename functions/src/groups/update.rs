//! `PUT /api/groups/{id}`: gives a group another name or description; what is left out stays.

use domain::{
    Result,
    access::{Role, Scope},
    id::GroupId,
};
use schemars::JsonSchema;
use serde::Deserialize;
use store::groups;
use web::prelude::{Cx, Grant, Json, Patch, Path, Row, Success};

use super::view::{GroupView, description};
use crate::text;

/// The row.
pub fn row() -> Row {
    Row::put("groups-update", "/api/groups/{id}", handle)
        .summary("Change a group")
        .description("What is left out stays; null clears.")
        .tag("Groups")
        .access(Role::Member, Scope::GroupsWrite)
        .grants(&[Grant::Table])
        .errors(&["409 group_name_taken", "name_invalid", "description_invalid"])
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
}

async fn handle(cx: Cx, Path(id): Path<GroupId>, body: Json<UpdateGroup>) -> Result<Success<GroupView>> {
    let (table, org) = (&cx.app.table, cx.org());
    groups::get(table, org, id).await?;
    let body = body.read()?;
    let name = body.name.map(|name| text::name(&name, "/name")).transpose()?;
    let text = match body.description {
        Patch::Keep => None,
        Patch::Clear => Some(None),
        Patch::Set(text) => Some(description(Some(&text))?),
    };
    let change = |group: &mut groups::Group| {
        if let Some(name) = &name {
            group.name.clone_from(name);
        }
        if let Some(text) = &text {
            group.description.clone_from(text);
        }
        Ok(())
    };
    let group = groups::change(table, org, id, cx.now(), change).await?;
    let count = groups::count(table, org, id).await?;
    Ok(Success(GroupView::new(group, count)))
}
