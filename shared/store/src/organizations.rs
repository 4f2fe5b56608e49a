//! Organizations: they own everything.

use aws_sdk_dynamodb::types::TransactWriteItem;
use domain::{Error, Result, id::OrgId, keywords::OwnWords, phone::Country, suppression::StopScope};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{keys, table::Table, update::Update};

/// An organization, as stored.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Organization {
    /// Its id.
    pub id: OrgId,
    /// As its people call it.
    pub name: String,
    /// The country of phone numbers in local form; [`Country::NONE`] until someone says.
    #[serde(default = "no_country", skip_serializing_if = "is_none")]
    pub default_country: Country,
    /// IANA name: where its days begin.
    pub timezone: String,
    /// What happens when people write to it.
    #[serde(default)]
    pub inbound: InboundSettings,
    /// Whether its SMS have look-alike characters replaced, unless the message or its provider config says.
    #[serde(default)]
    pub smart: bool,
    /// How many owners it has. Never 0: the last one can neither go nor be demoted.
    pub owners: u32,
    /// When it was registered.
    pub created_at: Timestamp,
    /// When its settings were last changed.
    pub updated_at: Timestamp,
}

/// What happens when people write to an organization.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct InboundSettings {
    /// Its own words, beside those that always hold.
    pub words: OwnWords,
    /// What an opt-out holds for.
    pub stop_scope: StopScope,
    /// What is answered to `HELP`; nothing without it.
    pub help_reply: Option<String>,
    /// What is answered to an opt-out; nothing without it.
    pub stop_reply: Option<String>,
    /// What is answered to an opt-in; nothing without it.
    pub start_reply: Option<String>,
    /// What is answered to who confirms that they want to be in a group; nothing without it.
    pub confirm_reply: Option<String>,
}

/// The settings of an organization that its people change.
#[derive(Debug, Clone)]
pub struct Settings {
    /// See [`Organization::name`].
    pub name: String,
    /// See [`Organization::default_country`].
    pub default_country: Country,
    /// See [`Organization::timezone`].
    pub timezone: String,
    /// See [`Organization::inbound`].
    pub inbound: InboundSettings,
    /// See [`Organization::smart`].
    pub smart: bool,
}

pub(crate) fn no_country() -> Country {
    Country::NONE
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands it over so")]
pub(crate) fn is_none(country: &Country) -> bool {
    *country == Country::NONE
}

/// An organization; not found if there is none.
pub async fn get(table: &Table, org: OrgId) -> Result<Organization> {
    table.get(&keys::organization(org)).await?.ok_or_else(|| Error::not_found("organization", org))
}

/// A new organization, for the transaction that registers it.
pub fn create(table: &Table, organization: &Organization) -> Result<TransactWriteItem> {
    table.tx_put_new(&keys::organization(organization.id), organization)
}

/// Stores the settings, and gives the organization after it.
pub async fn update(table: &Table, org: OrgId, settings: &Settings, now: Timestamp) -> Result<Organization> {
    let country = Some(settings.default_country).filter(|country| *country != Country::NONE);
    let update = Update::of(keys::organization(org))
        .set("name", &settings.name)
        .set_or_remove("defaultCountry", country)
        .set("timezone", &settings.timezone)
        .set("inbound", &settings.inbound)
        .set("smart", settings.smart)
        .set("updatedAt", now)
        .if_exists();
    table.update_returning(update).await?.ok_or_else(|| Error::not_found("organization", org))
}

/// One owner more, for a transaction.
pub fn owner_added(table: &Table, org: OrgId) -> Result<TransactWriteItem> {
    table.tx_update(Update::of(keys::organization(org)).add("owners", 1).if_exists())
}

/// One owner less, for a transaction; the condition fails for the last one.
pub fn owner_removed(table: &Table, org: OrgId) -> Result<TransactWriteItem> {
    table.tx_update(Update::of(keys::organization(org)).add("owners", -1).compare("owners", ">", 1))
}
