//! `POST /api/alerts/{id}/acknowledge`: somebody has seen it.

use store::alerts;
use web::prelude::*;

use super::view::AlertView;

/// The row.
pub fn row() -> Row {
    Row::post("alerts-acknowledge", "/api/alerts/{id}/acknowledge", handle)
        .summary("Acknowledge an alert")
        .description(
            "The first one counts; again changes nothing. If the same thing happens afterwards, a new alert is raised.",
        )
        .tag("Alerts")
        .access(Role::Member, Scope::AlertsWrite)
        .grants(&[Grant::Table])
}

async fn handle(cx: Cx, Path(id): Path<id::AlertId>) -> Result<Success<AlertView>> {
    let alert = alerts::acknowledge(&cx.app.table, cx.org(), id, &cx.actor(), cx.now()).await?;
    Ok(Success(alert.into()))
}
