//! Organizations: they own everything.

use aws_sdk_dynamodb::types::TransactWriteItem;
use domain::{Error, Result, id::OrgId, phone::Country};
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
    /// How many owners it has. Never 0: the last one can neither go nor be demoted.
    pub owners: u32,
    /// When it was registered.
    pub created_at: Timestamp,
    /// When its settings were last changed.
    pub updated_at: Timestamp,
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
pub async fn update(
    table: &Table,
    org: OrgId,
    name: &str,
    default_country: Country,
    timezone: &str,
    now: Timestamp,
) -> Result<Organization> {
    let update = Update::of(keys::organization(org))
        .set("name", name)
        .set_or_remove("defaultCountry", (default_country != Country::NONE).then_some(default_country))
        .set("timezone", timezone)
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
