//! Receipts: what providers say later about copies. A page holds what was said of up to fifty recipients of a chunk.
//!
//! A page has an attribute for each recipient and state that was reported: `12D` is when the twelfth was delivered. It
//! is set once and never taken away. So receipts may come in any order, any number of times and from many callers at
//! once, and storing one reads nothing, loses no race and costs one write unit.
//!
//! Invariant: `send` and people write boards, receipts write pages; neither can undo the other. Where a recipient
//! stands is the further of both ([`crate::ledger::Board::merge`]).
//!
//! What is said of an attempt does not count once a person has asked for another: the attributes of that one name the
//! round in which it was asked for (`12D_3`). The page is marked before, and then a caller must say which attempt it means.

use std::collections::{BTreeMap, HashMap};

use domain::{
    Error, Result,
    board::State,
    delivery::ErrorClass,
    id::{MessageId, OrgId},
    money::Money,
};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{keys, table::Table, update::Update};

/// How many recipients share a page: with two reports each it stays near 1 KB, which is one write unit.
pub const PAGE: usize = 50;

/// How many reports go into one write: an update expression may have 4 KB.
const AT_ONCE: usize = 50;

/// How much of a reason is kept, in characters.
const REASON: usize = 60;

/// The attribute that says: a copy on this page was asked for again.
const AGAIN: &str = "again";

/// What was said of one recipient.
#[derive(Debug, Clone, PartialEq)]
pub struct Report {
    /// The index of the recipient in its chunk.
    pub index: usize,
    /// The round in which a person asked for the attempt that is meant; 0 for the first.
    pub since: u32,
    /// The state reported.
    pub state: State,
    /// When it was reached.
    pub at: Timestamp,
    /// The class of the error, if it failed.
    pub class: Option<ErrorClass>,
    /// Why it failed, cut.
    pub error: Option<String>,
    /// What it cost.
    pub cost: Option<Money>,
}

/// A value of a page that says more than when.
#[derive(Serialize, Deserialize)]
struct Details {
    /// Epoch seconds.
    t: i64,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    c: Option<ErrorClass>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    e: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    p: Option<Money>,
}

impl Report {
    fn name(&self) -> String {
        let (index, letter) = (self.index, self.state.letter());
        if self.since == 0 { format!("{index}{letter}") } else { format!("{index}{letter}_{}", self.since) }
    }

    fn value(&self) -> Result<Value> {
        let t = self.at.as_second();
        if self.class.is_none() && self.error.is_none() && self.cost.is_none() {
            return Ok(t.into());
        }
        let e = self.error.as_ref().map(|error| error.chars().take(REASON).collect());
        let details = Details { t, c: self.class, e, p: self.cost.clone() };
        serde_json::to_string(&details).map(Value::String).map_err(Error::internal)
    }

    /// `None`: another attribute of the item.
    fn read(name: &str, value: &Value) -> Option<Self> {
        let (place, since) = name.split_once('_').unwrap_or((name, "0"));
        let letter = place.chars().next_back()?;
        let index = place[..place.len() - letter.len_utf8()].parse().ok()?;
        let details = match value {
            Value::String(text) => serde_json::from_str(text).ok()?,
            number => Details { t: number.as_i64()?, c: None, e: None, p: None },
        };
        Some(Self {
            index,
            since: since.parse().ok()?,
            state: State::from_letter(letter)?,
            at: Timestamp::from_second(details.t).ok()?,
            class: details.c,
            error: details.e,
            cost: details.p,
        })
    }
}

/// The number of the page of a recipient.
pub fn page_of(index: usize) -> usize {
    index / PAGE
}

/// The pages of a chunk with so many recipients.
pub fn pages_of(recipients: usize) -> std::ops::Range<usize> {
    0..recipients.div_ceil(PAGE)
}

/// The reports on a page, as the table has it.
pub(crate) fn read(item: &HashMap<String, Value>) -> Vec<Report> {
    item.iter().filter_map(|(name, value)| Report::read(name, value)).collect()
}

/// Stores reports on the first attempts of recipients of one page. `false`: somebody was asked for again, so nothing was
/// stored; find out which attempts are meant, and use [`put_for`].
pub async fn put(
    table: &Table,
    org: OrgId,
    message: MessageId,
    chunk: u32,
    page: usize,
    reports: &[Report],
) -> Result<bool> {
    write(table, org, message, chunk, page, reports, |update| update.if_unset(AGAIN)).await
}

/// Stores reports on the attempts that they name.
pub async fn put_for(
    table: &Table,
    org: OrgId,
    message: MessageId,
    chunk: u32,
    page: usize,
    reports: &[Report],
) -> Result<()> {
    write(table, org, message, chunk, page, reports, |update| update).await.map(|_| ())
}

async fn write(
    table: &Table,
    org: OrgId,
    message: MessageId,
    chunk: u32,
    page: usize,
    reports: &[Report],
    condition: impl Fn(Update) -> Update,
) -> Result<bool> {
    // The same thing may be said twice in one call; an update names an attribute once.
    let mut values: BTreeMap<String, Value> = BTreeMap::new();
    for report in reports {
        values.entry(report.name()).or_insert(report.value()?);
    }
    let values: Vec<_> = values.into_iter().collect();
    for some in values.chunks(AT_ONCE) {
        let update = Update::of(keys::receipts(org, message, chunk, page));
        let update = some.iter().fold(update, |update, (name, value)| update.set_once(name, value));
        if !table.update(condition(update)).await? {
            return Ok(false);
        }
    }
    Ok(true)
}

/// Says that somebody on the page is asked for again. From then on [`put`] stores nothing there.
pub async fn mark(table: &Table, org: OrgId, message: MessageId, chunk: u32, page: usize) -> Result<()> {
    let update = Update::of(keys::receipts(org, message, chunk, page)).set(AGAIN, true);
    table.update(update).await.map(|_| ())
}

/// The reports on some pages, (chunk, page) each, in their order.
pub async fn pages(table: &Table, org: OrgId, message: MessageId, pages: &[(u32, usize)]) -> Result<Vec<Vec<Report>>> {
    let keys: Vec<_> = pages.iter().map(|(chunk, page)| keys::receipts(org, message, *chunk, *page)).collect();
    let items: Vec<Option<HashMap<String, Value>>> = table.get_many(&keys).await?;
    Ok(items.iter().map(|item| item.as_ref().map(read).unwrap_or_default()).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing;

    fn ids() -> (OrgId, MessageId) {
        (OrgId::new(Timestamp::UNIX_EPOCH, 1), MessageId::generate(Timestamp::UNIX_EPOCH, 7))
    }

    fn report(index: usize, state: State, at: i64) -> Report {
        let at = Timestamp::from_second(at).unwrap();
        Report { index, since: 0, state, at, class: None, error: None, cost: None }
    }

    fn sorted(mut reports: Vec<Report>) -> Vec<Report> {
        reports.sort_by_key(|report| (report.index, report.since, report.state));
        reports
    }

    #[tokio::test]
    async fn what_was_said_first_stays_whatever_comes_later_and_how_often() {
        let table = testing::table().await;
        let (org, message) = ids();
        let failed = Report {
            class: Some(ErrorClass::InvalidRecipient),
            error: Some("x".repeat(REASON + 1)),
            ..report(7, State::Failed, 3)
        };
        let first = [report(12, State::Delivered, 5), report(12, State::Sent, 4), failed.clone()];
        let again = [report(12, State::Delivered, 9), report(12, State::Delivered, 8)];
        for reports in [&first[..], &again, &again] {
            assert!(put(&table, org, message, 3, 0, reports).await.unwrap());
        }
        let found = sorted(pages(&table, org, message, &[(3, 0), (3, 1)]).await.unwrap().swap_remove(0));
        let failed = Report { error: Some("x".repeat(REASON)), ..failed };
        assert_eq!(found, [failed, report(12, State::Sent, 4), report(12, State::Delivered, 5)]);
    }

    #[tokio::test]
    async fn a_marked_page_takes_only_what_names_its_attempt() {
        let table = testing::table().await;
        let (org, message) = ids();
        mark(&table, org, message, 0, 0).await.unwrap();
        assert!(!put(&table, org, message, 0, 0, &[report(1, State::Failed, 1)]).await.unwrap());
        let second = Report { since: 2, ..report(1, State::Delivered, 2) };
        put_for(&table, org, message, 0, 0, std::slice::from_ref(&second)).await.unwrap();
        assert_eq!(pages(&table, org, message, &[(0, 0)]).await.unwrap(), [vec![second]]);
    }

    #[tokio::test]
    async fn a_page_on_which_everyone_was_reached_costs_one_unit_a_report() {
        let (org, message) = ids();
        let names: usize = (0..PAGE).map(|index| report(index, State::Delivered, 1).name().len()).sum();
        let key = keys::receipts(org, message, 99_999_999, 9);
        // A number of ten digits takes six bytes (developer guide, "Item sizes").
        assert!(key.pk.len() + key.sk.len() + 4 + names + PAGE * 6 <= 1_024);
    }
}
