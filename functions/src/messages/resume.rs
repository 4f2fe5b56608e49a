//! `POST /api/messages/{id}/resume`: lets a paused message go on.

use domain::{
    Result,
    access::{Role, Scope},
    id::MessageId,
};
use engine::control;
use web::{Cx, Row, extract::Path, reply::Success};

use super::view::MessageView;

pub(super) fn row() -> Row {
    Row::post("messages-resume", "/api/messages/{id}/resume", handle)
        .summary("Resume a message")
        .tag("Messages")
        .access(Role::Member, Scope::MessagesWrite)
        .grants(super::CONTROL)
        .errors(&["409 message_not_paused", "409 message_needs_review", "409 provider_paused"])
}

async fn handle(cx: Cx, Path(id): Path<MessageId>) -> Result<Success<MessageView>> {
    let message = control::resume(&cx.app, cx.org(), id).await?;
    Ok(Success(message.into()))
}
