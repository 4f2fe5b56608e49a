//! Kinds that send SMS, beside those of the first version.

use super::{Availability::Available, Field, Kind, KindSpec, optional, plain, secret};
use crate::kind::{
    Channel::{Sms, WhatsApp},
    Feature::{Balance, Cost, Inbound, Receipts, SignedWebhooks, Templates, Test},
    UnknownPolicy::{Hold, Resend},
};

const VONAGE: &[Field] = &[
    plain("apiKey", "API key", r"[0-9A-Za-z]{4,64}", "Vonage dashboard, first page."),
    secret("apiSecret", "API secret", r"[!-~]{4,128}", "Beside the key: Settings → API settings."),
    optional(secret(
        "signatureSecret",
        "Signature secret",
        r"[!-~]{8,256}",
        "Settings → API settings → Signed webhooks. Filled in, every receipt must be signed with it.",
    )),
];

pub(super) fn vonage() -> KindSpec {
    KindSpec {
        kind: Kind::Vonage,
        name: "Vonage",
        description: "SMS and WhatsApp worldwide (formerly Nexmo).",
        channels: &[Sms, WhatsApp],
        status: Available,
        features: &[Receipts, SignedWebhooks, Inbound, Balance, Test, Cost, Templates],
        fields: VONAGE,
        default_rate_per_minute: 1_500, // 25 a second: a key takes 30
        batch_size: 1,
        default_unknown_policy: Hold,
        unknown_policies: &[Hold],
    }
}

const TELNYX: &[Field] = &[
    secret("apiKey", "API key", r"[!-~]{16,256}", "Mission Control → API keys: `KEY…`, shown once."),
    plain(
        "publicKey",
        "Public key",
        r"[A-Za-z0-9+/]{43}=",
        "Mission Control → Keys & credentials → Public key. Proves that a receipt comes from Telnyx.",
    ),
];

pub(super) fn telnyx() -> KindSpec {
    KindSpec {
        kind: Kind::Telnyx,
        name: "Telnyx",
        description: "SMS worldwide, with signed receipts.",
        channels: &[Sms],
        status: Available,
        features: &[Receipts, SignedWebhooks, Inbound, Balance, Test, Cost],
        fields: TELNYX,
        default_rate_per_minute: 1_500, // 25 a second: our choice, it depends on the account
        batch_size: 1,
        default_unknown_policy: Hold,
        unknown_policies: &[Hold, Resend],
    }
}
