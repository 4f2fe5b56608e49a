//! Alerts as clients see them.

use domain::id::AlertId;
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use store::{
    alert_mails::{AlertMail, AlertRecipient, MailStatus},
    alerts::{Alert, AlertKind},
};

/// Something that a person should look at.
#[derive(Debug, Clone, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "Alert")]
pub(crate) struct AlertView {
    /// Its id.
    pub id: AlertId,
    /// What it is about.
    pub kind: AlertKind,
    /// The id of what it is about (`prv_…`, `msg_…`).
    pub subject: Option<String>,
    /// In words.
    pub detail: String,
    /// When it was raised.
    pub created_at: Timestamp,
    /// When somebody acknowledged it; null: nobody did.
    pub acknowledged_at: Option<Timestamp>,
    /// Who did: the id of a user or an API key.
    pub acknowledged_by: Option<String>,
}

impl From<Alert> for AlertView {
    fn from(alert: Alert) -> Self {
        Self {
            id: alert.id,
            kind: alert.kind,
            subject: alert.subject,
            detail: alert.detail,
            created_at: alert.created_at,
            acknowledged_at: alert.acknowledged_at,
            acknowledged_by: alert.acknowledged_by,
        }
    }
}

/// Somebody whom alerts are mailed to.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schemars(rename = "AlertRecipient")]
pub(super) struct RecipientView {
    /// The address.
    #[schemars(extend("examples" = ["ops@acme.example"]))]
    pub address: String,
    /// Which alerts; empty or left out: all of them.
    #[serde(default)]
    pub kinds: Vec<AlertKind>,
}

/// Whom alerts are mailed to.
#[derive(Debug, Clone, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "AlertRecipients")]
pub(super) struct RecipientsView {
    /// The addresses.
    pub recipients: Vec<RecipientView>,
    /// Whether nobody said, and they are the owners.
    pub is_default: bool,
}

impl From<AlertRecipient> for RecipientView {
    fn from(recipient: AlertRecipient) -> Self {
        Self { address: recipient.address, kinds: recipient.kinds }
    }
}

/// A mail about an alert.
#[derive(Debug, Clone, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "AlertMail")]
pub(super) struct MailView {
    /// The alert.
    alert_id: AlertId,
    /// To whom.
    to: String,
    /// What it is about.
    subject: String,
    /// The text.
    text: String,
    /// How far it is; `KEPT` where no mail server is set (`DUNDUN_MAILER`): then this is where it can be read.
    status: MailStatus,
    /// Why it is no further.
    error: Option<String>,
    /// When it was last tried.
    at: Timestamp,
}

impl From<AlertMail> for MailView {
    fn from(mail: AlertMail) -> Self {
        let AlertMail { alert, to, subject, text, status, error, at, .. } = mail;
        Self { alert_id: alert, to, subject, text, status, error, at }
    }
}
