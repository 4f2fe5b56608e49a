//! `POST /api/auth/logout`: ends the session of the token, and all its tokens with it.

use store::sessions;
use web::{auth::Actor, prelude::*};

use super::cookie;

/// The row.
pub fn row() -> Row {
    Row::post("auth-logout", "/api/auth/logout", handle)
        .summary("Sign out")
        .tag("Auth")
        .person(Role::Viewer)
        .grants(&[Grant::Table])
}

async fn handle(cx: Cx) -> Result<WithCookie<NoContent>> {
    if let Actor::User { id, session } = cx.principal().actor {
        sessions::delete(&cx.app.table, id, session).await?;
    }
    let cookie = cookie::wanted(&cx).then(|| cookie::drop(&cx));
    Ok(WithCookie { reply: NoContent, cookie })
}
