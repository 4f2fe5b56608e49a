//! Pointers from a provider's id to a copy, for providers whose receipts give neither our id nor the number back.
//! They go after three days, in which receipts come or never do.

use domain::{
    Result,
    id::{DeliveryId, OrgId, ProviderId},
};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::{
    keys,
    table::{Item, Table, encode},
};

/// How long a pointer is kept.
const KEPT: SignedDuration = SignedDuration::from_hours(72);

#[derive(Serialize, Deserialize)]
struct Pointer {
    delivery: DeliveryId,
    /// When it goes (epoch seconds).
    ttl: i64,
}

/// The item of a pointer, for a batch.
pub fn item(org: OrgId, provider: ProviderId, id: &str, delivery: DeliveryId, now: Timestamp) -> Result<Item> {
    encode(&keys::receipt_pointer(org, provider, id), &Pointer { delivery, ttl: (now + KEPT).as_second() })
}

/// Notes that the provider knows a copy by this id. `false`: it knows another copy by it.
pub async fn take(
    table: &Table,
    org: OrgId,
    provider: ProviderId,
    id: &str,
    delivery: DeliveryId,
    now: Timestamp,
) -> Result<bool> {
    let pointer = Pointer { delivery, ttl: (now + KEPT).as_second() };
    let new = table.put_new(&keys::receipt_pointer(org, provider, id), &pointer).await?;
    Ok(new || find(table, org, provider, id).await? == Some(delivery))
}

/// The copy that the provider knows by this id.
pub async fn find(table: &Table, org: OrgId, provider: ProviderId, id: &str) -> Result<Option<DeliveryId>> {
    let pointer: Option<Pointer> = table.get(&keys::receipt_pointer(org, provider, id)).await?;
    Ok(pointer.map(|pointer| pointer.delivery))
}

#[cfg(test)]
mod tests {
    use domain::id::MessageId;

    use super::*;
    use crate::testing;

    #[tokio::test]
    async fn an_id_leads_to_its_copy_at_its_own_config_only() {
        let table = testing::table().await;
        let now = Timestamp::UNIX_EPOCH;
        let (org, one, other) = (OrgId::new(now, 1), ProviderId::new(now, 1), ProviderId::new(now, 2));
        let delivery = DeliveryId::of(MessageId::generate(now, 7), 3);
        table.put_many(vec![item(org, one, "p-1", delivery, now).unwrap()]).await.unwrap();
        assert_eq!(find(&table, org, one, "p-1").await.unwrap(), Some(delivery));
        assert_eq!(find(&table, org, other, "p-1").await.unwrap(), None);
        assert_eq!(find(&table, org, one, "p-2").await.unwrap(), None);
        let second = DeliveryId::of(MessageId::generate(now, 8 << 32), 3);
        assert!(!take(&table, org, one, "p-1", second, now).await.unwrap(), "one id, one copy");
        assert!(take(&table, org, one, "p-1", delivery, now).await.unwrap(), "again is no harm");
        assert!(take(&table, org, other, "p-1", second, now).await.unwrap());
    }
}
