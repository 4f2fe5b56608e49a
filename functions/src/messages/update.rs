//! `PUT /api/messages/{id}`: changes a scheduled message or a draft.

use domain::{
    Result,
    access::{Role, Scope},
    id::MessageId,
};
use engine::{Queue, accept};
use store::messages;
use web::{
    Cx, Grant, Row,
    extract::{Json, Path},
    reply::Success,
};

use super::{request::MessageChange, view::MessageView};

pub(super) fn row() -> Row {
    Row::put("messages-update", "/api/messages/{id}", handle)
        .summary("Change a message")
        .description("Only scheduled ones and drafts. Fields left out stay as they are.")
        .tag("Messages")
        .access(Role::Member, Scope::MessagesWrite)
        .grants(&[Grant::Table, Grant::Enqueue(Queue::Plan), Grant::Schedule])
        .errors(&["409 message_not_editable", "scheduled_in_past", "audience_empty", "variable_missing"])
}

async fn handle(cx: Cx, Path(id): Path<MessageId>, body: Json<MessageChange>) -> Result<Success<MessageView>> {
    let message = messages::get(&cx.app.table, cx.org(), id).await?;
    let change = body.read()?.into_change(&cx, message.recipient_type).await?;
    let message = accept::edit(&cx.app, cx.org(), id, change).await?;
    Ok(Success(message.into()))
}
