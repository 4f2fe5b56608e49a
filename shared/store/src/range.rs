//! Ranges: sort keys in some partitions, read in order and merged, with hardly more rows read than given out.
//!
//! A list that is spread over partitions would cost as many limits as there are partitions, if each gave the whole
//! limit. Each gives its share of an even spread and a little more; only those that run dry are asked again.

use std::collections::VecDeque;

use domain::Result;
use futures::future::try_join_all;
use serde::de::DeserializeOwned;

use crate::{
    keys::Key,
    table::{Item, Table, decode, failure, key_item, s, text},
};

/// A range of sort keys in some partitions, read in order and merged.
#[derive(Debug, Clone)]
pub struct Range {
    /// The partitions to merge.
    pub partitions: Vec<String>,
    /// Smallest sort key, inclusive.
    pub low: String,
    /// Largest sort key, inclusive.
    pub high: String,
    /// Continue behind this sort key (exclusive).
    pub after: Option<String>,
    /// `true`: smallest first.
    pub forward: bool,
    /// At most so many.
    pub limit: usize,
    /// Whether what was written a moment ago must be in it; without, a read costs half.
    pub consistent: bool,
}

impl Range {
    /// All sort keys that begin with `prefix`, smallest first.
    pub fn prefix(partitions: Vec<String>, prefix: &str, limit: usize) -> Self {
        Self {
            partitions,
            low: if prefix.is_empty() { "\u{1}".into() } else { prefix.into() },
            high: format!("{prefix}\u{10FFFF}"),
            after: None,
            forward: true,
            limit,
            consistent: true,
        }
    }

    /// Largest first.
    #[must_use]
    pub fn backward(self) -> Self {
        Self { forward: false, ..self }
    }

    /// May miss what was written a moment ago, and costs half.
    #[must_use]
    pub fn eventually(self) -> Self {
        Self { consistent: false, ..self }
    }

    /// Continue behind this sort key.
    #[must_use]
    pub fn after(self, after: Option<String>) -> Self {
        Self { after, ..self }
    }
}

/// One partition, as far as it has been read.
struct Arm<'a> {
    partition: &'a str,
    after: Option<String>,
    rows: VecDeque<(String, Item)>,
    done: bool,
}

impl Table {
    /// Reads a range, merged over its partitions. Gives the sort key with each item.
    pub async fn range<T: DeserializeOwned>(&self, range: &Range) -> Result<Vec<(String, T)>> {
        let mut arms: Vec<Arm<'_>> = range
            .partitions
            .iter()
            .map(|partition| Arm { partition, after: range.after.clone(), rows: VecDeque::new(), done: false })
            .collect();
        let mut found = Vec::with_capacity(range.limit.min(1_000));
        while found.len() < range.limit {
            let share = share(range.limit - found.len(), arms.len());
            let dry = arms.iter_mut().filter(|arm| arm.rows.is_empty() && !arm.done);
            try_join_all(dry.map(|arm| self.fill(arm, range, share))).await?;
            while found.len() < range.limit && arms.iter().all(|arm| arm.done || !arm.rows.is_empty()) {
                let next = arms
                    .iter_mut()
                    .filter(|arm| !arm.rows.is_empty())
                    .reduce(|a, b| if (a.rows[0].0 < b.rows[0].0) == range.forward { a } else { b });
                match next.and_then(|arm| arm.rows.pop_front()) {
                    Some((sk, item)) => found.push((sk, decode(item)?)),
                    None => return Ok(found),
                }
            }
        }
        Ok(found)
    }

    /// Reads the next `share` rows of a partition.
    async fn fill(&self, arm: &mut Arm<'_>, range: &Range, share: usize) -> Result<()> {
        let mut start = arm.after.as_ref().map(|sk| key_item(&Key::new(arm.partition, sk)));
        while arm.rows.len() < share {
            let answer = self
                .client()
                .query()
                .table_name(self.name())
                .key_condition_expression("pk = :pk AND sk BETWEEN :low AND :high")
                .expression_attribute_values(":pk", s(arm.partition))
                .expression_attribute_values(":low", s(&range.low))
                .expression_attribute_values(":high", s(&range.high))
                .scan_index_forward(range.forward)
                .consistent_read(range.consistent)
                .set_exclusive_start_key(start)
                .limit(i32::try_from(share - arm.rows.len()).unwrap_or(i32::MAX))
                .send()
                .await
                .map_err(failure)?;
            arm.rows.extend(answer.items.unwrap_or_default().into_iter().map(|item| (text(&item, "sk"), item)));
            start = answer.last_evaluated_key;
            if start.is_none() {
                break;
            }
        }
        arm.done = start.is_none();
        arm.after = arm.rows.back().map(|(sk, _)| sk.clone()).or(arm.after.take());
        Ok(())
    }
}

/// How many rows to ask of one of `arms` partitions when `wanted` are wanted: its share, and two and a half
/// standard deviations of an even spread.
fn share(wanted: usize, arms: usize) -> usize {
    let share = wanted as f64 / arms as f64;
    ((share + 2.5 * share.sqrt()).ceil() as usize + 1).min(wanted)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_share_is_little_more_than_even() {
        assert_eq!(share(1, 8), 1);
        assert_eq!(share(26, 8), 9);
        assert_eq!(share(1_000, 8), 154);
        assert_eq!(share(5, 1), 5);
    }
}
