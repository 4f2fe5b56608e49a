//! Messages as clients see them.

use std::collections::BTreeMap;

use domain::{
    Result,
    attributes::Value,
    board::Counts,
    id::{MediaId, MessageId, ProviderId, TemplateId},
    message::{Channel, MessageStatus, PauseReason, RecipientType},
};
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::Serialize;
use store::{engagement::EngagementCounts, ledger, messages::Message};
use web::Cx;

use crate::{deliveries::view::DeliveryView, whatsapp_templates::view::TemplateUse};

/// Up to how many chunks the counts of one message are folded afresh when it is looked at.
const FOLDED_AT_ONCE: u32 = 100;

/// A message.
#[derive(Debug, Clone, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "Message")]
pub struct MessageView {
    /// Its id.
    pub id: MessageId,
    /// The title, for people.
    pub title: String,
    /// The channel.
    pub channel: Channel,
    /// The state.
    pub status: MessageStatus,
    /// Why it is paused.
    pub pause_reason: Option<PauseReason>,
    /// What went wrong, in words.
    pub error: Option<String>,
    /// The subject (e-mail).
    pub subject: Option<String>,
    /// The text, with its variables.
    pub body: String,
    /// The template it came from.
    pub template_id: Option<TemplateId>,
    /// The WhatsApp template that it goes out as.
    pub whatsapp_template: Option<TemplateUse>,
    /// Values given for all recipients.
    pub variables: BTreeMap<String, Value>,
    /// Whether look-alike characters are replaced where that keeps an SMS in the GSM alphabet.
    pub smart: bool,
    /// The files that go with it.
    pub media_ids: Vec<MediaId>,
    /// How the audience was named.
    pub recipient_type: RecipientType,
    /// The one contact or group, if it was named so.
    pub recipient_id: Option<String>,
    /// How many recipients; exact once planned.
    pub recipient_count: u64,
    /// Recipients by state; they add up to the total.
    pub counts: Counts,
    /// How many recipients opened it or followed a link, by what the provider reports; null while it reported nothing.
    pub engagement: Option<EngagementCounts>,
    /// The provider config that sends it.
    pub provider_id: ProviderId,
    /// Whether each part is routed when its turn comes (`"providerId": "auto"`); then `providerId` is the one it began with.
    pub auto: bool,
    /// When it is to go out; null: at once.
    pub scheduled_at: Option<Timestamp>,
    /// How many seconds late it may be before it pauses and asks.
    pub late_after: u64,
    /// When it began to go out.
    pub sent_at: Option<Timestamp>,
    /// When all recipients were settled.
    pub finished_at: Option<Timestamp>,
    /// How many accepted copies are without a receipt for six hours and longer; null until then. They were asked for where
    /// the provider can be asked.
    pub receipts_missing: Option<u64>,
    /// Who asked for it: the id of a user or an API key.
    pub sent_by: String,
    /// When it was accepted.
    pub created_at: Timestamp,
    /// When it last changed.
    pub updated_at: Timestamp,
}

impl From<Message> for MessageView {
    fn from(message: Message) -> Self {
        let counts = message.shown_counts();
        let sent = counts.sent;
        Self {
            id: message.id,
            title: message.title,
            channel: message.channel,
            status: message.status,
            pause_reason: message.pause_reason,
            error: message.error,
            subject: message.subject,
            body: message.body,
            template_id: message.template_id,
            whatsapp_template: message.whatsapp.map(TemplateUse::from),
            variables: message.variables,
            smart: message.smart,
            media_ids: message.media,
            recipient_type: message.recipient_type,
            recipient_id: message.recipient_id,
            recipient_count: message.recipient_count,
            counts,
            engagement: message.engagement,
            provider_id: message.provider_id,
            auto: message.auto,
            scheduled_at: message.scheduled_at,
            late_after: message.late_after,
            sent_at: message.started_at,
            finished_at: message.finished_at,
            receipts_missing: message.unreported.map(|missing| missing.min(sent)),
            sent_by: message.sent_by,
            created_at: message.created_at,
            updated_at: message.updated_at,
        }
    }
}

/// A message with the first of its recipients.
#[derive(Debug, Clone, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct MessageDetail {
    /// The message.
    #[serde(flatten)]
    pub message: MessageView,
    /// The first 25 recipients; more by `GET /messages/{id}/recipients`.
    pub recipients: FirstRecipients,
}

/// The first recipients of a message.
#[derive(Debug, Clone, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct FirstRecipients {
    /// The recipients' copies.
    pub data: Vec<DeliveryView>,
    /// Where `GET /messages/{id}/recipients` goes on; null if these are all.
    pub next_cursor: Option<String>,
}

/// A message with counts as they are now: folded afresh where that is quick, else as last cached.
pub async fn fresh(cx: &Cx, mut message: Message) -> Result<Message> {
    if message.planned && (1..=FOLDED_AT_ONCE).contains(&message.chunks) {
        let boards = ledger::boards(&cx.app.table, message.org, message.id, Some(message.chunks)).await?;
        let counts = ledger::fold(&boards);
        if counts.total > 0 {
            message.counts = counts;
            message.counted_at = Some(cx.now());
        }
        return engine::engagement::counted(&cx.app, message).await;
    }
    Ok(message)
}
