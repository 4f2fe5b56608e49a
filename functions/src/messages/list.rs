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
        .description("Newest first. `total` is exact without a filter or with `status` alone.")
        .tag("Messages")
        .access(Role::Viewer, Scope::MessagesRead)
        .grants(&[Grant::TableRead])
}

async fn handle(cx: Cx, list: List<MessageFilter>) -> Result<Success<Page<MessageView>>> {
    let filter =
        Filter { status: list.filter.status, channel: list.filter.channel, from: list.filter.from, to: list.filter.to };
    let after = list.after(&cx).await?;
    let page = messages::list(&cx.app.table, cx.org(), &filter, after, list.limit).await?;
    let counted = filter.channel.is_none() && filter.from.is_none() && filter.to.is_none();
    let total = if counted { Some(messages::total(&cx.app.table, cx.org(), filter.status).await?) } else { None };
    let page = page.map(MessageView::from);
    list.page(&cx, page.rows, page.next, total).await
}
