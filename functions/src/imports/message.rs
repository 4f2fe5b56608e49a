//! The message to imported rows, as a client asks for it: a message without recipients.

use std::collections::BTreeMap;

use domain::{
    Error, Result,
    attributes::Value,
    id::{MediaId, TemplateId},
    message::Channel,
};
use engine::imports::ImportMessage;
use schemars::JsonSchema;
use serde::Deserialize;
use web::Cx;

use crate::messages::{
    request::ProviderChoice,
    when::{self, LateAfter, When},
};

/// A message without recipients: it goes once to each imported row.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ImportMessageRequest {
    /// The channel; SMS if left out.
    #[serde(default)]
    pub channel: Option<Channel>,
    /// For people.
    #[serde(default)]
    pub title: Option<String>,
    /// E-mail only.
    #[serde(default)]
    pub subject: Option<String>,
    /// The text, with `{{variables}}`. Either this or `templateId`.
    #[serde(default)]
    pub body: Option<String>,
    /// The template that the text comes from.
    #[serde(default)]
    pub template_id: Option<TemplateId>,
    /// Values for the text's variables.
    #[serde(default)]
    pub variables: BTreeMap<String, Value>,
    /// Files that go with it, by their ids.
    #[serde(default)]
    pub media_ids: Vec<MediaId>,
    /// Whether curly quotes, dashes and the like are replaced where that keeps an SMS in the GSM alphabet; what the provider
    /// config says if left out, then what the organization says.
    #[serde(default)]
    pub smart: Option<bool>,
    /// The provider config to send by, or `auto`: routing picks one for each part; the channel's default if left out.
    #[serde(default)]
    pub provider_id: Option<ProviderChoice>,
    /// Or the kind of provider.
    #[serde(default)]
    pub provider: Option<String>,
    /// When it goes out; once the rows are contacts if left out.
    #[serde(default)]
    pub scheduled_at: Option<When>,
    /// The zone of a local `scheduledAt` (IANA); the organization's if left out.
    #[serde(default)]
    pub timezone: Option<String>,
    /// How late it may be before it pauses and asks; an hour if left out.
    #[serde(default)]
    pub late_after: Option<LateAfter>,
}

impl ImportMessageRequest {
    /// As the engine keeps it. `pointer` is where it stands in the body.
    pub async fn into_message(self, cx: &Cx, pointer: &str) -> Result<ImportMessage> {
        if self.body.is_some() == self.template_id.is_some() {
            return Err(Error::invalid(
                format!("{pointer}/body"),
                "body_required",
                "Give either `body` or `templateId`.",
            ));
        }
        let scheduled_at = when::moment(cx, self.scheduled_at, self.timezone.as_deref(), pointer).await?;
        let late_after = self.late_after.map(|late| late.seconds(pointer)).transpose()?;
        let (provider_id, auto) = ProviderChoice::split(self.provider_id);
        Ok(ImportMessage {
            channel: self.channel.unwrap_or(Channel::Sms),
            title: self.title,
            subject: self.subject,
            body: self.body,
            template_id: self.template_id,
            variables: self.variables,
            smart: self.smart,
            media: self.media_ids,
            provider_id,
            auto,
            provider: self.provider,
            scheduled_at,
            late_after,
            by: cx.actor(),
        })
    }
}
