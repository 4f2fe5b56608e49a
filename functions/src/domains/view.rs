//! Domains as clients see them.

use domain::{
    dns::{RecordPurpose, RecordState, RecordType},
    id::{DomainId, ProviderId},
};
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::Serialize;
use store::domains::{CheckedRecord, MailDomain};

/// A domain that e-mail is sent from.
#[derive(Debug, Clone, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "Domain")]
pub(super) struct DomainView {
    /// Its id.
    pub id: DomainId,
    /// Its name.
    #[schemars(extend("examples" = ["mail.acme.example"]))]
    pub name: String,
    /// The provider config that sends from it.
    pub provider_id: ProviderId,
    /// Whether all of its records are there, as far as they were looked for.
    pub is_ready: bool,
    /// The records that it needs.
    pub records: Vec<DomainRecordView>,
    /// When they were last looked for; null: never.
    pub checked_at: Option<Timestamp>,
    /// Who added it: the id of a user or an API key.
    pub created_by: String,
    /// When.
    pub created_at: Timestamp,
}

/// A record that a domain needs.
#[derive(Debug, Clone, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "DomainRecord")]
pub(super) struct DomainRecordView {
    /// What it is for.
    pub purpose: RecordPurpose,
    /// Its type.
    #[serde(rename = "type")]
    pub kind: RecordType,
    /// At which name.
    #[schemars(extend("examples" = ["_dmarc.mail.acme.example"]))]
    pub name: String,
    /// What should stand there.
    #[schemars(extend("examples" = ["v=DMARC1; p=none; rua=mailto:postmaster@mail.acme.example"]))]
    pub value: String,
    /// Whether it does.
    pub state: RecordState,
    /// What was found there of its kind.
    pub found: Vec<String>,
}

impl From<CheckedRecord> for DomainRecordView {
    fn from(CheckedRecord { record, state, found }: CheckedRecord) -> Self {
        Self { purpose: record.purpose, kind: record.kind, name: record.name, value: record.value, state, found }
    }
}

impl From<MailDomain> for DomainView {
    fn from(domain: MailDomain) -> Self {
        Self {
            id: domain.id,
            name: domain.name,
            provider_id: domain.provider_id,
            is_ready: domain.records.iter().all(|record| record.state == RecordState::Good),
            records: domain.records.into_iter().map(DomainRecordView::from).collect(),
            checked_at: domain.checked_at,
            created_by: domain.created_by,
            created_at: domain.created_at,
        }
    }
}
