//! Transactions: all writes or none, and what stood in the way.

use aws_sdk_dynamodb::{
    operation::transact_write_items::TransactWriteItemsError,
    types::{Delete, Put, ReturnValuesOnConditionCheckFailure, TransactWriteItem},
};
use domain::{Error, Result};
use serde::Serialize;

use crate::{
    keys::Key,
    table::{ATTEMPTS, Table, back_off, encode, failure, key_item},
    update::Update,
};

/// Why a transaction was not made.
#[derive(Debug)]
pub enum Cancelled {
    /// Conditions did not hold: for each write of the transaction whether its own did (`true` = failed).
    Conditions(Vec<bool>),
    /// Anything else.
    Other(Error),
}

impl Cancelled {
    /// Whether the condition of write number `index` failed.
    pub fn failed(&self, index: usize) -> bool {
        matches!(self, Self::Conditions(failed) if failed.get(index) == Some(&true))
    }
}

impl From<Cancelled> for Error {
    fn from(cancelled: Cancelled) -> Self {
        match cancelled {
            Cancelled::Conditions(_) => {
                Self::conflict("changed_meanwhile", "It was changed by another request; try again.")
            }
            Cancelled::Other(error) => error,
        }
    }
}

impl Table {
    /// Makes all writes or none. Conflicts with other transactions are tried again here.
    pub async fn transact(&self, writes: Vec<TransactWriteItem>) -> Result<(), Cancelled> {
        for attempt in 0..ATTEMPTS {
            back_off(attempt).await;
            let sent = self.client().transact_write_items().set_transact_items(Some(writes.clone())).send().await;
            let Err(error) = sent else { return Ok(()) };
            let reasons = match error.as_service_error() {
                Some(TransactWriteItemsError::TransactionCanceledException(cancelled)) => {
                    cancelled.cancellation_reasons().to_vec()
                }
                Some(TransactWriteItemsError::TransactionInProgressException(_)) => continue,
                _ => return Err(Cancelled::Other(failure(error))),
            };
            let codes: Vec<&str> = reasons.iter().map(|reason| reason.code().unwrap_or("None")).collect();
            if codes.contains(&"ConditionalCheckFailed") {
                return Err(Cancelled::Conditions(
                    codes.iter().map(|code| *code == "ConditionalCheckFailed").collect(),
                ));
            }
            let passing = ["TransactionConflict", "ThrottlingError", "ProvisionedThroughputExceeded"];
            if !codes.iter().any(|code| passing.contains(code)) {
                return Err(Cancelled::Other(Error::internal(format!("transaction cancelled: {codes:?}"))));
            }
        }
        Err(Cancelled::Other(Error::Unavailable("the table is busy".into())))
    }

    /// A put for a transaction, whatever was there.
    pub fn tx_put<T: Serialize>(&self, key: &Key, value: &T) -> Result<TransactWriteItem> {
        let put = Put::builder().table_name(self.name()).set_item(Some(encode(key, value)?)).build();
        Ok(TransactWriteItem::builder().put(put.map_err(Error::internal)?).build())
    }

    /// A put for a transaction, if there is none with that key.
    pub fn tx_put_new<T: Serialize>(&self, key: &Key, value: &T) -> Result<TransactWriteItem> {
        let put = Put::builder()
            .table_name(self.name())
            .set_item(Some(encode(key, value)?))
            .condition_expression("attribute_not_exists(pk)")
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::None)
            .build();
        Ok(TransactWriteItem::builder().put(put.map_err(Error::internal)?).build())
    }

    /// An update for a transaction.
    pub fn tx_update(&self, update: Update) -> Result<TransactWriteItem> {
        let parts = update.build()?;
        let update = aws_sdk_dynamodb::types::Update::builder()
            .table_name(self.name())
            .set_key(Some(key_item(&parts.key)))
            .update_expression(parts.expression)
            .set_condition_expression(parts.condition)
            .set_expression_attribute_names(parts.names)
            .set_expression_attribute_values(parts.values)
            .build()
            .map_err(Error::internal)?;
        Ok(TransactWriteItem::builder().update(update).build())
    }

    /// A delete for a transaction that fails unless the item is there, with an attribute of this name or without.
    pub fn tx_delete_if(&self, key: &Key, attribute: &str, present: bool) -> Result<TransactWriteItem> {
        let test = if present { "attribute_exists" } else { "attribute_not_exists" };
        let delete = Delete::builder()
            .table_name(self.name())
            .set_key(Some(key_item(key)))
            .condition_expression(format!("attribute_exists(pk) AND {test}(#attribute)"))
            .expression_attribute_names("#attribute", attribute)
            .build();
        Ok(TransactWriteItem::builder().delete(delete.map_err(Error::internal)?).build())
    }

    /// A delete for a transaction; with `must_exist` it fails where there is nothing.
    pub fn tx_delete(&self, key: &Key, must_exist: bool) -> Result<TransactWriteItem> {
        let delete = Delete::builder()
            .table_name(self.name())
            .set_key(Some(key_item(key)))
            .set_condition_expression(must_exist.then(|| "attribute_exists(pk)".into()))
            .build();
        Ok(TransactWriteItem::builder().delete(delete.map_err(Error::internal)?).build())
    }
}
