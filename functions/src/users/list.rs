//! `GET /api/users`: the people of the organization, in the order they came.

use store::users;
use web::prelude::*;

use super::UserView;

/// The row.
pub fn row() -> Row {
    Row::get("users-list", "/api/users", handle)
        .summary("List users")
        .tag("Users")
        .access(Role::Viewer, Scope::UsersRead)
        .grants(&[Grant::TableRead])
}

async fn handle(cx: Cx, list: List) -> Result<Success<Page<UserView>>> {
    let after = list.after(&cx).await?;
    let page = users::members(&cx.app.table, cx.org(), after, list.limit).await?;
    list.page(&cx, page.rows.iter().map(UserView::from).collect(), page.next, None).await
}
