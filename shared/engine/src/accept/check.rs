//! The checks of what is asked for, in the order in which a caller would mend it.

use domain::{
    Error, Result, Violation,
    delivery::SkipReason,
    id::{GroupId, OrgId, TemplateId},
    message::{Channel, RecipientType},
    template::Template,
    text,
    whatsapp::Used,
};
use jiff::Timestamp;
use store::{
    counters, groups,
    messages::Audience,
    organizations::{self, Organization},
    providers::ProviderConfig,
};

use super::{
    NewMessage,
    content::{self, Found},
    files,
};
use crate::{
    App,
    audience::{Needs, Reader},
    free_text, providers, render,
    routing::Router,
};

/// A request that holds.
#[derive(Debug)]
pub struct Checked {
    /// For people.
    pub title: String,
    /// E-mail only.
    pub subject: Option<String>,
    /// The text.
    pub body: String,
    /// The template it came from.
    pub template_id: Option<TemplateId>,
    /// Whether look-alike characters are replaced.
    pub smart: bool,
    /// How many bytes of files go with each copy.
    pub media_size: u64,
    /// The WhatsApp template that it goes out as.
    pub whatsapp: Option<Used>,
    /// When the people have to have written within 24 hours, where it is free text on WhatsApp.
    pub window_at: Option<Timestamp>,
    /// What the text needs of each recipient.
    pub needs: Needs,
    /// The provider config that will send.
    pub config: ProviderConfig,
    /// Whose country numbers in local form are of, and whose zone days are in.
    pub organization: Organization,
}

/// Checks text, variables, time and provider config.
pub(super) async fn check(app: &App, org: OrgId, new: &NewMessage, now: Timestamp) -> Result<Checked> {
    if new.recipient_type == RecipientType::Segment {
        return Err(Error::invalid(
            "/recipientType",
            "segments_unavailable",
            "Segments are not part of this version; use GROUP or MIXED.",
        ));
    }
    let Found { mut subject, body, template_id, name: template_name, whatsapp } = content::find(app, org, new).await?;
    if new.subject.is_some() {
        subject.clone_from(&new.subject);
    }
    let mut violations = Vec::new();
    if new.channel == Channel::Email && subject.as_deref().is_none_or(|subject| subject.trim().is_empty()) {
        violations.push(Violation::new("/subject", "subject_required", "An e-mail needs a subject."));
    }
    if new.channel != Channel::Email && new.subject.is_some() {
        violations.push(Violation::new("/subject", "subject_not_for_channel", "Only an e-mail has a subject."));
    }
    if new.channel != Channel::Sms && new.smart == Some(true) {
        violations.push(Violation::new("/smart", "smart_not_for_channel", "Only an SMS is counted in segments."));
    }
    if body.trim().is_empty() {
        violations.push(Violation::new("/body", "body_required", "The text is empty."));
    }
    if body.chars().count() > text::MAX_BODY {
        violations.push(Violation::new("/body", "body_too_long", format!("At most {} characters.", text::MAX_BODY)));
    }
    if let Some(title) = &new.title
        && title.chars().count() > 200
    {
        violations.push(Violation::new("/title", "title_too_long", "At most 200 characters."));
    }
    violations.extend(domain::attributes::check(&new.variables, "/variables"));
    if !violations.is_empty() {
        return Err(Error::Invalid(violations));
    }
    if new.scheduled_at.is_some_and(|at| at <= now) {
        return Err(Error::Unprocessable {
            code: "scheduled_in_past",
            detail: "The time is not ahead.".into(),
            violations: vec![Violation::new("/scheduledAt", "scheduled_in_past", "The time is not ahead.")],
        });
    }
    let parse = |pointer: &str, text: &str| {
        Template::parse(text).map_err(|error| Error::invalid(pointer, "template_malformed", error.to_string()))
    };
    parse("/body", &body)?;
    parse("/subject", subject.as_deref().unwrap_or_default())?;
    let (whatsapp, its_config) = whatsapp.unzip();
    let needs = Needs::of(&render::texts(&body, subject.as_deref(), whatsapp.as_ref())?, &new.variables);
    check_variables(&needs, new)?;
    if whatsapp.is_some() && !new.media.is_empty() {
        let detail = "A template's header takes the address of a file: give the file's `url` in its parameters.";
        return Err(Error::invalid("/mediaIds", "media_with_template", detail));
    }
    let media_size = Box::pin(files::check(app, org, &new.media, new.channel)).await?;
    let config = if new.auto {
        Router::open(app, org, new.channel).await?.first().clone()
    } else {
        let id = its_config.or(new.provider_id);
        providers::choose(app, org, new.channel, id, new.provider_kind.as_deref()).await?
    };
    if config.paused.is_some() {
        return Err(Error::conflict(
            "provider_paused",
            format!("The provider config `{}` is paused; resume it first.", config.name),
        ));
    }
    files::check_provider(&new.media, &config)?;
    let title = new
        .title
        .clone()
        .filter(|title| !title.trim().is_empty())
        .or(template_name)
        .unwrap_or_else(|| text::title(&body));
    let organization = organizations::get(&app.table, org).await?;
    let smart = new.channel == Channel::Sms && new.smart.or(config.smart).unwrap_or(organization.smart);
    let by = (!new.auto).then_some(&config);
    let bound = whatsapp.is_none() && free_text::binds(app, org, new.channel, by).await?;
    let window_at = bound.then(|| new.scheduled_at.unwrap_or(now));
    Ok(Checked {
        title,
        subject,
        body,
        template_id,
        smart,
        media_size,
        whatsapp,
        window_at,
        needs,
        config,
        organization,
    })
}

/// Opens the audience of a request that holds, and tells how many recipients there seem to be: exact for those given,
/// the groups' counters for groups.
pub(super) async fn open<'a>(
    app: &'a App,
    org: OrgId,
    new: &'a NewMessage,
    checked: &'a Checked,
) -> Result<(Reader<'a>, u64)> {
    let country = checked.organization.default_country;
    let reader = Reader::open(&app.table, org, new.channel, country, &checked.needs, &new.audience, &new.given).await?;
    let reader = reader.within_window(checked.window_at).for_purpose(new.purpose);
    let size = audience_size(app, org, new, &reader).await?;
    Ok((reader, size))
}

/// Variables that only the request can give must be in it, for all recipients or for each.
fn check_variables(needs: &Needs, new: &NewMessage) -> Result<()> {
    let only_addresses = new.recipient_type == RecipientType::Address;
    let missing: Vec<&str> = needs
        .of_request()
        .filter(|name| {
            !only_addresses
                || new.given.is_empty()
                || !new.given.iter().all(|given| crate::audience::lookup(&given.variables, name).is_some())
        })
        .collect();
    if missing.is_empty() { Ok(()) } else { Err(Needs::missing(&missing)) }
}

async fn audience_size(app: &App, org: OrgId, new: &NewMessage, reader: &Reader<'_>) -> Result<u64> {
    let empty = || Error::Unprocessable {
        code: "audience_empty",
        detail: "There is nobody to send to.".into(),
        violations: Vec::new(),
    };
    let given = reader.given_count();
    if groups_of(new).is_empty()
        && given > 0
        && reader.given().iter().all(|one| one.skip == Some(SkipReason::InvalidAddress))
    {
        return Err(nobody_valid(new));
    }
    if let Audience::Import { .. } = &new.audience {
        return Ok(new.expected.unwrap_or(0));
    }
    let groups = groups_of(new);
    let pointer = if new.recipient_id.is_some() { "/recipientId" } else { "/recipients" };
    for group in groups {
        if groups::find(&app.table, org, *group).await?.is_none() {
            return Err(Error::invalid(pointer, "group_not_found", format!("There is no group {group}.")));
        }
    }
    if let Audience::Contacts { ids } = &new.audience
        && let Some(missing) = reader.first_missing_contact(ids)
    {
        return Err(Error::invalid(pointer, "contact_not_found", format!("There is no contact {missing}.")));
    }
    let names: Vec<String> = groups.iter().map(|group| counters::names::group(*group)).collect();
    let members: u64 = counters::read(&app.table, org, &names).await?.into_iter().sum();
    let all = given as u64 + members;
    if all == 0 { Err(empty()) } else { Ok(all) }
}

fn groups_of(new: &NewMessage) -> &[GroupId] {
    match &new.audience {
        Audience::Groups { ids } => ids,
        Audience::Mixed { groups } => groups,
        Audience::Import { .. } | Audience::Contacts { .. } | Audience::Addresses => &[],
    }
}

/// 422 where no address can be read: sending would only fail. Of several, those that can be read are sent to.
fn nobody_valid(new: &NewMessage) -> Error {
    let pointer =
        |index| if new.recipient_id.is_some() { "/recipientId".to_owned() } else { format!("/recipients/{index}") };
    let violations = (0..new.given.len().min(100))
        .map(|index| Violation::new(pointer(index), "address_invalid", "Expected a phone number or an e-mail address."))
        .collect();
    Error::Unprocessable { code: "audience_empty", detail: "None of the addresses can be read.".into(), violations }
}
