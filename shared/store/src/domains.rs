//! Domains that e-mail is sent from: the records that each needs, and what was last found of them.

use aws_sdk_dynamodb::types::TransactWriteItem;
use domain::{
    Error, Result,
    dns::{DnsRecord, RecordState},
    id::{DomainId, OrgId, ProviderId},
};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{keys, range::Range, table::Table, transaction::Cancelled, update::Update};

/// The most domains of an organization.
pub const MOST: usize = 100;

/// A record and what was last found of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CheckedRecord {
    /// The record.
    #[serde(flatten)]
    pub record: DnsRecord,
    /// Whether it is there.
    pub state: RecordState,
    /// What was found instead, or beside it.
    pub found: Vec<String>,
}

impl From<DnsRecord> for CheckedRecord {
    fn from(record: DnsRecord) -> Self {
        Self { record, state: RecordState::Unchecked, found: Vec::new() }
    }
}

/// A domain as stored.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct MailDomain {
    /// Its id.
    pub id: DomainId,
    /// Its organization.
    pub org: OrgId,
    /// The provider config that sends from it.
    pub provider_id: ProviderId,
    /// Its name.
    pub name: String,
    /// The records that it needs.
    pub records: Vec<CheckedRecord>,
    /// When they were last looked for.
    pub checked_at: Option<Timestamp>,
    /// Who added it: a user's or an API key's id.
    pub created_by: String,
    /// When.
    pub created_at: Timestamp,
}

/// The domain is there already, for this config.
pub fn taken() -> Error {
    Error::conflict("domain_taken", "The domain is there already, for this provider config.")
}

/// The writes that add a domain. The first fails if it is there already.
pub fn create(table: &Table, domain: &MailDomain) -> Result<Vec<TransactWriteItem>> {
    let marker = keys::domain_name(domain.org, domain.provider_id, &domain.name);
    Ok(vec![
        table.tx_put_new(&marker, &serde_json::json!({ "id": domain.id }))?,
        table.tx_put_new(&keys::domain(domain.org, domain.id), domain)?,
    ])
}

/// A domain.
pub async fn get(table: &Table, org: OrgId, id: DomainId) -> Result<MailDomain> {
    table.get(&keys::domain(org, id)).await?.ok_or_else(|| Error::not_found("domain", id))
}

/// All domains of an organization, oldest first. There are few.
pub async fn all(table: &Table, org: OrgId) -> Result<Vec<MailDomain>> {
    let range = Range::prefix(vec![keys::org(org)], keys::DOMAINS, 1_000);
    Ok(table.range(&range).await?.into_iter().map(|(_, domain)| domain).collect())
}

/// Notes what was found. Not found, if the domain was removed meanwhile.
pub async fn checked(table: &Table, domain: &MailDomain) -> Result<()> {
    let update = Update::of(keys::domain(domain.org, domain.id))
        .set("records", &domain.records)
        .set("checkedAt", domain.checked_at)
        .if_exists();
    if table.update(update).await? { Ok(()) } else { Err(Error::not_found("domain", domain.id)) }
}

/// Removes a domain.
pub async fn delete(table: &Table, domain: &MailDomain) -> Result<()> {
    let marker = keys::domain_name(domain.org, domain.provider_id, &domain.name);
    let writes = vec![table.tx_delete(&keys::domain(domain.org, domain.id), true)?, table.tx_delete(&marker, false)?];
    match table.transact(writes).await {
        Ok(()) => Ok(()),
        Err(Cancelled::Conditions(_)) => Err(Error::not_found("domain", domain.id)),
        Err(Cancelled::Other(error)) => Err(error),
    }
}
