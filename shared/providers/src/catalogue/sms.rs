//! Kinds that send SMS.

use super::{BASE, Field, Kind, KindSpec, optional, plain, secret};
use crate::kind::{
    Channel::{Sms, WhatsApp},
    Feature::{Balance, Batch, Cost, Inbound, Media, Receipts, SignedWebhooks, Templates, Test},
    UnknownPolicy::{Hold, LookUp, Resend},
};

const AFRICASTALKING: &[Field] = &[
    plain(
        "username",
        "Username",
        r"[A-Za-z0-9._-]{1,64}",
        "The app's username, as the dashboard shows it; `sandbox` for the test environment.",
    ),
    secret(
        "apiKey",
        "API key",
        r"[!-~]{8,256}",
        "Dashboard of the app → Settings → API Key. Making a new one disables the old one.",
    ),
];

pub(super) fn africastalking() -> KindSpec {
    KindSpec {
        kind: Kind::AfricasTalking,
        name: "Africa's Talking",
        description: "SMS in Kenya, Uganda, Tanzania, Rwanda, Nigeria, Ethiopia and more.",
        channels: &[Sms],
        features: &[Receipts, Inbound, Balance, Test, Batch, Cost],
        fields: AFRICASTALKING,
        default_rate_per_minute: 1_200, // 20 a second: our choice, no limit is published
        batch_size: 100,
        ..BASE
    }
}

const TWILIO: &[Field] = &[
    plain("accountSid", "Account SID", r"AC[0-9a-fA-F]{32}", "Twilio Console, first page: `AC` and 32 characters."),
    secret(
        "authToken",
        "Auth token",
        r"[!-~]{8,128}",
        "Beside the Account SID. Also proves that a receipt comes from Twilio.",
    ),
    optional(plain(
        "apiKeySid",
        "API key SID",
        r"SK[0-9a-fA-F]{32}",
        "Optional: send with an API key, which can be revoked alone, instead of the auth token.",
    )),
    optional(secret("apiKeySecret", "API key secret", r"[!-~]{8,128}", "Shown once when the API key is made.")),
    optional(plain(
        "webhookKeyId",
        "Webhook shared key id",
        r"[!-~]{1,128}",
        "Optional: only if the account signs its webhooks with a shared key.",
    )),
    optional(secret("webhookKeySecret", "Webhook shared key secret", r"[!-~]{8,256}", "Belongs to the shared key id.")),
];

pub(super) fn twilio() -> KindSpec {
    KindSpec {
        kind: Kind::Twilio,
        name: "Twilio",
        description: "SMS and WhatsApp worldwide.",
        channels: &[Sms, WhatsApp],
        features: &[Receipts, SignedWebhooks, Inbound, Balance, Test, Templates, Media],
        fields: TWILIO,
        default_rate_per_minute: 600,
        unknown_policies: &[Hold, LookUp],
        ..BASE
    }
}

const BULKSMS: &[Field] = &[
    plain(
        "tokenId",
        "Token id",
        r"[!-9;-~]{1,128}",
        "BulkSMS web app → Settings → Advanced → API tokens. A user name works too.",
    ),
    secret("tokenSecret", "Token secret", r"[!-~]{4,256}", "Shown once when the token is made."),
];

pub(super) fn bulksms() -> KindSpec {
    KindSpec {
        kind: Kind::BulkSms,
        name: "BulkSMS",
        description: "SMS worldwide, many different texts in one call.",
        channels: &[Sms],
        features: &[Receipts, Inbound, Test, Batch],
        fields: BULKSMS,
        default_rate_per_minute: 30_000, // 500 a second: our choice, no limit is published
        batch_size: 500,
        unknown_policies: &[Hold, LookUp],
        ..BASE
    }
}

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
        features: &[Receipts, SignedWebhooks, Inbound, Balance, Test, Cost, Templates, Media],
        fields: VONAGE,
        default_rate_per_minute: 1_500, // 25 a second: a key takes 30
        ..BASE
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
        features: &[Receipts, SignedWebhooks, Inbound, Balance, Test, Cost],
        fields: TELNYX,
        default_rate_per_minute: 1_500, // 25 a second: our choice, it depends on the account
        unknown_policies: &[Hold, Resend],
        ..BASE
    }
}
