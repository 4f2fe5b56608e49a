//! Changing the configs. What holds for all of them together is decided on by what there was; if another change was
//! quicker, it is decided on again.

use ::providers::Credentials;
use aws_sdk_dynamodb::types::TransactWriteItem;
use domain::{Error, Result};
use engine::providers::{account_with, fit};
use store::providers::{NAME_WRITE, ProviderConfig, SET_WRITE};
use web::Cx;

use super::{credentials, request, update::UpdateProvider, view::named};

/// How often a change is decided on anew before the caller hears of it.
pub(super) const TRIES: usize = 30;

/// Writes a change. `false`: another was quicker, decide again.
pub(super) async fn write(cx: &Cx, writes: Vec<TransactWriteItem>) -> Result<bool> {
    match cx.app.table.transact(writes).await {
        Ok(()) => Ok(true),
        Err(cancelled) if cancelled.failed(SET_WRITE) => Ok(false),
        Err(cancelled) if cancelled.failed(NAME_WRITE) => {
            Err(Error::conflict("provider_name_taken", "Another provider config has this name."))
        }
        Err(other) => Err(other.into()),
    }
}

/// 409 after too many tries.
pub(super) fn busy() -> Error {
    Error::conflict("changed_meanwhile", "It was changed by another request; try again.")
}

/// A config after a change, and whether it has other credentials.
pub(super) async fn apply(cx: &Cx, old: &ProviderConfig, body: UpdateProvider) -> Result<(ProviderConfig, bool)> {
    let stored = engine::providers::open(&cx.app, cx.org(), &old.credentials).await?;
    let (credentials, renewed) = credentials::merge(&stored, body.credentials)?;
    let policy = body.unknown_policy.map_or_else(|| named(&old.unknown_policy), Ok)?;
    let mut new = ProviderConfig {
        name: body.name.map_or_else(|| old.name.clone(), |name| name.trim().to_owned()),
        sender_id: body.sender_id.apply(old.sender_id.clone()).filter(|sender| !sender.trim().is_empty()),
        api_url: body.api_url.apply(old.api_url.clone()).filter(|url| !url.trim().is_empty()),
        smart: body.smart.apply(old.smart),
        is_active: body.is_active.unwrap_or(old.is_active),
        is_default: body.is_default.unwrap_or(old.is_default),
        retry_attempts: body.retry_attempts.unwrap_or(old.retry_attempts),
        unknown_policy: policy.name().into(),
        version: old.version + 1,
        updated_at: cx.now(),
        ..old.clone()
    };
    if let Some(settings) = &body.settings {
        new.settings = serde_json::to_string(settings).map_err(Error::internal)?;
    }
    let account = account_with(&cx.app, &new, credentials)?;
    // Who left the batch size to the settings gets what the new settings say.
    let (_, suggested, _) = fit(&cx.app, &account_with(&cx.app, old, Credentials::new())?, None, None);
    let batch_size = body.batch_size.or((old.batch_size != suggested).then_some(old.batch_size));
    let rate = Some(body.rate_per_minute.unwrap_or(old.rate_per_minute));
    (new.rate_per_minute, new.batch_size, new.violations) = fit(&cx.app, &account, rate, batch_size);
    request::refuse(&new.violations)?;
    request::check_policy(policy, &account)?;
    if renewed {
        new.masked = credentials::masks(&account.credentials);
        new.credentials = engine::providers::seal(&cx.app, cx.org(), &account.credentials).await?;
        (new.paused, new.balance, new.last_test) = (None, None, None);
    }
    Ok((new, renewed))
}
