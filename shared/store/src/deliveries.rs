//! Deliveries: what handing over one recipient's copy brought. What the provider said later is in [`crate::receipts`].
//!
//! Invariant: `send` alone writes deliveries, so it may write them in batches, without conditions.

use domain::{
    Result,
    board::State,
    delivery::ErrorClass,
    id::{DeliveryId, MessageId, OrgId, ProviderId},
    money::Money,
};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{
    keys,
    range::Range,
    table::{Item, Table, encode},
};

/// One try to hand a copy to the provider.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Attempt {
    /// The round it was made in.
    pub round: u32,
    /// When.
    pub at: Timestamp,
    /// What came of it.
    pub state: State,
    /// The class of the error, if it was one.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub class: Option<ErrorClass>,
    /// In words.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub reason: Option<String>,
}

/// What sending brought. At most 1 KB, so that it costs one write unit.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Delivery {
    /// Its id.
    pub id: DeliveryId,
    /// The provider config.
    pub provider: ProviderId,
    /// The provider's id for it.
    pub provider_message_id: Option<String>,
    /// The state after the last attempt.
    pub state: State,
    /// The round of the last attempt.
    pub round: u32,
    /// All attempts, oldest first (the last five).
    pub attempts: Vec<Attempt>,
    /// How many segments were sent.
    pub segments: Option<u32>,
    /// What the provider says it cost.
    pub cost: Option<Money>,
    /// What the provider answered, cut.
    pub response: Option<String>,
    /// Why routing picked the config, in words.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub route: Option<String>,
}

/// The item of a delivery, for a batch.
pub fn item(org: OrgId, address: &str, delivery: &Delivery) -> Result<Item> {
    encode(&keys::delivery(org, address, delivery.id.message()), delivery)
}

/// The deliveries of some (address, message) pairs, in their order.
pub async fn get_many(table: &Table, org: OrgId, places: &[(String, MessageId)]) -> Result<Vec<Option<Delivery>>> {
    let keys: Vec<_> = places.iter().map(|(address, message)| keys::delivery(org, address, *message)).collect();
    table.get_many(&keys).await
}

/// The messages that an address got, newest first, with the place to go on behind each.
pub async fn of_address(
    table: &Table,
    org: OrgId,
    address: &str,
    after: Option<String>,
    limit: usize,
) -> Result<Vec<(String, Delivery)>> {
    let range = Range::prefix(vec![keys::deliveries(org, address)], "msg_", limit).backward().after(after);
    table.range(&range).await
}

/// The latest messages that an address got, newest first; what was written a moment ago may be missing.
pub async fn recent(table: &Table, org: OrgId, address: &str, limit: usize) -> Result<Vec<Delivery>> {
    let range = Range::prefix(vec![keys::deliveries(org, address)], "msg_", limit).backward().eventually();
    Ok(table.range(&range).await?.into_iter().map(|(_, delivery)| delivery).collect())
}
