//! `GET /api/groups`: groups, newest first.

use domain::{
    Result,
    access::{Role, Scope},
};
use store::groups;
use web::prelude::{Cx, Grant, List, Page, Row, Success};

use super::view::{GroupView, views};

/// The row.
pub fn row() -> Row {
    Row::get("groups-list", "/api/groups", handle)
        .summary("List groups")
        .description("Newest first. `total` is exact.")
        .tag("Groups")
        .access(Role::Viewer, Scope::GroupsRead)
        .grants(&[Grant::TableRead])
}

async fn handle(cx: Cx, list: List) -> Result<Success<Page<GroupView>>> {
    let (table, org) = (&cx.app.table, cx.org());
    let after = list.after(&cx).await?;
    let page = groups::list(table, org, after, list.limit).await?;
    let total = groups::total(table, org).await?;
    let rows = views(&cx, page.rows).await?;
    list.page(&cx, rows, page.next, Some(total)).await
}
