//! The catalogue of kinds as data: `GET /providers/catalogue` shows it, validation and the console's form follow it.

mod email;
mod sms;
mod whatsapp;

use crate::kind::{Availability, Channel, Feature, Field, Kind, KindSpec, UnknownPolicy};

use Channel::{Email, Sms, WhatsApp};
use Feature::{Balance, Batch, Inbound, Media, Receipts, SignedWebhooks, Templates, Test};
use UnknownPolicy::{Hold, Resend};

/// Every kind, in the order in which the console shows them.
pub fn catalogue() -> Vec<KindSpec> {
    Kind::ALL.into_iter().map(spec).collect()
}

/// The entry of one kind.
pub fn spec(kind: Kind) -> KindSpec {
    match kind {
        Kind::Sandbox => sandbox(),
        Kind::Custom => custom(),
        Kind::AfricasTalking => sms::africastalking(),
        Kind::Twilio => sms::twilio(),
        Kind::BulkSms => sms::bulksms(),
        Kind::Vonage => sms::vonage(),
        Kind::Telnyx => sms::telnyx(),
        Kind::Meta => whatsapp::meta(),
        Kind::Fonnte => whatsapp::fonnte(),
        Kind::AiSensy => whatsapp::aisensy(),
        Kind::Interakt => whatsapp::interakt(),
        Kind::Gupshup => whatsapp::gupshup(),
        Kind::Mailgun => email::mailgun(),
        Kind::Mailjet => email::mailjet(),
        Kind::SendGrid => email::sendgrid(),
        Kind::Ses => email::ses(),
        Kind::Smtp => email::smtp(),
    }
}

/// What most kinds have in common: one recipient a call, and nothing by which a text could be sent twice without harm.
const BASE: KindSpec = KindSpec {
    kind: Kind::Sandbox,
    name: "",
    description: "",
    channels: &[],
    status: Availability::Available,
    features: &[],
    fields: &[],
    default_rate_per_minute: 60,
    batch_size: 1,
    default_unknown_policy: Hold,
    unknown_policies: &[Hold],
};

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
        features: &[Receipts, Test, Batch, Templates, Media],
        default_rate_per_minute: 60_000,
        batch_size: 100,
        ..BASE
    }
}

fn custom() -> KindSpec {
    KindSpec {
        kind: Kind::Custom,
        name: "Custom HTTP",
        description: "Any provider with an HTTP interface, described in the settings.",
        channels: &[Sms, WhatsApp, Email],
        features: &[Receipts, SignedWebhooks, Inbound, Balance, Test, Batch],
        // Credentials are free here: the settings name them as `{{secret.NAME}}`.
        default_rate_per_minute: 60,
        unknown_policies: &[Hold, Resend],
        ..BASE
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use UnknownPolicy::LookUp;

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
