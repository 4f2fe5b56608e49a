//! `POST /api/conversations/{id}/messages`: a reply.

use domain::message::Channel;
use engine::inbound::{self, Reply, Via};
use store::{conversations, messages::Purpose};
use web::prelude::*;

use crate::{
    messages::{
        request::{self, ProviderChoice},
        view::MessageView,
    },
    whatsapp_templates::view::TemplateRequest,
};

/// The row.
pub fn row() -> Row {
    Row::post("conversations-messages-create", "/api/conversations/{id}/messages", handle)
        .summary("Reply")
        .description(
            "Sends a text to the person, by the config that the last message came by, or by `providerId`. It is a message like \
             others, with its own counts and receipts. On WhatsApp free text goes within 24 hours of their last message only, a \
             template at any time, and both by the number that they wrote to.",
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
            "provider_fixed",
            "variable_missing",
            "body_required",
            "whatsapp_template_not_found",
            "whatsapp_template_not_approved",
            "parameters_mismatch",
        ])
}

/// What to say.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct ConversationReply {
    /// The text, at most 5,000 characters; `{{name}}` as in messages. Either this or `whatsappTemplate`.
    #[schemars(extend("examples" = ["We open at nine."]))]
    body: Option<String>,
    /// A template that WhatsApp approved, which may be sent at any time.
    whatsapp_template: Option<TemplateRequest>,
    /// The provider config to send by, or `auto`: what routing picks. Left out: the one that their last message came by, which
    /// is the only one on WhatsApp.
    #[serde(default)]
    provider_id: Option<ProviderChoice>,
}

async fn handle(
    cx: Cx,
    Path(id): Path<id::ConversationId>,
    body: Json<ConversationReply>,
) -> Result<Accepted<MessageView>> {
    let conversation = conversations::get(&cx.app.table, cx.org(), id).await?;
    let body = body.read()?;
    let via = match body.provider_id {
        None => Via::Conversation,
        Some(_) if conversation.channel == Channel::WhatsApp => {
            let detail = "On WhatsApp a reply goes by the number that they wrote to: leave it out.";
            return Err(Error::invalid("/providerId", "provider_fixed", detail));
        }
        Some(ProviderChoice::Auto) => Via::Auto,
        Some(ProviderChoice::Config(id)) => Via::Config(id),
    };
    let content = request::content(body.body, None, body.whatsapp_template)?
        .ok_or_else(|| Error::invalid("/body", "body_required", "Give `body` or `whatsappTemplate`."))?;
    let reply = Reply { content, via, purpose: Purpose::Ordinary, id: None, by: cx.actor() };
    let message = inbound::reply(&cx.app, cx.org(), &conversation, reply, |message| {
        let view = MessageView::from(message.clone());
        Ok(cx.reply_record(202, &view)?.into_iter().collect())
    })
    .await?;
    Ok(Accepted(MessageView::from(message)))
}
