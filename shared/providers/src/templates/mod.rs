//! Templates at providers: what WhatsApp approved, as the provider's API lists it, and handing in new ones.
//!
//! Kinds without such an API have none here; their templates are recorded by people, who find the steps in [`steps`].

mod gupshup;
mod interakt;
mod meta;
mod twilio;

use domain::{
    delivery::ErrorClass,
    whatsapp::{ButtonComponent, ButtonKind, Components, Parameters, TemplateCategory, TemplateStatus},
};
use futures::future::{BoxFuture, ready};
use serde_json::Value;

use crate::{
    answer::{self, Known},
    catalogue::spec,
    json,
    kind::{Channel, Feature, Kind},
    outbound::{Answer, Call, Outbound},
    provider::{Account, Failure},
    request,
};

/// A template as a provider lists it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed {
    /// The provider's id for it.
    pub external_id: Option<String>,
    /// Its name.
    pub name: String,
    /// Its language.
    pub language: String,
    /// Its category.
    pub category: TemplateCategory,
    /// Where it stands.
    pub status: TemplateStatus,
    /// Why it was refused or paused.
    pub reason: Option<String>,
    /// What it consists of.
    pub components: Components,
}

/// A template to be handed in.
#[derive(Debug, Clone, Copy)]
pub struct Draft<'a> {
    /// Its name.
    pub name: &'a str,
    /// Its language.
    pub language: &'a str,
    /// Its category.
    pub category: TemplateCategory,
    /// What it consists of.
    pub components: &'a Components,
    /// What people who approve it are shown in its placeholders.
    pub examples: &'a Parameters,
}

/// What became of a template that was handed in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Submitted {
    /// The provider's id for it.
    pub external_id: Option<String>,
    /// The category that WhatsApp gave it, if another.
    pub category: Option<TemplateCategory>,
    /// Where it stands.
    pub status: TemplateStatus,
}

/// What a provider's API does about templates.
pub trait Templates: Send + Sync {
    /// All templates of the account, but those whose parts are not known here (carousels, flows).
    fn list<'a>(&'a self, account: &'a Account, outbound: &'a Outbound) -> BoxFuture<'a, Result<Vec<Listed>, Failure>>;

    /// Hands a template in for approval; `None`: the API cannot.
    fn submit<'a>(
        &'a self,
        account: &'a Account,
        outbound: &'a Outbound,
        draft: Draft<'a>,
    ) -> BoxFuture<'a, Result<Option<Submitted>, Failure>> {
        let _ = (account, outbound, draft);
        Box::pin(ready(Ok(None)))
    }

    /// Deletes a template there. `false`: the API cannot. One that is not there any more is deleted.
    fn remove<'a>(
        &'a self,
        account: &'a Account,
        outbound: &'a Outbound,
        name: &'a str,
        external_id: Option<&'a str>,
    ) -> BoxFuture<'a, Result<bool, Failure>> {
        let _ = (account, outbound, name, external_id);
        Box::pin(ready(Ok(false)))
    }
}

/// What the API of a kind does about templates; `None` where there is none.
pub fn templates(kind: Kind) -> Option<&'static dyn Templates> {
    match kind {
        Kind::Meta => Some(&meta::Meta),
        Kind::Twilio => Some(&twilio::Twilio),
        Kind::Gupshup => Some(&gupshup::Gupshup),
        Kind::Interakt => Some(&interakt::Interakt),
        _ => None,
    }
}

/// Why a provider refused a template: by its code where that is `known`, else in its own words at one of `pointers`, which are
/// about the template and nobody else.
fn refusal(name: &str, account: &Account, answer: &Answer, known: Known, pointers: &[&str]) -> Failure {
    let failure = answer::failure_of_status(account, answer);
    if let Some((class, reason)) = known {
        return Failure { class, reason, ..failure };
    }
    let body = json::answer(answer);
    match pointers.iter().find_map(|pointer| json::text(&body, pointer)) {
        Some(told) => Failure { reason: format!("{name}: {told}"), ..failure },
        None => failure,
    }
}

/// Deletes a template; what is not there any more is deleted.
async fn delete(outbound: &Outbound, call: Call, refused: impl FnOnce(&Answer) -> Failure) -> Result<bool, Failure> {
    let answer = request::answered(outbound, call).await?;
    if answer.is_success() || answer.status == 404 { Ok(true) } else { Err(refused(&answer)) }
}

/// An account has more pages of templates than are read.
fn too_many() -> Failure {
    Failure::new(ErrorClass::BadContent, "the account has more templates than are read", String::new())
}

/// A button as most APIs list it. That which copies a code has its text from WhatsApp.
fn button(value: &Value) -> Option<ButtonComponent> {
    let kind: ButtonKind = json::text(value, "/type")?.parse().ok()?;
    let text = json::text(value, "/text").or_else(|| (kind == ButtonKind::CopyCode).then(|| "Copy code".to_owned()))?;
    Some(ButtonComponent {
        kind,
        text,
        url: json::text(value, "/url"),
        phone_number: json::text(value, "/phone_number"),
    })
}

/// Whether configs of a kind send templates on a channel.
pub fn carries_templates(kind: Kind, channel: Channel) -> bool {
    channel == Channel::WhatsApp && spec(kind).features.contains(&Feature::Templates)
}

/// Whether free text by a config reaches only who wrote within 24 hours, by WhatsApp's rule. Not where the settings turn
/// every text into a template, nor where nobody holds anybody to the rule.
pub fn has_window(kind: Kind, channel: Channel, settings: &Value) -> bool {
    let carried = ["template", "campaign"].into_iter().any(|name| settings.get(name).is_some_and(|one| !one.is_null()));
    kind != Kind::Sandbox && carries_templates(kind, channel) && !carried
}

/// What a provider calls a template in what is sent: its name, or its own id for it.
pub fn reference<'a>(kind: Kind, name: &'a str, external_id: Option<&'a str>) -> &'a str {
    match kind {
        Kind::Twilio | Kind::Gupshup => external_id.unwrap_or(name),
        _ => name,
    }
}

/// Whether a template that people record needs the provider's id.
pub const fn needs_external_id(kind: Kind) -> bool {
    matches!(kind, Kind::Twilio | Kind::Gupshup)
}

/// How a template is approved where our API cannot hand it in.
pub const fn steps(kind: Kind) -> &'static str {
    match kind {
        Kind::AiSensy => {
            "At AiSensy: Manage → Template messages → New; once it is approved, Campaigns → Launch → API campaign with it, \
             set live. Then record it here with `submit: false` and the campaign's name as `name`."
        }
        Kind::Interakt => {
            "At Interakt: Notifications → Templates → Create. Once it is approved, POST /whatsapp-templates/sync brings it here."
        }
        Kind::Vonage => {
            "At Vonage: External accounts → WhatsApp → Manage templates, or in Meta's WhatsApp Manager. Once it is approved, \
             record it here with `submit: false`."
        }
        _ => "Have it approved at the provider, then record it here with `submit: false`.",
    }
}

#[cfg(test)]
#[path = "../tests/templates.rs"]
mod tests;
