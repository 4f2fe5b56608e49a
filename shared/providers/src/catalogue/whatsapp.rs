//! Kinds that send on WhatsApp.

use super::{Field, Kind, KindSpec, optional, plain, secret};
use crate::kind::{
    Channel::WhatsApp,
    Feature::{Batch, Inbound, Media, Receipts, SignedWebhooks, Templates, Test},
};

const BASE: KindSpec = KindSpec { channels: &[WhatsApp], ..super::BASE };

const META: &[Field] = &[
    secret(
        "accessToken",
        "Access token",
        r"[!-~]{20,1000}",
        "Meta Business Suite → System users → Generate token, with `whatsapp_business_messaging`. One that does not expire.",
    ),
    plain(
        "phoneNumberId",
        "Phone number id",
        r"[0-9]{5,32}",
        "App dashboard → WhatsApp → API setup. Not the number itself.",
    ),
    secret(
        "appSecret",
        "App secret",
        r"[0-9A-Za-z]{16,128}",
        "App dashboard → App settings → Basic. Proves that a receipt comes from Meta.",
    ),
    secret(
        "verifyToken",
        "Verify token",
        r"[!-~]{8,128}",
        "Any text of yours: type the same one beside the webhook's address at Meta.",
    ),
    optional(plain(
        "businessAccountId",
        "WhatsApp Business account id",
        r"[0-9]{5,32}",
        "App dashboard → WhatsApp → API setup. For templates and webhooks.",
    )),
];

pub(super) fn meta() -> KindSpec {
    KindSpec {
        kind: Kind::Meta,
        name: "Meta WhatsApp Cloud",
        description: "WhatsApp straight from Meta.",
        features: &[Receipts, SignedWebhooks, Inbound, Test, Templates, Media],
        fields: META,
        default_rate_per_minute: 4_200, // 70 a second: a number takes 80 by default
        ..BASE
    }
}

const FONNTE: &[Field] =
    &[secret("token", "Device token", r"[!-~]{8,128}", "Fonnte → Device → Token, of the device that is to send.")];

pub(super) fn fonnte() -> KindSpec {
    KindSpec {
        kind: Kind::Fonnte,
        name: "Fonnte",
        description: "WhatsApp through a linked phone, popular in Indonesia. Unofficial: WhatsApp may block the number.",
        features: &[Receipts, Inbound, Test, Batch, Media],
        fields: FONNTE,
        default_rate_per_minute: 30, // a person's pace: our choice, no limit is published
        batch_size: 20,
        ..BASE
    }
}

const AISENSY: &[Field] = &[
    secret("apiKey", "API key", r"[!-~]{16,2000}", "AiSensy → Manage → API key. Sends campaigns."),
    optional(plain(
        "projectId",
        "Project id",
        r"[0-9A-Za-z_-]{4,64}",
        "Optional, for free text: the project's id, as the address bar shows it.",
    )),
    optional(secret("projectApiPassword", "Project API password", r"[!-~]{8,256}", "Belongs to the project id.")),
    optional(secret(
        "webhookSecret",
        "Webhook secret",
        r"[!-~]{8,256}",
        "Shown with the webhook at AiSensy. Filled in, every call must be signed with it.",
    )),
];

pub(super) fn aisensy() -> KindSpec {
    KindSpec {
        kind: Kind::AiSensy,
        name: "AiSensy",
        description: "WhatsApp campaigns with approved templates.",
        features: &[Receipts, SignedWebhooks, Inbound, Test, Templates, Media],
        fields: AISENSY,
        default_rate_per_minute: 300,
        ..BASE
    }
}

const INTERAKT: &[Field] = &[
    secret(
        "apiKey",
        "Secret key",
        r"[A-Za-z0-9+/=_-]{16,512}",
        "Interakt → Settings → Developer settings, exactly as shown: it is in base64 already.",
    ),
    optional(secret(
        "webhookSecret",
        "Webhook secret",
        r"[!-~]{4,256}",
        "What you typed as the secret key of the webhook at Interakt. Filled in, every call must be signed with it.",
    )),
];

pub(super) fn interakt() -> KindSpec {
    KindSpec {
        kind: Kind::Interakt,
        name: "Interakt",
        description: "WhatsApp with approved templates.",
        features: &[Receipts, SignedWebhooks, Inbound, Test, Templates, Media],
        fields: INTERAKT,
        default_rate_per_minute: 240, // the plan Growth allows 300
        ..BASE
    }
}

const GUPSHUP: &[Field] =
    &[secret("apiKey", "API key", r"[!-~]{16,256}", "Gupshup dashboard → your profile → API keys.")];

pub(super) fn gupshup() -> KindSpec {
    KindSpec {
        kind: Kind::Gupshup,
        name: "Gupshup",
        description: "WhatsApp with approved templates.",
        features: &[Receipts, Inbound, Test, Templates, Media],
        fields: GUPSHUP,
        default_rate_per_minute: 1_200, // 20 a second: our choice, no limit is published
        ..BASE
    }
}
