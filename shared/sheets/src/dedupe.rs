//! Which rows of one file are the same contact, in memory that does not grow with the file.

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};

use crate::Row;

/// Remembers who was seen, in room that is taken once: about 36 MB for a million rows. A row is known by its phone number, and only without one by its e-mail address: families
/// share e-mail addresses.
#[derive(Debug)]
pub struct Duplicates {
    /// E.164 has at most 15 digits, so the number is its own key; e-mail addresses are hashed (SipHash, 63 bits: among a
    /// million addresses two are mixed up once in 18 million files).
    first: HashMap<u64, u32>,
}

const EMAIL: u64 = 1 << 63;

impl Duplicates {
    /// Nobody seen yet; there is room for `rows` different contacts. More would fit, but while the room grows there is
    /// the old beside the new.
    pub fn with_capacity(rows: u32) -> Self {
        Self { first: HashMap::with_capacity(rows as usize) }
    }

    /// The number of the first row with the same contact, if there was one. A row that is not valid is never remembered,
    /// nor is it a duplicate.
    pub fn first(&mut self, row: &Row) -> Option<u32> {
        if !row.is_valid() {
            return None;
        }
        let key = key(row)?;
        let first = *self.first.entry(key).or_insert(row.number);
        (first != row.number).then_some(first)
    }

    /// How many different contacts were seen.
    pub fn len(&self) -> usize {
        self.first.len()
    }

    /// Whether none was.
    pub fn is_empty(&self) -> bool {
        self.first.is_empty()
    }
}

fn key(row: &Row) -> Option<u64> {
    if let Some(phone) = &row.phone {
        return Some(phone.as_u64());
    }
    let mut hasher = DefaultHasher::new();
    row.email.as_ref()?.as_str().hash(&mut hasher);
    Some(hasher.finish() | EMAIL)
}
