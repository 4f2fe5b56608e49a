//! Raising alerts: once per thing and kind until somebody acknowledges it.

use domain::{
    Result,
    id::{AlertId, OrgId},
};
pub use store::alerts::AlertKind as Kind;
use store::alerts::{self, Alert};

use crate::{App, notify};

/// Raises an alert, unless an open one says the same.
pub async fn raise(app: &App, org: OrgId, kind: Kind, subject: Option<String>, detail: &str) -> Result<()> {
    let open = alerts::list(&app.table, org, true, None, 100).await?;
    if open.rows.iter().any(|alert| alert.kind == kind && alert.subject == subject) {
        return Ok(());
    }
    let now = app.now();
    let alert = Alert {
        id: AlertId::new(now, app.random.bits()),
        kind,
        subject,
        detail: detail.to_owned(),
        created_at: now,
        acknowledged_at: None,
        acknowledged_by: None,
    };
    tracing::warn!(%org, alert = %alert.id, ?kind, "alert raised");
    alerts::put(&app.table, org, &alert).await?;
    notify::alert(app, org, alert.id).await;
    Ok(())
}
