//! WhatsApp templates: handed in at the provider where its API can, recorded by people where it cannot, and kept as the
//! provider has them.

use ::providers::templates::{self as at_provider, Draft, Listed, carries_templates, needs_external_id, steps};
use domain::{
    Error, Result, Violation,
    id::{OrgId, WhatsAppTemplateId},
    whatsapp::{Parameters, is_name},
};
use store::{
    providers::{self as configs, ProviderConfig},
    whatsapp_templates::{self as stored, WhatsAppTemplate},
};

use crate::{App, providers};

/// What a provider calls a template in what is sent.
pub(crate) fn reference<'a>(config: &ProviderConfig, template: &'a WhatsAppTemplate) -> Result<&'a str> {
    Ok(at_provider::reference(providers::kind(config)?, &template.name, template.external_id.as_deref()))
}

/// A config that sends templates. 422 `provider_not_found`, `templates_unsupported` at `/providerId`.
pub async fn config(app: &App, org: OrgId, id: domain::id::ProviderId) -> Result<ProviderConfig> {
    let config = providers::named(app, org, id).await?;
    if !carries_templates(providers::kind(&config)?, config.channel) {
        let detail = "Expected a WHATSAPP config of a kind that sends templates, as the catalogue tells (`TEMPLATES`).";
        return Err(Error::invalid("/providerId", "templates_unsupported", detail));
    }
    Ok(config)
}

/// Hands a template in for approval, and takes over what the provider says of it. 422 `submit_unsupported` with the steps
/// where its API cannot; 409 `provider_failed`.
pub async fn submit(
    app: &App,
    config: &ProviderConfig,
    template: &mut WhatsAppTemplate,
    examples: &Parameters,
) -> Result<()> {
    let kind = providers::kind(config)?;
    let unsupported = || {
        let detail = format!("This provider's API takes no templates. {}", steps(kind));
        Error::Unprocessable {
            code: "submit_unsupported",
            violations: vec![Violation::new("/submit", "submit_unsupported", detail.clone())],
            detail,
        }
    };
    let api = at_provider::templates(kind).ok_or_else(unsupported)?;
    check_draft(template, examples)?;
    let account = providers::account(app, config).await?;
    let draft = Draft {
        name: &template.name,
        language: &template.language,
        category: template.category,
        components: &template.components,
        examples,
    };
    let submitted =
        api.submit(&account, &app.outbound, draft).await.map_err(|failure| providers::failed("do it", &failure))?;
    let submitted = submitted.ok_or_else(unsupported)?;
    template.external_id = submitted.external_id;
    template.category = submitted.category.unwrap_or(template.category);
    template.status = submitted.status;
    template.is_recorded = false;
    Ok(())
}

/// What WhatsApp wants of a template that is handed in, beyond what holds for all.
fn check_draft(template: &WhatsAppTemplate, examples: &Parameters) -> Result<()> {
    let mut wrong = Vec::new();
    if !is_name(&template.name) {
        wrong.push(Violation::new("/name", "name_invalid", "Lower-case letters, digits and `_`, at most 512."));
    }
    if template.category == domain::whatsapp::TemplateCategory::Authentication {
        let detail = "Its text is WhatsApp's own: make it in WhatsApp Manager, and sync.";
        wrong.push(Violation::new("/category", "authentication_by_hand", detail));
    }
    let header = template.components.header.as_ref();
    let open = header.is_some_and(|header| header.text.is_none() && header.url.is_none());
    if open {
        let detail = "Media need a sample file: make it in WhatsApp Manager, and sync.";
        wrong.push(Violation::new("/components/header", "header_by_hand", detail));
    } else if let Err(found) = template.components.fill("", "", examples, "/examples") {
        wrong.extend(found);
    }
    if wrong.is_empty() { Ok(()) } else { Err(Error::Invalid(wrong)) }
}

/// Checks a template that a person records: it is what the provider has, so it can be sent.
pub fn check_recorded(config: &ProviderConfig, template: &WhatsAppTemplate) -> Result<()> {
    if needs_external_id(providers::kind(config)?) && template.external_id.is_none() {
        let detail = "This provider knows templates by an id of its own: `HX…` at Twilio, a UUID at Gupshup.";
        return Err(Error::invalid("/externalId", "required", detail));
    }
    Ok(())
}

/// Deletes a template, at the provider too where its API can and the template came from there.
pub async fn remove(app: &App, org: OrgId, template: &WhatsAppTemplate) -> Result<()> {
    if !template.is_recorded
        && let Some(config) = configs::find(&app.table, org, template.provider_id).await?
        && let Some(api) = at_provider::templates(providers::kind(&config)?)
    {
        let account = providers::account(app, &config).await?;
        let id = template.external_id.as_deref();
        api.remove(&account, &app.outbound, &template.name, id)
            .await
            .map_err(|failure| providers::failed("do it", &failure))?;
    }
    stored::remove(&app.table, org, template).await
}

/// What a sync changed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Synced {
    /// New ones.
    pub added: u64,
    /// Changed ones.
    pub updated: u64,
    /// Those that the provider does not have any more.
    pub removed: u64,
    /// Those that were as they are.
    pub unchanged: u64,
}

/// Takes over the templates that a config's provider has. Those that people recorded stay, unless the provider has them
/// too. 422 `sync_unsupported`; 409 `provider_failed`.
pub async fn sync(app: &App, config: &ProviderConfig, by: &str) -> Result<Synced> {
    let kind = providers::kind(config)?;
    let unsupported = || {
        let detail = format!("This provider's API lists no templates. {}", steps(kind));
        Error::unprocessable("sync_unsupported", detail)
    };
    let api = at_provider::templates(kind).ok_or_else(unsupported)?;
    let account = providers::account(app, config).await?;
    let listed = api.list(&account, &app.outbound).await.map_err(|failure| providers::failed("do it", &failure))?;
    let (table, org) = (&app.table, config.org);
    let mut known = stored::of_provider(table, org, config.id).await?;
    let mut synced = Synced::default();
    let mut seen: Vec<(String, String)> = Vec::new();
    for one in listed {
        let key = (one.name.clone(), one.language.clone());
        if seen.contains(&key) {
            continue;
        }
        seen.push(key);
        let place = known.iter().position(|known| known.name == one.name && known.language == one.language);
        if let Some(place) = place {
            let old = known.swap_remove(place);
            let new = changed(app, &old, one);
            if new == old {
                synced.unchanged += 1;
            } else {
                stored::replace(table, org, &new).await?;
                synced.updated += 1;
            }
        } else if stored::add(table, org, &found(app, config, one, by)).await? {
            synced.added += 1;
        }
    }
    for gone in known.iter().filter(|known| !known.is_recorded) {
        match stored::remove(table, org, gone).await {
            Ok(()) => synced.removed += 1,
            // Somebody was quicker.
            Err(Error::NotFound { .. }) => {}
            Err(error) => return Err(error),
        }
    }
    Ok(synced)
}

/// A template as the provider tells it now.
fn changed(app: &App, old: &WhatsAppTemplate, listed: Listed) -> WhatsAppTemplate {
    let new = WhatsAppTemplate {
        external_id: listed.external_id.or_else(|| old.external_id.clone()),
        category: listed.category,
        status: listed.status,
        reason: listed.reason,
        components: listed.components,
        is_recorded: false,
        ..old.clone()
    };
    if new == *old { new } else { WhatsAppTemplate { version: old.version + 1, updated_at: app.now(), ..new } }
}

fn found(app: &App, config: &ProviderConfig, listed: Listed, by: &str) -> WhatsAppTemplate {
    let now = app.now();
    WhatsAppTemplate {
        id: WhatsAppTemplateId::new(now, app.random.bits()),
        provider_id: config.id,
        external_id: listed.external_id,
        name: listed.name,
        language: listed.language,
        category: listed.category,
        status: listed.status,
        reason: listed.reason,
        components: listed.components,
        is_recorded: false,
        version: 1,
        created_by: by.to_owned(),
        created_at: now,
        updated_at: now,
    }
}
