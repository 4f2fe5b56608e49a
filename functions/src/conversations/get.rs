//! `GET /api/conversations/{id}`: a conversation.

use store::conversations;
use web::prelude::*;

use super::view::{ConversationView, views};

/// The row.
pub fn row() -> Row {
    Row::get("conversations-get", "/api/conversations/{id}", handle)
        .summary("Get a conversation")
        .tag("Conversations")
        .access(Role::Viewer, Scope::ConversationsRead)
        .grants(&[Grant::TableRead])
}

async fn handle(cx: Cx, Path(id): Path<id::ConversationId>) -> Result<Success<ConversationView>> {
    let (table, org) = (&cx.app.table, cx.org());
    let conversation = conversations::get(table, org, id).await?;
    let view = views(table, org, vec![conversation], cx.now()).await?.pop();
    view.map(Success).ok_or_else(|| Error::not_found("conversation", id))
}
