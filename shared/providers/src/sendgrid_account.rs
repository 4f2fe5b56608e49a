//! What SendGrid keeps beside mails: its own suppressions, and what a domain needs.
//! <https://www.twilio.com/docs/sendgrid/api-reference/bounces-api/retrieve-all-bounces>

use domain::{
    dns::{DnsRecord, RecordPurpose, RecordType},
    suppression::SuppressionReason,
};
use http::Method;
use serde_json::{Value, json};

use crate::{
    json,
    outbound::Outbound,
    provider::{Account, Failure, Provider, Suppressed, SuppressionPage},
    request,
    sendgrid::{SendGrid, call},
};

/// Their lists, in the order in which they are read. Blocks pass by themselves, and are none.
const LISTS: &[(&str, SuppressionReason)] = &[
    ("bounces", SuppressionReason::Bounced),
    ("invalid_emails", SuppressionReason::Bounced),
    ("spam_reports", SuppressionReason::Complained),
    ("unsubscribes", SuppressionReason::OptedOut),
];

/// Addresses on a page.
const PAGE: usize = 500;

/// A page of one of the lists. The place is `list offset`.
pub(crate) async fn suppressions(
    account: &Account,
    outbound: &Outbound,
    after: Option<&str>,
) -> Result<SuppressionPage, Failure> {
    let (name, offset) = after.and_then(|place| place.split_once(' ')).unwrap_or((LISTS[0].0, "0"));
    let offset: usize = offset.parse().unwrap_or(0);
    let (index, (name, reason)) =
        LISTS.iter().enumerate().find(|(_, (list, _))| *list == name).unwrap_or((0, &LISTS[0]));
    let path = format!("/v3/suppression/{name}?limit={PAGE}&offset={offset}");
    let page: Value =
        request::ask(account, outbound, call(account, Method::GET, &path)?, |answer| SendGrid.known(answer)).await?;
    let items = json::list(&page, "");
    let found = items
        .iter()
        .filter_map(|item| Some(Suppressed { address: json::text(item, "/email")?, reason: *reason }))
        .collect();
    let next = if items.len() == PAGE {
        Some(format!("{name} {}", offset + PAGE))
    } else {
        LISTS.get(index + 1).map(|(list, _)| format!("{list} 0"))
    };
    Ok(SuppressionPage { found, next })
}

/// The records of a domain, which is added to the account if it is not there.
pub(crate) async fn records(account: &Account, outbound: &Outbound, name: &str) -> Result<Vec<DnsRecord>, Failure> {
    let ask = call(account, Method::GET, &format!("/v3/whitelabel/domains?domain={name}"))?;
    let known: Value = request::ask(account, outbound, ask, |answer| SendGrid.known(answer)).await?;
    let known = json::list(&known, "").iter().find(|one| one["domain"] == name).cloned();
    let page = if let Some(page) = known {
        page
    } else {
        let domain = json!({ "domain": name, "automatic_security": true });
        let make = call(account, Method::POST, "/v3/whitelabel/domains")?.json(&domain);
        request::ask(account, outbound, make, |answer| SendGrid.known(answer)).await?
    };
    let records = page["dns"].as_object().into_iter().flatten();
    Ok(records.filter_map(|(part, told)| record(part, told)).collect())
}

/// `dkim1`, `mail_cname` and the like, and what stands below them.
fn record(part: &str, told: &Value) -> Option<DnsRecord> {
    let kind: RecordType = json::text(told, "/type")?.parse().ok()?;
    let purpose = match part {
        _ if part.contains("dkim") => RecordPurpose::Dkim,
        _ if part.contains("spf") => RecordPurpose::Spf,
        _ => RecordPurpose::ReturnPath,
    };
    Some(DnsRecord::new(purpose, kind, &json::text(told, "/host")?, json::text(told, "/data")?))
}
