//! `GET /api/messages/{id}/recipients`: the copies of a message, in the order of its plan.

use domain::{
    Result,
    access::{Role, Scope},
    delivery::DeliveryStatus,
    id::MessageId,
};
use schemars::JsonSchema;
use serde::Deserialize;
use store::messages;
use web::{
    Cx, Grant, Row,
    extract::{List, Path},
    reply::{Page, Success},
};

use super::view::fresh;
use crate::deliveries::{view::DeliveryView, walk};

/// Which recipients.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RecipientFilter {
    /// Only in this state.
    status: Option<DeliveryStatus>,
}

pub(super) fn row() -> Row {
    Row::get("messages-recipients", "/api/messages/{id}/recipients", handle)
        .summary("List the recipients of a message")
        .tag("Messages")
        .access(Role::Viewer, Scope::MessagesRead)
        .grants(&[Grant::TableRead])
}

async fn handle(cx: Cx, Path(id): Path<MessageId>, list: List<RecipientFilter>) -> Result<Success<Page<DeliveryView>>> {
    let message = fresh(&cx, messages::get(&cx.app.table, cx.org(), id).await?).await?;
    let after = list.after(&cx).await?;
    let page = walk::page(&cx, &message, list.filter.status, after.as_deref(), list.limit).await?;
    let counts = message.shown_counts();
    let total = list.filter.status.map_or(counts.total, |status| counts.of(status));
    list.page(&cx, page.rows, page.next, Some(total)).await
}
