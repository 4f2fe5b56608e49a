//! Pages: reading a range on and on until a page is full, with a limit to what one request may read.

use domain::Result;
use serde::de::DeserializeOwned;

use crate::{range::Range, table::Table};

/// How many rows one request reads at most for one page of a filtered list. A page may then be short, or empty,
/// while there is a cursor.
const BUDGET: usize = 1_000;

/// A page of a list.
#[derive(Debug, Clone)]
pub struct Page<T> {
    /// The rows.
    pub rows: Vec<T>,
    /// The sort key to continue behind; `None` at the end.
    pub next: Option<String>,
}

impl<T> Page<T> {
    /// The same page with other rows.
    pub fn map<U>(self, f: impl FnMut(T) -> U) -> Page<U> {
        Page { rows: self.rows.into_iter().map(f).collect(), next: self.next }
    }
}

/// One page of at most `limit` rows of `range` that `keep` lets through (`range.limit` is not looked at).
pub async fn read<T: DeserializeOwned>(
    table: &Table,
    mut range: Range,
    limit: usize,
    filtered: bool,
    mut keep: impl FnMut(&T) -> bool,
) -> Result<Page<T>> {
    let mut rows = Vec::with_capacity(limit);
    let mut read = 0;
    loop {
        // One row more than needed tells whether there is a next page.
        range.limit = if filtered { (limit * 2).max(100) } else { limit + 1 };
        let found: Vec<(String, T)> = table.range(&range).await?;
        let exhausted = found.len() < range.limit;
        read += found.len();
        let mut last = None;
        for (sk, row) in found {
            if rows.len() == limit {
                return Ok(Page { rows, next: last.or(range.after) });
            }
            if keep(&row) {
                rows.push(row);
            }
            last = Some(sk);
        }
        if exhausted {
            return Ok(Page { rows, next: None });
        }
        range.after = last;
        if read >= BUDGET {
            return Ok(Page { rows, next: range.after });
        }
    }
}
