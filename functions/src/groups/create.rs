//! `POST /api/groups`: makes a group.

use domain::{
    Result,
    access::{Role, Scope},
    id::GroupId,
};
use schemars::JsonSchema;
use serde::Deserialize;
use store::groups::{self, Group};
use web::prelude::{Created, Cx, Grant, Json, Row};

use super::view::{GroupView, description};
use crate::text;

/// The row.
pub fn row() -> Row {
    Row::post("groups-create", "/api/groups", handle)
        .summary("Make a group")
        .tag("Groups")
        .access(Role::Member, Scope::GroupsWrite)
        .idempotent()
        .grants(&[Grant::Table])
        .errors(&["409 group_name_taken", "name_invalid", "description_invalid"])
}

/// A new group.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct CreateGroup {
    /// Unique in the organization, whatever the case.
    #[schemars(extend("examples" = ["Parents 4B"]))]
    name: String,
    /// For people.
    description: Option<String>,
}

async fn handle(cx: Cx, body: Json<CreateGroup>) -> Result<Created<GroupView>> {
    let body = body.read()?;
    let (at, bits) = cx.repeatable("group");
    let group = Group {
        id: GroupId::new(at, bits),
        org: cx.org(),
        name: text::name(&body.name, "/name")?,
        description: description(body.description.as_deref())?,
        created_by: cx.actor(),
        created_at: cx.now(),
        updated_at: cx.now(),
    };
    let mut writes = groups::create(&cx.app.table, cx.org(), &group)?;
    let view = GroupView::new(group, 0);
    writes.extend(cx.reply_record(201, &view)?);
    cx.app
        .table
        .transact(writes)
        .await
        .map_err(|cancelled| if cancelled.failed(0) { groups::name_taken() } else { cancelled.into() })?;
    Ok(Created(view))
}
