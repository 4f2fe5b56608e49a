//! WhatsApp templates as clients see them.

use domain::{
    id::{ProviderId, WhatsAppTemplateId},
    whatsapp::{Components, Parameters, TemplateCategory, TemplateStatus, Used},
};
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use store::whatsapp_templates::WhatsAppTemplate;

/// A template that WhatsApp approves.
#[derive(Debug, Clone, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "WhatsAppTemplate")]
pub(super) struct WhatsAppTemplateView {
    /// Its id.
    id: WhatsAppTemplateId,
    /// The provider config that it belongs to, and goes out by.
    provider_id: ProviderId,
    /// The provider's id for it.
    external_id: Option<String>,
    /// Its name at WhatsApp; of AiSensy the campaign.
    name: String,
    /// Its language, such as `en_US`.
    language: String,
    /// What it is for, by which WhatsApp charges.
    category: TemplateCategory,
    /// Where it stands; only an approved one can be sent.
    status: TemplateStatus,
    /// Why it was refused or paused.
    reason: Option<String>,
    /// What it consists of.
    components: Components,
    /// Whether a person recorded it; else it is as the provider tells.
    is_recorded: bool,
    /// Goes up with each change.
    version: u64,
    /// Who made it here: the id of a user or an API key.
    created_by: String,
    /// When it was made here.
    created_at: Timestamp,
    /// When it last changed here.
    updated_at: Timestamp,
}

impl From<WhatsAppTemplate> for WhatsAppTemplateView {
    fn from(template: WhatsAppTemplate) -> Self {
        Self {
            id: template.id,
            provider_id: template.provider_id,
            external_id: template.external_id,
            name: template.name,
            language: template.language,
            category: template.category,
            status: template.status,
            reason: template.reason,
            components: template.components,
            is_recorded: template.is_recorded,
            version: template.version,
            created_by: template.created_by,
            created_at: template.created_at,
            updated_at: template.updated_at,
        }
    }
}

/// The WhatsApp template that a message goes out as.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schemars(rename = "SendWhatsAppTemplate")]
pub struct TemplateRequest {
    /// Which.
    pub id: WhatsAppTemplateId,
    /// What fills its placeholders.
    #[serde(default)]
    pub parameters: Parameters,
}

impl From<TemplateRequest> for engine::accept::Content {
    fn from(request: TemplateRequest) -> Self {
        Self::WhatsApp { template: request.id, parameters: request.parameters }
    }
}

/// The WhatsApp template that a message goes out as, as it was when the message was accepted.
#[derive(Debug, Clone, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "SentWhatsAppTemplate")]
pub struct TemplateUse {
    /// Which.
    id: WhatsAppTemplateId,
    /// Its name.
    name: String,
    /// Its language.
    language: String,
    /// Its category.
    category: TemplateCategory,
    /// What fills its placeholders.
    parameters: Parameters,
}

impl From<Used> for TemplateUse {
    fn from(used: Used) -> Self {
        let parameters = used.filled.parameters();
        Self { id: used.id, name: used.name, language: used.filled.language, category: used.category, parameters }
    }
}
