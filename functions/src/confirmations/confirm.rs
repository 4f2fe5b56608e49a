//! `POST /api/confirm/{token}`: a member of a group confirms.

use web::{prelude::*, reply::Raw};

use crate::unsubscribe::page;

/// The row.
pub fn row() -> Row {
    Row::post("confirmations-confirm", "/api/confirm/{token}", handle)
        .summary("Confirm that one wants to be in a group")
        .description("What the page's button sends. The link alone says who and where; doing it again changes nothing.")
        .tag("Groups")
        .public()
        .grants(&[Grant::Table, Grant::RootSecret])
        .body_limit(64 << 10)
}

async fn handle(cx: Cx, Path(token): Path<String>, _body: RawBody) -> Result<Raw> {
    let (member, group, _) = engine::confirm::member(&cx.app, &token).await?;
    engine::confirm::follow(&cx.app, member).await?;
    Ok(page::confirmed(&page::organization(&cx, member.org).await?, &group.name))
}
