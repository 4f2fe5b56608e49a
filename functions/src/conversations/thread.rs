//! The thread of a conversation: what came in, merged with the copies that went to the address on its channel.

use domain::{
    Error, Result,
    delivery::DeliveryStatus,
    id::{DeliveryId, InboundId, MessageId, ProviderId},
    keywords::Keyword,
};
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::Serialize;
use store::{
    Page,
    conversations::{self, Conversation, Direction, Inbound},
    deliveries, messages,
};
use web::Cx;

use crate::deliveries::view::{DeliveryView, one};

/// Something that was said.
#[derive(Debug, Clone, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct ConversationMessage {
    /// Its id: `inm_…` for what came in, `dlv_…` for what went out.
    #[schemars(extend("examples" = ["inm_01KAJ7Q4T0M5Z8X2V9C3B6N1R4"]))]
    id: String,
    /// Which side wrote it.
    direction: Direction,
    /// The text.
    body: String,
    /// The word that it is, if it is nothing but one that opts out or in or asks for help.
    keyword: Option<Keyword>,
    /// How far it got; null for what came in.
    status: Option<DeliveryStatus>,
    /// The message that it is a copy of; null for what came in.
    message_id: Option<MessageId>,
    /// The provider config.
    provider_id: ProviderId,
    /// When.
    at: Timestamp,
}

impl From<Inbound> for ConversationMessage {
    fn from(inbound: Inbound) -> Self {
        Self {
            id: inbound.id.to_string(),
            direction: Direction::In,
            body: inbound.text,
            keyword: inbound.keyword,
            status: None,
            message_id: None,
            provider_id: inbound.provider_id,
            at: inbound.at,
        }
    }
}

impl From<DeliveryView> for ConversationMessage {
    fn from(delivery: DeliveryView) -> Self {
        Self {
            id: delivery.id.to_string(),
            direction: Direction::Out,
            body: delivery.body,
            keyword: None,
            status: Some(delivery.status),
            message_id: Some(delivery.message_id),
            provider_id: delivery.provider_id,
            at: delivery.created_at,
        }
    }
}

/// What lies at one place of the thread.
enum Entry {
    In(Inbound),
    Out(DeliveryId),
}

/// A page of the thread, newest first. Ids sort by time, so the place to go on at is that of the last id, whichever side
/// it is of.
pub(super) async fn page(
    cx: &Cx,
    conversation: &Conversation,
    after: Option<String>,
    limit: usize,
) -> Result<Page<ConversationMessage>> {
    let (table, org) = (&cx.app.table, cx.org());
    let before: Option<u128> = after.map(|after| after.parse().map_err(Error::internal)).transpose()?;
    let (came_in, went_out) = futures::try_join!(
        conversations::inbound(table, org, conversation.id, before.map(InboundId::from_bits), limit + 1),
        deliveries::of_address(
            table,
            org,
            &conversation.address,
            before.map(|bits| MessageId::from_bits(bits).to_string()),
            limit + 1
        ),
    )?;
    let mut entries: Vec<(u128, Entry)> = Vec::new();
    entries.extend(came_in.into_iter().map(|one| (one.id.bits(), Entry::In(one))));
    entries.extend(went_out.into_iter().map(|(_, one)| (one.id.message().bits(), Entry::Out(one.id))));
    entries.sort_by_key(|(bits, _)| std::cmp::Reverse(*bits));
    let more = entries.len() > limit;
    entries.truncate(limit);
    let next = entries.last().filter(|_| more).map(|(bits, _)| bits.to_string());
    let mut rows = Vec::with_capacity(entries.len());
    for (_, entry) in entries {
        match entry {
            Entry::In(inbound) => rows.push(ConversationMessage::from(inbound)),
            Entry::Out(id) => {
                // A number may be reached on several channels; each has its own conversation.
                let message = messages::find(table, org, id.message()).await?;
                if message.is_some_and(|message| message.channel == conversation.channel) {
                    rows.push(ConversationMessage::from(one(table, org, id).await?));
                }
            }
        }
    }
    Ok(Page { rows, next })
}
