//! Provider configs as clients see them: credentials masked, with what keeps a config from sending.

use std::collections::BTreeMap;

use ::providers::{Kind, UnknownPolicy};
use domain::{
    Error, Result, Violation,
    access::Role,
    id::ProviderId,
    message::{Channel, PauseReason},
};
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value;
use store::providers::{Balance, LastTest, ProviderConfig};
use web::Cx;

/// A provider config.
#[derive(Debug, Clone, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "ProviderConfig")]
pub(crate) struct ProviderView {
    /// Its id.
    pub id: ProviderId,
    /// The channel.
    pub channel: Channel,
    /// The kind.
    pub kind: Kind,
    /// The name, unique in the organization.
    pub name: String,
    /// The credentials by field: their first four characters and `****`; `****` alone below the role ADMIN.
    pub credentials: BTreeMap<String, String>,
    /// Settings of the kind.
    pub settings: Value,
    /// The sender that recipients see.
    pub sender_id: Option<String>,
    /// Replaces the provider's own address.
    pub api_url: Option<String>,
    /// Whether it is in use: at most one of a kind and channel is.
    pub is_active: bool,
    /// Whether it is the one taken when a message names none: at most one of a channel is.
    pub is_default: bool,
    /// Whether it can send, as far as that is known without asking the provider.
    pub is_ready: bool,
    /// What keeps it from sending.
    pub validation_errors: Vec<ConfigProblem>,
    /// Recipients a minute.
    pub rate_per_minute: u64,
    /// How often a passing failure is tried again.
    pub retry_attempts: u32,
    /// Recipients in one call of the provider.
    pub batch_size: u32,
    /// What happens to copies of which nobody knows whether the provider took them.
    pub unknown_policy: UnknownPolicy,
    /// Whether its SMS have look-alike characters replaced, unless the message says; null: what the organization says.
    pub smart: Option<bool>,
    /// Where the provider is to report what became of texts; null below the role ADMIN, for it holds a secret.
    pub webhook_url: Option<String>,
    /// Why and since when nothing is sent with it.
    pub paused: Option<ProviderPause>,
    /// What was left on the account when it was last asked.
    pub balance: Option<BalanceView>,
    /// How it is.
    pub health: HealthView,
    /// The last connection test.
    pub last_test: Option<TestView>,
    /// Goes up with each change.
    pub version: u64,
    /// When it was made.
    pub created_at: Timestamp,
    /// When a person last changed it.
    pub updated_at: Timestamp,
}

/// One thing that keeps a config from sending.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub(crate) struct ConfigProblem {
    /// Where in the config (`/credentials/apiKey`).
    pub pointer: String,
    /// Stable, for programs.
    pub code: String,
    /// For people.
    pub detail: String,
}

impl From<&Violation> for ConfigProblem {
    fn from(violation: &Violation) -> Self {
        Self {
            pointer: violation.pointer.clone(),
            code: violation.code.clone().into_owned(),
            detail: violation.detail.clone(),
        }
    }
}

/// Why nothing is sent with a config.
#[derive(Debug, Clone, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ProviderPause {
    /// `PROVIDER` (it refuses the account) or `CREDITS`.
    pub reason: PauseReason,
    /// In words.
    pub detail: String,
    /// Since when.
    pub at: Timestamp,
}

/// What was left on an account.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct BalanceView {
    /// The config.
    pub provider_id: ProviderId,
    /// How much; null if the provider does not tell.
    pub amount: Option<String>,
    /// Of which currency (ISO 4217).
    pub currency: Option<String>,
    /// When the provider was asked.
    pub checked_at: Timestamp,
}

impl BalanceView {
    /// The balance of a config.
    pub fn new(id: ProviderId, balance: &Balance) -> Self {
        Self {
            provider_id: id,
            amount: balance.money.as_ref().map(|money| money.amount.to_string()),
            currency: balance.money.as_ref().map(|money| money.currency.to_string()),
            checked_at: balance.checked_at,
        }
    }
}

/// A connection test.
#[derive(Debug, Clone, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct TestView {
    /// Whether it went well.
    pub ok: bool,
    /// What was tried and found.
    pub detail: String,
    /// When.
    pub at: Timestamp,
}

impl From<&LastTest> for TestView {
    fn from(test: &LastTest) -> Self {
        Self { ok: test.ok, detail: test.detail.clone(), at: test.at }
    }
}

/// How a config is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub(crate) enum HealthStatus {
    /// Nothing speaks against it.
    Healthy,
    /// More than a fifth of the last days' copies failed.
    Degraded,
    /// The last connection test failed.
    Failing,
    /// Paused: the provider refuses the account, or the account is empty.
    Paused,
    /// Something is missing.
    NotReady,
    /// Not in use.
    Inactive,
}

/// How a config is, and why.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub(crate) struct HealthView {
    /// How it is.
    pub status: HealthStatus,
    /// Why, in words.
    pub detail: Option<String>,
}

impl HealthView {
    /// What the config itself says.
    pub fn of(config: &ProviderConfig) -> Self {
        let is = |status, detail: Option<&String>| Self { status, detail: detail.cloned() };
        if let Some(paused) = &config.paused {
            return is(HealthStatus::Paused, Some(&paused.detail));
        }
        if let Some(violation) = config.violations.first() {
            return is(HealthStatus::NotReady, Some(&violation.detail));
        }
        if !config.is_active {
            return is(HealthStatus::Inactive, None);
        }
        match &config.last_test {
            Some(test) if !test.ok => is(HealthStatus::Failing, Some(&test.detail)),
            _ => is(HealthStatus::Healthy, None),
        }
    }
}

/// A config as whoever asks may see it.
pub(crate) fn view(cx: &Cx, config: &ProviderConfig) -> Result<ProviderView> {
    let whole = cx.principal().role >= Role::Admin;
    let webhook_url = whole.then(|| engine::providers::webhook_url(&cx.app, config));
    Ok(ProviderView {
        id: config.id,
        channel: config.channel,
        kind: named(&config.kind)?,
        name: config.name.clone(),
        credentials: masked(&config.masked, whole),
        settings: serde_json::from_str(&config.settings).map_err(Error::internal)?,
        sender_id: config.sender_id.clone(),
        api_url: config.api_url.clone(),
        is_active: config.is_active,
        is_default: config.is_default,
        is_ready: config.violations.is_empty(),
        validation_errors: config.violations.iter().map(ConfigProblem::from).collect(),
        rate_per_minute: config.rate_per_minute,
        retry_attempts: config.retry_attempts,
        batch_size: config.batch_size,
        unknown_policy: named(&config.unknown_policy)?,
        smart: config.smart,
        webhook_url,
        paused: config.paused.as_ref().map(|paused| ProviderPause {
            reason: paused.reason,
            detail: paused.detail.clone(),
            at: paused.at,
        }),
        balance: config.balance.as_ref().map(|balance| BalanceView::new(config.id, balance)),
        health: HealthView::of(config),
        last_test: config.last_test.as_ref().map(TestView::from),
        version: config.version,
        created_at: config.created_at,
        updated_at: config.updated_at,
    })
}

/// Credentials are for those who may write them; others see which there are.
fn masked(stored: &BTreeMap<String, String>, whole: bool) -> BTreeMap<String, String> {
    let show = |mask: &String| if whole { mask.clone() } else { "****".to_owned() };
    stored.iter().map(|(name, mask)| (name.clone(), show(mask))).collect()
}

/// An enum by its name, as the table keeps it.
pub(super) fn named<T: DeserializeOwned>(name: &str) -> Result<T> {
    serde_json::from_value(Value::from(name)).map_err(Error::internal)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn policies_read_back() {
        for policy in [UnknownPolicy::Hold, UnknownPolicy::Resend, UnknownPolicy::LookUp] {
            assert_eq!(named::<UnknownPolicy>(policy.name()).unwrap(), policy);
        }
    }

    #[test]
    fn only_administrators_see_the_beginning_of_a_credential() {
        let stored = BTreeMap::from([("apiKey".to_owned(), "abcd****".to_owned())]);
        assert_eq!(masked(&stored, true)["apiKey"], "abcd****");
        assert_eq!(masked(&stored, false)["apiKey"], "****");
    }
}
