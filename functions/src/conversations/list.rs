//! `GET /api/conversations`: conversations, the one in which something was last said first.

use domain::message::Channel;
use store::conversations;
use web::prelude::*;

use super::view::{ConversationView, views};

/// The row.
pub fn row() -> Row {
    Row::get("conversations-list", "/api/conversations", handle)
        .summary("List conversations")
        .description(
            "The one in which something was last said first. `total` is exact without a filter and with `contactId`. With \
             `contactId` all of the contact's come at once.",
        )
        .tag("Conversations")
        .access(Role::Viewer, Scope::ConversationsRead)
        .grants(&[Grant::TableRead])
}

/// Which conversations.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct ConversationFilter {
    /// On this channel.
    channel: Option<Channel>,
    /// With this contact, by the number and e-mail address that it has now.
    contact_id: Option<id::ContactId>,
}

async fn handle(cx: Cx, list: List<ConversationFilter>) -> Result<Success<Page<ConversationView>>> {
    let (table, org, channel) = (&cx.app.table, cx.org(), list.filter.channel);
    if let Some(contact) = list.filter.contact_id {
        let found = conversations::of_contact(table, org, contact, channel).await?;
        let total = found.len() as u64;
        return list.page(&cx, views(table, org, found, cx.now()).await?, None, Some(total)).await;
    }
    let after = list.after(&cx).await?;
    let page = conversations::list(table, org, channel, after, list.limit).await?;
    let total = if channel.is_none() { Some(conversations::total(table, org).await?) } else { None };
    let rows = views(table, org, page.rows, cx.now()).await?;
    list.page(&cx, rows, page.next, total).await
}
