//! `POST /api/groups/{id}/contacts`: lets contacts join a group.

use domain::{
    Error, Result, Violation,
    access::{Role, Scope},
    id::{ContactId, GroupId},
};
use engine::Queue;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use store::{contacts, groups};
use web::prelude::{Created, Cx, Grant, Json, Path, Row};

/// The most contacts of one request.
const MOST: usize = 1_000;

/// The row.
pub fn row() -> Row {
    Row::post("groups-contacts-add", "/api/groups/{id}/contacts", handle)
        .summary("Add contacts to a group")
        .description("Who is in it already stays in it. If one of the ids is no contact, nobody joins. Where the group wants a double opt-in, \
             who is new is asked to confirm.")
        .tag("Groups")
        .access(Role::Member, Scope::GroupsWrite)
        .idempotent_record_first()
        .grants(&[Grant::Table, Grant::Enqueue(Queue::Plan), Grant::Enqueue(Queue::Notify)])
        .errors(&["contact_not_found", "too_many_contacts"])
}

/// Who joins.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct AddContacts {
    /// Their ids, at most 1,000.
    contact_ids: Vec<ContactId>,
}

/// What came of it.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct AddedContacts {
    /// How many joined.
    added: usize,
    /// How many were in it already.
    skipped: usize,
    /// How many are in it now.
    contact_count: u64,
}

async fn handle(cx: Cx, Path(id): Path<GroupId>, body: Json<AddContacts>) -> Result<Created<AddedContacts>> {
    let (table, org) = (&cx.app.table, cx.org());
    groups::get(table, org, id).await?;
    let ids = body.read()?.contact_ids;
    if ids.len() > MOST {
        let detail = format!("At most {MOST} contacts in one request.");
        return Err(Error::invalid("/contactIds", "too_many_contacts", detail));
    }
    let found = contacts::get_many(table, org, &ids).await?;
    let missing: Vec<Violation> = found
        .iter()
        .enumerate()
        .filter(|(_, contact)| contact.is_none())
        .map(|(index, _)| {
            Violation::new(format!("/contactIds/{index}"), "contact_not_found", "There is no such contact.")
        })
        .collect();
    if !missing.is_empty() {
        return Err(Error::Invalid(missing));
    }
    let added = groups::add_members(table, org, id, &ids).await?.added.len();
    engine::confirm::ask(&cx.app, org, id, &ids, &cx.actor()).await?;
    let contact_count = groups::count(table, org, id).await?;
    Ok(Created(AddedContacts { added, skipped: ids.len() - added, contact_count }))
}
