//! `POST /api/messages/{id}/pause`: holds a message that is going out.

use domain::{
    Result,
    access::{Role, Scope},
    id::MessageId,
};
use engine::control;
use web::{Cx, Row, extract::Path, reply::Success};

use super::view::MessageView;

pub(super) fn row() -> Row {
    Row::post("messages-pause", "/api/messages/{id}/pause", handle)
        .summary("Pause a message")
        .tag("Messages")
        .access(Role::Member, Scope::MessagesWrite)
        .grants(super::CONTROL)
        .errors(&["409 message_not_pausable"])
}

async fn handle(cx: Cx, Path(id): Path<MessageId>) -> Result<Success<MessageView>> {
    let message = control::pause(&cx.app, cx.org(), id).await?;
    Ok(Success(message.into()))
}
