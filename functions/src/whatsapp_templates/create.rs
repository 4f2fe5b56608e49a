//! `POST /api/whatsapp-templates`: hands a template in for approval, or records an approved one.

use domain::whatsapp::{Components, Parameters, TemplateCategory, TemplateStatus, is_language};
use engine::whatsapp_templates as templates;
use store::whatsapp_templates::{self as stored, WhatsAppTemplate};
use web::prelude::*;

use super::view::WhatsAppTemplateView;

/// The row.
pub fn row() -> Row {
    Row::post("whatsapp-templates-create", "/api/whatsapp-templates", handle)
        .summary("Make a WhatsApp template")
        .description(
            "Hands it in for approval (Meta, Twilio, Gupshup). Where the provider's API cannot take it, 422 \
             `submit_unsupported` tells the steps; one that was approved there is recorded with `submit: false`.",
        )
        .tag("WhatsApp templates")
        .access(Role::Admin, Scope::TemplatesWrite)
        .idempotent_record_first()
        .grants(&[Grant::Table, Grant::RootSecret])
        .errors(&[
            "409 whatsapp_template_exists",
            "409 provider_failed",
            "provider_not_found",
            "templates_unsupported",
            "submit_unsupported",
            "name_invalid",
            "language_invalid",
            "body_required",
            "parameters_mismatch",
        ])
}

/// What a new template needs.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct CreateWhatsAppTemplate {
    /// The provider config that it is to belong to.
    provider_id: id::ProviderId,
    /// Its name at WhatsApp: lower-case letters, digits and `_`; of AiSensy the campaign.
    #[schemars(example = &"order_ready")]
    name: String,
    /// Its language.
    #[schemars(example = &"en_US")]
    language: String,
    /// What it is for.
    category: TemplateCategory,
    /// What it consists of.
    components: Components,
    /// What WhatsApp's reviewers are shown in the placeholders; needed to hand it in.
    #[serde(default)]
    examples: Parameters,
    /// `false`: it is approved at the provider, and recorded here.
    #[serde(default = "yes")]
    submit: bool,
    /// Of one that is recorded: the provider's id for it, such as `HX…` at Twilio.
    external_id: Option<String>,
}

fn yes() -> bool {
    true
}

/// The longest name and id that are recorded.
const MAX_NAME: usize = 512;

fn check(body: &CreateWhatsAppTemplate) -> Result<()> {
    let mut wrong = body.components.check("/components");
    let is_bad =
        |text: &str| text.trim().is_empty() || text.chars().count() > MAX_NAME || text.chars().any(char::is_control);
    if is_bad(&body.name) {
        wrong.push(Violation::new("/name", "name_invalid", format!("1 to {MAX_NAME} characters on one line.")));
    }
    if !is_language(&body.language) {
        wrong.push(Violation::new("/language", "language_invalid", "A language such as `en` or `en_US`."));
    }
    match body.external_id.as_deref() {
        Some(_) if body.submit => {
            let detail = "The provider gives a template that is handed in its id.";
            wrong.push(Violation::new("/externalId", "external_id_given", detail));
        }
        Some(id) if is_bad(id) => {
            let detail = format!("1 to {MAX_NAME} characters on one line.");
            wrong.push(Violation::new("/externalId", "external_id_invalid", detail));
        }
        _ => {}
    }
    if wrong.is_empty() { Ok(()) } else { Err(Error::Invalid(wrong)) }
}

async fn handle(cx: Cx, body: Json<CreateWhatsAppTemplate>) -> Result<Created<WhatsAppTemplateView>> {
    let body = body.read()?;
    check(&body)?;
    let config = templates::config(&cx.app, cx.org(), body.provider_id).await?;
    let (at, bits) = cx.repeatable("whatsapp-template");
    let mut template = WhatsAppTemplate {
        id: id::WhatsAppTemplateId::new(at, bits),
        provider_id: config.id,
        external_id: body.external_id.map(|id| id.trim().to_owned()),
        name: body.name.trim().to_owned(),
        language: body.language,
        category: body.category,
        status: TemplateStatus::Approved,
        reason: None,
        components: body.components,
        is_recorded: true,
        version: 1,
        created_by: cx.actor(),
        created_at: at,
        updated_at: at,
    };
    let (table, org) = (&cx.app.table, cx.org());
    if let Some(made) = stored::find_named(table, org, &template).await? {
        // The same request, repeated after its first try broke off behind the write.
        return if made.id == template.id { Ok(Created(made.into())) } else { Err(stored::taken(&template)) };
    }
    if body.submit {
        templates::submit(&cx.app, &config, &mut template, &body.examples).await?;
    } else {
        templates::check_recorded(&config, &template)?;
    }
    if !stored::add(table, org, &template).await? {
        return Err(stored::taken(&template));
    }
    Ok(Created(template.into()))
}
