//! What the meter has counted.

use std::collections::BTreeMap;

use engine::cost::Usage;
use serde::{Deserialize, Serialize};

/// What was used, in the units in which AWS bills it.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Reading {
    /// DynamoDB, by `operation kind` (such as `UpdateItem board`).
    pub table: BTreeMap<String, TableUse>,
    /// SQS requests of up to 64 KB.
    pub sqs_requests: u64,
    /// Schedules that fired.
    pub scheduler_invocations: u64,
    /// S3: `PUT`, `POST`, lists.
    pub s3_writes: u64,
    /// S3: `GET`, `HEAD`.
    pub s3_reads: u64,
    /// Calls of Secrets Manager.
    pub secret_requests: u64,
    /// Lambda, by function.
    pub functions: BTreeMap<String, FunctionUse>,
    /// Calls of the HTTP API, of up to 512 KB.
    pub http_api_requests: u64,
    /// Bytes of logs.
    pub log_bytes: u64,
}

/// One kind of use of the table.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct TableUse {
    /// Requests.
    pub requests: u64,
    /// Read request units.
    pub read_units: f64,
    /// Write request units.
    pub write_units: f64,
}

/// The use of one function.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct FunctionUse {
    /// Calls.
    pub requests: u64,
    /// Milliseconds over all calls, each call rounded up.
    pub milliseconds: u64,
    /// The memory of its row, in MB.
    pub megabytes: u32,
}

impl Reading {
    /// The sums, to be priced.
    pub fn usage(&self) -> Usage {
        Usage {
            read_units: self.read_units(),
            write_units: self.write_units(),
            queue_requests: self.sqs_requests as f64,
            scheduler_invocations: self.scheduler_invocations as f64,
            s3_writes: self.s3_writes as f64,
            s3_reads: self.s3_reads as f64,
            secret_requests: self.secret_requests as f64,
            function_requests: self.function_requests() as f64,
            gigabyte_seconds: self.gigabyte_seconds(),
            http_api_requests: self.http_api_requests as f64,
            log_bytes: self.log_bytes as f64,
        }
    }

    /// DynamoDB read request units.
    pub fn read_units(&self) -> f64 {
        self.table.values().map(|used| used.read_units).sum()
    }

    /// DynamoDB write request units.
    pub fn write_units(&self) -> f64 {
        self.table.values().map(|used| used.write_units).sum()
    }

    /// Calls of functions.
    pub fn function_requests(&self) -> u64 {
        self.functions.values().map(|used| used.requests).sum()
    }

    /// Gigabyte-seconds of functions.
    pub fn gigabyte_seconds(&self) -> f64 {
        self.functions.values().map(|used| used.milliseconds as f64 / 1e3 * f64::from(used.megabytes) / 1024.0).sum()
    }
}
