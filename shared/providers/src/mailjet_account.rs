//! What Mailjet keeps beside mails: contacts that get no more, and what a domain needs.
//! <https://dev.mailjet.com/email/reference/>. Not verified against the live provider: which contacts are excluded.

use domain::{
    dns::{DnsRecord, RecordPurpose, RecordType},
    suppression::SuppressionReason,
};
use http::Method;
use serde_json::{Value, json};

use crate::{
    json,
    mailjet::{Mailjet, call},
    outbound::Outbound,
    provider::{Account, Failure, Provider, Suppressed, SuppressionPage},
    request,
};

/// Contacts on a page, the most that they give.
const PAGE: usize = 1_000;

/// A page of the contacts that are excluded from campaigns. The place is how many were read before.
pub(crate) async fn suppressions(
    account: &Account,
    outbound: &Outbound,
    after: Option<&str>,
) -> Result<SuppressionPage, Failure> {
    let offset: usize = after.and_then(|text| text.parse().ok()).unwrap_or(0);
    let path = format!("/v3/REST/contact?IsExcludedFromCampaigns=true&Limit={PAGE}&Offset={offset}");
    let page: Value =
        request::ask(account, outbound, call(account, Method::GET, &path)?, |answer| Mailjet.known(answer)).await?;
    let contacts = json::list(&page, "/Data");
    let found = contacts.iter().filter_map(|contact| {
        let complained = contact["IsSpamComplaining"] == true;
        let reason = if complained { SuppressionReason::Complained } else { SuppressionReason::OptedOut };
        Some(Suppressed { address: json::text(contact, "/Email")?, reason })
    });
    let next = (contacts.len() == PAGE).then(|| (offset + PAGE).to_string());
    Ok(SuppressionPage { found: found.collect(), next })
}

/// The records of a domain. Whoever does not send from it yet becomes a sender of all its addresses.
pub(crate) async fn records(account: &Account, outbound: &Outbound, name: &str) -> Result<Vec<DnsRecord>, Failure> {
    let ask = || call(account, Method::GET, &format!("/v3/REST/dns/{name}"));
    let make = || Ok(call(account, Method::POST, "/v3/REST/sender")?.json(&json!({ "Email": format!("*@{name}") })));
    let mut page = request::ask_or_make(account, outbound, ask()?, make, |answer| Mailjet.known(answer)).await?;
    if page.pointer("/Data/0/DKIMRecordName").is_none() {
        // That was the answer of the sender.
        page = request::ask(account, outbound, ask()?, |answer| Mailjet.known(answer)).await?;
    }
    let text = |field: &str| json::text(&page, &format!("/Data/0/{field}"));
    let spf = text("SPFRecordValue").map(|value| DnsRecord::new(RecordPurpose::Spf, RecordType::Txt, name, value));
    let dkim = text("DKIMRecordName").zip(text("DKIMRecordValue"));
    let dkim = dkim.map(|(at, value)| DnsRecord::new(RecordPurpose::Dkim, RecordType::Txt, &at, value));
    Ok(spf.into_iter().chain(dkim).collect())
}
