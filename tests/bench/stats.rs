//! What the provider of the benchmarks tells about itself.

use serde::{Deserialize, Serialize};

/// What was taken so far. Times are milliseconds since 1970.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct Stats {
    /// Submissions, whatever they held.
    pub calls: u64,
    /// Texts.
    pub accepted: u64,
    /// Texts to a number that had one already.
    pub doubled: u64,
    /// When the first came.
    pub first_ms: u64,
    /// When the last was answered.
    pub last_ms: u64,
    /// Texts in each second after the first.
    pub per_second: Vec<u32>,
}
