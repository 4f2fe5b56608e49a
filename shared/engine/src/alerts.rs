//! Raising alerts: once per thing and kind until somebody acknowledges it; telling people of them by e-mail.
//!
//! Mailing is due from the moment that an alert stands in the table, in the write that puts it there. So whatever raised it
//! needs no mail server, and a crash loses no mail: the sweep finds it.

mod mail;

use domain::{
    Result,
    id::{AlertId, OrgId},
};
pub use store::alerts::AlertKind as Kind;
use store::{
    alerts::{self, Alert},
    keys,
    messages::due_text,
};

pub use mail::recipients;
pub(crate) use mail::{mail, revive};

use crate::{App, notify};

/// Raises an alert, unless an open one says the same.
pub async fn raise(app: &App, org: OrgId, kind: Kind, subject: Option<String>, detail: &str) -> Result<()> {
    let now = app.now();
    let alert = Alert {
        id: AlertId::new(now, app.random.bits()),
        kind,
        subject,
        detail: detail.to_owned(),
        created_at: now,
        acknowledged_at: None,
        acknowledged_by: None,
        org: Some(org),
        mail_tries: 0,
        due_partition: None,
        due_at: None,
    };
    let due_partition = Some(keys::due_partition(alert.id.shard(keys::DUE_SHARDS)));
    let alert = Alert { due_partition, due_at: Some(due_text(now)), ..alert };
    if alerts::put(&app.table, org, &alert).await? {
        tracing::warn!(%org, alert = %alert.id, ?kind, "alert raised");
        notify::alert(app, org, alert.id).await;
    }
    Ok(())
}
