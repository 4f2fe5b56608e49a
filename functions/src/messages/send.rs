//! `POST /api/messages/{id}/send`: releases a draft, at its time or now.

use domain::{
    Result,
    access::{Role, Scope},
    id::MessageId,
};
use engine::accept;
use web::{Cx, Row, extract::Path, reply::Accepted};

use super::view::MessageView;

pub(super) fn row() -> Row {
    Row::post("messages-send", "/api/messages/{id}/send", handle)
        .summary("Release a draft")
        .tag("Messages")
        .access(Role::Member, Scope::MessagesWrite)
        .idempotent_record_first()
        .grants(super::CONTROL)
        .errors(&["409 message_not_draft", "audience_empty", "provider_missing", "variable_missing"])
}

async fn handle(cx: Cx, Path(id): Path<MessageId>) -> Result<Accepted<MessageView>> {
    let message = accept::release(&cx.app, cx.org(), id).await?;
    Ok(Accepted(message.into()))
}
