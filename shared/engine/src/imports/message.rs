//! The message that goes to the imported rows: what was asked for with the import, kept until the rows are contacts.

use std::collections::BTreeMap;

use domain::{
    Result,
    attributes::Value,
    id::{ImportId, MediaId, MessageId, ProviderId, TemplateId},
    message::{Channel, MessageStatus, RecipientType},
};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use store::{
    imports::Import,
    messages::{self, Audience, Purpose},
};

use crate::{
    App,
    accept::{self, Content, NewMessage},
    app::Queue,
    jobs::PlanJob,
};

/// A message without recipients.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ImportMessage {
    /// The channel.
    pub channel: Channel,
    /// The title.
    pub title: Option<String>,
    /// The subject.
    pub subject: Option<String>,
    /// The text, or
    pub body: Option<String>,
    /// the template.
    pub template_id: Option<TemplateId>,
    /// Values for all.
    pub variables: BTreeMap<String, Value>,
    /// Whether look-alike characters are replaced.
    #[serde(default)]
    pub smart: Option<bool>,
    /// Files that go with it.
    #[serde(default)]
    pub media: Vec<MediaId>,
    /// The provider config.
    pub provider_id: Option<ProviderId>,
    /// Or whichever routing picks.
    #[serde(default)]
    pub auto: bool,
    /// Or its kind.
    pub provider: Option<String>,
    /// When.
    pub scheduled_at: Option<Timestamp>,
    /// Seconds it may be late.
    pub late_after: Option<u64>,
    /// Who asks.
    pub by: String,
}

impl ImportMessage {
    /// As the engine accepts it, for the rows of an import.
    pub fn into_new(self, import: ImportId, id: MessageId, expected: u64) -> NewMessage {
        NewMessage {
            channel: self.channel,
            title: self.title,
            subject: self.subject,
            content: match (self.body, self.template_id) {
                (_, Some(template)) => Content::Template(template),
                (body, None) => Content::Body(body.unwrap_or_default()),
            },
            variables: self.variables,
            smart: self.smart,
            media: self.media,
            recipient_type: RecipientType::Contact,
            recipient_id: None,
            audience: Audience::Import { id: import },
            given: Vec::new(),
            expected: Some(expected),
            provider_id: self.provider_id,
            auto: self.auto,
            provider_kind: self.provider,
            scheduled_at: self.scheduled_at,
            draft: false,
            purpose: Purpose::Ordinary,
            late_after: self.late_after,
            by: self.by,
            id: Some(id),
        }
    }
}

/// Sets the message of a committed import going. Harmless when repeated.
pub(super) async fn release(app: &App, import: &Import) -> Result<()> {
    let (Some(text), Some(id)) = (&import.message, import.message_id) else { return Ok(()) };
    match messages::find(&app.table, import.org, id).await? {
        Some(message) if message.status == MessageStatus::Pending => {
            let job = PlanJob { org: import.org, message: id };
            app.queues.send(Queue::Plan, import.org, &job, 0).await
        }
        Some(_) => Ok(()),
        None => {
            let message: ImportMessage = serde_json::from_str(text).map_err(domain::Error::internal)?;
            let mut new = message.into_new(import.id, id, import.counts.valid);
            // The time may have passed while the file was looked at.
            new.scheduled_at = new.scheduled_at.filter(|at| *at > app.now());
            accept::accept(app, import.org, new, |_| Ok(Vec::new())).await.map(|_| ())
        }
    }
}

/// Ends the message of an import that failed, if it was accepted before.
pub(super) async fn abandon(app: &App, import: &Import) -> Result<()> {
    let Some(id) = import.message_id else { return Ok(()) };
    match messages::find(&app.table, import.org, id).await? {
        Some(message) if matches!(message.status, MessageStatus::Pending | MessageStatus::Scheduled) => {
            crate::plan::fail(app, &message, "The file could not be read.").await
        }
        _ => Ok(()),
    }
}
