//! `GET /api/messages/{id}`: one message, with the first of its recipients.

use domain::{
    Result,
    access::{Role, Scope},
    id::MessageId,
};
use store::messages;
use web::{Cx, Grant, Row, extract::Path, reply::Success};

use super::view::{FirstRecipients, MessageDetail, fresh};
use crate::deliveries::walk;

pub(super) fn row() -> Row {
    Row::get("messages-get", "/api/messages/{id}", handle)
        .summary("Get a message")
        .tag("Messages")
        .access(Role::Viewer, Scope::MessagesRead)
        .grants(&[Grant::TableRead])
}

async fn handle(cx: Cx, Path(id): Path<MessageId>) -> Result<Success<MessageDetail>> {
    let message = fresh(&cx, messages::get(&cx.app.table, cx.org(), id).await?).await?;
    let first = walk::page(&cx, &message, None, None, walk::FIRST).await?;
    let path = format!("/api/messages/{id}/recipients");
    let next_cursor = match first.next {
        None => None,
        Some(next) => Some(cx.cursor_into(&path, &next).await?),
    };
    let recipients = FirstRecipients { data: first.rows, next_cursor };
    Ok(Success(MessageDetail { message: message.into(), recipients }))
}
