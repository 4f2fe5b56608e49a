//! The catalogue of kinds as data: `GET /providers/catalogue` shows it, validation and the console's form follow it.

mod sms;
mod whatsapp;

use crate::{
    catalogue_email,
    kind::{Availability, Channel, Feature, Field, Kind, KindSpec, UnknownPolicy},
};

use Channel::{Email, Sms, WhatsApp};
use Feature::{Balance, Batch, Cost, Inbound, Receipts, SignedWebhooks, Templates, Test};
use UnknownPolicy::{Hold, LookUp, Resend};

/// Every kind, in the order in which the console shows them.
pub fn catalogue() -> Vec<KindSpec> {
    Kind::ALL.into_iter().map(spec).collect()
}

/// The entry of one kind.
pub fn spec(kind: Kind) -> KindSpec {
    match kind {
        Kind::Sandbox => sandbox(),
        Kind::Custom => custom(),
        Kind::AfricasTalking => africastalking(),
        Kind::Twilio => twilio(),
        Kind::BulkSms => bulksms(),
        Kind::Vonage => sms::vonage(),
        Kind::Telnyx => sms::telnyx(),
        Kind::Meta => whatsapp::meta(),
        Kind::Fonnte => whatsapp::fonnte(),
        Kind::AiSensy => whatsapp::aisensy(),
        Kind::Interakt => whatsapp::interakt(),
        Kind::Gupshup => whatsapp::gupshup(),
        Kind::Mailgun => catalogue_email::mailgun(),
        Kind::Mailjet => catalogue_email::mailjet(),
        Kind::SendGrid => catalogue_email::sendgrid(),
        Kind::Ses => catalogue_email::ses(),
        Kind::Smtp => catalogue_email::smtp(),
    }
}

/// A required credential that may be seen.
const fn plain(name: &'static str, label: &'static str, pattern: &'static str, help: &'static str) -> Field {
    Field { name, label, secret: false, required: true, pattern: Some(pattern), help }
}

/// A required credential that nobody may see.
const fn secret(name: &'static str, label: &'static str, pattern: &'static str, help: &'static str) -> Field {
    Field { secret: true, ..plain(name, label, pattern, help) }
}

/// A credential that may be left out.
const fn optional(field: Field) -> Field {
    Field { required: false, ..field }
}

fn sandbox() -> KindSpec {
    KindSpec {
        kind: Kind::Sandbox,
        name: "Sandbox",
        description: "Reaches nobody: accepts everything, simulates receipts, and fails on documented magic numbers.",
        channels: &[Sms, WhatsApp, Email],
        status: Availability::Available,
        features: &[Receipts, Test, Batch],
        fields: &[],
        default_rate_per_minute: 60_000,
        batch_size: 100,
        default_unknown_policy: Hold,
        unknown_policies: &[Hold],
    }
}

fn custom() -> KindSpec {
    KindSpec {
        kind: Kind::Custom,
        name: "Custom HTTP",
        description: "Any provider with an HTTP interface, described in the settings.",
        channels: &[Sms, WhatsApp, Email],
        status: Availability::Available,
        features: &[Receipts, SignedWebhooks, Inbound, Balance, Test, Batch],
        // Credentials are free here: the settings name them as `{{secret.NAME}}`.
        fields: &[],
        default_rate_per_minute: 60,
        batch_size: 1,
        default_unknown_policy: Hold,
        unknown_policies: &[Hold, Resend],
    }
}

fn africastalking() -> KindSpec {
    KindSpec {
        kind: Kind::AfricasTalking,
        name: "Africa's Talking",
        description: "SMS in Kenya, Uganda, Tanzania, Rwanda, Nigeria, Ethiopia and more.",
        channels: &[Sms],
        status: Availability::Available,
        features: &[Receipts, Inbound, Balance, Test, Batch, Cost],
        fields: &[
            Field {
                name: "username",
                label: "Username",
                secret: false,
                required: true,
                pattern: Some(r"[A-Za-z0-9._-]{1,64}"),
                help: "The app's username, as the dashboard shows it; `sandbox` for the test environment.",
            },
            Field {
                name: "apiKey",
                label: "API key",
                secret: true,
                required: true,
                pattern: Some(r"[!-~]{8,256}"),
                help: "Dashboard of the app → Settings → API Key. Making a new one disables the old one.",
            },
        ],
        default_rate_per_minute: 1_200, // 20 a second: our choice, no limit is published
        batch_size: 100,
        default_unknown_policy: Hold,
        unknown_policies: &[Hold],
    }
}

fn twilio() -> KindSpec {
    KindSpec {
        kind: Kind::Twilio,
        name: "Twilio",
        description: "SMS and WhatsApp worldwide.",
        channels: &[Sms, WhatsApp],
        status: Availability::Available,
        features: &[Receipts, SignedWebhooks, Inbound, Balance, Test, Templates],
        fields: &[
            Field {
                name: "accountSid",
                label: "Account SID",
                secret: false,
                required: true,
                pattern: Some(r"AC[0-9a-fA-F]{32}"),
                help: "Twilio Console, first page: `AC` and 32 characters.",
            },
            Field {
                name: "authToken",
                label: "Auth token",
                secret: true,
                required: true,
                pattern: Some(r"[!-~]{8,128}"),
                help: "Beside the Account SID. Also proves that a receipt comes from Twilio.",
            },
            Field {
                name: "apiKeySid",
                label: "API key SID",
                secret: false,
                required: false,
                pattern: Some(r"SK[0-9a-fA-F]{32}"),
                help: "Optional: send with an API key, which can be revoked alone, instead of the auth token.",
            },
            Field {
                name: "apiKeySecret",
                label: "API key secret",
                secret: true,
                required: false,
                pattern: Some(r"[!-~]{8,128}"),
                help: "Shown once when the API key is made.",
            },
            Field {
                name: "webhookKeyId",
                label: "Webhook shared key id",
                secret: false,
                required: false,
                pattern: Some(r"[!-~]{1,128}"),
                help: "Optional: only if the account signs its webhooks with a shared key.",
            },
            Field {
                name: "webhookKeySecret",
                label: "Webhook shared key secret",
                secret: true,
                required: false,
                pattern: Some(r"[!-~]{8,256}"),
                help: "Belongs to the shared key id.",
            },
        ],
        default_rate_per_minute: 600,
        batch_size: 1,
        default_unknown_policy: Hold,
        unknown_policies: &[Hold, LookUp],
    }
}

fn bulksms() -> KindSpec {
    KindSpec {
        kind: Kind::BulkSms,
        name: "BulkSMS",
        description: "SMS worldwide, many different texts in one call.",
        channels: &[Sms],
        status: Availability::Available,
        features: &[Receipts, Inbound, Test, Batch],
        fields: &[
            Field {
                name: "tokenId",
                label: "Token id",
                secret: false,
                required: true,
                pattern: Some(r"[!-9;-~]{1,128}"),
                help: "BulkSMS web app → Settings → Advanced → API tokens. A user name works too.",
            },
            Field {
                name: "tokenSecret",
                label: "Token secret",
                secret: true,
                required: true,
                pattern: Some(r"[!-~]{4,256}"),
                help: "Shown once when the token is made.",
            },
        ],
        default_rate_per_minute: 30_000, // 500 a second: our choice, no limit is published
        batch_size: 500,
        default_unknown_policy: Hold,
        unknown_policies: &[Hold],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_every_kind_once_and_says_which_work() {
        let kinds = catalogue();
        assert_eq!(kinds.iter().map(|spec| spec.kind).collect::<Vec<_>>(), Kind::ALL);
        assert_eq!(serde_json::from_value::<Kind>("sandbox".into()).unwrap(), Kind::Sandbox);
        assert!("PIGEON".parse::<Kind>().is_err());
        for spec in &kinds {
            assert_eq!(super::spec(spec.kind), *spec);
            assert_eq!(serde_json::to_value(spec.kind).unwrap(), spec.kind.name());
            assert!(!spec.channels.is_empty() && spec.batch_size > 0 && spec.default_rate_per_minute > 0);
            assert!(spec.unknown_policies.contains(&spec.default_unknown_policy), "{}", spec.kind);
            let asks = crate::provider(spec.kind).look_up_after().is_some();
            assert_eq!(spec.unknown_policies.contains(&LookUp), asks, "{}", spec.kind);
            let takes_many = spec.batch_size > 1 || spec.kind == Kind::Custom;
            assert!(takes_many || !spec.features.contains(&Batch), "{}", spec.kind);
            for field in spec.fields {
                assert!(field.pattern.is_none_or(|pattern| regex::Regex::new(pattern).is_ok()), "{}", field.name);
            }
        }
        let json = serde_json::to_value(&kinds[2]).unwrap();
        assert_eq!(json["status"], "AVAILABLE");
        assert_eq!(json["fields"][1]["name"], "apiKey");
        assert_eq!(json["channels"][0], "SMS");
        assert_eq!(json["defaultRatePerMinute"], 1_200);
    }
}
