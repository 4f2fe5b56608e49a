//! `GET /api/u/{token}/preferences`: shows what somebody may leave. Looking changes nothing.

use web::{prelude::*, reply::Raw};

use super::page;

/// The row.
pub fn row() -> Row {
    Row::get("unsubscribe-preferences-show", "/api/u/{token}/preferences", handle)
        .summary("The page by which somebody chooses what to leave")
        .description(
            "A small HTML page without script: the channels on which the reader of the mail gets messages, and the groups that \
             they are in, each with a box to tick. Opening it changes nothing.",
        )
        .tag("Suppressions")
        .public()
        .grants(&[Grant::TableRead, Grant::RootSecret])
}

async fn handle(cx: Cx, Path(token): Path<String>) -> Result<Raw> {
    let subscriber = engine::unsubscribe::subscriber(&cx.app, &token).await?;
    let preferences = engine::preferences::of(&cx.app, &subscriber).await?;
    Ok(page::preferences(&page::organization(&cx, subscriber.org).await?, &preferences, false))
}
