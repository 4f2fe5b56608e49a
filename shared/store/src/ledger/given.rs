//! The addresses given with a request, in pages.

use std::collections::BTreeMap;

use domain::{
    Error, Result,
    attributes::Value,
    id::{MessageId, OrgId},
};
use serde::{Deserialize, Serialize};

use crate::{
    keys::{self, BOARD_SHARDS},
    range::Range,
    table::{Item, Table, encode},
};

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
    let range = Range::prefix(keys::boards(org, message, None), "A#", 1_000);
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
        table.range(&Range::prefix(keys::boards(org, message, None), "A#", 1_000)).await?;
    let pages = given.len().div_ceil(PAGE);
    table.put_many(recipients_items(org, message, given)?).await?;
    let stale: Vec<_> = (pages..old.len()).map(|page| given_key(org, message, page)).collect();
    table.delete_many(&stale).await
}
