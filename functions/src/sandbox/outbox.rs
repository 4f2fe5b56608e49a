//! `GET /api/sandbox/outbox`: what would have been sent through sandbox configs.
//!
//! Nothing is stored for it: plan, board and text of a message say who would have got what.

use std::collections::HashSet;

use ::providers::Kind;
use domain::{delivery::DeliveryStatus, message::Channel};
use jiff::Timestamp;
use store::{
    messages::{self, Filter},
    providers as configs,
};
use web::prelude::*;

use crate::deliveries::{view::DeliveryView, walk};

/// The row.
pub fn row() -> Row {
    Row::get("sandbox-outbox", "/api/sandbox/outbox", handle)
        .summary("List what the sandbox would have sent")
        .description(
            "Newest message first, in it in the order of its audience. What is still pending, skipped or cancelled is not \
             in it, nor are test messages. A page may be short while there is a cursor.",
        )
        .tag("Sandbox")
        .access(Role::Viewer, Scope::DeliveriesRead)
        .grants(&[Grant::TableRead])
}

/// Which copies.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct OutboxFilter {
    /// Only on this channel.
    channel: Option<Channel>,
    /// Only of this message.
    message_id: Option<id::MessageId>,
}

/// A text that would have been sent.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct OutboxEntry {
    /// To whom: E.164 or e-mail.
    to: String,
    /// The text as the recipient would have got it.
    body: String,
    /// The channel.
    channel: Channel,
    /// What became of it.
    status: DeliveryStatus,
    /// The message.
    message_id: id::MessageId,
    /// The copy.
    delivery_id: id::DeliveryId,
    /// When.
    at: Timestamp,
}

/// How many messages one request looks at; a page may then be short.
const MAX_MESSAGES: usize = 100;

/// How many messages are read at a time.
const AT_ONCE: usize = 20;

async fn handle(cx: Cx, list: List<OutboxFilter>) -> Result<Success<Page<OutboxEntry>>> {
    let (table, org) = (&cx.app.table, cx.org());
    let sandboxes: HashSet<id::ProviderId> = configs::all(table, org)
        .await?
        .into_iter()
        .filter(|config| config.kind == Kind::Sandbox.name())
        .map(|config| config.id)
        .collect();
    let after = list.after(&cx).await?;
    let (mut last, mut place) = match after.as_deref() {
        None => (None, None),
        Some(text) => text.split_once('@').map_or((Some(text), None), |(message, place)| (Some(message), Some(place))),
    };
    let mut entries = Vec::with_capacity(list.limit);
    let filter = Filter { channel: list.filter.channel, ..Filter::default() };
    let only = list.filter.message_id;
    let mut seen = 0;
    let mut owned;
    loop {
        // A page that ended within a message goes on in it, else behind it.
        let (batch, more) = match (only, last, place) {
            (Some(id), None, _) => (messages::find(table, org, id).await?.into_iter().collect(), false),
            (Some(_), Some(_), None) => (Vec::new(), false),
            (_, Some(id), Some(_)) => {
                let id = id.parse().map_err(|_| bad_cursor())?;
                (messages::find(table, org, id).await?.into_iter().collect(), only.is_none())
            }
            (None, last, _) => {
                let page = messages::list(table, org, &filter, last.map(str::to_owned), AT_ONCE).await?;
                (page.rows, page.next.is_some())
            }
        };
        let read = batch.last().map(|message: &messages::Message| message.id.to_string());
        for message in batch {
            seen += 1;
            if !sandboxes.contains(&message.provider_id) || message.started_at.is_none() {
                continue;
            }
            let page = walk::page(&cx, &message, None, place.take(), list.limit - entries.len()).await?;
            entries.extend(page.rows.into_iter().filter(|row| was_handed_over(row.status)).map(entry));
            if let Some(place) = page.next {
                return list.page(&cx, entries, Some(format!("{}@{place}", message.id)), None).await;
            }
            if entries.len() == list.limit {
                return list.page(&cx, entries, Some(message.id.to_string()), None).await;
            }
        }
        match read {
            Some(read) if more && seen < MAX_MESSAGES => owned = read,
            Some(read) if more => return list.page(&cx, entries, Some(read), None).await,
            _ => return list.page(&cx, entries, None, None).await,
        }
        (last, place) = (Some(owned.as_str()), None);
    }
}

/// Whether the provider would have seen it.
fn was_handed_over(status: DeliveryStatus) -> bool {
    !matches!(status, DeliveryStatus::Pending | DeliveryStatus::Skipped | DeliveryStatus::Cancelled)
}

fn entry(copy: DeliveryView) -> OutboxEntry {
    OutboxEntry {
        to: copy.recipient,
        body: copy.body,
        channel: copy.channel,
        status: copy.status,
        message_id: copy.message_id,
        delivery_id: copy.id,
        at: copy.sent_at.unwrap_or(copy.updated_at),
    }
}

fn bad_cursor() -> Error {
    Error::Unreadable { code: "cursor_invalid", detail: "The cursor is not one of this list.".into() }
}
