//! Receipts: what a provider says later about a copy. They come twice, late, out of order, before our own settle.
//!
//! Invariant: a receipt is answered with 200 only when it is stored, on the receipt item first and on the board second;
//! both merges only go further, so repeating one does no harm.

mod sandbox;

use std::collections::BTreeMap;

use ::providers::{Kind, Receipt as Reported, ReceiptStatus};
use domain::{
    Error, Result,
    board::State,
    id::{DeliveryId, MessageId, OrgId, ProviderId},
};
use futures::{StreamExt, TryStreamExt, stream};
use serde::{Deserialize, Serialize};
use store::{
    deliveries::{self, Receipt},
    ledger,
    providers::ProviderConfig,
    receipt_pointers,
};

use crate::{App, app::Queue, finish, notify, suppressions};

pub use sandbox::simulate;

/// How often a receipt that found no delivery is tried again, and after how many seconds.
const TRIES: u32 = 5;
const WAIT: u64 = 5;

/// How many of an address's latest copies are searched for a provider's id.
const LOOK_BACK: usize = 50;

/// How many receipts of one call are worked on at the same time.
const AT_ONCE: usize = 8;

/// What lies on the `receipts` queue.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "SCREAMING_SNAKE_CASE")]
pub enum ReceiptJob {
    /// A receipt that came before the delivery was written.
    Early {
        /// The organization.
        org: OrgId,
        /// The provider config.
        provider: ProviderId,
        /// The receipt.
        receipt: Reported,
        /// How often it was tried.
        tries: u32,
    },
    /// The sandbox reports on a chunk.
    Simulated {
        /// The organization.
        org: OrgId,
        /// The message.
        message: MessageId,
        /// The chunk.
        chunk: u32,
        /// Which of its receipts: those of so many seconds after the submission.
        after: u64,
    },
}

/// Where a receipt belongs.
struct Place {
    message: MessageId,
    chunk: u32,
    index: usize,
    address: String,
}

/// Stores receipts of a provider config. Those that match nothing yet are tried again by the queue.
pub async fn receive(app: &App, org: OrgId, provider: ProviderId, receipts: Vec<Reported>) -> Result<()> {
    take(app, org, provider, receipts, 0).await
}

/// Handles one job from the `receipts` queue.
pub async fn run(app: &App, job: ReceiptJob) -> Result<()> {
    match job {
        ReceiptJob::Early { org, provider, receipt, tries } => take(app, org, provider, vec![receipt], tries).await,
        ReceiptJob::Simulated { org, message, chunk, after } => sandbox::report(app, org, message, chunk, after).await,
    }
}

async fn take(app: &App, org: OrgId, provider: ProviderId, receipts: Vec<Reported>, tries: u32) -> Result<()> {
    // Collected first (futures are lazy): the closure's lifetimes do not fit into a stream.
    let searches: Vec<_> = receipts
        .into_iter()
        .map(|receipt| async move { Ok::<_, Error>((find(app, org, provider, &receipt).await?, receipt)) })
        .collect();
    let found: Vec<_> = stream::iter(searches).buffered(AT_ONCE).try_collect().await?;

    let mut chunks: BTreeMap<(MessageId, u32), Vec<(Place, Reported)>> = BTreeMap::new();
    for (place, receipt) in found {
        match place {
            Some(place) => chunks.entry((place.message, place.chunk)).or_default().push((place, receipt)),
            None if tries < TRIES && could_match_later(&receipt) => {
                let job = ReceiptJob::Early { org, provider, receipt, tries: tries + 1 };
                app.queues.send(Queue::Receipts, org, &job, WAIT).await?;
            }
            // The account may send for others too: no error.
            None => tracing::info!(%org, %provider, "receipt matches no delivery"),
        }
    }
    for ((message, chunk), receipts) in chunks {
        store(app, org, message, chunk, receipts).await?;
    }
    Ok(())
}

/// A plan is written before anything is sent, so a receipt with our own id finds it at once or never.
fn could_match_later(receipt: &Reported) -> bool {
    receipt.correlation.is_none() && receipt.provider_message_id.is_some()
}

async fn find(app: &App, org: OrgId, provider: ProviderId, receipt: &Reported) -> Result<Option<Place>> {
    if let Some(delivery) = receipt.correlation {
        return place(app, org, delivery).await;
    }
    let Some(id) = &receipt.provider_message_id else { return Ok(None) };
    // Adapters give numbers in E.164.
    if let Some(address) = &receipt.phone {
        let copies = deliveries::of_address(&app.table, org, address, None, LOOK_BACK).await?;
        let copy = copies.into_iter().find(|(_, delivery)| delivery.provider_message_id.as_ref() == Some(id));
        if let Some((_, delivery)) = copy {
            let (chunk, index) = ledger::place(delivery.id.ordinal());
            return Ok(Some(Place { message: delivery.id.message(), chunk, index, address: address.clone() }));
        }
    }
    match receipt_pointers::find(&app.table, org, provider, id).await? {
        Some(delivery) => place(app, org, delivery).await,
        None => Ok(None),
    }
}

/// The place of a copy, if this organization has it.
async fn place(app: &App, org: OrgId, delivery: DeliveryId) -> Result<Option<Place>> {
    let (chunk, index) = ledger::place(delivery.ordinal());
    let plan = ledger::plan(&app.table, org, delivery.message(), chunk).await?;
    let recipient = plan.as_ref().and_then(|plan| plan.recipients.get(index));
    Ok(recipient.map(|recipient| Place {
        message: delivery.message(),
        chunk,
        index,
        address: recipient.address.clone(),
    }))
}

/// Whether the receipts of a config may say nothing but the provider's id, so that `send` has to leave pointers behind.
/// The other adapters' receipts give our id or the number back; of a format of one's own only its `dlr` says so.
pub(crate) fn needs_pointers(config: &ProviderConfig) -> bool {
    if config.kind != Kind::Custom.name() {
        return false;
    }
    let settings: serde_json::Value = serde_json::from_str(&config.settings).unwrap_or_default();
    !["messageIdPointer", "phonePointer"].iter().any(|name| settings["dlr"].get(name).is_some())
}

/// Stores receipts of one chunk: an item per recipient, then the board once for all of them.
async fn store(app: &App, org: OrgId, message: MessageId, chunk: u32, receipts: Vec<(Place, Reported)>) -> Result<()> {
    // First: if that fails, the provider tells again.
    let told: Vec<_> = receipts.iter().map(|(place, receipt)| (place.index, receipt)).collect();
    notify::reported(app, org, message, chunk, &told).await?;
    let again = ledger::board(&app.table, org, message, chunk).await?.is_some_and(|board| board.round > 1);
    let opted_out = receipts
        .iter()
        .filter(|(_, receipt)| receipt.error.as_ref().is_some_and(|error| error.class.suppresses()))
        .map(|(place, _)| place.address.clone())
        .collect();
    // What is said of one recipient is stored in the order in which it was said.
    let mut recipients: BTreeMap<usize, Vec<(Place, Reported)>> = BTreeMap::new();
    for (place, receipt) in receipts {
        recipients.entry(place.index).or_default().push((place, receipt));
    }
    let writes: Vec<_> = recipients.into_values().map(|receipts| put(app, org, again, receipts)).collect();
    let reached: Vec<(usize, State)> =
        stream::iter(writes).buffer_unordered(AT_ONCE).try_collect::<Vec<_>>().await?.into_iter().flatten().collect();

    suppressions::reported(app, org, message, opted_out).await?;
    let mut moved = false;
    ledger::change(&app.table, org, message, chunk, |board| {
        moved = false;
        for (index, state) in &reached {
            let Some(old) = board.states.get(*index).copied() else { continue };
            let new = old.merge(*state);
            if new != old {
                board.states[*index] = new;
                moved = true;
            }
        }
        Ok(moved)
    })
    .await?;
    if moved {
        finish::refold(app, org, message).await?;
    }
    Ok(())
}

/// Stores what was said of one recipient, and gives the states that it reached.
async fn put(app: &App, org: OrgId, again: bool, receipts: Vec<(Place, Reported)>) -> Result<Vec<(usize, State)>> {
    let mut reached = Vec::with_capacity(receipts.len());
    for (place, receipt) in receipts {
        if again && is_of_an_earlier_attempt(app, org, &place, &receipt).await? {
            continue;
        }
        let item = item(app, &receipt);
        deliveries::put_receipt(&app.table, org, &place.address, place.message, &item).await?;
        reached.push((place.index, item.state));
    }
    Ok(reached)
}

fn item(app: &App, receipt: &Reported) -> Receipt {
    let at = receipt.occurred_at.unwrap_or_else(|| app.now());
    let state = match receipt.status {
        ReceiptStatus::Sent => State::Sent,
        ReceiptStatus::Delivered => State::Delivered,
        ReceiptStatus::Read => State::Read,
        ReceiptStatus::Failed => State::Failed,
    };
    Receipt {
        state,
        sent_at: (state == State::Sent).then_some(at),
        delivered_at: (state == State::Delivered).then_some(at),
        read_at: (state == State::Read).then_some(at),
        failed_at: (state == State::Failed).then_some(at),
        class: receipt.error.as_ref().map(|error| error.class),
        error: receipt.error.as_ref().map(|error| error.reason.clone()),
        provider_message_id: receipt.provider_message_id.clone(),
        cost: receipt.cost.clone(),
    }
}

/// A copy that was sent again has another id at the provider; what is said of the first attempt says nothing about it.
async fn is_of_an_earlier_attempt(app: &App, org: OrgId, place: &Place, receipt: &Reported) -> Result<bool> {
    let Some(id) = &receipt.provider_message_id else { return Ok(false) };
    let rows = deliveries::get_many(&app.table, org, &[(place.address.clone(), place.message)]).await?;
    Ok(rows.into_iter().flatten().any(|row| row.provider_message_id.is_some_and(|current| current != *id)))
}
