//! What lies on the queues: small JSON bodies with ids only, never an address or a text.

use domain::id::{ImportId, MessageId, OrgId, ProviderId};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// A message whose audience is to be frozen into chunks. Also the payload of its schedule.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlanJob {
    /// The organization.
    pub org: OrgId,
    /// The message.
    pub message: MessageId,
}

/// A chunk to be sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct SendJob {
    /// The organization.
    pub org: OrgId,
    /// The message.
    pub message: MessageId,
    /// The chunk.
    pub chunk: u32,
    /// The round. A job of another round than the board's is stale and dropped.
    pub round: u32,
    /// The moment that was reserved on the provider config's rate; `None`: not yet.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub slot: Option<Timestamp>,
    /// The config that the moment was reserved on, where the message is routed.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub via: Option<ProviderId>,
    /// Not to send it, but to decide on its recipients of whom nobody knows whether the provider took them.
    #[serde(skip_serializing_if = "std::ops::Not::not", default)]
    pub decide: bool,
}

impl SendJob {
    /// To send `round` of a chunk.
    pub const fn new(org: OrgId, message: MessageId, chunk: u32, round: u32) -> Self {
        Self { org, message, chunk, round, slot: None, via: None, decide: false }
    }
}

/// A message to be folded, and closed when all is settled.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct FinishJob {
    /// The organization.
    pub org: OrgId,
    /// The message.
    pub message: MessageId,
    /// How often it was looked at without anything having changed: the pauses grow with it.
    #[serde(default)]
    pub idle: u32,
}

/// An import to be parsed or committed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct ImportJob {
    /// The organization.
    pub org: OrgId,
    /// The import.
    pub import: ImportId,
}
