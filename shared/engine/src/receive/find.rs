//! Where a receipt belongs: by our own id, else by the number and the provider's id, else by a pointer from that id.

use ::providers::Receipt as Reported;
use domain::{
    Result,
    id::{DeliveryId, MessageId, OrgId, ProviderId},
};
use store::{deliveries, ledger, messages, providers as configs, receipt_pointers};

use crate::{App, known::Chunks};

/// How many of an address's latest copies are searched for a provider's id: a few first, then more.
const LOOK_BACK: [usize; 2] = [8, 50];

/// Where a receipt belongs.
pub(crate) struct Place {
    pub message: MessageId,
    pub chunk: u32,
    pub index: usize,
    /// The recipient's address, where it was said.
    pub address: Option<String>,
}

/// The organization of a provider config. It never changes, so it is read once an instance.
pub async fn owner(app: &App, provider: ProviderId) -> Result<Option<OrgId>> {
    if let Some(org) = app.known.owners.get(&provider) {
        return Ok(Some(org));
    }
    let org = configs::org_of(&app.table, provider).await?;
    if let Some(org) = org {
        app.known.owners.put(provider, org);
    }
    Ok(org)
}

/// The place that a receipt belongs to.
pub(super) async fn find(app: &App, org: OrgId, provider: ProviderId, receipt: &Reported) -> Result<Option<Place>> {
    if let Some(delivery) = receipt.correlation {
        return place(app, org, delivery).await;
    }
    let Some(id) = &receipt.provider_message_id else { return Ok(None) };
    // Adapters give numbers in E.164.
    if let Some(address) = &receipt.phone {
        for limit in LOOK_BACK {
            // One that was written a moment ago is found when the receipt is tried again.
            let copies = deliveries::recent(&app.table, org, address, limit).await?;
            let all = copies.len() < limit;
            let copy = copies.into_iter().find(|delivery| delivery.provider_message_id.as_ref() == Some(id));
            if let Some(delivery) = copy {
                let (chunk, index) = ledger::place(delivery.id.ordinal());
                let address = Some(address.clone());
                return Ok(Some(Place { message: delivery.id.message(), chunk, index, address }));
            }
            if all {
                break;
            }
        }
    }
    match receipt_pointers::find(&app.table, org, provider, id).await? {
        Some(delivery) => place(app, org, delivery).await,
        None => Ok(None),
    }
}

/// The place of a copy, if this organization has such a message.
pub(crate) async fn place(app: &App, org: OrgId, delivery: DeliveryId) -> Result<Option<Place>> {
    let message = delivery.message();
    let (chunk, index) = ledger::place(delivery.ordinal());
    let place = Place { message, chunk, index, address: None };
    if app.known.chunks.get(&(org, message)).is_some_and(|chunks| chunks.may_have(chunk, index)) {
        return Ok(Some(place));
    }
    let Some(found) = messages::find(&app.table, org, message).await? else { return Ok(None) };
    let chunks = Chunks { count: found.chunks, growing: !found.planned, size: found.chunk_size };
    app.known.chunks.put((org, message), chunks);
    Ok(chunks.may_have(chunk, index).then_some(place))
}

/// The address of a place.
pub(super) async fn address(app: &App, org: OrgId, place: &Place) -> Result<Option<String>> {
    if place.address.is_some() {
        return Ok(place.address.clone());
    }
    let plan = ledger::plan(&app.table, org, place.message, place.chunk).await?;
    Ok(plan.and_then(|mut plan| {
        (place.index < plan.recipients.len()).then(|| plan.recipients.swap_remove(place.index).address)
    }))
}
