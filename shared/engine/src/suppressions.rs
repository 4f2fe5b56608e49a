//! Who gets no messages: left out when a message is planned, looked at again when a chunk is claimed, and fed by what
//! providers refuse because the person opted out there.
//!
//! Planning reads one marker an address, and nothing while the list is empty. A claim reads one number: the version of
//! the list. Only if that moved since the chunk was planned are the chunk's addresses read again.

pub mod sync;

use ::providers::Suppressed;
use domain::{
    Result,
    board::State,
    delivery::SkipReason,
    id::{MessageId, OrgId, ProviderId, SuppressionId},
    message::Channel,
    suppression::{self, SuppressionReason, SuppressionSource},
};
use store::{
    Table,
    ledger::{Board, Plan, Recipient},
    messages::{self, Message, Purpose},
    organizations,
    providers::ProviderConfig,
    suppressions::{self, Suppression},
};

use crate::{App, notify};

/// Marks those of `recipients` that are suppressed. `version` is that of the list, read before this.
pub(crate) async fn leave_out(
    table: &Table,
    org: OrgId,
    channel: Channel,
    version: u64,
    recipients: &mut [Recipient],
) -> Result<()> {
    if version == 0 {
        return Ok(());
    }
    let open: Vec<&str> = recipients.iter().filter(|one| one.skip.is_none()).map(|one| one.address.as_str()).collect();
    let suppressed = suppressions::among(table, org, channel, &open).await?;
    for recipient in recipients.iter_mut().filter(|one| one.skip.is_none()) {
        if suppressed.contains(&recipient.address) {
            recipient.skip = Some(SkipReason::Suppressed);
        }
    }
    Ok(())
}

/// Marks on a board that is about to be claimed who was suppressed since its chunk was planned, if the list has another
/// `version` by now. Those below the mark may have been sent to already and stay as they are.
pub(crate) async fn leave_out_since(
    app: &App,
    message: &Message,
    plan: &Plan,
    board: &mut Board,
    version: u64,
) -> Result<()> {
    if version == plan.suppressions || message.purpose == Purpose::LastWord {
        return Ok(());
    }
    let waiting: Vec<usize> =
        (board.started_up_to as usize..board.states.len()).filter(|index| board.states[*index].is_waiting()).collect();
    let addresses: Vec<&str> = waiting.iter().map(|index| plan.recipients[*index].address.as_str()).collect();
    let suppressed = suppressions::among(&app.table, message.org, message.channel, &addresses).await?;
    for index in waiting {
        if suppressed.contains(&plan.recipients[index].address) {
            board.states[index] = State::Skipped;
        }
    }
    Ok(())
}

/// Why a recipient is not sent to, if it is not. One that was planned and then skipped was suppressed in between.
pub fn skip_reason(recipient: &Recipient, state: State) -> Option<SkipReason> {
    recipient.skip.or((state == State::Skipped).then_some(SkipReason::Suppressed))
}

/// Puts addresses on the list of which a provider said, in a receipt, that the person opted out there.
pub(crate) async fn reported(app: &App, org: OrgId, message: MessageId, addresses: Vec<String>) -> Result<()> {
    if addresses.is_empty() {
        return Ok(());
    }
    let message = messages::get(&app.table, org, message).await?;
    refused(app, org, message.channel, message.provider_id, addresses).await
}

/// Puts addresses on the list that a provider refused because the person had opted out there.
pub(crate) async fn refused(
    app: &App,
    org: OrgId,
    channel: Channel,
    provider: ProviderId,
    addresses: Vec<String>,
) -> Result<()> {
    let reason = SuppressionReason::OptedOut;
    let addresses = addresses.into_iter().map(|address| (address, reason)).collect();
    add(app, org, channel, provider, SuppressionSource::Provider, addresses).await.map(|_| ())
}

/// Puts on the list whom a provider names in a webhook call, or on its own list: bounces for good, complaints, and whoever
/// unsubscribed there. Gives how many were not on it.
pub async fn told(app: &App, config: &ProviderConfig, suppressed: Vec<Suppressed>) -> Result<usize> {
    if suppressed.is_empty() {
        return Ok(0);
    }
    let country = organizations::get(&app.table, config.org).await?.default_country;
    // What is no address here was never sent to from here: the account may send for others too.
    let read = |one: Suppressed| {
        let address = suppression::address(&one.address, config.channel.into(), country, "").ok()?;
        Some((address, one.reason))
    };
    let addresses: Vec<_> = suppressed.into_iter().filter_map(read).collect();
    add(app, config.org, config.channel, config.id, SuppressionSource::Provider, addresses).await
}

/// Puts addresses on the list, each for its reason, and tells of those who want no more. Gives how many were not on it.
pub(crate) async fn add(
    app: &App,
    org: OrgId,
    channel: Channel,
    provider: ProviderId,
    source: SuppressionSource,
    addresses: Vec<(String, SuppressionReason)>,
) -> Result<usize> {
    if addresses.is_empty() {
        return Ok(0);
    }
    let now = app.now();
    let new: Vec<Suppression> = addresses
        .into_iter()
        .map(|(address, reason)| Suppression {
            id: SuppressionId::new(now, app.random.bits()),
            address,
            channel: channel.into(),
            reason,
            source,
            note: None,
            provider_id: Some(provider),
            created_by: None,
            created_at: now,
        })
        .collect();
    let standing = suppressions::add(&app.table, org, &new).await?;
    let added: Vec<&Suppression> =
        new.iter().zip(standing).filter(|(new, standing)| new.id == *standing).map(|(new, _)| new).collect();
    tracing::info!(%org, %provider, ?source, count = added.len(), "they are to get no more");
    // An address that does not exist opted out of nothing.
    let told = added.iter().filter(|new| new.reason != SuppressionReason::Bounced).map(|new| new.id);
    notify::opted_out(app, org, told).await?;
    Ok(added.len())
}
