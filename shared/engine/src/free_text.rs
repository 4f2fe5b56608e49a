//! Free text on WhatsApp: taken only within 24 hours after the person wrote, by configs that are bound to that rule.
//! Whoever wrote longer ago is left out when a message is planned; a message that would reach nobody is not accepted.

use domain::{Error, Result, delivery::SkipReason, id::OrgId, message::Channel};
use jiff::Timestamp;
use store::{
    Table,
    conversations::{self, Conversation},
    ledger::Recipient,
    providers::{self as configs, ProviderConfig},
};

use crate::{App, providers};

/// Whether free text by a config reaches only who wrote within 24 hours.
pub fn is_bound(config: &ProviderConfig) -> bool {
    let settings = serde_json::from_str(&config.settings).unwrap_or_default();
    providers::kind(config).is_ok_and(|kind| ::providers::templates::has_window(kind, config.channel, &settings))
}

/// Whether a text is bound to it: of a routed message only where all configs that it could go by are.
pub(crate) async fn binds(app: &App, org: OrgId, channel: Channel, by: Option<&ProviderConfig>) -> Result<bool> {
    if channel != Channel::WhatsApp {
        return Ok(false);
    }
    if let Some(config) = by {
        return Ok(is_bound(config));
    }
    let all = configs::all(&app.table, org).await?;
    Ok(all.iter().filter(|config| config.channel == channel && config.is_active).all(is_bound))
}

/// Until when a conversation takes free text by a config; `None` where there is no such limit, or nobody wrote yet.
pub fn ends_at(conversation: &Conversation, config: Option<&ProviderConfig>) -> Option<Timestamp> {
    conversation.window_ends_at().filter(|_| config.is_none_or(is_bound))
}

/// Whether a conversation takes free text by a config at `now`.
pub fn is_open(conversation: &Conversation, config: Option<&ProviderConfig>, now: Timestamp) -> bool {
    let bound = conversation.channel == Channel::WhatsApp && config.is_none_or(is_bound);
    !bound || conversation.window_ends_at().is_some_and(|end| now < end)
}

/// Marks those of `recipients` who have not written lately enough for free text at `at`.
pub(crate) async fn leave_out(table: &Table, org: OrgId, at: Timestamp, recipients: &mut [Recipient]) -> Result<()> {
    let waiting: Vec<&str> =
        recipients.iter().filter(|one| one.skip.is_none()).map(|one| one.address.as_str()).collect();
    if waiting.is_empty() {
        return Ok(());
    }
    let open = conversations::within_window(table, org, &waiting, at).await?;
    for recipient in recipients.iter_mut().filter(|one| one.skip.is_none()) {
        if !open.contains(&recipient.address) {
            recipient.skip = Some(SkipReason::WindowClosed);
        }
    }
    Ok(())
}

/// Refuses a message whose recipients, given with the request, all wrote too long ago, or never.
pub(crate) fn refuse(recipients: &[Recipient]) -> Result<()> {
    let closed = |one: &Recipient| one.skip == Some(SkipReason::WindowClosed);
    if recipients.is_empty() || !recipients.iter().all(closed) {
        return Ok(());
    }
    Err(Error::conflict(
        "window_closed",
        "WhatsApp takes free text within 24 hours of a person's last message only: send an approved template \
         (`whatsappTemplate`), or write by SMS.",
    ))
}
