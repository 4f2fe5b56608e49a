//! Domains of e-mail: the records that a provider wants, and whether DNS has them.

use ::providers::provider;
use domain::{
    Result,
    dns::{DnsRecord, RecordPurpose, RecordState},
};
use futures::{StreamExt, stream};
use store::{
    domains::{self, CheckedRecord, MailDomain},
    providers::ProviderConfig,
};

use crate::{App, providers};

/// How many records are looked for at the same time.
const AT_ONCE: usize = 8;

/// The records that a domain needs to send by a config. The provider is told of the domain first, if it does not know it.
/// 409 `provider_failed`: it did not tell.
pub async fn records(app: &App, config: &ProviderConfig, name: &str) -> Result<Vec<DnsRecord>> {
    let account = providers::account(app, config).await?;
    let told = provider(account.kind).domain_records(&account, &app.outbound, name).await;
    let mut records = told.map_err(|failure| providers::failed("tell what the domain needs", &failure))?;
    if !records.iter().any(|record| record.purpose == RecordPurpose::Dmarc) {
        records.push(DnsRecord::dmarc(name));
    }
    Ok(records)
}

/// Looks for the records of a domain and keeps what was found.
pub async fn check(app: &App, mut domain: MailDomain) -> Result<MailDomain> {
    let looks: Vec<_> = domain.records.into_iter().map(|checked| look(app, checked.record)).collect();
    domain.records = stream::iter(looks).buffered(AT_ONCE).collect().await;
    domain.checked_at = Some(app.now());
    domains::checked(&app.table, &domain).await?;
    Ok(domain)
}

async fn look(app: &App, record: DnsRecord) -> CheckedRecord {
    match app.dns.texts(&record.name, record.kind).await {
        Ok(texts) => {
            let (state, found) = record.judge(&texts);
            CheckedRecord { record, state, found }
        }
        Err(_) => CheckedRecord { record, state: RecordState::Unknown, found: Vec::new() },
    }
}
