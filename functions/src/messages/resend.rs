//! `POST /api/messages/{id}/resend`: sends again what failed, in the next round of the same message.

use domain::{
    Result,
    access::{Role, Scope},
    id::MessageId,
};
use engine::control;
use web::{Cx, Row, extract::Path, reply::Accepted};

use super::view::MessageView;

pub(super) fn row() -> Row {
    Row::post("messages-resend", "/api/messages/{id}/resend", handle)
        .summary("Send again what failed")
        .tag("Messages")
        .access(Role::Member, Scope::MessagesWrite)
        .idempotent_record_first()
        .grants(super::CONTROL)
        .errors(&["409 nothing_to_resend", "409 message_not_resendable"])
}

async fn handle(cx: Cx, Path(id): Path<MessageId>) -> Result<Accepted<MessageView>> {
    let message = control::resend(&cx.app, cx.org(), id).await?;
    Ok(Accepted(message.into()))
}
