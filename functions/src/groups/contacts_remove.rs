//! `DELETE /api/groups/{id}/contacts/{contactId}`: takes a contact out of a group. The contact stays.

use domain::{
    Error, Result,
    access::{Role, Scope},
    id::{ContactId, GroupId},
};
use store::groups;
use web::prelude::{Cx, Grant, NoContent, Path, Row};

/// The row.
pub fn row() -> Row {
    Row::delete("groups-contacts-remove", "/api/groups/{id}/contacts/{contactId}", handle)
        .summary("Take a contact out of a group")
        .tag("Groups")
        .access(Role::Member, Scope::GroupsWrite)
        .grants(&[Grant::Table])
}

async fn handle(cx: Cx, Path((id, contact)): Path<(GroupId, ContactId)>) -> Result<NoContent> {
    let (table, org) = (&cx.app.table, cx.org());
    groups::get(table, org, id).await?;
    if groups::remove_member(table, org, id, contact).await? {
        Ok(NoContent)
    } else {
        Err(Error::not_found("contact", contact))
    }
}
