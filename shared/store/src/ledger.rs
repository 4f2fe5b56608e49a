//! The ledger of a message: plans (who gets it, frozen), boards (where each recipient stands) and the addresses
//! given with the request.
//!
//! Invariant: a recipient of a message has exactly one place, (chunk, index), and one character on a board. Counts
//! are folds over boards, never increments.

mod board;
mod given;
mod work;

use std::collections::{BTreeMap, HashMap};

use aws_sdk_dynamodb::types::TransactWriteItem;
use domain::{
    Error, Result, attributes,
    board::Counts,
    delivery::SkipReason,
    id::{ContactId, DeliveryId, MessageId, OrgId},
};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;

pub use board::{Board, Route, Unsure};
pub use given::{Given, recipients, recipients_items, replace_recipients};
pub use work::{Work, work};

use crate::{
    keys,
    range::Range,
    receipts::{self, Report},
    table::Table,
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
    pub values: BTreeMap<String, attributes::Value>,
    /// Why it will not be sent to.
    #[serde(rename = "s", skip_serializing_if = "Option::is_none", default)]
    pub skip: Option<SkipReason>,
}

/// The frozen recipients of one chunk. Written once.
#[derive(Debug, Clone, PartialEq)]
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

/// Writes a plan and then its board, each if absent. `false`: the chunk was planned before, and otherwise.
///
/// The plan goes first: a plan without a board is mended by whoever comes next, a board without a plan could be claimed.
pub async fn put_chunk(table: &Table, org: OrgId, message: MessageId, chunk: u32, plan: &Plan) -> Result<bool> {
    if !table.put_new(&keys::plan(org, message, chunk), &plan_item(plan)?).await? {
        // Where only the answer was lost, what is there is ours, and nobody else would go on.
        let there = self::plan(table, org, message, chunk).await?;
        if there.as_ref() != Some(plan) {
            return Ok(false);
        }
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

/// The board of a chunk, with what receipts say.
pub async fn reported_board(table: &Table, org: OrgId, message: MessageId, chunk: u32) -> Result<Option<Board>> {
    Ok(some_boards(table, org, message, chunk, chunk + 1).await?.pop().flatten())
}

/// The boards `from..to`, with what receipts say.
pub async fn some_boards(
    table: &Table,
    org: OrgId,
    message: MessageId,
    from: u32,
    to: u32,
) -> Result<Vec<Option<Board>>> {
    let keys: Vec<_> = (from..to).map(|chunk| keys::board(org, message, chunk)).collect();
    let mut boards: Vec<Option<Board>> = table.get_many(&keys).await?;
    merge_receipts(table, org, message, boards.iter_mut().flatten().collect()).await?;
    Ok(boards)
}

/// Takes what receipts say into a board.
pub async fn take_in_receipts(table: &Table, org: OrgId, message: MessageId, board: &mut Board) -> Result<()> {
    merge_receipts(table, org, message, vec![board]).await
}

async fn merge_receipts(table: &Table, org: OrgId, message: MessageId, boards: Vec<&mut Board>) -> Result<()> {
    let pages: Vec<(u32, usize)> = boards
        .iter()
        .flat_map(|board| {
            let chunk = board.chunk;
            receipts::pages_of(board.states.len()).map(move |page| (chunk, page))
        })
        .collect();
    let reports = receipts::pages(table, org, message, &pages).await?;
    let mut by_chunk: HashMap<u32, Vec<Report>> = HashMap::new();
    for ((chunk, _), reports) in pages.into_iter().zip(reports) {
        by_chunk.entry(chunk).or_default().extend(reports);
    }
    for board in boards {
        if let Some(reports) = by_chunk.get(&board.chunk) {
            board.merge(reports);
        }
    }
    Ok(())
}

/// All boards of a message, by chunk, with what receipts say. `chunks` is how many there are at most, if that is known.
pub async fn boards(table: &Table, org: OrgId, message: MessageId, chunks: Option<u32>) -> Result<Vec<Board>> {
    let range = Range::prefix(keys::boards(org, message, chunks), keys::BOARDS, usize::MAX / 2);
    let items: Vec<(String, Value)> = table.range(&range).await?;
    // A board sorts before its pages; a page without a board is of a plan that is being written.
    let mut boards: Vec<Board> = Vec::new();
    for (sk, item) in items {
        match sk.trim_start_matches(keys::BOARDS).split_once(keys::RECEIPTS) {
            None => boards.push(serde_json::from_value(item).map_err(Error::internal)?),
            Some((chunk, _)) => {
                if let Some(board) =
                    boards.last_mut().filter(|board| chunk.parse::<u32>().is_ok_and(|chunk| chunk == board.chunk))
                {
                    let item: HashMap<String, Value> = serde_json::from_value(item).map_err(Error::internal)?;
                    board.merge(&receipts::read(&item));
                }
            }
        }
    }
    Ok(boards)
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
        .set_or_remove("route", board.route.as_ref())
        .remove("failure")
        .set("version", board.version + 1)
        .if_equal("version", board.version);
    if let Some(board) = table.update_returning(update).await? {
        return Ok(Some(board));
    }
    // Where the answer to a write was lost, the SDK tries again and meets what it wrote itself.
    let now = self::board(table, org, message, board.chunk).await?;
    Ok(now.filter(|board| board.lease_owner.as_deref() == Some(owner)))
}

/// Notes why work on a board ended in an error.
pub async fn note_failure(table: &Table, org: OrgId, message: MessageId, chunk: u32, reason: &str) -> Result<()> {
    let reason: String = reason.chars().take(200).collect();
    let update = Update::of(keys::board(org, message, chunk)).set("failure", reason).if_exists();
    table.update(update).await.map(|_| ())
}

/// Marks the next window as started. Conditional on the lease alone: whoever holds it is the only one to write.
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

/// Writes a board as its round left it and takes the lease off it, if it is still `owner`'s. Reads nothing: while there is a
/// lease, its owner alone writes the board.
pub async fn settle(table: &Table, org: OrgId, message: MessageId, board: &Board, owner: &str) -> Result<bool> {
    let update = Update::of(keys::board(org, message, board.chunk))
        .set("states", &board.states)
        .set("round", board.round)
        .set("retries", board.retries)
        .set("startedUpTo", 0)
        .set_or_remove("unsure", board.unsure.as_ref())
        .set_or_remove("route", board.route.as_ref())
        .add("version", 1)
        .remove("leaseOwner")
        .remove("leaseUntil")
        .if_equal("leaseOwner", owner);
    if table.update(update).await? {
        return Ok(true);
    }
    // Where only the answer was lost, what is there is ours.
    let there = self::board(table, org, message, board.chunk).await?;
    Ok(there.is_some_and(|there| {
        let same = (there.round, &there.states, &there.unsure) == (board.round, &board.states, &board.unsure);
        same && there.lease_owner.is_none() && there.claimed_at == board.claimed_at
    }))
}

/// Changes a board by `change` and writes it, again and again until nobody was quicker. `change` gives `false` to
/// leave it as it is. Gives the board as it is then; `None` if there is none.
pub async fn change(
    table: &Table,
    org: OrgId,
    message: MessageId,
    chunk: u32,
    change: impl FnMut(&mut Board) -> Result<bool>,
) -> Result<Option<Board>> {
    change_read(table, org, message, chunk, false, change).await
}

/// The same, and the board that `change` gets has what receipts say.
pub async fn change_reported(
    table: &Table,
    org: OrgId,
    message: MessageId,
    chunk: u32,
    change: impl FnMut(&mut Board) -> Result<bool>,
) -> Result<Option<Board>> {
    change_read(table, org, message, chunk, true, change).await
}

async fn change_read(
    table: &Table,
    org: OrgId,
    message: MessageId,
    chunk: u32,
    reported: bool,
    mut change: impl FnMut(&mut Board) -> Result<bool>,
) -> Result<Option<Board>> {
    let mut written: Option<Board> = None;
    // Each try loses only to a write that succeeded, so this ends; the number is for a defect.
    for _ in 0..1_000 {
        let Some(mut board) = board(table, org, message, chunk).await? else { return Ok(None) };
        if written.as_ref() == Some(&board) {
            // It was made, and only its answer was lost.
            return Ok(written);
        }
        if reported {
            take_in_receipts(table, org, message, &mut board).await?;
        }
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
            .set_or_remove("asked", (!board.asked.is_empty()).then_some(&board.asked))
            .if_equal("version", before);
        if table.update(update).await? {
            return Ok(Some(board));
        }
        written = Some(board);
    }
    Err(Error::Unavailable("a board is busy".into()))
}
