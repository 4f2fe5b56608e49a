//! `DELETE /api/groups/{id}`: removes a group. Its contacts stay, and so does the history of its messages.

use domain::{
    Result,
    access::{Role, Scope},
    id::GroupId,
};
use jiff::SignedDuration;
use store::groups;
use web::prelude::{Cx, Grant, NoContent, Path, Row};

/// How many memberships are removed at a time.
const BATCH: usize = 1_000;

/// How long before the end of the invocation the rest is left to the sweep.
const RESERVE: SignedDuration = SignedDuration::from_secs(10);

/// The row.
pub fn row() -> Row {
    Row::delete("groups-delete", "/api/groups/{id}", handle)
        .summary("Delete a group")
        .description("Its name is free again at once. Its contacts stay.")
        .tag("Groups")
        .access(Role::Member, Scope::GroupsWrite)
        .grants(&[Grant::Table])
}

async fn handle(cx: Cx, Path(id): Path<GroupId>) -> Result<NoContent> {
    let (table, org) = (&cx.app.table, cx.org());
    groups::delete(table, org, id, cx.now()).await?;
    while cx.now() + RESERVE < cx.deadline() && !groups::clean(table, org, id, BATCH).await? {}
    Ok(NoContent)
}
