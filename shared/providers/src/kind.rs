//! The kinds of provider and what each is like. Validation and the console's form derive from [`KindSpec`].

use std::{borrow::Cow, str::FromStr};

use schemars::JsonSchema;
use serde::{Deserialize, Deserializer, Serialize};

pub use domain::channel::Channel;

/// Every kind of provider, including those that are not built yet.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, JsonSchema)]
#[serde(rename_all = "UPPERCASE")]
#[allow(missing_docs, reason = "they are names of products")]
pub enum Kind {
    Sandbox,
    Custom,
    AfricasTalking,
    Twilio,
    BulkSms,
    Vonage,
    Telnyx,
    Meta,
    Fonnte,
    AiSensy,
    Interakt,
    Gupshup,
    Mailgun,
    Mailjet,
    SendGrid,
    Ses,
    Smtp,
}

impl Kind {
    /// All, in the order of the catalogue.
    pub const ALL: [Self; 17] = [
        Self::Sandbox,
        Self::Custom,
        Self::AfricasTalking,
        Self::Twilio,
        Self::BulkSms,
        Self::Vonage,
        Self::Telnyx,
        Self::Meta,
        Self::Fonnte,
        Self::AiSensy,
        Self::Interakt,
        Self::Gupshup,
        Self::Mailgun,
        Self::Mailjet,
        Self::SendGrid,
        Self::Ses,
        Self::Smtp,
    ];

    /// As the API writes it: `AFRICASTALKING`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Sandbox => "SANDBOX",
            Self::Custom => "CUSTOM",
            Self::AfricasTalking => "AFRICASTALKING",
            Self::Twilio => "TWILIO",
            Self::BulkSms => "BULKSMS",
            Self::Vonage => "VONAGE",
            Self::Telnyx => "TELNYX",
            Self::Meta => "META",
            Self::Fonnte => "FONNTE",
            Self::AiSensy => "AISENSY",
            Self::Interakt => "INTERAKT",
            Self::Gupshup => "GUPSHUP",
            Self::Mailgun => "MAILGUN",
            Self::Mailjet => "MAILJET",
            Self::SendGrid => "SENDGRID",
            Self::Ses => "SES",
            Self::Smtp => "SMTP",
        }
    }
}

impl FromStr for Kind {
    type Err = UnknownKind;

    /// In any case.
    fn from_str(text: &str) -> Result<Self, UnknownKind> {
        Self::ALL.into_iter().find(|kind| kind.name().eq_ignore_ascii_case(text.trim())).ok_or(UnknownKind)
    }
}

impl<'de> Deserialize<'de> for Kind {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Cow::<str>::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

/// A text that is no kind of provider.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("expected a kind of provider, as the catalogue lists them")]
pub struct UnknownKind;

impl std::fmt::Display for Kind {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name())
    }
}

/// Whether a kind can be used yet.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Availability {
    /// A config can be created.
    Available,
    /// Named in the catalogue only.
    ComingSoon,
}

/// What a kind can do beyond sending.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Feature {
    /// Tells by webhook what became of a text.
    Receipts,
    /// Signs its webhooks, so that a forged one is noticed.
    SignedWebhooks,
    /// Answers what is left on the account.
    Balance,
    /// The connection can be tested without sending.
    Test,
    /// Takes many recipients in one call.
    Batch,
    /// Tells the price of each text.
    Cost,
    /// Tells by webhook what people write.
    Inbound,
    /// Sends templates that WhatsApp approved.
    Templates,
    /// Sends files with a message.
    Media,
}

/// What happens to a recipient whose fate a crash or a timeout left open.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum UnknownPolicy {
    /// A person decides.
    #[default]
    Hold,
    /// It is sent again. Only where the provider takes an idempotency key, and only as long as it remembers that.
    Resend,
    /// The provider is asked whether it has it.
    LookUp,
}

impl UnknownPolicy {
    /// The name, as the API writes it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Hold => "HOLD",
            Self::Resend => "RESEND",
            Self::LookUp => "LOOK_UP",
        }
    }
}

/// One credential of a kind: what the form asks for and validation checks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Field {
    /// The key in `credentials`.
    pub name: &'static str,
    /// For the form.
    pub label: &'static str,
    /// Whether the form hides what is typed.
    pub secret: bool,
    /// Whether a config without it is not ready.
    pub required: bool,
    /// A regular expression that the whole value matches, if there is a rule.
    pub pattern: Option<&'static str>,
    /// Where to find it.
    pub help: &'static str,
}

/// One kind in the catalogue.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct KindSpec {
    /// Which.
    pub kind: Kind,
    /// For people.
    pub name: &'static str,
    /// One sentence.
    pub description: &'static str,
    /// The channels it sends on.
    pub channels: &'static [Channel],
    /// Whether it can be used yet.
    pub status: Availability,
    /// What it can do beyond sending.
    pub features: &'static [Feature],
    /// Its credentials.
    pub fields: &'static [Field],
    /// Recipients per minute of a new config.
    pub default_rate_per_minute: u32,
    /// Recipients in one call of a new config.
    pub batch_size: u32,
    /// What a new config does with recipients whose fate is open.
    pub default_unknown_policy: UnknownPolicy,
    /// What a config may do with them. `RESEND` may depend on settings too.
    pub unknown_policies: &'static [UnknownPolicy],
}
