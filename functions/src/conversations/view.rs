//! Conversations as clients see them.

use std::collections::HashMap;

use domain::{
    Result,
    id::{ContactId, ConversationId, OrgId, ProviderId},
    message::Channel,
    phone::Phone,
};
use engine::free_text;
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::Serialize;
use store::{
    Table, contacts,
    conversations::{Conversation, Direction},
    providers as configs,
};

/// What was said to and by one address on one channel.
#[derive(Debug, Clone, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "Conversation")]
pub(super) struct ConversationView {
    /// Its id.
    id: ConversationId,
    /// The channel.
    channel: Channel,
    /// Who: E.164, or an e-mail address.
    #[schemars(extend("examples" = ["+254700000001"]))]
    address: String,
    /// The contact that has this number now.
    contact_id: Option<ContactId>,
    /// What the contact is called.
    contact_name: Option<String>,
    /// The provider config of the last message; replies go out by it.
    provider_id: ProviderId,
    /// Which side wrote last.
    last_direction: Direction,
    /// The beginning of what was last written.
    last_text: String,
    /// When something was last written.
    last_at: Timestamp,
    /// When the person last wrote.
    last_inbound_at: Option<Timestamp>,
    /// Until when a reply may be free text; null where there is no such limit.
    window_ends_at: Option<Timestamp>,
    /// Whether a reply may be free text now.
    is_open: bool,
    /// When it began.
    created_at: Timestamp,
}

/// Conversations with the contacts that have their numbers now.
pub(super) async fn views(
    table: &Table,
    org: OrgId,
    conversations: Vec<Conversation>,
    now: Timestamp,
) -> Result<Vec<ConversationView>> {
    let phones: Vec<Phone> = conversations.iter().filter_map(|one| one.address.parse().ok()).collect();
    let contacts: HashMap<Phone, contacts::Contact> = contacts::by_phones(table, org, &phones).await?;
    let talks_on_whatsapp = conversations.iter().any(|one| one.channel == Channel::WhatsApp);
    let configs = if talks_on_whatsapp { configs::all(table, org).await? } else { Vec::new() };
    Ok(conversations
        .into_iter()
        .map(|one| {
            let config = configs.iter().find(|config| config.id == one.provider_id);
            let contact = one.address.parse().ok().and_then(|phone: Phone| contacts.get(&phone));
            ConversationView {
                id: one.id,
                channel: one.channel,
                contact_id: contact.map(|contact| contact.id),
                contact_name: contact.and_then(|contact| contact.name.clone()),
                provider_id: one.provider_id,
                last_direction: one.last_direction,
                last_at: one.last_at,
                last_inbound_at: one.last_inbound_at,
                window_ends_at: free_text::ends_at(&one, config),
                is_open: free_text::is_open(&one, config, now),
                created_at: one.created_at,
                last_text: one.last_text,
                address: one.address,
            }
        })
        .collect())
}
