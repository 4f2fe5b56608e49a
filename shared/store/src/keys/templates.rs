//! Keys of templates, and of those that WhatsApp approves. The table in `keys.rs` lists them with the others.

use domain::id::{OrgId, ProviderId, TemplateId, WhatsAppTemplateId};

use super::{Key, hash, of_org};

/// A template. Prefix of all: [`TEMPLATES`].
pub fn template(org: OrgId, template: TemplateId) -> Key {
    of_org(org, format!("{TEMPLATES}{template}"))
}

/// Sort-key prefix of templates.
pub const TEMPLATES: &str = "TEMPLATE#";

/// The partition of an organization's WhatsApp templates.
pub fn whatsapp_templates(org: OrgId) -> String {
    format!("O#{org}#WT")
}

/// A WhatsApp template.
pub fn whatsapp_template(org: OrgId, template: WhatsAppTemplateId) -> Key {
    Key::new(whatsapp_templates(org), template.to_string())
}

/// The marker that makes a WhatsApp template's name and language unique in its config.
pub fn whatsapp_template_name(org: OrgId, provider: ProviderId, name: &str, language: &str) -> Key {
    Key::new(whatsapp_templates(org), format!("N#{}", hash(&format!("{provider}\n{name}\n{language}"))))
}
