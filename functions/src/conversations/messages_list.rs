//! `GET /api/conversations/{id}/messages`: what was said, newest first.

use store::conversations;
use web::prelude::*;

use super::thread::{ConversationMessage, page};

/// The row.
pub fn row() -> Row {
    Row::get("conversations-messages-list", "/api/conversations/{id}/messages", handle)
        .summary("List what was said")
        .description(
            "Newest first: what the person wrote, and all that went to them on the channel, campaigns included. A page may be \
             short while there is a cursor.",
        )
        .tag("Conversations")
        .access(Role::Viewer, Scope::ConversationsRead)
        .grants(&[Grant::TableRead])
}

async fn handle(cx: Cx, Path(id): Path<id::ConversationId>, list: List) -> Result<Success<Page<ConversationMessage>>> {
    let conversation = conversations::get(&cx.app.table, cx.org(), id).await?;
    let after = list.after(&cx).await?;
    let page = page(&cx, &conversation, after, list.limit).await?;
    list.page(&cx, page.rows, page.next, None).await
}
