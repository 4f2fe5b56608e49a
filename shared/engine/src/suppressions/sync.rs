//! The lists that providers keep of their own, taken over into ours: a provider refuses whoever stands there anyway, and
//! tells of it only when the next message is sent. Read whole, again and again; what is on our list already changes nothing.

use ::providers::provider;
use domain::{
    Error, Result,
    id::{OrgId, ProviderId},
};
use jiff::{SignedDuration, Timestamp};
use store::{
    providers::{self as configs, ProviderConfig},
    suppression_sync::{self as stored, SuppressionSync},
};

use super::told;
use crate::{App, app::Queue, notify::NotifyJob, providers};

/// How long after a pass the next begins.
const EVERY: SignedDuration = SignedDuration::from_hours(6);

/// How long before the deadline no further page is asked for: as long as a call may take, and what follows from it.
const RESERVE: SignedDuration = SignedDuration::from_secs(15);

/// Whether the provider of a config keeps a list that can be read.
pub fn is_kept(config: &ProviderConfig) -> bool {
    providers::kind(config).is_ok_and(|kind| provider(kind).keeps_suppressions())
}

/// Lets the list of a new config be read from the next minute on, if its provider keeps one.
pub async fn watch(app: &App, config: &ProviderConfig) -> Result<()> {
    if !is_kept(config) {
        return Ok(());
    }
    stored::put(&app.table, &SuppressionSync::new(config.org, config.id, app.now())).await
}

/// What the sweep does with a config whose list is due.
pub async fn revive(app: &App, org: OrgId, id: ProviderId) -> Result<()> {
    if stored::postpone(&app.table, org, id, app.now() + EVERY).await? {
        app.queues.send(Queue::Notify, org, &NotifyJob::Suppressions { org, provider: id }, 0).await?;
    }
    Ok(())
}

/// Handles a job of the queue `notify`. What the provider does not tell now is asked for at the next look.
pub async fn run(app: &App, org: OrgId, id: ProviderId, deadline: Timestamp) -> Result<()> {
    let Some(config) = configs::find(&app.table, org, id).await? else {
        return stored::delete(&app.table, org, id).await;
    };
    if !config.is_active || config.paused.is_some() {
        return Ok(());
    }
    match sync(app, &config, deadline).await {
        // Noted with the list.
        Err(Error::Conflict { .. }) => Ok(()),
        done => done.map(|_| ()),
    }
}

/// Reads the provider's list on from where it was left, as far as time allows; the queue goes on with the rest. Gives how
/// far it is. 409 `provider_failed`: the provider did not tell.
pub async fn sync(app: &App, config: &ProviderConfig, deadline: Timestamp) -> Result<SuppressionSync> {
    let (org, id, now) = (config.org, config.id, app.now());
    let fresh = || SuppressionSync::new(org, id, now + EVERY);
    let mut sync = stored::find(&app.table, org, id).await?.unwrap_or_else(fresh);
    if sync.cursor.is_none() {
        (sync.read, sync.added, sync.began_at) = (0, 0, now);
    }
    sync.due_at = fresh().due_at;
    let account = providers::account(app, config).await?;
    let adapter = provider(account.kind);
    loop {
        let page = match adapter.suppressions(&account, &app.outbound, sync.cursor.as_deref()).await {
            Ok(page) => page,
            Err(failure) => {
                sync.error = Some(failure.reason.clone());
                // From the beginning next time: a place in a list does not hold for ever.
                sync.cursor = None;
                stored::put(&app.table, &sync).await?;
                return Err(providers::failed("tell its list", &failure));
            }
        };
        sync.read += page.found.len() as u64;
        sync.added += told(app, config, page.found).await? as u64;
        sync.cursor = page.next;
        sync.error = None;
        if sync.cursor.is_none() {
            sync.finished_at = Some(app.now());
            break;
        }
        if app.now() + RESERVE > deadline {
            break;
        }
    }
    stored::put(&app.table, &sync).await?;
    if sync.cursor.is_some() {
        app.queues.send(Queue::Notify, org, &NotifyJob::Suppressions { org, provider: id }, 0).await?;
    }
    Ok(sync)
}
