//! Receipts that are missing for long: asked for, where the provider can be asked how far a text is. Of others they are only
//! counted ([`store::messages::Message::unreported`]).
//!
//! What a provider answers goes the way of its webhooks, so asking twice does no harm.

use std::collections::BTreeMap;

use ::providers::{Receipt as Reported, ReceiptStatus, provider};
use domain::{
    Result,
    board::State,
    id::{MessageId, OrgId, ProviderId},
};
use futures::{StreamExt, stream};
use store::{deliveries, ledger, messages::Message, providers as configs};

use super::{ReceiptJob, receive};
use crate::{App, app::Queue, providers};

/// Questions to one provider at the same time.
const AT_ONCE: usize = 5;

/// How many chunks of a message are asked for at a time: of a network that never reports, asking for all would be as many
/// calls as there were texts.
const CHUNKS: usize = 200;

/// Puts the chunks of a message that have copies of which nothing was heard on the queue.
pub(crate) async fn look(app: &App, message: &Message) -> Result<()> {
    if message.counts.sent == 0 {
        return Ok(());
    }
    let boards = ledger::boards(&app.table, message.org, message.id, Some(message.chunks)).await?;
    let jobs: Vec<ReceiptJob> = boards
        .into_iter()
        .filter(|board| board.states.contains(&State::Sent))
        .take(CHUNKS)
        .map(|board| ReceiptJob::Ask { org: message.org, message: message.id, chunk: board.chunk })
        .collect();
    app.queues.send_many(Queue::Receipts, message.org, &jobs, 0).await
}

/// Asks for the missing receipts of one chunk.
pub(super) async fn ask(app: &App, org: OrgId, message: MessageId, chunk: u32) -> Result<()> {
    let Some(plan) = ledger::plan(&app.table, org, message, chunk).await? else { return Ok(()) };
    let Some(board) = ledger::reported_board(&app.table, org, message, chunk).await? else { return Ok(()) };
    let open: Vec<_> = board
        .states
        .iter()
        .zip(&plan.recipients)
        .filter(|(state, _)| **state == State::Sent)
        .map(|(_, recipient)| (recipient.address.clone(), message))
        .collect();
    let mut by_provider: BTreeMap<ProviderId, Vec<(domain::id::DeliveryId, String)>> = BTreeMap::new();
    for row in deliveries::get_many(&app.table, org, &open).await?.into_iter().flatten() {
        if let Some(id) = row.provider_message_id {
            by_provider.entry(row.provider).or_default().push((row.id, id));
        }
    }
    for (id, copies) in by_provider {
        let Some(config) = configs::find(&app.table, org, id).await? else { continue };
        let account = providers::account(app, &config).await?;
        let adapter = provider(account.kind);
        if config.paused.is_some() || !adapter.can_be_asked() {
            continue;
        }
        let questions: Vec<_> = copies
            .into_iter()
            .map(|(delivery, id)| {
                let account = &account;
                async move {
                    let told = adapter.ask(account, &app.outbound, &id).await;
                    told.map(|told| told.map(|told| Reported { correlation: Some(delivery), ..told }))
                }
            })
            .collect();
        let mut answers = stream::iter(questions).buffer_unordered(AT_ONCE);
        let mut told: Vec<Reported> = Vec::new();
        while let Some(answer) = answers.next().await {
            match answer {
                Ok(receipt) => told.extend(receipt.filter(|receipt| receipt.status != ReceiptStatus::Sent)),
                // The next look asks again.
                Err(failure) => tracing::info!(%org, provider = %config.id, class = %failure.class, "it did not tell"),
            }
        }
        drop(answers);
        tracing::info!(%org, %message, provider = %config.id, receipts = told.len(), "missing receipts were asked for");
        receive(app, org, config.id, told).await?;
    }
    Ok(())
}
