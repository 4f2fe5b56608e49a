//! `GET /api/groups/{id}`: a group, with the first of its contacts.

use domain::{
    Result,
    access::{Role, Scope},
    id::GroupId,
};
use store::groups;
use web::prelude::{Cx, Grant, Path, Row, Success};

use super::view::{GroupDetail, view};
use crate::contacts::view::{ContactView, FIRST, FirstContacts};

/// The row.
pub fn row() -> Row {
    Row::get("groups-get", "/api/groups/{id}", handle)
        .summary("Get a group")
        .tag("Groups")
        .access(Role::Viewer, Scope::GroupsRead)
        .grants(&[Grant::TableRead])
}

async fn handle(cx: Cx, Path(id): Path<GroupId>) -> Result<Success<GroupDetail>> {
    let (table, org) = (&cx.app.table, cx.org());
    let group = groups::get(table, org, id).await?;
    let first = groups::contacts(table, org, id, None, FIRST).await?.map(ContactView::from);
    let next_cursor = cx.embedded_next(&format!("/api/groups/{id}/contacts"), first.next).await?;
    let contacts = FirstContacts { data: first.rows, next_cursor };
    Ok(Success(GroupDetail { group: view(&cx, group).await?, contacts }))
}
