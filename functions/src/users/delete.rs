//! `DELETE /api/users/{id}`: removes a person. Their next request is refused, whatever token it has.

use store::{sessions, users};
use web::prelude::*;

use super::{find, owners_only};

/// The row.
pub fn row() -> Row {
    Row::delete("users-delete", "/api/users/{id}", handle)
        .summary("Remove a user")
        .tag("Users")
        .access(Role::Admin, Scope::UsersWrite)
        .grants(&[Grant::Table])
        .errors(&["409 last_owner"])
}

async fn handle(cx: Cx, Path(id): Path<id::UserId>) -> Result<NoContent> {
    let member = find(&cx, id).await?;
    owners_only(&cx, &[member.role])?;
    users::remove(&cx.app.table, cx.org(), &member).await?;
    sessions::delete_others(&cx.app.table, id, None).await?;
    Ok(NoContent)
}
