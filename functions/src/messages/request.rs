//! What a client asks for when it sends, estimates or changes a message, and its way to [`NewMessage`].

use std::collections::BTreeMap;

use domain::{
    Error, Result, Violation,
    attributes::Value,
    id::{ContactId, GroupId, MediaId, ProviderId, TemplateId},
    message::{Channel, RecipientType},
};
use engine::accept::{Change, Content, NewMessage};
use schemars::JsonSchema;
use serde::Deserialize;
use store::{
    ledger::Given,
    messages::{Audience, Purpose},
};
use web::{Cx, extract::Patch};

use super::when::{self, LateAfter, When};
use crate::whatsapp_templates::view::TemplateRequest;

/// How many recipients one request may name.
const MAX_RECIPIENTS: usize = 1_000;

/// A message to be sent, scheduled, kept as a draft or estimated.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct MessageRequest {
    /// The channel; SMS if left out.
    #[serde(default)]
    pub channel: Option<Channel>,
    /// For people; the first 40 characters of the text if left out.
    #[serde(default)]
    pub title: Option<String>,
    /// E-mail only.
    #[serde(default)]
    pub subject: Option<String>,
    /// The text, with `{{variables}}`; at most 5,000 characters. Either this, `templateId` or `whatsappTemplate`.
    #[serde(default)]
    #[schemars(example = &"Hello {{name}}, your order is ready.")]
    pub body: Option<String>,
    /// The template that the text comes from.
    #[serde(default)]
    pub template_id: Option<TemplateId>,
    /// A template that WhatsApp approved, with what fills it; on the channel WHATSAPP.
    #[serde(default)]
    pub whatsapp_template: Option<TemplateRequest>,
    /// Values for the text's variables, the same for all recipients.
    #[serde(default)]
    pub variables: BTreeMap<String, Value>,
    /// Whether curly quotes, dashes and the like are replaced where that keeps an SMS in the GSM alphabet; what the provider
    /// config says if left out, then what the organization says.
    #[serde(default)]
    pub smart: Option<bool>,
    /// Files that go with it, by their ids: up to 10 on e-mail, 1 on WhatsApp, none on SMS.
    #[serde(default)]
    pub media_ids: Vec<MediaId>,
    /// How the audience is named.
    pub recipient_type: RecipientType,
    /// One contact or group.
    #[serde(default)]
    pub recipient_id: Option<String>,
    /// Several contacts, groups or addresses; at most 1,000.
    #[serde(default)]
    pub recipients: Option<Vec<RecipientRequest>>,
    /// The provider config to send by, or `auto`: routing picks one for each part; the channel's default if left out.
    #[serde(default)]
    pub provider_id: Option<ProviderChoice>,
    /// Or the kind of provider: its active config.
    #[serde(default)]
    #[schemars(example = &"AFRICASTALKING")]
    pub provider: Option<String>,
    /// When it goes out; now if null or left out.
    #[serde(default)]
    pub scheduled_at: Option<When>,
    /// The zone of a local `scheduledAt` (IANA); the organization's if left out.
    #[serde(default)]
    pub timezone: Option<String>,
    /// Keeps it as a draft.
    #[serde(default)]
    pub draft: bool,
    /// How late a scheduled message may be before it pauses and asks; an hour if left out.
    #[serde(default)]
    pub late_after: Option<LateAfter>,
}

/// By what a message is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ProviderChoice {
    /// By what routing picks, for each part when its turn comes.
    Auto,
    /// By this config.
    Config(ProviderId),
}

impl ProviderChoice {
    /// The config, if it is one, and whether routing picks.
    pub fn split(choice: Option<Self>) -> (Option<ProviderId>, bool) {
        match choice {
            None => (None, false),
            Some(Self::Auto) => (None, true),
            Some(Self::Config(id)) => (Some(id), false),
        }
    }
}

impl<'de> Deserialize<'de> for ProviderChoice {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<str>::deserialize(deserializer)?;
        if text == "auto" {
            return Ok(Self::Auto);
        }
        let unknown = |_| serde::de::Error::custom("expected `auto`, or an id that starts with `prv_`");
        text.parse().map(Self::Config).map_err(unknown)
    }
}

impl JsonSchema for ProviderChoice {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> std::borrow::Cow<'static, str> {
        "ProviderChoice".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({
            "type": "string",
            "pattern": "^(auto|prv_[0-9A-HJKMNP-TV-Z]{26})$",
            "examples": ["prv_01KAJ7Q4T0M5Z8X2V9C3B6N1R4"],
        })
    }
}

/// A recipient: an id or address, or one with values of its own.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum RecipientRequest {
    /// `con_…`, `grp_…`, a phone number or an e-mail address.
    To(String),
    /// An address with values for its own copy.
    With(RecipientWithVariables),
}

/// An address with values for its own copy.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct RecipientWithVariables {
    /// A phone number, an e-mail address or a contact's id.
    pub to: String,
    /// Values for this recipient only.
    #[serde(default)]
    pub variables: BTreeMap<String, Value>,
}

impl RecipientRequest {
    fn given(self) -> Given {
        match self {
            Self::To(to) => Given { to, variables: BTreeMap::new() },
            Self::With(with) => Given { to: with.to, variables: with.variables },
        }
    }
}

impl MessageRequest {
    /// Checks the shape and gives what the engine accepts.
    pub async fn into_new(self, cx: &Cx) -> Result<NewMessage> {
        let detail = "Give `body`, `templateId` or `whatsappTemplate`.";
        let content = content(self.body, self.template_id, self.whatsapp_template)?
            .ok_or_else(|| Error::invalid("/body", "body_required", detail))?;
        if self.provider_id.is_some() && self.provider.is_some() {
            return Err(Error::invalid("/provider", "provider_twice", "Give `providerId` or `provider`, not both."));
        }
        let (audience, given) = audience(self.recipient_type, self.recipient_id.as_deref(), self.recipients)?;
        let scheduled_at = when::moment(cx, self.scheduled_at, self.timezone.as_deref(), "").await?;
        let late_after = self.late_after.map(|late| late.seconds("")).transpose()?;
        let (provider_id, auto) = ProviderChoice::split(self.provider_id);
        Ok(NewMessage {
            channel: self.channel.unwrap_or(Channel::Sms),
            title: self.title,
            subject: self.subject,
            content,
            variables: self.variables,
            smart: self.smart,
            media: self.media_ids,
            recipient_type: self.recipient_type,
            recipient_id: self.recipient_id,
            audience,
            given,
            expected: None,
            provider_id,
            auto,
            provider_kind: self.provider,
            scheduled_at,
            draft: self.draft,
            purpose: Purpose::Ordinary,
            late_after,
            by: cx.actor(),
            id: None,
        })
    }
}

/// What a request says, which is one thing at most.
pub(crate) fn content(
    body: Option<String>,
    template: Option<TemplateId>,
    whatsapp: Option<TemplateRequest>,
) -> Result<Option<Content>> {
    match (body, template, whatsapp) {
        (body, template, Some(whatsapp)) => {
            if body.is_some() || template.is_some() {
                let detail = "Give `body`, `templateId` or `whatsappTemplate`, one of them.";
                return Err(Error::invalid("/whatsappTemplate", "body_twice", detail));
            }
            Ok(Some(whatsapp.into()))
        }
        (Some(_), Some(_), None) => {
            Err(Error::invalid("/templateId", "body_twice", "Give `body` or `templateId`, not both."))
        }
        (Some(body), None, None) => Ok(Some(Content::Body(body))),
        (None, Some(template), None) => Ok(Some(Content::Template(template))),
        (None, None, None) => Ok(None),
    }
}

/// The audience that a request names.
fn audience(
    kind: RecipientType,
    id: Option<&str>,
    recipients: Option<Vec<RecipientRequest>>,
) -> Result<(Audience, Vec<Given>)> {
    if id.is_some() && recipients.is_some() {
        return Err(Error::invalid("/recipients", "recipients_twice", "Give `recipientId` or `recipients`, not both."));
    }
    let pointer = |index: usize| if id.is_some() { "/recipientId".to_owned() } else { format!("/recipients/{index}") };
    let given: Vec<Given> = match (id, recipients) {
        (Some(id), _) => vec![Given { to: id.to_owned(), variables: BTreeMap::new() }],
        (None, Some(recipients)) => recipients.into_iter().map(RecipientRequest::given).collect(),
        (None, None) => {
            return Err(Error::invalid("/recipients", "recipients_required", "Give `recipientId` or `recipients`."));
        }
    };
    if given.len() > MAX_RECIPIENTS {
        let detail = format!("At most {MAX_RECIPIENTS}; use a group or an import for more.");
        return Err(Error::invalid("/recipients", "recipients_too_many", detail));
    }
    if given.is_empty() {
        return Err(Error::Unprocessable {
            code: "audience_empty",
            detail: "There is nobody to send to.".into(),
            violations: vec![Violation::new("/recipients", "audience_empty", "The list is empty.")],
        });
    }
    let mut violations = Vec::new();
    let audience = match kind {
        RecipientType::Contact => {
            let ids = each::<ContactId>(
                &given,
                "contact_id_invalid",
                "Expected the id of a contact.",
                pointer,
                &mut violations,
            );
            Audience::Contacts { ids }
        }
        RecipientType::Group => {
            let ids =
                each::<GroupId>(&given, "group_id_invalid", "Expected the id of a group.", pointer, &mut violations);
            Audience::Groups { ids }
        }
        RecipientType::Address | RecipientType::Segment => Audience::Addresses,
        RecipientType::Mixed => {
            Audience::Mixed { groups: given.iter().filter_map(|one| one.to.parse().ok()).collect() }
        }
    };
    if !violations.is_empty() {
        return Err(Error::Invalid(violations));
    }
    let given = match kind {
        RecipientType::Group => Vec::new(),
        RecipientType::Mixed => given.into_iter().filter(|one| one.to.parse::<GroupId>().is_err()).collect(),
        _ => given,
    };
    Ok((audience, given))
}

fn each<T: std::str::FromStr>(
    given: &[Given],
    code: &'static str,
    detail: &str,
    pointer: impl Fn(usize) -> String,
    violations: &mut Vec<Violation>,
) -> Vec<T> {
    let mut ids = Vec::with_capacity(given.len());
    for (index, one) in given.iter().enumerate() {
        match one.to.parse() {
            Ok(id) => ids.push(id),
            Err(_) => violations.push(Violation::new(pointer(index), code, detail)),
        }
    }
    ids
}

/// What is to change in a scheduled message or a draft; what is left out stays.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct MessageChange {
    /// For people.
    #[serde(default)]
    pub title: Option<String>,
    /// E-mail only.
    #[serde(default)]
    pub subject: Option<String>,
    /// The text.
    #[serde(default)]
    pub body: Option<String>,
    /// The template that the text comes from.
    #[serde(default)]
    pub template_id: Option<TemplateId>,
    /// A template that WhatsApp approved, with what fills it.
    #[serde(default)]
    pub whatsapp_template: Option<TemplateRequest>,
    /// Values for the text's variables; replaces all of them.
    #[serde(default)]
    pub variables: Option<BTreeMap<String, Value>>,
    /// Whether curly quotes, dashes and the like are replaced where that keeps an SMS in the GSM alphabet.
    #[serde(default)]
    pub smart: Option<bool>,
    /// The files that go with it; replaces all of them.
    #[serde(default)]
    pub media_ids: Option<Vec<MediaId>>,
    /// How the audience is named; needed when the audience changes.
    #[serde(default)]
    pub recipient_type: Option<RecipientType>,
    /// One contact or group.
    #[serde(default)]
    pub recipient_id: Option<String>,
    /// Several contacts, groups or addresses.
    #[serde(default)]
    pub recipients: Option<Vec<RecipientRequest>>,
    /// The provider config to send by.
    #[serde(default)]
    pub provider_id: Option<ProviderId>,
    /// When it goes out; null is now, for drafts.
    #[serde(default)]
    pub scheduled_at: Patch<When>,
    /// The zone of a local `scheduledAt` (IANA); the organization's if left out.
    #[serde(default)]
    pub timezone: Option<String>,
    /// How late it may be before it pauses and asks.
    #[serde(default)]
    pub late_after: Option<LateAfter>,
}

impl MessageChange {
    /// Checks the shape and gives what the engine changes. `current` is how the audience is named now.
    pub async fn into_change(self, cx: &Cx, current: RecipientType) -> Result<Change> {
        let kind = self.recipient_type.unwrap_or(current);
        let audience = if self.recipient_type.is_some() || self.recipient_id.is_some() || self.recipients.is_some() {
            let (audience, given) = audience(kind, self.recipient_id.as_deref(), self.recipients)?;
            Some((kind, self.recipient_id, audience, given))
        } else {
            None
        };
        let when = if let Patch::Set(when) = &self.scheduled_at { Some(*when) } else { None };
        let moment = when::moment(cx, when, self.timezone.as_deref(), "").await?;
        Ok(Change {
            title: self.title,
            subject: self.subject,
            content: content(self.body, self.template_id, self.whatsapp_template)?,
            variables: self.variables,
            smart: self.smart,
            media: self.media_ids,
            audience,
            provider_id: self.provider_id,
            scheduled_at: match self.scheduled_at {
                Patch::Keep => None,
                Patch::Clear => Some(None),
                Patch::Set(_) => Some(moment),
            },
            late_after: self.late_after.map(|late| late.seconds("")).transpose()?,
        })
    }
}
