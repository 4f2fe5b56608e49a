//! Deliveries and receipts: what became of one recipient's copy.
//!
//! Invariant: `send` alone writes deliveries, receipts alone write receipt items. Each may come first; neither can
//! undo the other. Both together are the story of one copy.

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
    update::Update,
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
    pub class: Option<ErrorClass>,
    /// In words.
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
}

/// What the provider said later.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Receipt {
    /// The furthest state reported.
    pub state: State,
    /// When the provider accepted it, if it said so.
    pub sent_at: Option<Timestamp>,
    /// When it arrived.
    pub delivered_at: Option<Timestamp>,
    /// When it was read.
    pub read_at: Option<Timestamp>,
    /// When it failed.
    pub failed_at: Option<Timestamp>,
    /// Why it failed, for programs.
    #[serde(default)]
    pub class: Option<ErrorClass>,
    /// Why it failed.
    pub error: Option<String>,
    /// The provider's id, as the receipt says.
    pub provider_message_id: Option<String>,
    /// What it cost, as the receipt says.
    pub cost: Option<Money>,
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

/// The receipts of some (address, message) pairs, in their order.
pub async fn receipts(table: &Table, org: OrgId, places: &[(String, MessageId)]) -> Result<Vec<Option<Receipt>>> {
    let keys: Vec<_> = places.iter().map(|(address, message)| keys::receipt(org, address, *message)).collect();
    table.get_many(&keys).await
}

/// Merges a receipt into what is known. Order and repetition do not matter.
pub async fn put_receipt(
    table: &Table,
    org: OrgId,
    address: &str,
    message: MessageId,
    receipt: &Receipt,
) -> Result<()> {
    let key = keys::receipt(org, address, message);
    for _ in 0..100 {
        let old: Option<Receipt> = table.get(&key).await?;
        let written = match &old {
            None => table.put_new(&key, receipt).await?,
            Some(old) => {
                let merged = merge(old, receipt);
                let update = Update::of(key.clone())
                    .set("state", merged.state)
                    .set_or_remove("sentAt", merged.sent_at)
                    .set_or_remove("deliveredAt", merged.delivered_at)
                    .set_or_remove("readAt", merged.read_at)
                    .set_or_remove("failedAt", merged.failed_at)
                    .set_or_remove("class", merged.class)
                    .set_or_remove("error", merged.error)
                    .set_or_remove("providerMessageId", merged.provider_message_id)
                    .set_or_remove("cost", merged.cost)
                    .if_equal("state", old.state);
                table.update(update).await?
            }
        };
        if written {
            return Ok(());
        }
    }
    Err(domain::Error::Unavailable("a receipt is busy".into()))
}

fn merge(old: &Receipt, new: &Receipt) -> Receipt {
    Receipt {
        state: old.state.merge(new.state),
        // The first time each thing was said is when it happened.
        sent_at: old.sent_at.or(new.sent_at),
        delivered_at: old.delivered_at.or(new.delivered_at),
        read_at: old.read_at.or(new.read_at),
        failed_at: old.failed_at.or(new.failed_at),
        class: old.class.or(new.class),
        error: old.error.clone().or_else(|| new.error.clone()),
        provider_message_id: old.provider_message_id.clone().or_else(|| new.provider_message_id.clone()),
        cost: new.cost.clone().or_else(|| old.cost.clone()),
    }
}

/// The messages that an address got, newest first: for a person's history, and for receipts that say only a number.
pub async fn of_address(
    table: &Table,
    org: OrgId,
    address: &str,
    after: Option<String>,
    limit: usize,
) -> Result<Vec<(String, Delivery)>> {
    let mut found = Vec::new();
    let mut range = Range::prefix(vec![keys::deliveries(org, address)], "msg_", limit * 2).backward().after(after);
    while found.len() < limit {
        let rows: Vec<(String, serde_json::Value)> = table.range(&range).await?;
        let exhausted = rows.len() < range.limit;
        range.after = rows.last().map(|(sk, _)| sk.clone());
        for (sk, row) in rows {
            // Receipt items lie between the deliveries.
            if !sk.ends_with("#R") {
                found.push((sk, serde_json::from_value(row).map_err(domain::Error::internal)?));
            }
        }
        if exhausted {
            break;
        }
    }
    found.truncate(limit);
    Ok(found)
}
