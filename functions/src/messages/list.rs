//! `GET /api/messages`: messages, newest first.

use domain::{
    Result,
    access::{Role, Scope},
    message::{Channel, MessageStatus},
};
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::Deserialize;
use store::messages::{self, Filter};
use web::{
    Cx, Grant, Row,
    extract::List,
    reply::{Page, Success},
};

use super::view::MessageView;

/// Which messages.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct MessageFilter {
    /// Only in this state.
    status: Option<MessageStatus>,
    /// Only on this channel.
    channel: Option<Channel>,
    /// Accepted at or after.
    from: Option<Timestamp>,
    /// Accepted before.
    to: Option<Timestamp>,
}

pub(super) fn row() -> Row {
    Row::get("messages-list", "/api/messages", handle)
        .summary("List messages")
        .description(
            "Newest first. `total` is exact without a filter, with `status` alone, or with `from` and `to` alone where \
             they begin a quarter of an hour, as days do in every zone; else null.",
        )
        .tag("Messages")
        .access(Role::Viewer, Scope::MessagesRead)
        .grants(&[Grant::TableRead])
}

async fn handle(cx: Cx, list: List<MessageFilter>) -> Result<Success<Page<MessageView>>> {
    let filter =
        Filter { status: list.filter.status, channel: list.filter.channel, from: list.filter.from, to: list.filter.to };
    let after = list.after(&cx).await?;
    let page = messages::list(&cx.app.table, cx.org(), &filter, after, list.limit).await?;
    let (table, org) = (&cx.app.table, cx.org());
    let total = match &filter {
        Filter { channel: None, from: None, to: None, status } => Some(messages::total(table, org, *status).await?),
        Filter { channel: None, status: None, from, to } => messages::total_in(table, org, *from, *to).await?,
        _ => None,
    };
    let page = page.map(MessageView::from);
    list.page(&cx, page.rows, page.next, total).await
}
