//! Provider configs: with which account, and how fast, an organization sends on a channel.

use std::collections::BTreeMap;

use aws_sdk_dynamodb::types::TransactWriteItem;
use domain::{
    Error, Result, Violation,
    id::{OrgId, ProviderId},
    message::{Channel, PauseReason},
    money::Money,
};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{keys, range::Range, table::Table, update::Update};

/// A provider config as stored. Credentials are encrypted before they come here.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ProviderConfig {
    /// Its id.
    pub id: ProviderId,
    /// Its organization.
    pub org: OrgId,
    /// The channel.
    pub channel: Channel,
    /// The kind, as the API writes it.
    pub kind: String,
    /// The name, unique in the organization.
    pub name: String,
    /// The credentials, encrypted under the organization's data key (base64).
    pub credentials: String,
    /// What answers show of them, by field name.
    pub masked: BTreeMap<String, String>,
    /// Settings of the kind, as JSON text.
    pub settings: String,
    /// The sender that recipients see.
    pub sender_id: Option<String>,
    /// Replaces the provider's base URL.
    pub api_url: Option<String>,
    /// Whether it is the one config of its kind and channel that is in use.
    pub is_active: bool,
    /// Whether it is the one taken when a message names none.
    pub is_default: bool,
    /// Recipients per minute.
    pub rate_per_minute: u64,
    /// How often a passing failure is tried again.
    pub retry_attempts: u32,
    /// Recipients in one call of the provider.
    pub batch_size: u32,
    /// What happens to copies of which nobody knows whether they were taken.
    pub unknown_policy: String,
    /// Whether its SMS have look-alike characters replaced, unless the message says; the organization says if absent.
    #[serde(default)]
    pub smart: Option<bool>,
    /// The token in the webhook's path.
    pub webhook_token: String,
    /// What keeps it from sending, as found when it was last saved or tested; empty: it is ready.
    #[serde(default)]
    pub violations: Vec<Violation>,
    /// Why and since when it is not used.
    pub paused: Option<Paused>,
    /// What was left on the account when it was last asked.
    pub balance: Option<Balance>,
    /// The last connection test.
    pub last_test: Option<LastTest>,
    /// Goes up with each change by a person.
    pub version: u64,
    /// When it was created.
    pub created_at: Timestamp,
    /// When a person last changed it.
    pub updated_at: Timestamp,
}

/// Why a config is not used.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Paused {
    /// `PROVIDER` or `CREDITS`.
    pub reason: PauseReason,
    /// In words.
    pub detail: String,
    /// Since when.
    pub at: Timestamp,
}

/// What was left on the account.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Balance {
    /// How much; `None` where the provider does not tell.
    pub money: Option<Money>,
    /// When it was asked.
    pub checked_at: Timestamp,
}

/// The last connection test.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct LastTest {
    /// Whether it went well.
    pub ok: bool,
    /// In words.
    pub detail: String,
    /// When it was made.
    pub at: Timestamp,
}

/// A config, if there is one.
pub async fn find(table: &Table, org: OrgId, id: ProviderId) -> Result<Option<ProviderConfig>> {
    table.get(&keys::provider(org, id)).await
}

/// A config as it is, or as it was a moment ago, for half the price.
pub async fn find_eventually(table: &Table, org: OrgId, id: ProviderId) -> Result<Option<ProviderConfig>> {
    table.get_eventually(&keys::provider(org, id)).await
}

/// A config.
pub async fn get(table: &Table, org: OrgId, id: ProviderId) -> Result<ProviderConfig> {
    find(table, org, id).await?.ok_or_else(|| Error::not_found("provider", id))
}

/// All configs of an organization, oldest first. There are few: names are unique and kinds are some twenty.
pub async fn all(table: &Table, org: OrgId) -> Result<Vec<ProviderConfig>> {
    let range = Range::prefix(vec![keys::org(org)], keys::PROVIDERS, 1_000);
    Ok(table.range(&range).await?.into_iter().map(|(_, config)| config).collect())
}

/// The organization of a config, for a webhook that names the config alone.
pub async fn org_of(table: &Table, id: ProviderId) -> Result<Option<OrgId>> {
    let pointer: Option<Pointer> = table.get(&keys::provider_pointer(id)).await?;
    Ok(pointer.map(|pointer| pointer.org))
}

#[derive(Serialize, Deserialize)]
struct Pointer {
    org: OrgId,
}

#[derive(Serialize, Deserialize)]
struct Name {
    id: ProviderId,
}

/// All configs of an organization at one moment: what a change is decided on. The change fails if there was another
/// since, so one active config per kind and one default per channel hold under any race.
#[derive(Debug, Clone)]
pub struct Set {
    org: OrgId,
    version: u64,
    /// The configs, oldest first.
    pub configs: Vec<ProviderConfig>,
}

#[derive(Serialize, Deserialize)]
struct Version {
    version: u64,
}

/// The number of the write, in what [`create`], [`replace`] and [`remove`] give, that fails if another change was quicker.
pub const SET_WRITE: usize = 1;

/// The number of the write, in what [`create`] and [`replace`] give, that fails if the name is taken. Look at
/// [`SET_WRITE`] first.
pub const NAME_WRITE: usize = 2;

/// The configs of an organization, to decide on a change.
pub async fn set(table: &Table, org: OrgId) -> Result<Set> {
    // The number first: a change between the two reads then makes ours fail, never pass.
    let version: Option<Version> = table.get(&keys::provider_set(org)).await?;
    Ok(Set { org, version: version.map_or(0, |version| version.version), configs: all(table, org).await? })
}

impl Set {
    fn write(&self, table: &Table) -> Result<TransactWriteItem> {
        let update = Update::of(keys::provider_set(self.org)).set("version", self.version + 1);
        table.tx_update(if self.version == 0 { update.if_absent() } else { update.if_equal("version", self.version) })
    }

    /// The writes that make room for `new`: another active config of its channel and kind is deactivated if it is
    /// active, another default of its channel is none any more if it is the default.
    fn displace(&self, table: &Table, new: &ProviderConfig) -> Result<Vec<TransactWriteItem>> {
        displaced(&self.configs, new)
            .into_iter()
            .map(|config| {
                let update = Update::of(keys::provider(config.org, config.id))
                    .set("isActive", config.is_active)
                    .set("isDefault", config.is_default)
                    .set("version", config.version)
                    .set("updatedAt", new.updated_at)
                    .if_exists();
                table.tx_update(update)
            })
            .collect()
    }
}

/// The configs that `new` displaces, as they are then.
pub fn displaced(configs: &[ProviderConfig], new: &ProviderConfig) -> Vec<ProviderConfig> {
    configs
        .iter()
        .filter(|other| other.id != new.id && other.channel == new.channel)
        .filter_map(|other| {
            let is_active = other.is_active && !(new.is_active && other.kind == new.kind);
            let is_default = other.is_default && !new.is_default;
            let changes = is_active != other.is_active || is_default != other.is_default;
            changes.then(|| ProviderConfig { is_active, is_default, version: other.version + 1, ..other.clone() })
        })
        .collect()
}

/// The writes that create a config: itself, the set, its name's marker, its pointer, and room for it.
pub fn create(table: &Table, set: &Set, config: &ProviderConfig) -> Result<Vec<TransactWriteItem>> {
    let mut writes = vec![
        table.tx_put_new(&keys::provider(config.org, config.id), config)?,
        set.write(table)?,
        table.tx_put_new(&keys::provider_name(config.org, &fold(&config.name)), &Name { id: config.id })?,
        table.tx_put(&keys::provider_pointer(config.id), &Pointer { org: config.org })?,
    ];
    writes.extend(set.displace(table, config)?);
    Ok(writes)
}

/// The writes that replace `old` by `new` (same id). What the engine notes (`paused`, `balance`, `lastTest`) stays as it
/// is in the table, unless `forget_notes`: then it goes, because other credentials are another account.
pub fn replace(
    table: &Table,
    set: &Set,
    old: &ProviderConfig,
    new: &ProviderConfig,
    forget_notes: bool,
) -> Result<Vec<TransactWriteItem>> {
    const NOTES: [&str; 3] = ["paused", "balance", "lastTest"];
    let key = keys::provider(new.org, new.id);
    let mut update = Update::of(key.clone());
    for (name, value) in crate::encode(&key, new)? {
        if name != "pk" && name != "sk" && !NOTES.contains(&name.as_str()) {
            update = update.set_raw(&name, value);
        }
    }
    let optional =
        [("senderId", new.sender_id.is_none()), ("apiUrl", new.api_url.is_none()), ("smart", new.smart.is_none())];
    for (name, absent) in optional {
        if absent {
            update = update.remove(name);
        }
    }
    if forget_notes {
        update = NOTES.into_iter().fold(update, Update::remove);
    }
    let mut writes = vec![table.tx_update(update.if_exists())?, set.write(table)?];
    if fold(&old.name) != fold(&new.name) {
        writes.push(table.tx_put_new(&keys::provider_name(new.org, &fold(&new.name)), &Name { id: new.id })?);
        writes.push(table.tx_delete(&keys::provider_name(new.org, &fold(&old.name)), false)?);
    }
    writes.extend(set.displace(table, new)?);
    Ok(writes)
}

/// The writes that remove a config.
pub fn remove(table: &Table, set: &Set, config: &ProviderConfig) -> Result<Vec<TransactWriteItem>> {
    Ok(vec![
        table.tx_delete(&keys::provider(config.org, config.id), true)?,
        set.write(table)?,
        table.tx_delete(&keys::provider_name(config.org, &fold(&config.name)), false)?,
        table.tx_delete(&keys::provider_pointer(config.id), false)?,
        table.tx_delete(&keys::rate(config.org, config.id), false)?,
    ])
}

/// Changes one field without a person having asked (`paused`, `balance`, `lastTest`, `violations`).
pub async fn note(table: &Table, org: OrgId, id: ProviderId, name: &str, value: Option<impl Serialize>) -> Result<()> {
    let update = Update::of(keys::provider(org, id)).set_or_remove(name, value).if_exists();
    table.update(update).await.map(|_| ())
}

fn fold(name: &str) -> String {
    name.trim().to_lowercase()
}

#[cfg(test)]
#[path = "providers_tests.rs"]
mod tests;
