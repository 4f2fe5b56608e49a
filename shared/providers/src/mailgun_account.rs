//! What Mailgun keeps beside mails: its own suppressions, and what a domain needs.
//! <https://documentation.mailgun.com/docs/mailgun/api-reference/send/mailgun/bounces>

use domain::{
    dns::{DnsRecord, RecordPurpose, RecordType},
    suppression::SuppressionReason,
};
use http::Method;
use serde_json::Value;

use crate::{
    json,
    mailgun::{Mailgun, call},
    outbound::Outbound,
    provider::{Account, Failure, Provider, Suppressed, SuppressionPage},
    request,
};

/// Their lists of a domain, in the order in which they are read.
const LISTS: &[(&str, SuppressionReason)] = &[
    ("bounces", SuppressionReason::Bounced),
    ("complaints", SuppressionReason::Complained),
    ("unsubscribes", SuppressionReason::OptedOut),
];

/// A page of one of the lists. The place is `list?query`, the query as their page names the next one.
pub(crate) async fn suppressions(
    account: &Account,
    outbound: &Outbound,
    after: Option<&str>,
) -> Result<SuppressionPage, Failure> {
    let place = after.unwrap_or("bounces?limit=1000");
    let name = place.split('?').next().unwrap_or_default();
    let (index, (_, reason)) = LISTS.iter().enumerate().find(|(_, (list, _))| *list == name).unwrap_or((0, &LISTS[0]));
    let path = format!("/v3/{}/{place}", account.require("domain")?);
    let page: Value =
        request::ask(account, outbound, call(account, Method::GET, &path)?, |answer| Mailgun.known(answer)).await?;
    let items = json::list(&page, "/items");
    // An unsubscription of one tag is none of all mails.
    let is_whole = |item: &&Value| {
        let tags = json::list(item, "/tags");
        tags.is_empty() || tags.iter().any(|tag| tag == "*")
    };
    let found = items
        .iter()
        .filter(is_whole)
        .filter_map(|item| Some(Suppressed { address: json::text(item, "/address")?, reason: *reason }));
    let rest = json::text(&page, "/paging/next").filter(|_| !items.is_empty());
    let rest = rest.and_then(|next| Some(format!("{name}?{}", next.split_once('?')?.1)));
    let next = rest.or_else(|| LISTS.get(index + 1).map(|(list, _)| format!("{list}?limit=1000")));
    Ok(SuppressionPage { found: found.collect(), next })
}

/// The records of a domain, which is added to the account if it is not there.
pub(crate) async fn records(account: &Account, outbound: &Outbound, name: &str) -> Result<Vec<DnsRecord>, Failure> {
    let ask = call(account, Method::GET, &format!("/v3/domains/{name}"))?;
    let make = || Ok(call(account, Method::POST, "/v3/domains")?.form([("name", name)]));
    let page = request::ask_or_make(account, outbound, ask, make, |answer| Mailgun.known(answer)).await?;
    Ok(json::list(&page, "/sending_dns_records").iter().filter_map(record).collect())
}

fn record(told: &Value) -> Option<DnsRecord> {
    let (name, value) = (json::text(told, "/name")?, json::text(told, "/value")?);
    let kind: RecordType = json::text(told, "/record_type")?.parse().ok()?;
    let purpose = match kind {
        _ if name.contains("._domainkey.") => RecordPurpose::Dkim,
        RecordType::Txt => RecordPurpose::Spf,
        RecordType::Cname => RecordPurpose::Tracking,
        RecordType::Mx => RecordPurpose::ReturnPath,
    };
    Some(DnsRecord::new(purpose, kind, &name, value))
}
