//! The local cloud, spoken to by the real AWS SDK clients through its one endpoint.

#![allow(clippy::unwrap_used, reason = "tests; the helpers between them are not marked as such")]

mod cloud;
mod dynamodb;
mod mapping;
mod scheduler;
mod secrets;
mod sqs;
