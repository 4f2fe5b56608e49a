//! Receipts: what a provider says later about a copy. They come twice, late, out of order, before our own settle.
//!
//! Invariant: a receipt is answered with 200 only when it is stored. What is stored only adds to what is known
//! ([`store::receipts`]), so repeating one does no harm.
//!
//! There are as many receipts as messages, so one costs one write unit: where a copy has its place follows from its id, whether
//! there is such a place from what this instance knows of the message, and the write needs no read before it.

mod ask;
mod find;
mod sandbox;

use std::collections::BTreeMap;

use ::providers::{Kind, Receipt as Reported, ReceiptStatus, provider};
use domain::{
    Error, Result,
    board::State,
    id::{MessageId, OrgId, ProviderId},
};
use futures::{StreamExt, TryStreamExt, stream};
use serde::{Deserialize, Serialize};
use store::{
    deliveries, ledger,
    providers::ProviderConfig,
    receipt_pointers,
    receipts::{self, Report},
};

use crate::{App, app::Queue, finish, notify, suppressions};

pub(crate) use ask::look;
pub use find::owner;
pub(crate) use find::place as place_of;
use find::{Place, find};
pub use sandbox::simulate;

/// How often a receipt that found no delivery is tried again, and after how many seconds.
const TRIES: u32 = 5;
const WAIT: u64 = 5;

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
    /// Receipts of a chunk are missing for long.
    Ask {
        /// The organization.
        org: OrgId,
        /// The message.
        message: MessageId,
        /// The chunk.
        chunk: u32,
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

/// Stores receipts of a provider config. Those that match nothing yet are tried again by the queue.
pub async fn receive(app: &App, org: OrgId, provider: ProviderId, receipts: Vec<Reported>) -> Result<()> {
    take(app, org, provider, receipts, 0).await
}

/// Handles one job from the `receipts` queue.
pub async fn run(app: &App, job: ReceiptJob) -> Result<()> {
    match job {
        ReceiptJob::Early { org, provider, receipt, tries } => take(app, org, provider, vec![receipt], tries).await,
        ReceiptJob::Ask { org, message, chunk } => ask::ask(app, org, message, chunk).await,
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
            Some(place) => {
                note_alias(app, org, provider, &place, &receipt).await?;
                chunks.entry((place.message, place.chunk)).or_default().push((place, receipt));
            }
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

/// Notes the other id by which later receipts may name the same copy.
async fn note_alias(app: &App, org: OrgId, provider: ProviderId, place: &Place, receipt: &Reported) -> Result<()> {
    if let Some(alias) = &receipt.alias {
        let delivery = ledger::delivery_id(place.message, place.chunk, place.index);
        receipt_pointers::take(&app.table, org, provider, alias, delivery, app.now()).await?;
    }
    Ok(())
}

/// A message is there before anything is sent, so a receipt with our own id finds it at once or never.
fn could_match_later(receipt: &Reported) -> bool {
    receipt.correlation.is_none() && receipt.provider_message_id.is_some()
}

/// Whether the receipts of a config may say nothing but the provider's id, so that `send` has to leave pointers behind.
/// Most adapters' receipts give our id or the number back; of a format of one's own only its `dlr` says so.
pub(crate) fn needs_pointers(config: &ProviderConfig) -> bool {
    let Ok(kind) = config.kind.parse::<Kind>() else { return false };
    if kind != Kind::Custom {
        return provider(kind).names_only_ids();
    }
    let settings: serde_json::Value = serde_json::from_str(&config.settings).unwrap_or_default();
    !["messageIdPointer", "phonePointer"].iter().any(|name| settings["dlr"].get(name).is_some())
}

/// Stores receipts of one chunk: one write for each page that they are on.
async fn store(app: &App, org: OrgId, message: MessageId, chunk: u32, receipts: Vec<(Place, Reported)>) -> Result<()> {
    // First: if that fails, the provider tells again.
    let told: Vec<_> = receipts.iter().map(|(place, receipt)| (place.index, receipt)).collect();
    notify::reported(app, org, message, chunk, &told).await?;
    let mut opted_out = Vec::new();
    for (place, receipt) in &receipts {
        if receipt.error.as_ref().is_some_and(|error| error.class.suppresses()) {
            opted_out.extend(find::address(app, org, place).await?);
        }
    }
    let mut pages: BTreeMap<usize, Vec<(Place, Reported)>> = BTreeMap::new();
    for (place, receipt) in receipts {
        pages.entry(receipts::page_of(place.index)).or_default().push((place, receipt));
    }
    for (page, receipts) in pages {
        let first: Vec<Report> = receipts.iter().map(|(place, receipt)| report(app, place, receipt, 0)).collect();
        if !receipts::put(&app.table, org, message, chunk, page, &first).await? {
            let meant = of_attempts(app, org, message, chunk, &receipts).await?;
            receipts::put_for(&app.table, org, message, chunk, page, &meant).await?;
        }
    }
    suppressions::reported(app, org, message, opted_out).await?;
    finish::refold(app, org, message).await
}

/// The reports with the attempts that they mean, where somebody was asked for again; without those that mean an earlier one.
async fn of_attempts(
    app: &App,
    org: OrgId,
    message: MessageId,
    chunk: u32,
    receipts: &[(Place, Reported)],
) -> Result<Vec<Report>> {
    let Some(board) = ledger::board(&app.table, org, message, chunk).await? else { return Ok(Vec::new()) };
    let mut meant = Vec::with_capacity(receipts.len());
    for (place, receipt) in receipts {
        let since = board.since(place.index);
        if since == 0 || !is_of_an_earlier_attempt(app, org, place, receipt, since).await? {
            meant.push(report(app, place, receipt, since));
        }
    }
    Ok(meant)
}

/// A copy that was sent again has another id at the provider, and until then a row of a round before it was asked for. What
/// is said of an earlier attempt says nothing about this one, except that the recipient has got it.
async fn is_of_an_earlier_attempt(
    app: &App,
    org: OrgId,
    place: &Place,
    receipt: &Reported,
    since: u32,
) -> Result<bool> {
    let Some(address) = find::address(app, org, place).await? else { return Ok(false) };
    let row = deliveries::get_many(&app.table, org, &[(address, place.message)]).await?.pop().flatten();
    let Some(row) = row else { return Ok(false) };
    let (said, last) = (&receipt.provider_message_id, &row.provider_message_id);
    let differ = said.as_ref().zip(last.as_ref()).is_some_and(|(said, last)| said != last);
    Ok(if row.round >= since {
        differ
    } else {
        // The row is of the attempt before: another id is of one whose row is not written yet.
        !differ && !matches!(receipt.status, ReceiptStatus::Delivered | ReceiptStatus::Read)
    })
}

fn report(app: &App, place: &Place, receipt: &Reported, since: u32) -> Report {
    Report {
        index: place.index,
        since,
        state: match receipt.status {
            ReceiptStatus::Sent => State::Sent,
            ReceiptStatus::Delivered => State::Delivered,
            ReceiptStatus::Read => State::Read,
            ReceiptStatus::Failed => State::Failed,
        },
        at: receipt.occurred_at.unwrap_or_else(|| app.now()),
        class: receipt.error.as_ref().map(|error| error.class),
        error: receipt.error.as_ref().map(|error| error.reason.clone()),
        cost: receipt.cost.clone(),
    }
}
