//! `POST /api/conversations/{id}/messages`: a reply.

use store::conversations;
use web::prelude::*;

use crate::messages::view::MessageView;

/// The row.
pub fn row() -> Row {
    Row::post("conversations-messages-create", "/api/conversations/{id}/messages", handle)
        .summary("Reply")
        .description(
            "Sends a text to the person, by the config that the last message came by. It is a message like others, with its \
             own counts and receipts. On WhatsApp within 24 hours of their last message only.",
        )
        .tag("Conversations")
        .access(Role::Member, Scope::ConversationsWrite)
        .idempotent()
        .location("/api/messages")
        .grants(&[Grant::Table, Grant::Enqueue(Queue::Send)])
        .errors(&[
            "409 recipient_suppressed",
            "409 window_closed",
            "409 provider_paused",
            "provider_missing",
            "provider_ambiguous",
            "variable_missing",
        ])
}

/// What to say.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct ConversationReply {
    /// The text, at most 5,000 characters; `{{name}}` as in messages.
    #[schemars(extend("examples" = ["We open at nine."]))]
    body: String,
}

async fn handle(
    cx: Cx,
    Path(id): Path<id::ConversationId>,
    body: Json<ConversationReply>,
) -> Result<Accepted<MessageView>> {
    let conversation = conversations::get(&cx.app.table, cx.org(), id).await?;
    let body = body.read()?.body;
    let message = engine::inbound::reply(&cx.app, cx.org(), &conversation, &body, None, cx.actor(), |message| {
        let view = MessageView::from(message.clone());
        Ok(cx.reply_record(202, &view)?.into_iter().collect())
    })
    .await?;
    Ok(Accepted(MessageView::from(message)))
}
