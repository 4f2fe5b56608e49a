//! Opens and clicks that a provider reports. They change no state of a delivery; the message shows how many did what.

use std::collections::BTreeSet;

use ::providers::Engagement;
use domain::{
    Error, Result,
    engagement::public_link,
    id::{MessageId, OrgId},
};
use futures::{StreamExt, TryStreamExt, stream};
use store::{
    Update,
    engagement::{self, Engaged},
    keys,
    messages::Message,
};

use crate::{App, finish, receive::place_of};

/// How many reports of one call are worked on at the same time.
const AT_ONCE: usize = 8;

/// Stores what a provider says that recipients did. What is of no message of this organization is dropped.
pub async fn receive(app: &App, org: OrgId, told: Vec<Engagement>) -> Result<()> {
    let notes: Vec<_> = told.into_iter().map(|told| async move { note(app, org, told).await }).collect();
    let messages: BTreeSet<MessageId> =
        stream::iter(notes).buffered(AT_ONCE).try_filter_map(|noted| async move { Ok(noted) }).try_collect().await?;
    for message in messages {
        let known = (org, message);
        if app.known.engaged.get(&known).is_none() {
            // From now on its folds count them.
            engagement::mark(&app.table, org, message).await?;
            app.known.engaged.put(known, ());
        }
        finish::refold(app, org, message).await?;
    }
    Ok(())
}

/// The message, if something new was noted.
async fn note(app: &App, org: OrgId, told: Engagement) -> Result<Option<MessageId>, Error> {
    let Some(place) = place_of(app, org, told.delivery).await? else { return Ok(None) };
    let engaged = Engaged {
        kind: told.kind,
        at: told.occurred_at.unwrap_or_else(|| app.now()),
        link: told.link.as_deref().and_then(public_link),
    };
    let is_new = engagement::note(&app.table, org, place.message, place.chunk, place.index, &engaged).await?;
    Ok(is_new.then_some(place.message))
}

/// Counts anew who did what with a message, if anything was told of it.
pub async fn counted(app: &App, mut message: Message) -> Result<Message> {
    if message.engagement.is_some() {
        let chunks = message.planned.then_some(message.chunks);
        message.engagement = Some(engagement::fold(&app.table, message.org, message.id, chunks).await?);
    }
    Ok(message)
}

/// The same, and keeps the counts with the message.
pub(crate) async fn cache(app: &App, message: Message) -> Result<Message> {
    let before = message.engagement;
    let message = counted(app, message).await?;
    if message.engagement != before {
        let update = Update::of(keys::message(message.org, message.id)).set("engagement", message.engagement);
        app.table.update(update.if_exists()).await?;
    }
    Ok(message)
}
