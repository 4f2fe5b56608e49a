//! What Amazon SES keeps beside mails: its own suppressions, and what a domain needs.
//! <https://docs.aws.amazon.com/ses/latest/APIReference-V2/API_ListSuppressedDestinations.html>

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
    ses::{Ses, request as call},
};

/// A page of the account's list. The place is their own token.
pub(crate) async fn suppressions(
    account: &Account,
    outbound: &Outbound,
    after: Option<&str>,
) -> Result<SuppressionPage, Failure> {
    let place = after.map(|token| ("NextToken", token));
    let fields = [("PageSize", "1000")].into_iter().chain(place);
    let query = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
    let path = format!("/v2/email/suppression/addresses?{query}");
    let page: Value =
        request::ask(account, outbound, call(account, Method::GET, &path, None)?, |answer| Ses.known(answer)).await?;
    let found = json::list(&page, "/SuppressedDestinationSummaries").iter().filter_map(|item| {
        let complained = item["Reason"] == "COMPLAINT";
        let reason = if complained { SuppressionReason::Complained } else { SuppressionReason::Bounced };
        Some(Suppressed { address: json::text(item, "/EmailAddress")?, reason })
    });
    Ok(SuppressionPage { found: found.collect(), next: json::text(&page, "/NextToken") })
}

/// The records of a domain, which becomes an identity of the account if it is none.
pub(crate) async fn records(account: &Account, outbound: &Outbound, name: &str) -> Result<Vec<DnsRecord>, Failure> {
    let ask = call(account, Method::GET, &format!("/v2/email/identities/{name}"), None)?;
    let identity = json!({ "EmailIdentity": name });
    let make = || call(account, Method::POST, "/v2/email/identities", Some(&identity));
    let page = request::ask_or_make(account, outbound, ask, make, |answer| Ses.known(answer)).await?;
    let dkim = json::list(&page, "/DkimAttributes/Tokens").iter().filter_map(Value::as_str).map(|token| {
        let (at, to) = (format!("{token}._domainkey.{name}"), format!("{token}.dkim.amazonses.com"));
        DnsRecord::new(RecordPurpose::Dkim, RecordType::Cname, &at, to)
    });
    let mut records: Vec<DnsRecord> = dkim.collect();
    // Without a domain of its own for bounces theirs is used, whose SPF is theirs.
    if let Some(from) = json::text(&page, "/MailFromAttributes/MailFromDomain") {
        let mx = format!("10 feedback-smtp.{}.amazonses.com", account.require("region")?);
        records.push(DnsRecord::new(RecordPurpose::ReturnPath, RecordType::Mx, &from, mx));
        records.push(DnsRecord::new(RecordPurpose::Spf, RecordType::Txt, &from, "v=spf1 include:amazonses.com ~all"));
    }
    Ok(records)
}
