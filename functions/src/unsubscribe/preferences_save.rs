//! `POST /api/u/{token}/preferences`: somebody leaves the channels and groups that they ticked.

use domain::message::Channel;
use engine::preferences::{self, Leaving};
use web::{prelude::*, reply::Raw};

use super::page;

/// The row.
pub fn row() -> Row {
    Row::post("unsubscribe-preferences-save", "/api/u/{token}/preferences", handle)
        .summary("Leave channels and groups")
        .description(
            "What the page's form sends: `channel=SMS` and `group=grp_…`, each any number of times. No sign-in, no redirect; doing \
             it again changes nothing.",
        )
        .tag("Suppressions")
        .public()
        .grants(&[Grant::Table, Grant::RootSecret, Grant::Enqueue(Queue::Notify)])
        .body_limit(64 << 10)
}

async fn handle(cx: Cx, Path(token): Path<String>, body: RawBody) -> Result<Raw> {
    let subscriber = engine::unsubscribe::subscriber(&cx.app, &token).await?;
    preferences::leave(&cx.app, &subscriber, &leaving(&body.0)).await?;
    let left = preferences::of(&cx.app, &subscriber).await?;
    Ok(page::preferences(&page::organization(&cx, subscriber.org).await?, &left, true))
}

/// What the form says. What is neither a channel nor a group is nothing.
fn leaving(form: &[u8]) -> Leaving {
    let mut leaving = Leaving::default();
    for (name, value) in url::form_urlencoded::parse(form) {
        match name.as_ref() {
            "channel" => leaving.channels.extend(value.parse::<Channel>()),
            "group" => leaving.groups.extend(value.parse::<id::GroupId>()),
            _ => {}
        }
    }
    leaving
}
