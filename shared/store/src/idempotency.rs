//! Idempotency records: what a request with an `Idempotency-Key` did and answered, kept for 24 hours.
//!
//! The record is written in the same transaction as the effect. Where the effect does not fit one transaction the
//! record goes in first, without an answer; the effect is repeatable; the answer is stored after.

use aws_sdk_dynamodb::types::TransactWriteItem;
use domain::{Result, id::OrgId};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::{keys, table::Table, update::Update};

/// How long a record is kept.
pub const KEPT: SignedDuration = SignedDuration::from_hours(24);

/// What is known of a request with a key.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Record {
    /// SHA-256 of the request's body: another body under the same key is a mistake of the caller.
    pub fingerprint: String,
    /// The answer's status, once there is one.
    pub status: Option<u16>,
    /// The answer's body.
    pub body: Option<String>,
    /// Until when the invocation that works on it may run; later, another may take over.
    pub running_until: Option<Timestamp>,
    /// When the record goes (epoch seconds).
    pub ttl: i64,
}

impl Record {
    /// A record with its answer, for the transaction that makes the effect.
    pub fn answered(fingerprint: String, status: u16, body: String, now: Timestamp) -> Self {
        Self { fingerprint, status: Some(status), body: Some(body), running_until: None, ttl: (now + KEPT).as_second() }
    }

    /// A record without an answer yet.
    pub fn running(fingerprint: String, until: Timestamp, now: Timestamp) -> Self {
        Self { fingerprint, status: None, body: None, running_until: Some(until), ttl: (now + KEPT).as_second() }
    }
}

/// The record of a request, unless it has expired.
pub async fn read(table: &Table, org: OrgId, route: &str, key: &str, now: Timestamp) -> Result<Option<Record>> {
    let record: Option<Record> = table.get(&keys::idempotency(org, route, key)).await?;
    Ok(record.filter(|record| record.ttl > now.as_second()))
}

/// The record as part of a transaction; the transaction fails if a live one is there already.
pub fn write(
    table: &Table,
    org: OrgId,
    route: &str,
    key: &str,
    record: &Record,
    now: Timestamp,
) -> Result<TransactWriteItem> {
    let mut update = Update::of(keys::idempotency(org, route, key))
        .set("fingerprint", &record.fingerprint)
        .set("ttl", record.ttl)
        // TTL removes expired rows hours late, so an expired one counts as absent.
        .if_absent_or_below("ttl", now.as_second());
    update = update.set_or_remove("status", record.status);
    update = update.set_or_remove("body", record.body.as_ref());
    table.tx_update(update.set_or_remove("runningUntil", record.running_until))
}

/// Begins a request whose effect does not fit one transaction. `false`: someone else is at it, or has done it.
pub async fn begin(table: &Table, org: OrgId, route: &str, key: &str, record: &Record, now: Timestamp) -> Result<bool> {
    let fresh = Update::of(keys::idempotency(org, route, key))
        .set("fingerprint", &record.fingerprint)
        .set("ttl", record.ttl)
        .set("runningUntil", record.running_until)
        .if_absent_or_below("ttl", now.as_second());
    if table.update(fresh).await? {
        return Ok(true);
    }
    // A crash left it without an answer, and the invocation's time is over: take over.
    let taken = Update::of(keys::idempotency(org, route, key))
        .set("runningUntil", record.running_until)
        .if_equal("fingerprint", &record.fingerprint)
        .compare("runningUntil", "<", now);
    table.update(taken).await
}

/// Stores the answer of a request begun with [`begin`].
pub async fn finish(table: &Table, org: OrgId, route: &str, key: &str, status: u16, body: &str) -> Result<()> {
    let update = Update::of(keys::idempotency(org, route, key))
        .set("status", status)
        .set("body", body)
        .remove("runningUntil")
        .if_exists();
    table.update(update).await.map(|_| ())
}

/// Forgets a request that failed before it had any effect, so that it may be tried again.
pub async fn forget(table: &Table, org: OrgId, route: &str, key: &str) -> Result<()> {
    table.delete(&keys::idempotency(org, route, key)).await
}
