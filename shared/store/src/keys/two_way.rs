//! Keys of what people say to us: opt-outs and conversations. The table in `keys.rs` lists them with the others.

use domain::{
    id::{ConversationId, InboundId, OrgId, ProviderId, SuppressionId},
    message::Channel,
};
use jiff::Timestamp;

use super::{Key, SHARDS, hash, of_org, shard_of};

/// A suppression. Prefix of all: [`SUPPRESSIONS`].
pub fn suppression(org: OrgId, suppression: SuppressionId) -> Key {
    Key::new(format!("O#{org}#S#{}", suppression.shard(SHARDS)), suppression.to_string())
}

/// Sort-key prefix of suppressions.
pub const SUPPRESSIONS: &str = "sup_";

/// The partitions of an organization's suppressions.
pub fn suppressions(org: OrgId) -> Vec<String> {
    (0..SHARDS).map(|shard| format!("O#{org}#S#{shard}")).collect()
}

/// What is kept of a suppression that was taken off the list. Not among the suppressions, so that no list reads over it.
pub fn removed_suppression(org: OrgId, suppression: SuppressionId) -> Key {
    Key::new(format!("O#{org}#S#{}", suppression.shard(SHARDS)), format!("D#{suppression}"))
}

/// On which channels an address is suppressed.
pub fn suppressed_address(org: OrgId, address: &str) -> Key {
    Key::new(format!("O#{org}#SA#{}", shard_of(address, SHARDS)), address)
}

/// The partitions of an organization's suppressed addresses.
pub fn suppressed_addresses(org: OrgId) -> Vec<String> {
    (0..SHARDS).map(|shard| format!("O#{org}#SA#{shard}")).collect()
}

/// The number that goes up with each change of an organization's suppressions.
pub fn suppressions_version(org: OrgId) -> Key {
    of_org(org, "SUPPRESSIONS".into())
}

/// A conversation.
pub fn conversation(org: OrgId, conversation: ConversationId) -> Key {
    Key::new(format!("O#{org}#V#{}", conversation.shard(SHARDS)), conversation.to_string())
}

/// The place of a conversation in the list, by when something was last said. Prefix of all: [`CONVERSATION_ENTRIES`].
pub fn conversation_entry(org: OrgId, id: ConversationId, last: Timestamp) -> Key {
    Key::new(conversation(org, id).pk, format!("{CONVERSATION_ENTRIES}{:014}#{id}", last.as_millisecond()))
}

/// Sort-key prefix of the places of conversations in the list.
pub const CONVERSATION_ENTRIES: &str = "T#";

/// The partitions of an organization's conversations.
pub fn conversations(org: OrgId) -> Vec<String> {
    (0..SHARDS).map(|shard| format!("O#{org}#V#{shard}")).collect()
}

/// The pointer from an address and a channel to their conversation.
pub fn conversation_address(org: OrgId, channel: Channel, address: &str) -> Key {
    Key::new(format!("O#{org}#VA#{}", shard_of(address, SHARDS)), format!("{address}#{channel}"))
}

/// A message that came in.
pub fn inbound(org: OrgId, conversation: ConversationId, inbound: InboundId) -> Key {
    Key::new(inbound_partition(org, conversation), inbound.to_string())
}

/// The partition of what came in of a conversation.
pub fn inbound_partition(org: OrgId, conversation: ConversationId) -> String {
    format!("O#{org}#VM#{conversation}")
}

/// That a provider config told of a message; `told` tells it from others.
pub fn inbound_marker(org: OrgId, provider: ProviderId, told: &str) -> Key {
    Key::new(format!("O#{org}#VI#{}", hash(&format!("{provider}\n{told}"))), "INBOUND")
}
