//! Messages: one content to one audience on one channel at one time.

use std::collections::BTreeMap;

use aws_sdk_dynamodb::types::TransactWriteItem;
use domain::{
    Result,
    attributes::Value,
    board::Counts,
    id::{ContactId, GroupId, ImportId, MediaId, MessageId, OrgId, ProviderId, TemplateId},
    message::{Channel, MessageStatus, PauseReason, RecipientType},
    whatsapp::Used,
};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{
    counters,
    engagement::EngagementCounts,
    keys,
    page::{self, Page},
    range::Range,
    table::Table,
    update::Update,
};

/// Who a message goes to, as it was asked for. Addresses that do not fit the item are kept in pages
/// (`store::ledger::put_recipients`).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Audience {
    /// Contacts by id.
    Contacts {
        /// Their ids, as given.
        ids: Vec<ContactId>,
    },
    /// The members of groups.
    Groups {
        /// Their ids.
        ids: Vec<GroupId>,
    },
    /// Addresses given with the request, in the pages of recipients.
    Addresses,
    /// Groups, contacts and addresses together, first wins; contacts and addresses are in the pages of recipients.
    Mixed {
        /// The groups among them.
        groups: Vec<GroupId>,
    },
    /// The rows of an import.
    Import {
        /// The import.
        id: ImportId,
    },
}

/// What a message is for.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Purpose {
    /// What people want to say.
    #[default]
    Ordinary,
    /// Asks pending members of a group to confirm; nobody else gets it.
    Confirmation {
        /// The group.
        group: GroupId,
    },
    /// The one answer to an opt-out; the suppression that it confirms is no reason to leave it out.
    LastWord,
}

/// A message as stored.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Message {
    /// Its id.
    pub id: MessageId,
    /// Its organization.
    pub org: OrgId,
    /// The channel.
    pub channel: Channel,
    /// The title, for people.
    pub title: String,
    /// The subject (e-mail).
    pub subject: Option<String>,
    /// The text, with `{{variables}}`.
    pub body: String,
    /// The template the text came from.
    pub template_id: Option<TemplateId>,
    /// The WhatsApp template that it goes out as.
    #[serde(default)]
    pub whatsapp: Option<Used>,
    /// Variables given with the request.
    pub variables: BTreeMap<String, Value>,
    /// Whether look-alike characters are replaced where that keeps an SMS in the GSM alphabet.
    #[serde(default)]
    pub smart: bool,
    /// Files that go with it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub media: Vec<MediaId>,
    /// How the audience was named.
    pub recipient_type: RecipientType,
    /// The id given for it, if one was.
    pub recipient_id: Option<String>,
    /// The audience.
    pub audience: Audience,
    /// How many recipients: estimated at accept, exact once planned.
    pub recipient_count: u64,
    /// The provider config that sends; of a routed message the one that it began with.
    pub provider_id: ProviderId,
    /// Whether each of its chunks is routed when its turn comes.
    #[serde(default)]
    pub auto: bool,
    /// What it is for.
    #[serde(default)]
    pub purpose: Purpose,
    /// The state.
    pub status: MessageStatus,
    /// Why it is paused.
    pub pause_reason: Option<PauseReason>,
    /// What went wrong, in words.
    pub error: Option<String>,
    /// When it is to go out; now if absent.
    pub scheduled_at: Option<Timestamp>,
    /// Seconds after `scheduled_at` from which it is late: then it pauses and asks.
    pub late_after: u64,
    /// When sending began.
    pub started_at: Option<Timestamp>,
    /// The day (`2026-01-31`) on which sending began, in the organization's zone; what the day totals count under.
    pub day: Option<String>,
    /// When all recipients were settled.
    pub finished_at: Option<Timestamp>,
    /// Recipients per chunk, fixed when planning begins.
    pub chunk_size: u32,
    /// How many chunks there are so far; all of them once `planned`.
    pub chunks: u32,
    /// Whether the whole audience is in chunks.
    pub planned: bool,
    /// The counts at the last fold.
    pub counts: Counts,
    /// When that was.
    pub counted_at: Option<Timestamp>,
    /// How many recipients did what, at the last fold; absent while nothing was told of any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub engagement: Option<EngagementCounts>,
    /// Goes up with each fold, so that two folds cannot both move the day totals.
    pub folds: u64,
    /// When a fold is to come that was asked for (epoch milliseconds).
    #[serde(default)]
    pub fold_at: Option<i64>,
    /// How often the sweep looked at it since it was closed.
    pub looks: u32,
    /// How often it could not begin at its time.
    #[serde(default)]
    pub failed_starts: u32,
    /// Of how many accepted copies nothing more was heard, when that was last looked at; absent for the first hours.
    #[serde(default)]
    pub unreported: Option<u64>,
    /// Who asked for it: a user's or an API key's id.
    pub sent_by: String,
    /// When it was accepted.
    pub created_at: Timestamp,
    /// When it was last changed by a person or moved to another state.
    pub updated_at: Timestamp,
    /// The partition of the `due` index, while there is something to do.
    pub due_partition: Option<String>,
    /// When the sweep is to look at it.
    pub due_at: Option<String>,
}

impl Message {
    /// Puts the message into the index of what is due.
    pub fn due(&mut self, at: Timestamp) {
        self.due_partition = Some(keys::due_partition(self.id.shard(keys::DUE_SHARDS)));
        self.due_at = Some(due_text(at));
    }

    /// The counts as people see them: before the first fold everyone is pending (or cancelled, if it was).
    pub fn shown_counts(&self) -> Counts {
        let all = self.recipient_count;
        match (self.counted_at, self.status) {
            (Some(_), _) => self.counts.clone(),
            (None, MessageStatus::Cancelled) => Counts { total: all, cancelled: all, ..Counts::default() },
            (None, _) => Counts { total: all, pending: all, ..Counts::default() },
        }
    }

    /// Whether its text and audience may still be changed.
    pub fn is_editable(&self) -> bool {
        matches!(self.status, MessageStatus::Scheduled | MessageStatus::Draft)
    }
}

/// A time as the `due` index sorts it: fixed width, UTC.
pub fn due_text(at: Timestamp) -> String {
    format!("{at:.3}")
}

/// The message, strongly consistent.
pub async fn get(table: &Table, org: OrgId, id: MessageId) -> Result<Message> {
    find(table, org, id).await?.ok_or_else(|| domain::Error::not_found("message", id))
}

/// The message, if there is one.
pub async fn find(table: &Table, org: OrgId, id: MessageId) -> Result<Option<Message>> {
    table.get(&keys::message(org, id)).await
}

/// The writes that create a message, for a transaction.
pub fn create(table: &Table, message: &Message) -> Result<Vec<TransactWriteItem>> {
    let mut moves = counters::Moves::default();
    moves.add(counters::names::MESSAGES, 1);
    moves.add(counters::names::messages_with(message.status.name()), 1);
    moves.add(counters::names::messages_in(quarter(message.id.time())), 1);
    let mut writes = vec![table.tx_put_new(&keys::message(message.org, message.id), message)?];
    writes.extend(moves.writes(table, message.org, message.id.shard(keys::SHARDS))?);
    Ok(writes)
}

/// The writes that move a message from one state to another. The transaction fails if it is not in `message.status`
/// any more. `change` adds what else changes.
pub fn transition(
    table: &Table,
    message: &Message,
    to: MessageStatus,
    now: Timestamp,
    change: impl FnOnce(Update) -> Update,
) -> Result<Vec<TransactWriteItem>> {
    let update = Update::of(keys::message(message.org, message.id))
        .set("status", to)
        .set("updatedAt", now)
        .if_equal("status", message.status);
    let mut moves = counters::Moves::default();
    moves.add(counters::names::messages_with(message.status.name()), -1);
    moves.add(counters::names::messages_with(to.name()), 1);
    let mut writes = vec![table.tx_update(change(update))?];
    writes.extend(moves.writes(table, message.org, message.id.shard(keys::SHARDS))?);
    Ok(writes)
}

/// Notes that a message is to be folded at `at`. `false`: that was noted before, and lies ahead.
pub async fn ask_fold(table: &Table, message: &Message, now: Timestamp, at: Timestamp) -> Result<bool> {
    let update = Update::of(keys::message(message.org, message.id))
        .set("foldAt", at.as_millisecond())
        .if_absent_or_below("foldAt", now.as_millisecond() + 1)
        .if_exists();
    table.update(update).await
}

/// Which messages a list shows.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// Only in this state.
    pub status: Option<MessageStatus>,
    /// Only on this channel.
    pub channel: Option<Channel>,
    /// Accepted at or after.
    pub from: Option<Timestamp>,
    /// Accepted before.
    pub to: Option<Timestamp>,
}

/// A page of messages, newest first.
pub async fn list(
    table: &Table,
    org: OrgId,
    filter: &Filter,
    after: Option<String>,
    limit: usize,
) -> Result<Page<Message>> {
    let mut range = Range::prefix(keys::messages(org), "msg_", limit).backward().after(after);
    if let Some(from) = filter.from {
        range.low = MessageId::first_at(from).to_string();
    }
    if let Some(to) = filter.to {
        // Exclusive: the largest id of the millisecond before.
        range.high = MessageId::last_at(to - jiff::SignedDuration::from_millis(1)).to_string();
    }
    if range.low > range.high {
        return Ok(Page { rows: Vec::new(), next: None });
    }
    let filtered = filter.status.is_some() || filter.channel.is_some();
    page::read(table, range, limit, filtered, |message: &Message| {
        filter.status.is_none_or(|status| message.status == status)
            && filter.channel.is_none_or(|channel| message.channel == channel)
    })
    .await
}

/// How many messages there are: of a state, or all.
pub async fn total(table: &Table, org: OrgId, status: Option<MessageStatus>) -> Result<u64> {
    let name = status
        .map_or_else(|| counters::names::MESSAGES.to_owned(), |status| counters::names::messages_with(status.name()));
    counters::read_one(table, org, &name).await
}

/// A quarter of an hour, in seconds: days begin with one in every zone.
const QUARTER: i64 = 900;

/// How many quarters of an hour are read for one total.
const MOST_QUARTERS: usize = 10_000;

fn quarter(at: Timestamp) -> i64 {
    at.as_second().div_euclid(QUARTER)
}

/// How many messages were accepted from `from` on and before `to`. `None`: a side is not where a quarter of an hour
/// begins, or so many quarters have messages that counting them would take too long.
pub async fn total_in(
    table: &Table,
    org: OrgId,
    from: Option<Timestamp>,
    to: Option<Timestamp>,
) -> Result<Option<u64>> {
    let whole = |at: &Timestamp| at.as_nanosecond() % (i128::from(QUARTER) * 1_000_000_000) == 0;
    if !from.iter().chain(&to).all(whole) {
        return Ok(None);
    }
    let (first, last) = (from.map_or(0, quarter), to.map_or(i64::from(u32::MAX), |to| quarter(to) - 1));
    if first > last {
        return Ok(Some(0));
    }
    let names = [first, last].map(counters::names::messages_in);
    counters::read_range(table, org, &names[0], &names[1], MOST_QUARTERS).await
}

/// Messages that are due, oldest first, from one partition of the index.
pub async fn due(table: &Table, shard: u8, now: Timestamp) -> Result<Vec<Due>> {
    table.due(&keys::due_partition(shard), &due_text(now), 100).await
}

/// What the index of due things shows of an item: its key and whose it is.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Due {
    /// The item's id (`msg_…`, `imp_…` and the like).
    pub id: String,
    /// Its organization.
    pub org: OrgId,
}
