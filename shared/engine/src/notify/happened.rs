//! What happened, as events: called where it happens. Without an endpoint that wants the event nothing is done.

use domain::{
    Result,
    board::State,
    event::{Event, EventType, Subject},
    id::{AlertId, ConversationId, EventId, ImportId, InboundId, MessageId, OrgId, SuppressionId},
    message::MessageStatus,
};
use sha2::{Digest, Sha256};
use store::messages::Message;

use super::enqueue;
use crate::App;

/// The most recipients in one event, so that a call stays small.
const TOGETHER: usize = 100;

/// Tells that something happened just now.
pub async fn tell(app: &App, org: OrgId, kind: EventType, subjects: Vec<Subject>) -> Result<()> {
    if subjects.is_empty() || !wanted(app, org, kind).await? {
        return Ok(());
    }
    let now = app.now();
    let events = subjects
        .into_iter()
        .map(|subject| Event { id: EventId::new(now, app.random.bits()), kind, at: now, subject })
        .collect();
    enqueue(app, org, events).await
}

async fn wanted(app: &App, org: OrgId, kind: EventType) -> Result<bool> {
    Ok(app.endpoints.of(app, org).await?.iter().any(|endpoint| endpoint.wants(kind)))
}

/// A message was closed. Told again it is the same event, which no endpoint gets twice; so whoever finds a message closed
/// may tell it, in case that who closed it could not.
pub async fn closed(app: &App, message: &Message) -> Result<()> {
    let kind = match message.status {
        MessageStatus::Sent => EventType::MessageSent,
        MessageStatus::Failed => EventType::MessageFailed,
        _ => return Ok(()),
    };
    if !wanted(app, message.org, kind).await? {
        return Ok(());
    }
    let at = message.finished_at.unwrap_or(message.updated_at);
    let digest = Sha256::digest(format!("{}\n{kind}\n{at}", message.id).as_bytes());
    let bits = u128::from_be_bytes(*digest.first_chunk::<16>().expect("a digest has 32 bytes"));
    let subject = Subject::Message { message: message.id };
    enqueue(app, message.org, vec![Event { id: EventId::new(at, bits), kind, at, subject }]).await
}

/// Recipients of a chunk reached states; of those that are none of our events nothing is told.
pub async fn deliveries(
    app: &App,
    org: OrgId,
    message: MessageId,
    chunk: u32,
    reached: &[(usize, State)],
) -> Result<()> {
    for (state, kind) in [
        (State::Delivered, EventType::DeliveryDelivered),
        (State::Read, EventType::DeliveryRead),
        (State::Failed, EventType::DeliveryFailed),
    ] {
        let mut places: Vec<u32> =
            reached.iter().filter(|(_, reached)| *reached == state).map(|(index, _)| *index as u32).collect();
        places.sort_unstable();
        places.dedup();
        let subjects = places
            .chunks(TOGETHER)
            .map(|places| Subject::Deliveries { message, chunk, places: places.to_vec() })
            .collect();
        tell(app, org, kind, subjects).await?;
    }
    Ok(())
}

/// People asked for no more messages.
pub async fn opted_out(app: &App, org: OrgId, suppressions: impl IntoIterator<Item = SuppressionId>) -> Result<()> {
    let subjects = suppressions.into_iter().map(|suppression| Subject::Suppression { suppression }).collect();
    tell(app, org, EventType::ContactOptedOut, subjects).await
}

/// Somebody wants messages again.
pub async fn opted_in(app: &App, org: OrgId, suppression: SuppressionId) -> Result<()> {
    tell(app, org, EventType::ContactOptedIn, vec![Subject::Suppression { suppression }]).await
}

/// Somebody wrote.
pub async fn received(app: &App, org: OrgId, conversation: ConversationId, inbound: InboundId) -> Result<()> {
    tell(app, org, EventType::MessageReceived, vec![Subject::Inbound { conversation, inbound }]).await
}

/// An import came to its end.
pub async fn imported(app: &App, org: OrgId, import: ImportId, well: bool) -> Result<()> {
    let kind = if well { EventType::ImportDone } else { EventType::ImportFailed };
    tell(app, org, kind, vec![Subject::Import { import }]).await
}

/// An alert was raised. It stands in the table, so a queue that is not there for a moment must not undo what raised it.
pub async fn alert(app: &App, org: OrgId, alert: AlertId) {
    if let Err(error) = tell(app, org, EventType::AlertRaised, vec![Subject::Alert { alert }]).await {
        tracing::warn!(%org, %alert, %error, "an alert was not told");
    }
}
