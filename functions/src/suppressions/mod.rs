//! `/api/suppressions`: addresses that get no messages.

use domain::{
    id::{ProviderId, SuppressionId},
    suppression::{RemovalReason, SuppressedChannel, SuppressionReason, SuppressionSource},
};
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::Serialize;
use store::suppressions::{Removed, Suppression};

mod create;
mod delete;
mod export;
mod get;
mod import;
mod list;

web::rows! { list, create, import, export, get, delete }

/// An address that gets no messages.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "Suppression")]
struct SuppressionView {
    /// Its id.
    id: SuppressionId,
    /// E.164, or an e-mail address in lower case.
    #[schemars(extend("examples" = ["+254700000001"]))]
    address: String,
    /// Which messages are held back; `ALL` for every channel.
    channel: SuppressedChannel,
    /// Why.
    reason: SuppressionReason,
    /// How it came to be.
    source: SuppressionSource,
    /// In words.
    note: Option<String>,
    /// The provider config that told us, if one did.
    provider_id: Option<ProviderId>,
    /// Who added it; null if nobody of the organization did.
    created_by: Option<String>,
    /// When it was added.
    created_at: Timestamp,
    /// When it was taken off the list; null as long as it holds.
    removed_at: Option<Timestamp>,
    /// Who took it off; null if the person themselves did.
    removed_by: Option<String>,
    /// Why it was taken off.
    removal_reason: Option<RemovalReason>,
}

impl From<Suppression> for SuppressionView {
    fn from(suppression: Suppression) -> Self {
        Self {
            id: suppression.id,
            address: suppression.address,
            channel: suppression.channel,
            reason: suppression.reason,
            source: suppression.source,
            note: suppression.note,
            provider_id: suppression.provider_id,
            created_by: suppression.created_by,
            created_at: suppression.created_at,
            removed_at: None,
            removed_by: None,
            removal_reason: None,
        }
    }
}

impl From<Removed> for SuppressionView {
    fn from(removed: Removed) -> Self {
        Self {
            removed_at: Some(removed.removed_at),
            removed_by: removed.removed_by,
            removal_reason: Some(removed.removal_reason),
            ..Self::from(removed.suppression)
        }
    }
}
