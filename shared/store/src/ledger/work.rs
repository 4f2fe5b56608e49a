//! What `send` has to know of a chunk before it claims it.

use domain::{
    Result,
    id::{MessageId, OrgId},
};

use super::{Board, Plan, PlanItem, plan_of};
use crate::{
    keys,
    messages::Message,
    suppressions::Version,
    table::{Table, decode},
};

/// A chunk with what decides whether, and to whom, it is sent.
#[derive(Debug, Clone)]
pub struct Work {
    /// The message.
    pub message: Message,
    /// Where the recipients stand, without what receipts say.
    pub board: Board,
    /// Who they are. A board without a plan is a defect.
    pub plan: Option<Plan>,
    /// The version of the list of suppressions.
    pub suppressions: u64,
}

/// Reads all of it in one request, strongly consistent. `None`: there is no such message or no such chunk.
pub async fn work(table: &Table, org: OrgId, message: MessageId, chunk: u32) -> Result<Option<Work>> {
    let keys = [
        keys::message(org, message),
        keys::board(org, message, chunk),
        keys::plan(org, message, chunk),
        keys::suppressions_version(org),
    ];
    let mut items = table.get_items(&keys).await?.into_iter();
    let mut next = || items.next().flatten();
    let (message, board, plan, version) = (next(), next(), next(), next());
    let (Some(message), Some(board)) = (message, board) else { return Ok(None) };
    let version: Option<Version> = version.map(decode).transpose()?;
    Ok(Some(Work {
        message: decode(message)?,
        board: decode(board)?,
        plan: plan.map(decode::<PlanItem>).transpose()?.map(plan_of).transpose()?,
        suppressions: version.map_or(0, |version| version.version),
    }))
}
