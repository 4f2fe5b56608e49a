//! What happened, as events: called where it happens. Without an endpoint that wants the event nothing is done.

use ::providers::{Receipt, ReceiptStatus};
use domain::{
    Result,
    board::State,
    event::{Event, EventType, Subject},
    id::{AlertId, ConversationId, EventId, ImportId, InboundId, MessageId, OrgId, SuppressionId},
    message::MessageStatus,
};
use jiff::Timestamp;
use store::messages::Message;

use super::enqueue;
use crate::{App, app::same_bits};

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
    let (id, subject) = (same_id(at, &format!("{}\n{kind}", message.id)), Subject::Message { message: message.id });
    enqueue(app, message.org, vec![Event { id, kind, at, subject }]).await
}

/// Sending to recipients of a chunk came to an end. Of those that were accepted nothing is told yet.
pub async fn settled(app: &App, org: OrgId, message: MessageId, chunk: u32, settled: &[(usize, State)]) -> Result<()> {
    let failed = settled.iter().filter(|(_, state)| *state == State::Failed).map(|(index, _)| *index as u32);
    deliveries(app, org, (message, chunk), EventType::DeliveryFailed, failed.collect(), None).await
}

/// A provider reported on recipients of a chunk. What it says with a time is the same event whenever it is said.
pub async fn reported(
    app: &App,
    org: OrgId,
    message: MessageId,
    chunk: u32,
    reported: &[(usize, &Receipt)],
) -> Result<()> {
    for (status, kind) in [
        (ReceiptStatus::Delivered, EventType::DeliveryDelivered),
        (ReceiptStatus::Read, EventType::DeliveryRead),
        (ReceiptStatus::Failed, EventType::DeliveryFailed),
    ] {
        let of_kind = || reported.iter().filter(|(_, receipt)| receipt.status == status);
        let places = of_kind().map(|(index, _)| *index as u32).collect();
        let at = of_kind().filter_map(|(_, receipt)| receipt.occurred_at).max();
        deliveries(app, org, (message, chunk), kind, places, at).await?;
    }
    Ok(())
}

async fn deliveries(
    app: &App,
    org: OrgId,
    (message, chunk): (MessageId, u32),
    kind: EventType,
    mut places: Vec<u32>,
    at: Option<Timestamp>,
) -> Result<()> {
    if places.is_empty() || !wanted(app, org, kind).await? {
        return Ok(());
    }
    places.sort_unstable();
    places.dedup();
    let events = places
        .chunks(TOGETHER)
        .map(|places| {
            let subject = Subject::Deliveries { message, chunk, places: places.to_vec() };
            let id = match at {
                Some(at) => same_id(at, &format!("{message}\n{kind}\n{chunk}\n{places:?}")),
                None => EventId::new(app.now(), app.random.bits()),
            };
            Event { id, kind, at: at.unwrap_or_else(|| app.now()), subject }
        })
        .collect();
    enqueue(app, org, events).await
}

/// The id of an event that may be told by several: the same for the same text and time.
fn same_id(at: Timestamp, text: &str) -> EventId {
    EventId::new(at, same_bits(&format!("{text}\n{at}")))
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
