//! `GET /api/alerts/recipients`: whom alerts are mailed to.

use store::alert_mails;
use web::prelude::*;

use super::view::{RecipientView, RecipientsView};

/// The row.
pub fn row() -> Row {
    Row::get("alerts-recipients-get", "/api/alerts/recipients", handle)
        .summary("Get whom alerts are mailed to")
        .tag("Alerts")
        .access(Role::Admin, Scope::AlertsRead)
        .grants(&[Grant::TableRead])
}

async fn handle(cx: Cx) -> Result<Success<RecipientsView>> {
    view(&cx).await.map(Success)
}

/// As it is now.
pub(super) async fn view(cx: &Cx) -> Result<RecipientsView> {
    let is_default = alert_mails::recipients(&cx.app.table, cx.org()).await?.is_none();
    let recipients = engine::alerts::recipients(&cx.app, cx.org()).await?;
    Ok(RecipientsView { recipients: recipients.into_iter().map(RecipientView::from).collect(), is_default })
}
