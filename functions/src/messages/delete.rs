//! `DELETE /api/messages/{id}`: cancels a message. What was claimed before comes to its end; nothing else leaves.

use domain::{
    Result,
    access::{Role, Scope},
    id::MessageId,
};
use engine::{Queue, control};
use web::{Cx, Grant, Row, extract::Path, reply::Success};

use super::view::MessageView;

pub(super) fn row() -> Row {
    Row::delete("messages-delete", "/api/messages/{id}", handle)
        .summary("Cancel a message")
        .tag("Messages")
        .access(Role::Member, Scope::MessagesWrite)
        .grants(&[
            Grant::Table,
            Grant::Enqueue(Queue::Plan),
            Grant::Enqueue(Queue::Send),
            Grant::Enqueue(Queue::Finish),
            Grant::Schedule,
        ])
        .errors(&["409 message_not_cancellable"])
}

async fn handle(cx: Cx, Path(id): Path<MessageId>) -> Result<Success<MessageView>> {
    let message = control::cancel(&cx.app, cx.org(), id).await?;
    Ok(Success(message.into()))
}
