//! What the platform itself costs: units as AWS bills them, priced by a dated table, and the recorded budget of units
//! per message. Invariant: the budget only goes down; a test measures it.

use std::ops::{Add, Mul, Sub};

use domain::{Error, Result, money::Money};
use serde::{Deserialize, Serialize};

/// AWS's prices, with their date, region and sources. See docs/cost.md.
const PRICES: &str = include_str!("../cost/prices.json");

/// The recorded budget.
const BUDGET: &str = include_str!("../cost/budget.json");

/// An amount of each thing that AWS bills; or the price of a million of each.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Usage {
    /// DynamoDB read request units.
    pub read_units: f64,
    /// DynamoDB write request units.
    pub write_units: f64,
    /// SQS requests of up to 64 KB.
    pub queue_requests: f64,
    /// Schedules that fired.
    pub scheduler_invocations: f64,
    /// S3 requests that write or list.
    pub s3_writes: f64,
    /// S3 requests that read.
    pub s3_reads: f64,
    /// Calls of Secrets Manager.
    pub secret_requests: f64,
    /// Calls of Lambda functions.
    pub function_requests: f64,
    /// Memory of Lambda functions times their duration, in GB-seconds.
    pub gigabyte_seconds: f64,
    /// Calls of the HTTP API.
    pub http_api_requests: f64,
    /// Bytes of logs.
    pub log_bytes: f64,
}

impl Usage {
    /// Each thing by its name in the price table.
    pub fn parts(&self) -> [(&'static str, f64); 11] {
        [
            ("readUnits", self.read_units),
            ("writeUnits", self.write_units),
            ("queueRequests", self.queue_requests),
            ("schedulerInvocations", self.scheduler_invocations),
            ("s3Writes", self.s3_writes),
            ("s3Reads", self.s3_reads),
            ("secretRequests", self.secret_requests),
            ("functionRequests", self.function_requests),
            ("gigabyteSeconds", self.gigabyte_seconds),
            ("httpApiRequests", self.http_api_requests),
            ("logBytes", self.log_bytes),
        ]
    }

    /// What it costs in dollars, thing by thing.
    pub fn dollars(&self, prices: &Prices) -> f64 {
        self.parts().iter().zip(prices.per_million.parts()).map(|((_, amount), (_, price))| amount * price / 1e6).sum()
    }

    fn with(self, other: Self, both: impl Fn(f64, f64) -> f64) -> Self {
        Self {
            read_units: both(self.read_units, other.read_units),
            write_units: both(self.write_units, other.write_units),
            queue_requests: both(self.queue_requests, other.queue_requests),
            scheduler_invocations: both(self.scheduler_invocations, other.scheduler_invocations),
            s3_writes: both(self.s3_writes, other.s3_writes),
            s3_reads: both(self.s3_reads, other.s3_reads),
            secret_requests: both(self.secret_requests, other.secret_requests),
            function_requests: both(self.function_requests, other.function_requests),
            gigabyte_seconds: both(self.gigabyte_seconds, other.gigabyte_seconds),
            http_api_requests: both(self.http_api_requests, other.http_api_requests),
            log_bytes: both(self.log_bytes, other.log_bytes),
        }
    }
}

impl Add for Usage {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        self.with(other, |a, b| a + b)
    }
}

impl Sub for Usage {
    type Output = Self;

    fn sub(self, other: Self) -> Self {
        self.with(other, |a, b| a - b)
    }
}

impl Mul<f64> for Usage {
    type Output = Self;

    fn mul(self, by: f64) -> Self {
        self.with(self, |a, _| a * by)
    }
}

/// AWS's prices at one date, in one region.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Prices {
    /// When they were looked up (`2026-11-21`).
    pub date: String,
    /// The region.
    pub region: String,
    /// The currency, ISO 4217.
    pub currency: String,
    /// The price of a million of each thing.
    pub per_million: Usage,
}

/// The recorded budget: what may be billed. A message costs `message`, and for each recipient `recipient` and `receipt`.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Budget {
    /// When it was recorded.
    pub date: String,
    /// The campaign that it was recorded with.
    pub conditions: String,
    /// For a message, whoever gets it.
    pub message: Usage,
    /// For each recipient, until the provider has taken it.
    pub recipient: Usage,
    /// For the receipt of each recipient.
    pub receipt: Usage,
}

/// The price table in the repository.
pub fn prices() -> Result<Prices> {
    serde_json::from_str(PRICES).map_err(Error::internal)
}

/// The budget in the repository.
pub fn budget() -> Result<Budget> {
    serde_json::from_str(BUDGET).map_err(Error::internal)
}

/// What the platform would charge for a message to so many recipients, one receipt each, by the recorded budget.
pub fn of_message(recipients: u64) -> Result<Money> {
    let (prices, budget) = (prices()?, budget()?);
    let usage = budget.message + (budget.recipient + budget.receipt) * recipients as f64;
    let amount = format!("{:.6}", usage.dollars(&prices)).parse().map_err(Error::internal)?;
    Money::new(amount, &prices.currency).map_err(Error::internal)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn usage_is_priced_thing_by_thing() {
        let prices = prices().unwrap();
        let usage = Usage { write_units: 2e6, log_bytes: 1e9, ..Usage::default() };
        assert!((usage.dollars(&prices) - (2.0 * prices.per_million.write_units + 0.5)).abs() < 1e-9);
        assert!(prices.per_million.parts().iter().all(|(name, price)| *price > 0.0 && !name.is_empty()));
    }

    #[test]
    fn the_budget_is_within_the_targets() {
        let (prices, budget) = (prices().unwrap(), budget().unwrap());
        let sent = budget.recipient.dollars(&prices) * 1e6;
        let reported = sent + budget.receipt.dollars(&prices) * 1e6;
        assert!(sent > 0.0 && sent <= 1.25, "a million without receipts: {sent}");
        assert!(reported > sent && reported <= 2.75, "a million with receipts: {reported}");
    }

    #[test]
    fn a_message_costs_more_the_more_it_reaches() {
        let one = of_message(1).unwrap();
        let many = of_message(1_000).unwrap();
        assert_eq!(one.currency.as_str(), "USD");
        assert!(one.amount < many.amount);
    }
}
