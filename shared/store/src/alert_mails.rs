//! Whom alerts are mailed to, and the mails.

use domain::{
    Result,
    id::{AlertId, OrgId},
};
use jiff::{SignedDuration, Timestamp};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    alerts::AlertKind,
    keys,
    page::{self, Page},
    range::Range,
    table::Table,
};

/// How long a mail is kept.
const KEPT: SignedDuration = SignedDuration::from_hours(30 * 24);

/// Somebody whom alerts are mailed to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AlertRecipient {
    /// The address.
    pub address: String,
    /// Which alerts; all of them if empty.
    pub kinds: Vec<AlertKind>,
}

impl AlertRecipient {
    /// Whether they want alerts of a kind.
    pub fn wants(&self, kind: AlertKind) -> bool {
        self.kinds.is_empty() || self.kinds.contains(&kind)
    }
}

#[derive(Serialize, Deserialize)]
struct Recipients {
    recipients: Vec<AlertRecipient>,
}

/// Whom an organization's alerts are mailed to; `None` until somebody says.
pub async fn recipients(table: &Table, org: OrgId) -> Result<Option<Vec<AlertRecipient>>> {
    let found: Option<Recipients> = table.get(&keys::alert_recipients(org)).await?;
    Ok(found.map(|found| found.recipients))
}

/// Says whom they are mailed to; `None` for nobody in particular again.
pub async fn set_recipients(table: &Table, org: OrgId, recipients: Option<Vec<AlertRecipient>>) -> Result<()> {
    match recipients {
        Some(recipients) => table.put(&keys::alert_recipients(org), &Recipients { recipients }).await,
        None => table.delete(&keys::alert_recipients(org)).await,
    }
}

/// How far a mail is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "UPPERCASE")]
pub enum MailStatus {
    /// It is tried again.
    Waiting,
    /// The mail server took it.
    Sent,
    /// No mail server is set: it is only shown.
    Kept,
    /// It was refused, or tried too often.
    Failed,
}

/// A mail about an alert.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AlertMail {
    /// The alert.
    pub alert: AlertId,
    /// To whom.
    pub to: String,
    /// What it is about.
    pub subject: String,
    /// The text.
    pub text: String,
    /// How far it is.
    pub status: MailStatus,
    /// Why it is no further.
    pub error: Option<String>,
    /// When it was last tried.
    pub at: Timestamp,
    /// When it goes (epoch seconds).
    #[serde(default)]
    ttl: i64,
}

impl AlertMail {
    /// A mail that was not tried yet.
    pub fn new(alert: AlertId, to: String, subject: String, text: String, now: Timestamp) -> Self {
        let ttl = (now + KEPT).as_second();
        Self { alert, to, subject, text, status: MailStatus::Waiting, error: None, at: now, ttl }
    }

    fn key(org: OrgId, alert: AlertId, to: &str) -> keys::Key {
        keys::alert_mail(org, alert, &keys::hash(to)[..32])
    }
}

/// The mail about an alert to an address, if it was tried.
pub async fn find(table: &Table, org: OrgId, alert: AlertId, to: &str) -> Result<Option<AlertMail>> {
    table.get(&AlertMail::key(org, alert, to)).await
}

/// Writes a mail as it is.
pub async fn put(table: &Table, org: OrgId, mail: &AlertMail) -> Result<()> {
    table.put(&AlertMail::key(org, mail.alert, &mail.to), mail).await
}

/// A page of mails, newest alert first.
pub async fn list(table: &Table, org: OrgId, after: Option<String>, limit: usize) -> Result<Page<AlertMail>> {
    let range = Range::prefix(vec![keys::alert_mails(org)], "alr_", limit).backward().after(after);
    page::read(table, range, limit, false, |_| true).await
}
