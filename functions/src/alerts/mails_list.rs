//! `GET /api/alerts/mails`: what was mailed about alerts, and what would have been where no mail server is set.

use store::alert_mails;
use web::prelude::*;

use super::view::MailView;

/// The row.
pub fn row() -> Row {
    Row::get("alerts-mails-list", "/api/alerts/mails", handle)
        .summary("List mails about alerts")
        .description("Newest alert first, for a month. Without a mail server (`DUNDUN_MAILER`) this is the outbox.")
        .tag("Alerts")
        .access(Role::Admin, Scope::AlertsRead)
        .grants(&[Grant::TableRead])
}

async fn handle(cx: Cx, list: List) -> Result<Success<Page<MailView>>> {
    let after = list.after(&cx).await?;
    let page = alert_mails::list(&cx.app.table, cx.org(), after, list.limit).await?.map(MailView::from);
    list.page(&cx, page.rows, page.next, None).await
}
