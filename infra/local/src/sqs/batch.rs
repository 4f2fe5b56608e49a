//! What all batch operations share: the checks of the whole request and the answer by entry.

use std::collections::HashSet;

use serde::Serialize;

use super::error;
use crate::error::{AwsError, Result};

/// An entry that was refused while others went through.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Failure {
    id: String,
    sender_fault: bool,
    code: String,
    message: String,
}

impl Failure {
    pub fn new(id: String, error: &AwsError) -> Self {
        let code = error.query.unwrap_or(error.code).to_owned();
        Self { id, sender_fault: error.status.is_client_error(), code, message: error.message.clone() }
    }
}

/// The answer of a batch operation; AWS leaves empty lists out of `Failed` only.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Outcome<T> {
    pub successful: Vec<T>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub failed: Vec<Failure>,
}

/// Refuses a whole batch: empty, more than ten entries, bad or repeated ids.
pub(crate) fn check<'a>(ids: impl ExactSizeIterator<Item = &'a str>) -> Result<()> {
    match ids.len() {
        0 => return Err(error::empty_batch()),
        count @ 11.. => return Err(error::too_many(count)),
        _ => {}
    }
    let mut seen = HashSet::new();
    for id in ids {
        let named = (1..=80).contains(&id.len())
            && id.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_');
        if !named {
            return Err(error::bad_entry_id());
        }
        if !seen.insert(id) {
            return Err(error::ids_not_distinct(id));
        }
    }
    Ok(())
}
