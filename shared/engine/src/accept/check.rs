//! The checks of what is asked for, in the order in which a caller would mend it.

use domain::{
    Error, Result, Violation,
    delivery::SkipReason,
    id::{GroupId, OrgId, TemplateId},
    message::{Channel, RecipientType},
    template::Template,
    text,
};
use jiff::Timestamp;
use store::{
    counters, groups,
    messages::Audience,
    organizations::{self, Organization},
    providers::ProviderConfig,
    templates,
};

use super::{Content, NewMessage};
use crate::{
    App,
    audience::{Needs, Reader},
    providers,
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
    let (mut subject, body, template_id, template_name) = match &new.content {
        Content::Body(body) => (None, body.clone(), None, None),
        Content::Template(id) => {
            let template = templates::get(&app.table, org, *id).await.map_err(|error| match error {
                Error::NotFound { .. } => {
                    Error::invalid("/templateId", "template_not_found", "There is no such template.")
                }
                other => other,
            })?;
            if template.channel != new.channel {
                let detail =
                    format!("The template is for {}, the message for {}.", template.channel.name(), new.channel.name());
                return Err(Error::invalid("/templateId", "template_channel", detail));
            }
            (template.subject, template.body, Some(*id), Some(template.name))
        }
    };
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
    let body_template = parse("/body", &body)?;
    let subject_template = parse("/subject", subject.as_deref().unwrap_or_default())?;
    let needs = Needs::of(&[&body_template, &subject_template], &new.variables);
    check_variables(&needs, new)?;
    let config = if new.auto {
        Router::open(app, org, new.channel).await?.first().clone()
    } else {
        providers::choose(app, org, new.channel, new.provider_id, new.provider_kind.as_deref()).await?
    };
    if config.paused.is_some() {
        return Err(Error::conflict(
            "provider_paused",
            format!("The provider config `{}` is paused; resume it first.", config.name),
        ));
    }
    let title = new
        .title
        .clone()
        .filter(|title| !title.trim().is_empty())
        .or(template_name)
        .unwrap_or_else(|| text::title(&body));
    let organization = organizations::get(&app.table, org).await?;
    Ok(Checked { title, subject, body, template_id, needs, config, organization })
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
