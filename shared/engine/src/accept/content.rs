//! What a message says: a text, one of the organization's templates, or a template that WhatsApp approved.

use domain::{
    Error, Result, Violation,
    id::{OrgId, ProviderId, TemplateId, WhatsAppTemplateId},
    message::Channel,
    template::Template,
    whatsapp::{Parameters, TemplateStatus, Used},
};
use store::{templates, whatsapp_templates};

use super::NewMessage;
use crate::{App, providers, whatsapp_templates::reference};

/// Where the text comes from.
#[derive(Debug, Clone, PartialEq)]
pub enum Content {
    /// Given with the request.
    Body(String),
    /// From a template.
    Template(TemplateId),
    /// A template that WhatsApp approved, with what fills it.
    WhatsApp {
        /// Which.
        template: WhatsAppTemplateId,
        /// What fills it; texts with variables.
        parameters: Parameters,
    },
}

/// What was found there.
#[derive(Debug, Default)]
pub(super) struct Found {
    /// E-mail only.
    pub subject: Option<String>,
    /// The text.
    pub body: String,
    /// The template it came from.
    pub template_id: Option<TemplateId>,
    /// What a message is called that has no title.
    pub name: Option<String>,
    /// The WhatsApp template, with the config it belongs to.
    pub whatsapp: Option<(Used, ProviderId)>,
}

/// Finds what a message says.
pub(super) async fn find(app: &App, org: OrgId, new: &NewMessage) -> Result<Found> {
    match &new.content {
        Content::Body(body) => Ok(Found { body: body.clone(), ..Found::default() }),
        Content::Template(id) => from_template(app, org, new, *id).await,
        Content::WhatsApp { template, parameters } => approved(app, org, new, *template, parameters).await,
    }
}

async fn from_template(app: &App, org: OrgId, new: &NewMessage, id: TemplateId) -> Result<Found> {
    let template = templates::get(&app.table, org, id).await.map_err(|error| match error {
        Error::NotFound { .. } => Error::invalid("/templateId", "template_not_found", "There is no such template."),
        other => other,
    })?;
    if template.channel != new.channel {
        let detail =
            format!("The template is for {}, the message for {}.", template.channel.name(), new.channel.name());
        return Err(Error::invalid("/templateId", "template_channel", detail));
    }
    let (subject, body, name) = (template.subject, template.body, Some(template.name));
    Ok(Found { subject, body, template_id: Some(id), name, whatsapp: None })
}

async fn approved(
    app: &App,
    org: OrgId,
    new: &NewMessage,
    id: WhatsAppTemplateId,
    parameters: &Parameters,
) -> Result<Found> {
    if new.channel != Channel::WhatsApp {
        let detail = "Only a message on the channel WHATSAPP goes out as such a template.";
        return Err(Error::invalid("/whatsappTemplate", "whatsapp_template_channel", detail));
    }
    let template = whatsapp_templates::get(&app.table, org, id).await.map_err(|error| match error {
        Error::NotFound { .. } => {
            Error::invalid("/whatsappTemplate/id", "whatsapp_template_not_found", "There is no such WhatsApp template.")
        }
        other => other,
    })?;
    if template.status != TemplateStatus::Approved {
        let reason = template.reason.map(|reason| format!(" ({reason})")).unwrap_or_default();
        let detail = format!("The template is {}{reason}; only an APPROVED one can be sent.", template.status.name());
        return Err(Error::invalid("/whatsappTemplate/id", "whatsapp_template_not_approved", detail));
    }
    let elsewhere = new.auto || new.provider_id.is_some_and(|provider| provider != template.provider_id);
    if elsewhere {
        let detail = format!("The template belongs to the config {}, and goes out by that one.", template.provider_id);
        return Err(Error::invalid("/providerId", "whatsapp_template_provider", detail));
    }
    let config = providers::get(&app.table, org, template.provider_id).await.map_err(|error| match error {
        Error::NotFound { .. } => {
            Error::invalid("/whatsappTemplate/id", "provider_not_found", "Its provider config was deleted.")
        }
        other => other,
    })?;
    let mut wrong = Vec::new();
    for (part, texts) in [("header", &parameters.header), ("body", &parameters.body), ("buttons", &parameters.buttons)]
    {
        for (index, text) in texts.iter().enumerate() {
            if let Err(error) = Template::parse(text) {
                let pointer = format!("/whatsappTemplate/parameters/{part}/{index}");
                wrong.push(Violation::new(pointer, error.code(), error.to_string()));
            }
        }
    }
    if !wrong.is_empty() {
        return Err(Error::Invalid(wrong));
    }
    let called = reference(&config, &template)?;
    let filled = template
        .components
        .fill(called, &template.language, parameters, "/whatsappTemplate/parameters")
        .map_err(Error::Invalid)?;
    let used = Used { id, name: template.name.clone(), category: template.category, filled };
    Ok(Found {
        body: template.components.text(parameters),
        name: Some(template.name),
        whatsapp: Some((used, template.provider_id)),
        ..Found::default()
    })
}
