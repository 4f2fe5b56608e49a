//! `POST /api/messages/{id}/resolve`: decides on all copies of which nobody knows whether they were sent.

use domain::{
    Result,
    access::{Role, Scope},
    id::MessageId,
};
use engine::{
    Queue,
    control::{self, Resolution},
};
use schemars::JsonSchema;
use serde::Deserialize;
use store::messages;
use web::{
    Cx, Grant, Row,
    extract::{Json, Path},
    reply::Success,
};

use super::view::MessageView;

/// What to do with unknown copies.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ResolveRequest {
    /// `RESEND` (a recipient may get it twice), `ASSUME_SENT` or `FAIL`.
    pub action: Resolution,
}

pub(super) fn row() -> Row {
    Row::post("messages-resolve", "/api/messages/{id}/resolve", handle)
        .summary("Decide on unknown copies")
        .tag("Messages")
        .access(Role::Admin, Scope::MessagesWrite)
        .grants(&[
            Grant::Table,
            Grant::Enqueue(Queue::Plan),
            Grant::Enqueue(Queue::Send),
            Grant::Enqueue(Queue::Finish),
            Grant::Enqueue(Queue::Notify),
        ])
        .errors(&["409 nothing_unknown", "409 delivery_in_progress"])
}

async fn handle(cx: Cx, Path(id): Path<MessageId>, body: Json<ResolveRequest>) -> Result<Success<MessageView>> {
    messages::get(&cx.app.table, cx.org(), id).await?;
    let request = body.read()?;
    let message = control::resolve_all(&cx.app, cx.org(), id, request.action).await?;
    Ok(Success(message.into()))
}
