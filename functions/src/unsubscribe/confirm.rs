//! `POST /api/u/{token}`: from now on the address gets no e-mail of the organization (RFC 8058 §3.2).

use web::{prelude::*, reply::Raw};

use super::page;

/// The row.
pub fn row() -> Row {
    Row::post("unsubscribe-confirm", "/api/u/{token}", handle)
        .summary("Stop e-mail with one click")
        .description(
            "What the page's button and the button of a mail program send (RFC 8058): a POST, whose body says \
             `List-Unsubscribe=One-Click` and does not matter, because the link alone says who. No sign-in, no redirect; doing it \
             again changes nothing.",
        )
        .tag("Suppressions")
        .public()
        .grants(&[Grant::Table, Grant::RootSecret, Grant::Enqueue(Queue::Notify)])
        .body_limit(64 << 10)
}

async fn handle(cx: Cx, Path(token): Path<String>, _body: RawBody) -> Result<Raw> {
    let subscriber = engine::unsubscribe::subscriber(&cx.app, &token).await?;
    engine::unsubscribe::unsubscribe(&cx.app, &subscriber).await?;
    Ok(page::done(&page::organization(&cx, subscriber.org).await?))
}
