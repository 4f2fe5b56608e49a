//! Writing a change of the configs. What holds for all of them together is decided on by what there was; if another
//! change was quicker, it is decided on again.

use aws_sdk_dynamodb::types::TransactWriteItem;
use domain::{Error, Result};
use store::providers::{NAME_WRITE, SET_WRITE};
use web::Cx;

/// How often a change is decided on anew before the caller hears of it.
pub(super) const TRIES: usize = 30;

/// Writes a change. `false`: another was quicker, decide again.
pub(super) async fn write(cx: &Cx, writes: Vec<TransactWriteItem>) -> Result<bool> {
    match cx.app.table.transact(writes).await {
        Ok(()) => Ok(true),
        Err(cancelled) if cancelled.failed(SET_WRITE) => Ok(false),
        Err(cancelled) if cancelled.failed(NAME_WRITE) => {
            Err(Error::conflict("provider_name_taken", "Another provider config has this name."))
        }
        Err(other) => Err(other.into()),
    }
}

/// 409 after too many tries.
pub(super) fn busy() -> Error {
    Error::conflict("changed_meanwhile", "It was changed by another request; try again.")
}
