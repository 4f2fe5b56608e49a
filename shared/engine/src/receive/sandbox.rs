//! The sandbox's own receipts: nobody reports on texts that reach nobody, so a queue message per chunk and second does.

use std::collections::BTreeSet;

use ::providers::{Kind, Outgoing, Simulated, provider};
use domain::{
    Result,
    board::State,
    id::{MessageId, OrgId},
};
use store::{
    deliveries,
    ledger::{self, Recipient},
    providers::ProviderConfig,
};

use super::{Place, ReceiptJob, store};
use crate::{App, app::Queue, jobs::SendJob, providers};

/// Lets the sandbox report on a chunk later; other providers report themselves.
pub async fn simulate(app: &App, config: &ProviderConfig, job: SendJob) -> Result<()> {
    if providers::kind(config)? != Kind::Sandbox {
        return Ok(());
    }
    let Some(plan) = ledger::plan(&app.table, job.org, job.message, job.chunk).await? else { return Ok(()) };
    let delays: BTreeSet<u64> = plan
        .recipients
        .iter()
        .enumerate()
        .flat_map(|(index, recipient)| simulated(job.message, job.chunk, index, recipient))
        .map(|simulated| simulated.after.as_secs())
        .collect();
    for after in delays {
        let report = ReceiptJob::Simulated { org: job.org, message: job.message, chunk: job.chunk, after };
        app.queues.send(Queue::Receipts, job.org, &report, after).await?;
    }
    Ok(())
}

/// Stores those of the simulated receipts of a chunk that come `after` so many seconds.
pub(super) async fn report(app: &App, org: OrgId, message: MessageId, chunk: u32, after: u64) -> Result<()> {
    let Some(plan) = ledger::plan(&app.table, org, message, chunk).await? else { return Ok(()) };
    let Some(board) = ledger::board(&app.table, org, message, chunk).await? else { return Ok(()) };
    let mut receipts = Vec::new();
    for (index, recipient) in plan.recipients.into_iter().enumerate() {
        let now: Vec<_> = simulated(message, chunk, index, &recipient)
            .into_iter()
            .filter(|simulated| simulated.after.as_secs() == after)
            .map(|simulated| simulated.receipt)
            .collect();
        if now.is_empty() {
            continue;
        }
        let submitted = match board.states.get(index) {
            Some(State::Sent | State::Delivered | State::Read | State::Unknown) => true,
            // Failed at submission, or by a receipt after it was accepted?
            Some(State::Failed) => {
                let row = deliveries::get_many(&app.table, org, &[(recipient.address.clone(), message)]).await?;
                row.into_iter().flatten().any(|row| row.state == State::Sent)
            }
            _ => false,
        };
        if submitted {
            let place = || Place { message, chunk, index, address: Some(recipient.address.clone()) };
            receipts.extend(now.into_iter().map(|receipt| (place(), receipt)));
        }
    }
    if receipts.is_empty() { Ok(()) } else { store(app, org, message, chunk, receipts).await }
}

/// What the sandbox will say of one recipient. It looks at the address alone.
fn simulated(message: MessageId, chunk: u32, index: usize, recipient: &Recipient) -> Vec<Simulated> {
    if recipient.skip.is_some() {
        return Vec::new();
    }
    let outgoing = Outgoing {
        delivery_id: ledger::delivery_id(message, chunk, index),
        to: recipient.address.clone(),
        body: String::new(),
        subject: None,
        template: None,
        media: std::sync::Arc::default(),
        html: false,
        unsubscribe_url: None,
        segments: 1,
        attempt: 1,
        submission: 1,
    };
    provider(Kind::Sandbox).simulate(&outgoing)
}
