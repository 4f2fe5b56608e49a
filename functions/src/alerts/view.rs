//! Alerts as clients see them.

use domain::id::AlertId;
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::Serialize;
use store::alerts::{Alert, AlertKind};

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
