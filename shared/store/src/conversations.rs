//! Conversations: what people wrote to us, by address and channel, and when last something was said.
//!
//! Invariants: an address has one conversation per channel; a conversation, its place in the list and the message that
//! moved it are written in one transaction. What the provider tells twice is one message: its marker is written first
//! and says when all that follows from it is done, so that a repetition goes on where a crash ended and starts nothing
//! that was done.

use std::collections::HashSet;

use aws_sdk_dynamodb::types::TransactWriteItem;
use domain::{
    Error, Result,
    id::{ContactId, ConversationId, InboundId, OrgId, ProviderId},
    keywords::Keyword,
    message::Channel,
    text::cut,
    whatsapp::WINDOW,
};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::{
    contacts,
    counters::{self, names::CONVERSATIONS as COUNTER},
    keys,
    page::{self, Page},
    range::Range,
    table::Table,
    transaction::Cancelled,
    update::Update,
};

/// How long it is remembered what a provider told. They repeat a call for two days at most.
const REMEMBERED: SignedDuration = SignedDuration::from_hours(7 * 24);

/// How many characters of the last message a conversation shows.
const PREVIEW: usize = 120;

/// How often a write is made again because someone else was quicker.
const TRIES: usize = 20;

/// A conversation as stored.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Conversation {
    /// Its id.
    pub id: ConversationId,
    /// The channel.
    pub channel: Channel,
    /// Who: E.164, or an e-mail address.
    pub address: String,
    /// The provider config of the last message.
    pub provider_id: ProviderId,
    /// When the person last wrote.
    pub last_inbound_at: Option<Timestamp>,
    /// Which side wrote last.
    pub last_direction: Direction,
    /// The beginning of what was last written.
    pub last_text: String,
    /// When something was last written.
    pub last_at: Timestamp,
    /// When help was last sent by itself, in epoch seconds.
    #[serde(default)]
    pub helped_at: Option<i64>,
    /// When it began.
    pub created_at: Timestamp,
    /// Goes up with each write.
    pub version: u64,
}

impl Conversation {
    /// Until when WhatsApp takes free text, by configs that are bound to that; `None` on other channels, or where nobody
    /// wrote yet.
    pub fn window_ends_at(&self) -> Option<Timestamp> {
        if self.channel == Channel::WhatsApp { self.last_inbound_at.map(|at| at + WINDOW) } else { None }
    }
}

/// Which side wrote.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "UPPERCASE")]
pub enum Direction {
    /// The person.
    In,
    /// We.
    Out,
}

/// A message that came in.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Inbound {
    /// Its id.
    pub id: InboundId,
    /// The provider config that it came by.
    pub provider_id: ProviderId,
    /// The provider's id for it.
    pub provider_message_id: Option<String>,
    /// Which of our numbers it was sent to.
    pub to: Option<String>,
    /// The text.
    pub text: String,
    /// What it asks for, if it is nothing but such a word.
    pub keyword: Option<Keyword>,
    /// When it came in.
    pub at: Timestamp,
}

/// That a provider told of a message.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub struct Marker {
    /// The id that the message has.
    pub id: InboundId,
    /// Whether all that follows from it is done.
    pub done: bool,
    /// When it goes (epoch seconds).
    ttl: i64,
}

/// Marks that a provider told of a message, as `key` tells it from others; gives the marker of the first time.
pub async fn mark(
    table: &Table,
    org: OrgId,
    provider: ProviderId,
    key: &str,
    id: InboundId,
    now: Timestamp,
) -> Result<Marker> {
    let place = keys::inbound_marker(org, provider, key);
    let new = Marker { id, done: false, ttl: (now + REMEMBERED).as_second() };
    if table.put_new(&place, &new).await? {
        return Ok(new);
    }
    Ok(table.get(&place).await?.unwrap_or(new))
}

/// All that follows from a message is done.
pub async fn done(table: &Table, org: OrgId, provider: ProviderId, key: &str) -> Result<()> {
    table.update(Update::of(keys::inbound_marker(org, provider, key)).set("done", true).if_exists()).await.map(|_| ())
}

#[derive(Serialize, Deserialize)]
struct Pointer {
    conversation: ConversationId,
}

/// The conversation with an address on a channel.
pub async fn of_address(table: &Table, org: OrgId, channel: Channel, address: &str) -> Result<Option<Conversation>> {
    let pointer: Option<Pointer> = table.get(&keys::conversation_address(org, channel, address)).await?;
    match pointer {
        Some(pointer) => table.get(&keys::conversation(org, pointer.conversation)).await,
        None => Ok(None),
    }
}

/// Which of these addresses wrote on WhatsApp so lately that it takes free text to them at `at`.
pub async fn within_window(table: &Table, org: OrgId, addresses: &[&str], at: Timestamp) -> Result<HashSet<String>> {
    let places: Vec<_> =
        addresses.iter().map(|address| keys::conversation_address(org, Channel::WhatsApp, address)).collect();
    let pointers: Vec<Option<Pointer>> = table.get_many(&places).await?;
    let places: Vec<_> =
        pointers.into_iter().flatten().map(|pointer| keys::conversation(org, pointer.conversation)).collect();
    let found: Vec<Option<Conversation>> = table.get_many(&places).await?;
    let open = found.into_iter().flatten().filter(|one| one.window_ends_at().is_some_and(|end| at < end));
    Ok(open.map(|one| one.address).collect())
}

/// The conversations with a contact, the latest first; none if there is no such contact.
pub async fn of_contact(
    table: &Table,
    org: OrgId,
    contact: ContactId,
    channel: Option<Channel>,
) -> Result<Vec<Conversation>> {
    let Some(contact) = contacts::get_many(table, org, &[contact]).await?.pop().flatten() else {
        return Ok(Vec::new());
    };
    let mut found = Vec::new();
    for on in [Channel::Sms, Channel::WhatsApp, Channel::Email] {
        let address =
            if on == Channel::Email { contact.email.clone() } else { contact.phone.map(|one| one.to_string()) };
        if let Some(address) = address.filter(|_| channel.is_none_or(|channel| channel == on)) {
            found.extend(of_address(table, org, on, &address).await?);
        }
    }
    found.sort_by_key(|one| std::cmp::Reverse(one.last_at));
    Ok(found)
}

/// A conversation; not found if there is none.
pub async fn get(table: &Table, org: OrgId, id: ConversationId) -> Result<Conversation> {
    table.get(&keys::conversation(org, id)).await?.ok_or_else(|| Error::not_found("conversation", id))
}

/// Adds what a person wrote; the conversation begins with it if there is none. `new` is the id that it then has.
/// A message that is there already changes nothing.
pub async fn receive(
    table: &Table,
    org: OrgId,
    channel: Channel,
    address: &str,
    inbound: &Inbound,
    new: ConversationId,
) -> Result<Conversation> {
    for _ in 0..TRIES {
        let old = of_address(table, org, channel, address).await?;
        let conversation = match &old {
            Some(old) => moved(old, inbound.provider_id, Direction::In, &inbound.text, inbound.at),
            None => Conversation {
                id: new,
                channel,
                address: address.to_owned(),
                provider_id: inbound.provider_id,
                last_inbound_at: Some(inbound.at),
                last_direction: Direction::In,
                last_text: cut(&inbound.text, PREVIEW).to_owned(),
                last_at: inbound.at,
                helped_at: None,
                created_at: inbound.at,
                version: 1,
            },
        };
        let place = keys::inbound(org, conversation.id, inbound.id);
        let mut writes = vec![table.tx_put_new(&place, inbound)?];
        writes.extend(rows(table, org, old.as_ref(), &conversation)?);
        match table.transact(writes).await {
            Ok(()) => return Ok(conversation),
            Err(cancelled) if cancelled.failed(0) => return Ok(old.unwrap_or(conversation)),
            Err(Cancelled::Conditions(_)) => {}
            Err(Cancelled::Other(error)) => return Err(error),
        }
    }
    Err(Error::Unavailable("a conversation is busy".into()))
}

/// Moves a conversation by what we said through a config.
pub async fn said(
    table: &Table,
    org: OrgId,
    id: ConversationId,
    provider: ProviderId,
    text: &str,
    now: Timestamp,
) -> Result<()> {
    for _ in 0..TRIES {
        let old = get(table, org, id).await?;
        let new = moved(&old, provider, Direction::Out, text, now);
        match table.transact(rows(table, org, Some(&old), &new)?).await {
            Ok(()) => return Ok(()),
            Err(Cancelled::Conditions(_)) => {}
            Err(Cancelled::Other(error)) => return Err(error),
        }
    }
    Err(Error::Unavailable("a conversation is busy".into()))
}

fn moved(old: &Conversation, provider: ProviderId, direction: Direction, text: &str, now: Timestamp) -> Conversation {
    let mut new = old.clone();
    new.version += 1;
    if direction == Direction::In {
        new.last_inbound_at = new.last_inbound_at.max(Some(now));
    }
    // Messages may come in the wrong order: the list goes by the latest.
    if now >= old.last_at {
        new.provider_id = provider;
        new.last_direction = direction;
        cut(text, PREVIEW).clone_into(&mut new.last_text);
        new.last_at = now;
    }
    new
}

/// The conversation with its place in the list, for a transaction. Of a new one the pointer is the first.
fn rows(table: &Table, org: OrgId, old: Option<&Conversation>, new: &Conversation) -> Result<Vec<TransactWriteItem>> {
    let entry = |one: &Conversation| keys::conversation_entry(org, one.id, one.last_at);
    let pointer = Pointer { conversation: new.id };
    let mut writes = Vec::new();
    match old {
        None => {
            writes.push(table.tx_put_new(&keys::conversation_address(org, new.channel, &new.address), &pointer)?);
            writes.push(table.tx_put_new(&keys::conversation(org, new.id), new)?);
            writes.push(counters::add(table, org, COUNTER, new.id.shard(keys::SHARDS), 1)?);
        }
        Some(old) => {
            let update = Update::of(keys::conversation(org, new.id))
                .set("providerId", new.provider_id)
                .set_or_remove("lastInboundAt", new.last_inbound_at)
                .set("lastDirection", new.last_direction)
                .set("lastText", &new.last_text)
                .set("lastAt", new.last_at)
                .set("version", new.version)
                .if_equal("version", old.version);
            writes.push(table.tx_update(update)?);
        }
    }
    match old {
        Some(old) if entry(old) == entry(new) => {}
        Some(old) => {
            writes.push(table.tx_delete(&entry(old), false)?);
            writes.push(table.tx_put(&entry(new), &pointer)?);
        }
        None => writes.push(table.tx_put(&entry(new), &pointer)?),
    }
    Ok(writes)
}

/// Takes the right to send help by itself, at most once in `pause`. `false`: it was sent lately.
pub async fn may_help(
    table: &Table,
    org: OrgId,
    id: ConversationId,
    now: Timestamp,
    pause: SignedDuration,
) -> Result<bool> {
    let update = Update::of(keys::conversation(org, id))
        .set("helpedAt", now.as_second())
        .if_absent_or_below("helpedAt", (now - pause).as_second())
        .if_exists();
    table.update(update).await
}

/// A page of conversations, the latest first.
pub async fn list(
    table: &Table,
    org: OrgId,
    channel: Option<Channel>,
    after: Option<String>,
    limit: usize,
) -> Result<Page<Conversation>> {
    let range = Range::prefix(keys::conversations(org), keys::CONVERSATION_ENTRIES, limit).backward().after(after);
    let entries: Page<Pointer> = page::read(table, range, limit, false, |_| true).await?;
    let places: Vec<_> = entries.rows.iter().map(|entry| keys::conversation(org, entry.conversation)).collect();
    let found: Vec<Option<Conversation>> = table.get_many(&places).await?;
    let rows = found.into_iter().flatten().filter(|one| channel.is_none_or(|channel| one.channel == channel)).collect();
    Ok(Page { rows, next: entries.next })
}

/// How many conversations there are.
pub async fn total(table: &Table, org: OrgId) -> Result<u64> {
    counters::read_one(table, org, COUNTER).await
}

/// What the person wrote, newest first, before the message `before`.
pub async fn inbound(
    table: &Table,
    org: OrgId,
    id: ConversationId,
    before: Option<InboundId>,
    limit: usize,
) -> Result<Vec<Inbound>> {
    let partition = keys::inbound_partition(org, id);
    let range = Range::prefix(vec![partition], "inm_", limit).backward().after(before.map(|id| id.to_string()));
    Ok(table.range(&range).await?.into_iter().map(|(_, inbound)| inbound).collect())
}
