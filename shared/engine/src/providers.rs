//! Provider configs at work: choosing one, opening its credentials, pausing and resuming it, asking for its balance.

mod at_provider;
mod credentials;

use ::providers::{Account, Credentials, Failure, Feature, Kind, Outcome, Outgoing, provider, spec};
use domain::{
    Error, Result, Violation,
    id::{OrgId, ProviderId},
    message::{Channel, MessageStatus, PauseReason},
};
use jiff::SignedDuration;
use store::{
    messages,
    providers::{self as configs, Balance, LastTest, Paused, ProviderConfig},
    rates::{self, Slot},
};

use crate::{App, alerts, control};

pub(crate) use at_provider::failed;
pub use at_provider::{change_profile, profile, register};
pub use credentials::{open, seal};
pub use store::providers::get;

/// How long a balance is believed.
const BALANCE_KEPT: SignedDuration = SignedDuration::from_hours(1);

/// The most recipients in one batch, whatever a provider takes: a crash leaves as many unknown, and a chunk holds them.
const MAX_BATCH: usize = 500;

/// Recipients per window where the provider takes one recipient per call: the rows of so many are one request.
const WINDOW: usize = 25;

/// The kind of a config.
pub fn kind(config: &ProviderConfig) -> Result<Kind> {
    serde_json::from_value(config.kind.clone().into())
        .map_err(|_| Error::internal(format!("{} has no known kind", config.id)))
}

/// Whether the provider of a config takes files with a message.
pub fn sends_files(config: &ProviderConfig) -> bool {
    kind(config).is_ok_and(|kind| spec(kind).features.contains(&Feature::Media))
}

/// How many recipients are handed over between two marks: one batch of the provider, or some single calls.
pub fn window(config: &ProviderConfig) -> usize {
    if config.batch_size > 1 { config.batch_size as usize } else { WINDOW }
}

/// The public address of a config's webhook.
pub fn webhook_url(app: &App, config: &ProviderConfig) -> String {
    let channel = config.channel.name().to_lowercase();
    format!("{}/api/webhooks/{channel}/{}/{}", app.settings.public_url, config.id, config.webhook_token)
}

/// A config, ready for its adapter.
pub async fn account(app: &App, config: &ProviderConfig) -> Result<Account> {
    let credentials = open(app, config.org, &config.credentials).await?;
    account_with(app, config, credentials)
}

/// A config with credentials that need not be the stored ones.
pub fn account_with(app: &App, config: &ProviderConfig, credentials: Credentials) -> Result<Account> {
    Ok(Account {
        kind: kind(config)?,
        channel: config.channel,
        credentials,
        settings: serde_json::from_str(&config.settings).unwrap_or_default(),
        sender_id: config.sender_id.clone(),
        api_url: config.api_url.clone(),
        webhook_url: Some(webhook_url(app, config)),
    })
}

/// A config that a request names. 422 `provider_not_found` at `/providerId`.
pub async fn named(app: &App, org: OrgId, id: ProviderId) -> Result<ProviderConfig> {
    configs::find(&app.table, org, id)
        .await?
        .ok_or_else(|| Error::invalid("/providerId", "provider_not_found", "There is no such provider config."))
}

/// The config that a message goes out by: the one named, else the active one of the kind named, else the channel's
/// default, else its only active one, a real one before the sandbox.
pub async fn choose(
    app: &App,
    org: OrgId,
    channel: Channel,
    id: Option<ProviderId>,
    kind: Option<&str>,
) -> Result<ProviderConfig> {
    if let Some(id) = id {
        let config = named(app, org, id).await?;
        if config.channel != channel {
            let detail = format!("The config sends {}, the message is {}.", config.channel.name(), channel.name());
            return Err(Error::invalid("/providerId", "provider_channel", detail));
        }
        if !config.is_active {
            return Err(Error::invalid("/providerId", "provider_inactive", "The config is not active."));
        }
        return ready(config);
    }
    ready(pick(configs::all(&app.table, org).await?, channel, kind)?)
}

/// The config that a channel (and kind) goes out by if none is named.
pub fn pick(configs: Vec<ProviderConfig>, channel: Channel, kind: Option<&str>) -> Result<ProviderConfig> {
    let mut active: Vec<ProviderConfig> = configs
        .into_iter()
        .filter(|config| config.channel == channel && config.is_active)
        .filter(|config| kind.is_none_or(|kind| config.kind.eq_ignore_ascii_case(kind)))
        .collect();
    if let Some(default) = active.iter().position(|config| config.is_default) {
        return Ok(active.swap_remove(default));
    }
    let sandbox = Kind::Sandbox.name();
    let real = active.iter().filter(|config| config.kind != sandbox).count();
    if real > 1 {
        let detail = format!("{real} configs are active for {}: name one, or make one the default.", channel.name());
        return Err(Error::unprocessable("provider_ambiguous", detail));
    }
    let chosen =
        active.iter().position(|config| config.kind != sandbox).or(if active.is_empty() { None } else { Some(0) });
    chosen.map(|index| active.swap_remove(index)).ok_or_else(|| {
        let detail =
            format!("No provider config is active for {}. Add one, or the sandbox to try things out.", channel.name());
        Error::unprocessable("provider_missing", detail)
    })
}

fn ready(config: ProviderConfig) -> Result<ProviderConfig> {
    if config.violations.is_empty() {
        return Ok(config);
    }
    let detail =
        format!("The provider config `{}` is not ready: its `validationErrors` say what is missing.", config.name);
    Err(Error::unprocessable("provider_not_ready", detail))
}

/// Why a config must not be used any further.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stop {
    reason: PauseReason,
    detail: String,
}

impl Stop {
    /// If an outcome says something about the account rather than about the recipient.
    pub fn of(outcome: &Outcome) -> Option<Self> {
        match outcome {
            Outcome::Rejected { class, reason, .. } if class.pauses_config() => Some(Self::new(*class, reason)),
            _ => None,
        }
    }

    fn new(class: domain::delivery::ErrorClass, reason: &str) -> Self {
        let credits = class == domain::delivery::ErrorClass::InsufficientBalance;
        let reason_kind = if credits { PauseReason::Credits } else { PauseReason::Provider };
        Self { reason: reason_kind, detail: reason.to_owned() }
    }
}

/// Pauses a config and raises an alert.
pub async fn pause(app: &App, config: &ProviderConfig, stop: &Stop) -> Result<ProviderConfig> {
    let paused = Paused { reason: stop.reason, detail: stop.detail.clone(), at: app.now() };
    configs::note(&app.table, config.org, config.id, "paused", Some(&paused)).await?;
    let kind = if stop.reason == PauseReason::Credits {
        alerts::Kind::ProviderBalance
    } else {
        alerts::Kind::ProviderCredentials
    };
    let detail = format!("`{}` is paused: {}", config.name, stop.detail);
    alerts::raise(app, config.org, kind, Some(config.id.to_string()), &detail).await?;
    Ok(ProviderConfig { paused: Some(paused), ..config.clone() })
}

/// Lifts a config's pause, and lets the messages go on that wait for it.
pub async fn resume(app: &App, org: OrgId, id: ProviderId) -> Result<ProviderConfig> {
    let config = get(&app.table, org, id).await?;
    if config.paused.is_some() {
        configs::note(&app.table, org, id, "paused", None::<()>).await?;
    }
    let config = ProviderConfig { paused: None, ..config };
    // Finding the paused ones means reading through all messages, so only if there are any.
    if messages::total(&app.table, org, Some(MessageStatus::Paused)).await? > 0 {
        control::resume_all(app, org, &config).await?;
    }
    Ok(config)
}

/// Tries the connection without sending anything. A good test lifts a pause.
pub async fn test(app: &App, config: &ProviderConfig) -> Result<LastTest> {
    let account = account(app, config).await?;
    let tried = provider(account.kind).test(&account, &app.outbound).await;
    let (ok, detail, balance) = match tried {
        Ok(report) => (true, report.message, report.balance),
        Err(Failure { reason, .. }) => (false, reason, None),
    };
    let test = LastTest { ok, detail, at: app.now() };
    configs::note(&app.table, config.org, config.id, "lastTest", Some(&test)).await?;
    let violations = ::providers::validate(&account, &app.outbound);
    if violations != config.violations {
        // The catalogue or the allow-list has changed since it was saved.
        configs::note(&app.table, config.org, config.id, "violations", Some(&violations)).await?;
    }
    if let Some(money) = balance {
        let balance = Balance { money: Some(money), checked_at: app.now() };
        configs::note(&app.table, config.org, config.id, "balance", Some(balance)).await?;
    }
    if ok && config.paused.is_some() {
        resume(app, config.org, config.id).await?;
    }
    Ok(test)
}

/// What is left on the account; asked again when the last answer is an hour old, or with `refresh`.
pub async fn balance(app: &App, config: &ProviderConfig, refresh: bool) -> Result<Balance> {
    if let Some(balance) = &config.balance
        && !refresh
        && balance.checked_at + BALANCE_KEPT > app.now()
    {
        return Ok(balance.clone());
    }
    let account = account(app, config).await?;
    let money = provider(account.kind).balance(&account, &app.outbound).await;
    let money = money.map_err(|failure| failed("tell the balance", &failure))?;
    let balance = Balance { money, checked_at: app.now() };
    configs::note(&app.table, config.org, config.id, "balance", Some(&balance)).await?;
    Ok(balance)
}

/// Hands one text to the provider, outside of any message: to see whether it arrives. Takes a slot of the rate.
pub async fn try_out(app: &App, config: &ProviderConfig, outgoing: Outgoing) -> Result<Outcome> {
    if config.paused.is_some() {
        return Err(Error::conflict(
            "provider_paused",
            format!("The provider config `{}` is paused; resume it first.", config.name),
        ));
    }
    let now = app.now();
    let limited = || {
        let retry_after = 60_u64.div_ceil(config.rate_per_minute).max(1);
        Error::Limited { retry_after, detail: "The config's rate is used up for now.".into() }
    };
    if !rates::is_idle(&app.table, config.org, config.id, now).await? {
        return Err(limited());
    }
    let account = account(app, config).await?;
    if rates::reserve(&app.table, config.org, config.id, now, 1, config.rate_per_minute).await? == Slot::Full {
        return Err(limited());
    }
    let outcomes = provider(account.kind).send(&account, &app.outbound, &[outgoing]).await;
    Ok(outcomes.into_iter().next().unwrap_or(Outcome::Unknown { reason: "the adapter gave no outcome".into() }))
}

/// What holds for a config beside what a person typed: `rate` and `batch` cut to what the account's provider and
/// settings take (left out: what they suggest), and what keeps it from sending.
pub fn fit(app: &App, account: &Account, rate: Option<u64>, batch: Option<u32>) -> (u64, u32, Vec<Violation>) {
    let (spec, adapter) = (spec(account.kind), provider(account.kind));
    let allowed = adapter.rate_per_minute(account).map(u64::from);
    let rate = rate.or(allowed).unwrap_or(u64::from(spec.default_rate_per_minute)).min(allowed.unwrap_or(u64::MAX));
    let most = adapter.batch_size(account).clamp(1, MAX_BATCH) as u32;
    (rate, batch.unwrap_or(most).min(most), ::providers::validate(account, &app.outbound))
}

#[cfg(test)]
#[path = "providers_tests.rs"]
mod tests;
