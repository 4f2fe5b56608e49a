//! The ledger of a message: plans (who gets it, frozen), boards (where each recipient stands) and the addresses
//! given with the request.
//!
//! Invariant: a recipient of a message has exactly one place, (chunk, index), and one character on a board. Counts
//! are folds over boards, never increments.

use std::collections::BTreeMap;

use aws_sdk_dynamodb::types::TransactWriteItem;
use domain::{
    Error, Result,
    attributes::Value,
    board::{Board as States, Counts, State},
    delivery::SkipReason,
    id::{ContactId, DeliveryId, MessageId, OrgId},
};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{
    keys::{self, BOARD_SHARDS},
    range::Range,
    table::{Item, Table, encode},
    update::Update,
};

/// The most recipients that a chunk may hold; also how ordinals are counted.
pub const MAX_CHUNK: u32 = 1_000;

/// One recipient of a plan.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Recipient {
    /// The contact, if it is one.
    #[serde(rename = "c", skip_serializing_if = "Option::is_none", default)]
    pub contact: Option<ContactId>,
    /// The address: E.164 or e-mail. For one that was skipped, as it was given.
    #[serde(rename = "a")]
    pub address: String,
    /// The values that the text needs of this recipient, at most 1 KB.
    #[serde(rename = "v", skip_serializing_if = "BTreeMap::is_empty", default)]
    pub values: BTreeMap<String, Value>,
    /// Why it will not be sent to.
    #[serde(rename = "s", skip_serializing_if = "Option::is_none", default)]
    pub skip: Option<SkipReason>,
}

/// The frozen recipients of one chunk. Written once.
#[derive(Debug, Clone)]
pub struct Plan {
    /// The recipients, in order.
    pub recipients: Vec<Recipient>,
    /// Where in the audience the next chunk begins; `None`: this was the last.
    pub cursor: Option<String>,
    /// The version of the list of suppressions that the recipients were held against.
    pub suppressions: u64,
}

/// Recipients are one JSON text in the item: a DynamoDB list of maps would be twice the size.
#[derive(Serialize, Deserialize)]
struct PlanItem {
    recipients: String,
    cursor: Option<String>,
    #[serde(default)]
    suppressions: u64,
}

/// Where each recipient of one chunk stands.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Board {
    /// The chunk's number.
    pub chunk: u32,
    /// One character per recipient.
    pub states: States,
    /// The round that is next, or in work while there is a lease. A queue message of another round is stale.
    pub round: u32,
    /// How many rounds were started by the engine itself since a person last asked.
    #[serde(default)]
    pub retries: u32,
    /// All recipients below this index may have been handed to the provider in this round.
    #[serde(default)]
    pub started_up_to: u32,
    /// Who works on it.
    pub lease_owner: Option<String>,
    /// Until when, in epoch milliseconds.
    pub lease_until: Option<i64>,
    /// When the lease was taken, in epoch milliseconds.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub claimed_at: Option<i64>,
    /// How often a person asked for recipients of this chunk to be sent to again.
    #[serde(default)]
    pub asks: u32,
    /// The recipients whose fate is open and is to be decided by the provider config's policy, not by a person.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub unsure: Option<Unsure>,
    /// Why the last try to work on it ended in an error: its job is with its queue, or among the dead letters.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub failure: Option<String>,
    /// Goes up with each write, as a condition for the next.
    pub version: u64,
}

/// Recipients who may have been handed to the provider, and what is to be done about it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Unsure {
    /// Their places. Each is `UNKNOWN`, or `RETRY` with the idempotency key that it had before.
    pub places: Vec<u32>,
    /// When the first of them may have been handed over at the earliest, in epoch milliseconds.
    pub since: i64,
    /// When the policy is to be applied, in epoch milliseconds; `None`: that is done.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub decide_at: Option<i64>,
    /// How often that was tried.
    #[serde(default)]
    pub tries: u32,
}

impl Board {
    /// Whether recipients wait for the policy to be applied.
    pub fn is_undecided(&self) -> bool {
        self.unsure.as_ref().is_some_and(|unsure| unsure.decide_at.is_some())
    }

    /// Leaves out of `unsure` who is neither unknown nor to be tried again any more.
    pub fn forget_the_sure(&mut self) {
        let states = &self.states;
        if let Some(unsure) = &mut self.unsure {
            unsure.places.retain(|place| {
                states.get(*place as usize).is_some_and(|state| matches!(state, State::Unknown | State::Retry))
            });
        }
        self.unsure.take_if(|unsure| unsure.places.is_empty());
    }

    /// A new board with all recipients pending, except the skipped ones.
    pub fn new(chunk: u32, recipients: &[Recipient]) -> Self {
        let states = recipients
            .iter()
            .map(|recipient| match recipient.skip {
                None => State::Pending,
                Some(_) => State::Skipped,
            })
            .collect();
        Self {
            chunk,
            states,
            round: 0,
            retries: 0,
            started_up_to: 0,
            lease_owner: None,
            lease_until: None,
            claimed_at: None,
            asks: 0,
            unsure: None,
            failure: None,
            version: 0,
        }
    }

    /// Whether someone works on it at `now`.
    pub fn is_leased(&self, now: Timestamp) -> bool {
        self.lease_until.is_some_and(|until| until > now.as_millisecond())
    }
}

/// The place of a recipient, from the number in its delivery's id.
pub fn place(ordinal: u32) -> (u32, usize) {
    (ordinal / MAX_CHUNK, (ordinal % MAX_CHUNK) as usize)
}

/// The delivery id of the recipient at (chunk, index).
pub fn delivery_id(message: MessageId, chunk: u32, index: usize) -> DeliveryId {
    DeliveryId::of(message, chunk * MAX_CHUNK + index as u32)
}

fn plan_item(plan: &Plan) -> Result<PlanItem> {
    Ok(PlanItem {
        recipients: serde_json::to_string(&plan.recipients).map_err(Error::internal)?,
        cursor: plan.cursor.clone(),
        suppressions: plan.suppressions,
    })
}

fn plan_of(item: PlanItem) -> Result<Plan> {
    let recipients = serde_json::from_str(&item.recipients).map_err(Error::internal)?;
    Ok(Plan { recipients, cursor: item.cursor, suppressions: item.suppressions })
}

/// The plan of a chunk.
pub async fn plan(table: &Table, org: OrgId, message: MessageId, chunk: u32) -> Result<Option<Plan>> {
    let item: Option<PlanItem> = table.get(&keys::plan(org, message, chunk)).await?;
    item.map(plan_of).transpose()
}

/// The plans of some chunks; those that are absent are left out.
pub async fn plans(table: &Table, org: OrgId, message: MessageId, chunks: std::ops::Range<u32>) -> Result<Vec<Plan>> {
    let keys: Vec<_> = chunks.map(|chunk| keys::plan(org, message, chunk)).collect();
    let items: Vec<Option<PlanItem>> = table.get_many(&keys).await?;
    items.into_iter().flatten().map(plan_of).collect()
}

/// Writes a plan and then its board, each if absent. `false`: the chunk was planned before, maybe otherwise.
///
/// The plan goes first: a plan without a board is mended by whoever comes next, a board without a plan could be claimed.
pub async fn put_chunk(table: &Table, org: OrgId, message: MessageId, chunk: u32, plan: &Plan) -> Result<bool> {
    if !table.put_new(&keys::plan(org, message, chunk), &plan_item(plan)?).await? {
        return Ok(false);
    }
    put_board(table, org, message, &Board::new(chunk, &plan.recipients)).await?;
    Ok(true)
}

/// Writes a board if it is absent.
pub async fn put_board(table: &Table, org: OrgId, message: MessageId, board: &Board) -> Result<()> {
    table.put_new(&keys::board(org, message, board.chunk), board).await.map(|_| ())
}

/// A plan and its board, for the transaction that accepts a message.
pub fn create_chunk(
    table: &Table,
    org: OrgId,
    message: MessageId,
    chunk: u32,
    plan: &Plan,
) -> Result<[TransactWriteItem; 2]> {
    Ok([
        table.tx_put_new(&keys::plan(org, message, chunk), &plan_item(plan)?)?,
        table.tx_put_new(&keys::board(org, message, chunk), &Board::new(chunk, &plan.recipients))?,
    ])
}

/// The board of a chunk.
pub async fn board(table: &Table, org: OrgId, message: MessageId, chunk: u32) -> Result<Option<Board>> {
    table.get(&keys::board(org, message, chunk)).await
}

/// The boards `from..to`.
pub async fn some_boards(
    table: &Table,
    org: OrgId,
    message: MessageId,
    from: u32,
    to: u32,
) -> Result<Vec<Option<Board>>> {
    let keys: Vec<_> = (from..to).map(|chunk| keys::board(org, message, chunk)).collect();
    table.get_many(&keys).await
}

/// All boards of a message, by chunk.
pub async fn boards(table: &Table, org: OrgId, message: MessageId) -> Result<Vec<Board>> {
    let range = Range::prefix(keys::boards(org, message), keys::BOARDS, usize::MAX / 2);
    Ok(table.range(&range).await?.into_iter().map(|(_, board)| board).collect())
}

/// The fold: the counts over all boards.
pub fn fold(boards: &[Board]) -> Counts {
    boards.iter().map(|board| board.states.counts()).sum()
}

/// Takes the lease of a board from `now` on, with the first window already marked. `None`: someone else was quicker.
pub async fn claim(
    table: &Table,
    org: OrgId,
    message: MessageId,
    board: &Board,
    owner: &str,
    (now, until): (Timestamp, Timestamp),
    started_up_to: u32,
) -> Result<Option<Board>> {
    let update = Update::of(keys::board(org, message, board.chunk))
        .set("leaseOwner", owner)
        .set("leaseUntil", until.as_millisecond())
        .set("claimedAt", now.as_millisecond())
        .set("startedUpTo", started_up_to)
        .set("states", &board.states)
        .remove("failure")
        .set("version", board.version + 1)
        .if_equal("version", board.version);
    table.update_returning(update).await
}

/// Notes why work on a board ended in an error.
pub async fn note_failure(table: &Table, org: OrgId, message: MessageId, chunk: u32, reason: &str) -> Result<()> {
    let reason: String = reason.chars().take(200).collect();
    let update = Update::of(keys::board(org, message, chunk)).set("failure", reason).if_exists();
    table.update(update).await.map(|_| ())
}

/// Marks the next window as started. Conditional on the lease alone: a receipt may have moved the version.
pub async fn mark(
    table: &Table,
    org: OrgId,
    message: MessageId,
    chunk: u32,
    owner: &str,
    started_up_to: u32,
) -> Result<bool> {
    let update = Update::of(keys::board(org, message, chunk))
        .set("startedUpTo", started_up_to)
        .add("version", 1)
        .if_equal("leaseOwner", owner);
    table.update(update).await
}

/// Changes a board by `change` and writes it, again and again until nobody was quicker. `change` gives `false` to
/// leave it as it is. Gives the board as it is then; `None` if there is none.
pub async fn change(
    table: &Table,
    org: OrgId,
    message: MessageId,
    chunk: u32,
    mut change: impl FnMut(&mut Board) -> Result<bool>,
) -> Result<Option<Board>> {
    // Each try loses only to a write that succeeded, so this ends; the number is for a defect.
    for _ in 0..1_000 {
        let Some(mut board) = board(table, org, message, chunk).await? else { return Ok(None) };
        let before = board.version;
        if !change(&mut board)? {
            return Ok(Some(board));
        }
        board.version = before + 1;
        let update = Update::of(keys::board(org, message, chunk))
            .set("states", &board.states)
            .set("round", board.round)
            .set("retries", board.retries)
            .set("startedUpTo", board.started_up_to)
            .set("asks", board.asks)
            .set("version", board.version)
            .set_or_remove("unsure", board.unsure.as_ref())
            .set_or_remove("leaseOwner", board.lease_owner.as_ref())
            .set_or_remove("leaseUntil", board.lease_until)
            .if_equal("version", before);
        if table.update(update).await? {
            return Ok(Some(board));
        }
    }
    Err(Error::Unavailable("a board is busy".into()))
}

/// How many recipients one page of given addresses holds.
const PAGE: usize = 100;

/// A recipient as given with the request.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Given {
    /// `con_…`, a number (E.164) or an e-mail address.
    pub to: String,
    /// Values for this recipient.
    #[serde(skip_serializing_if = "BTreeMap::is_empty", default)]
    pub variables: BTreeMap<String, Value>,
}

#[derive(Serialize, Deserialize)]
struct GivenPage {
    recipients: String,
}

fn given_key(org: OrgId, message: MessageId, page: usize) -> keys::Key {
    // Pages share the partitions of plans and boards; `A#` sorts before both.
    let chunk = page as u32 % u32::from(BOARD_SHARDS);
    keys::Key::new(keys::plan(org, message, chunk).pk, format!("A#{page:04}"))
}

/// The items that keep the addresses given with a request.
pub fn recipients_items(org: OrgId, message: MessageId, given: &[Given]) -> Result<Vec<Item>> {
    given
        .chunks(PAGE)
        .enumerate()
        .map(|(page, recipients)| {
            let recipients = serde_json::to_string(recipients).map_err(Error::internal)?;
            encode(&given_key(org, message, page), &GivenPage { recipients })
        })
        .collect()
}

/// The addresses given with a request, all of them (at most 1,000).
pub async fn recipients(table: &Table, org: OrgId, message: MessageId) -> Result<Vec<Given>> {
    let range = Range::prefix(keys::boards(org, message), "A#", 1_000);
    let pages: Vec<(String, GivenPage)> = table.range(&range).await?;
    let mut all = Vec::new();
    for (_, page) in pages {
        all.extend(serde_json::from_str::<Vec<Given>>(&page.recipients).map_err(Error::internal)?);
    }
    Ok(all)
}

/// Replaces the addresses given with a request.
pub async fn replace_recipients(table: &Table, org: OrgId, message: MessageId, given: &[Given]) -> Result<()> {
    let old: Vec<(String, serde::de::IgnoredAny)> =
        table.range(&Range::prefix(keys::boards(org, message), "A#", 1_000)).await?;
    let pages = given.len().div_ceil(PAGE);
    table.put_many(recipients_items(org, message, given)?).await?;
    let stale: Vec<_> = (pages..old.len()).map(|page| given_key(org, message, page)).collect();
    table.delete_many(&stale).await
}
