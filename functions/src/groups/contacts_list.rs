//! `GET /api/groups/{id}/contacts`: who is in a group, newest contact first.

use domain::{
    Result,
    access::{Role, Scope},
    id::GroupId,
};
use store::groups;
use web::prelude::{Cx, Grant, List, Page, Path, Row, Success};

use crate::contacts::view::ContactView;

/// The row.
pub fn row() -> Row {
    Row::get("groups-contacts-list", "/api/groups/{id}/contacts", handle)
        .summary("List the contacts of a group")
        .description("Newest contact first. `total` is exact.")
        .tag("Groups")
        .access(Role::Viewer, Scope::GroupsRead)
        .grants(&[Grant::TableRead])
}

async fn handle(cx: Cx, Path(id): Path<GroupId>, list: List) -> Result<Success<Page<ContactView>>> {
    let (table, org) = (&cx.app.table, cx.org());
    groups::get(table, org, id).await?;
    let after = list.after(&cx).await?;
    let page = groups::contacts(table, org, id, after, list.limit).await?.map(ContactView::from);
    let total = groups::count(table, org, id).await?;
    list.page(&cx, page.rows, page.next, Some(total)).await
}
