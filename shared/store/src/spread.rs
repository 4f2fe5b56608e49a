//! Reading a range that is spread evenly over partitions, with hardly more rows read than given out.
//!
//! [`Table::range`] reads the whole limit from every partition, which is right for a few rows. Here each partition
//! gives its share and a little more, and only those that run dry are asked again.

use std::collections::VecDeque;

use domain::Result;
use futures::future::try_join_all;
use serde::de::DeserializeOwned;

use crate::table::{Range, Table};

/// One partition, as far as it has been read.
struct Arm<T> {
    range: Range,
    rows: VecDeque<(String, T)>,
    done: bool,
}

/// The rows of `range` in order, merged over its partitions, with their sort keys.
pub async fn read<T: DeserializeOwned>(table: &Table, range: &Range) -> Result<Vec<(String, T)>> {
    let mut arms: Vec<Arm<T>> = range
        .partitions
        .iter()
        .map(|partition| Arm {
            range: Range { partitions: vec![partition.clone()], ..range.clone() },
            rows: VecDeque::new(),
            done: false,
        })
        .collect();
    let mut found = Vec::with_capacity(range.limit.min(1_000));
    while found.len() < range.limit {
        let share = share(range.limit - found.len(), arms.len());
        let dry = arms.iter_mut().filter(|arm| arm.rows.is_empty() && !arm.done);
        try_join_all(dry.map(|arm| fill(table, arm, share))).await?;
        while found.len() < range.limit && arms.iter().all(|arm| arm.done || !arm.rows.is_empty()) {
            let next = arms
                .iter_mut()
                .filter(|arm| !arm.rows.is_empty())
                .reduce(|a, b| if (a.rows[0].0 < b.rows[0].0) == range.forward { a } else { b });
            match next.and_then(|arm| arm.rows.pop_front()) {
                Some(row) => found.push(row),
                None => return Ok(found),
            }
        }
    }
    Ok(found)
}

/// How many rows to ask of one of `arms` partitions when `wanted` are wanted: its share, and two and a half
/// standard deviations of an even spread.
fn share(wanted: usize, arms: usize) -> usize {
    let share = wanted as f64 / arms as f64;
    ((share + 2.5 * share.sqrt()).ceil() as usize + 1).min(wanted)
}

async fn fill<T: DeserializeOwned>(table: &Table, arm: &mut Arm<T>, share: usize) -> Result<()> {
    arm.range.limit = share;
    let rows: Vec<(String, T)> = table.range(&arm.range).await?;
    arm.done = rows.len() < share;
    if let Some((sk, _)) = rows.last() {
        arm.range.after = Some(sk.clone());
    }
    arm.rows = rows.into();
    Ok(())
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
