//! `GET /api/deliveries`: the log, newest message first.

use domain::{
    Result,
    access::{Role, Scope},
    delivery::DeliveryStatus,
    id::{MessageId, ProviderId, TemplateId},
};
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::Deserialize;
use store::{
    messages::{self, Message},
    organizations,
};
use web::{
    Cx, Grant, Row,
    extract::List,
    reply::{Page, Success},
};

use super::{log, view::DeliveryView, walk};
use crate::messages::view::fresh;

/// Which copies.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct DeliveryFilter {
    /// Only in this state.
    pub status: Option<DeliveryStatus>,
    /// Only to this address: a phone number in any form, or an e-mail address.
    pub recipient: Option<String>,
    /// Only of this message.
    pub message_id: Option<MessageId>,
    /// Only of messages from this template.
    pub template_id: Option<TemplateId>,
    /// Only by this provider config.
    pub provider_id: Option<ProviderId>,
    /// Only of messages that began to go out at or after.
    pub from: Option<Timestamp>,
    /// Only of messages that began to go out before.
    pub to: Option<Timestamp>,
}

impl DeliveryFilter {
    /// Whether a message's copies may be shown at all.
    pub fn takes(&self, message: &Message) -> bool {
        let sent = message.started_at;
        self.template_id.is_none_or(|id| message.template_id == Some(id))
            && self.provider_id.is_none_or(|id| message.provider_id == id)
            && self.from.is_none_or(|from| sent.is_some_and(|sent| sent >= from))
            && self.to.is_none_or(|to| sent.is_some_and(|sent| sent < to))
            && self.message_id.is_none_or(|id| message.id == id)
    }
}

pub(super) fn row() -> Row {
    Row::get("deliveries-list", "/api/deliveries", handle)
        .summary("List deliveries")
        .description("Newest message first, then in the order of its plan. `total` is given with `messageId` only.")
        .tag("Deliveries")
        .access(Role::Viewer, Scope::DeliveriesRead)
        .grants(&[Grant::TableRead])
}

async fn handle(cx: Cx, list: List<DeliveryFilter>) -> Result<Success<Page<DeliveryView>>> {
    let after = list.after(&cx).await?;
    let filter = &list.filter;
    if let Some(recipient) = &filter.recipient {
        let organization = organizations::get(&cx.app.table, cx.org()).await?;
        let page = log::of_recipient(&cx, recipient, organization.default_country, filter, after, list.limit).await?;
        return list.page(&cx, page.rows, page.next, None).await;
    }
    if let Some(id) = filter.message_id {
        // A message of another organization is as empty as one that does not exist.
        let Some(message) = messages::find(&cx.app.table, cx.org(), id).await?.filter(|message| filter.takes(message))
        else {
            return list.page(&cx, Vec::new(), None, Some(0)).await;
        };
        let message = fresh(&cx, message).await?;
        let page = walk::page(&cx, &message, filter.status, after.as_deref(), list.limit).await?;
        let counts = message.shown_counts();
        let total = filter.status.map_or(counts.total, |status| counts.of(status));
        return list.page(&cx, page.rows, page.next, Some(total)).await;
    }
    let page = log::of_all(&cx, filter, after, list.limit).await?;
    list.page(&cx, page.rows, page.next, None).await
}
