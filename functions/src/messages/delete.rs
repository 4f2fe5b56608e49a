//! `DELETE /api/messages/{id}`: cancels a message. What was claimed before comes to its end; nothing else leaves.

use domain::{
    Result,
    access::{Role, Scope},
    id::MessageId,
};
use engine::control;
use web::{Cx, Row, extract::Path, reply::Success};

use super::view::MessageView;

pub(super) fn row() -> Row {
    Row::delete("messages-delete", "/api/messages/{id}", handle)
        .summary("Cancel a message")
        .tag("Messages")
        .access(Role::Member, Scope::MessagesWrite)
        .grants(super::CONTROL)
        .errors(&["409 message_not_cancellable"])
}

async fn handle(cx: Cx, Path(id): Path<MessageId>) -> Result<Success<MessageView>> {
    let message = control::cancel(&cx.app, cx.org(), id).await?;
    Ok(Success(message.into()))
}
