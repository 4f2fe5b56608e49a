//! `POST /api/groups`: makes a group.

use domain::{
    Result,
    access::{Role, Scope},
    id::{GroupId, TemplateId},
};
use schemars::JsonSchema;
use serde::Deserialize;
use store::groups::{self, Group};
use web::prelude::{Created, Cx, Grant, Json, Row};

use super::view::{ERRORS, GroupView, check_confirmation, description};
use crate::text;

/// The row.
pub fn row() -> Row {
    Row::post("groups-create", "/api/groups", handle)
        .summary("Make a group")
        .tag("Groups")
        .access(Role::Member, Scope::GroupsWrite)
        .idempotent()
        .grants(&[Grant::Table])
        .errors(&ERRORS)
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
    /// Whether who joins is pending until they confirm; needs `confirmationTemplateId`.
    #[serde(default)]
    double_opt_in: bool,
    /// The template by which they are asked to, once, when they join: on SMS and WhatsApp they answer `YES`, an e-mail needs
    /// `{{confirmUrl}}`. `{{group}}` and `{{organization}}` stand for the names.
    confirmation_template_id: Option<TemplateId>,
}

async fn handle(cx: Cx, body: Json<CreateGroup>) -> Result<Created<GroupView>> {
    let body = body.read()?;
    check_confirmation(&cx, body.double_opt_in, body.confirmation_template_id).await?;
    let (at, bits) = cx.repeatable("group");
    let group = Group {
        id: GroupId::new(at, bits),
        org: cx.org(),
        name: text::name(&body.name, "/name")?,
        description: description(body.description.as_deref())?,
        double_opt_in: body.double_opt_in,
        confirmation_template: body.confirmation_template_id,
        created_by: cx.actor(),
        created_at: cx.now(),
        updated_at: cx.now(),
    };
    let mut writes = groups::create(&cx.app.table, cx.org(), &group)?;
    let view = GroupView::new(group, 0, 0);
    writes.extend(cx.reply_record(201, &view)?);
    cx.app
        .table
        .transact(writes)
        .await
        .map_err(|cancelled| if cancelled.failed(0) { groups::name_taken() } else { cancelled.into() })?;
    Ok(Created(view))
}
