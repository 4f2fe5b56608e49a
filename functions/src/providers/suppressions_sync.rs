//! `POST /api/providers/{id}/suppressions/sync`: takes over the list that the provider keeps of its own.

use engine::suppressions::sync;
use jiff::Timestamp;
use store::{providers as configs, suppression_sync::SuppressionSync};
use web::prelude::*;

/// The row.
pub fn row() -> Row {
    Row::post("providers-suppressions-sync", "/api/providers/{id}/suppressions/sync", handle)
        .summary("Take over the provider's own suppressions")
        .description(
            "Whoever bounced, complained or unsubscribed at the provider is put on our list with that reason: Mailgun, Mailjet, \
             SendGrid and Amazon SES. It happens by itself every six hours; this does it now. A long list is read on after \
             this answer (`isFinished` is false). Nothing is taken off either list.",
        )
        .tag("Suppressions")
        .access(Role::Admin, Scope::SuppressionsWrite)
        .grants(&[Grant::Table, Grant::RootSecret, Grant::Enqueue(Queue::Notify)])
        .errors(&["409 provider_failed", "409 provider_keeps_no_list"])
}

/// How far the provider's list was read.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct SuppressionSyncView {
    /// Whether the whole list was read.
    is_finished: bool,
    /// Addresses read.
    read: u64,
    /// Those of them that were not on our list.
    added: u64,
    /// When this reading began.
    began_at: Timestamp,
    /// When the list was last read to its end.
    finished_at: Option<Timestamp>,
}

impl From<SuppressionSync> for SuppressionSyncView {
    fn from(sync: SuppressionSync) -> Self {
        Self {
            is_finished: sync.cursor.is_none(),
            read: sync.read,
            added: sync.added,
            began_at: sync.began_at,
            finished_at: sync.finished_at,
        }
    }
}

async fn handle(cx: Cx, Path(id): Path<id::ProviderId>) -> Result<Success<SuppressionSyncView>> {
    let config = configs::get(&cx.app.table, cx.org(), id).await?;
    if !sync::is_kept(&config) {
        let detail = format!("{} keeps no list that can be read.", config.kind);
        return Err(Error::conflict("provider_keeps_no_list", detail));
    }
    let synced = sync::sync(&cx.app, &config, cx.deadline()).await?;
    Ok(Success(SuppressionSyncView::from(synced)))
}
