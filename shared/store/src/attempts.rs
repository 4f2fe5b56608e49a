//! Attempts at signing in, counted in fixed windows of time.

use domain::Result;
use jiff::Timestamp;
use serde::Deserialize;

use crate::{keys, table::Table, update::Update};

/// How many attempts there may be in how long.
#[derive(Debug, Clone, Copy)]
pub struct Limit {
    /// Attempts in a window.
    pub most: i64,
    /// The window's length in seconds.
    pub window: i64,
}

#[derive(Deserialize)]
struct Count {
    n: i64,
}

fn of(what: &str, limit: Limit, now: Timestamp) -> Update {
    let window = now.as_second().div_euclid(limit.window);
    Update::of(keys::attempts(&format!("{what}#{window}"))).set("ttl", (window + 2) * limit.window)
}

/// Counts one attempt against `what`. `Err` in the inner result: one too many, with the seconds until the window
/// ends. Counted before the attempt is made, so that many at once do not slip through.
pub async fn count(table: &Table, what: &str, limit: Limit, now: Timestamp) -> Result<Result<(), u64>> {
    let count: Option<Count> = table.update_returning(of(what, limit, now).add("n", 1)).await?;
    let over = count.is_some_and(|count| count.n > limit.most);
    Ok(if over { Err((limit.window - now.as_second().rem_euclid(limit.window)) as u64) } else { Ok(()) })
}

/// Whether there is room for another attempt; `Err` in the inner result as in [`count`]. Counts nothing.
pub async fn peek(table: &Table, what: &str, limit: Limit, now: Timestamp) -> Result<Result<(), u64>> {
    let window = now.as_second().div_euclid(limit.window);
    let count: Option<Count> = table.get(&keys::attempts(&format!("{what}#{window}"))).await?;
    let full = count.is_some_and(|count| count.n >= limit.most);
    Ok(if full { Err((limit.window - now.as_second().rem_euclid(limit.window)) as u64) } else { Ok(()) })
}

/// Takes an attempt back: it was a good one.
pub async fn forgive(table: &Table, what: &str, limit: Limit, now: Timestamp) -> Result<()> {
    table.update(of(what, limit, now).add("n", -1)).await.map(|_| ())
}
