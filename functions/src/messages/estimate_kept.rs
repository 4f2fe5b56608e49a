//! `GET /api/messages/{id}/estimate`: what a draft or a scheduled message would be, before it goes out.

use domain::{
    Result,
    access::{Role, Scope},
    id::MessageId,
};
use engine::accept;
use web::{Cx, Grant, Row, extract::Path, reply::Success};

use super::estimate::MessageEstimate;

pub(super) fn row() -> Row {
    Row::get("messages-estimate-kept", "/api/messages/{id}/estimate", handle)
        .summary("Estimate a draft or a scheduled message")
        .description("As `POST /messages/estimate`, of a message as it is kept and of its groups as they are now.")
        .tag("Messages")
        .access(Role::Viewer, Scope::MessagesRead)
        .grants(&[Grant::TableRead])
        .errors(&["409 message_not_editable", "audience_empty", "provider_missing", "variable_missing"])
}

async fn handle(cx: Cx, Path(id): Path<MessageId>) -> Result<Success<MessageEstimate>> {
    Ok(Success(MessageEstimate::of(accept::estimate_kept(&cx.app, cx.org(), id).await?)?))
}
