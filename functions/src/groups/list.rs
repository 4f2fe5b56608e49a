//! `GET /api/groups`: groups, newest first.

use domain::{
    Result,
    access::{Role, Scope},
    id::GroupId,
};
use store::groups;
use web::prelude::{Cx, Grant, List, Page, Row, Success};

use super::view::GroupView;

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
    let ids: Vec<GroupId> = page.rows.iter().map(|group| group.id).collect();
    let counts = groups::counts(table, org, &ids).await?;
    let total = groups::total(table, org).await?;
    let rows = page.rows.into_iter().zip(counts).map(|(group, count)| GroupView::new(group, count)).collect();
    list.page(&cx, rows, page.next, Some(total)).await
}
