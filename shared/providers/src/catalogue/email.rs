//! The entries of the kinds that carry e-mail.

use super::{Field, Kind, KindSpec, optional, plain, secret};
use crate::kind::{
    Channel::Email,
    Feature::{Batch, Media, Receipts, SignedWebhooks, Test},
    UnknownPolicy::{Hold, LookUp},
};

const BASE: KindSpec = KindSpec { channels: &[Email], ..super::BASE };

const MAILGUN: &[Field] = &[
    plain(
        "domain",
        "Sending domain",
        r"[A-Za-z0-9.-]{3,253}",
        "Mailgun → Send → Domains: the domain that is verified there, such as mg.acme.example.",
    ),
    secret(
        "apiKey",
        "API key",
        r"[!-~]{8,256}",
        "Account menu → API keys, or the sending key of the domain (Domain settings → Sending keys).",
    ),
    optional(secret(
        "webhookSigningKey",
        "HTTP webhook signing key",
        r"[!-~]{8,256}",
        "Send → Webhooks → HTTP webhook signing key. Without it their calls are refused and mails stay SENT.",
    )),
];

pub(super) fn mailgun() -> KindSpec {
    KindSpec {
        kind: Kind::Mailgun,
        name: "Mailgun",
        description: "E-mail, up to 1,000 recipients in one call.",
        features: &[Receipts, SignedWebhooks, Test, Batch, Media],
        fields: MAILGUN,
        default_rate_per_minute: 60_000, // our choice: their limit is the account's
        batch_size: 500,
        unknown_policies: &[Hold, LookUp],
        ..BASE
    }
}

const MAILJET: &[Field] = &[
    plain("apiKey", "API key", r"[!-~]{8,256}", "Account settings → REST API → API key management: the public half."),
    secret("secretKey", "Secret key", r"[!-~]{8,256}", "Beside the API key; shown once."),
    optional(secret(
        "webhookPassword",
        "Webhook password",
        r"[A-Za-z0-9._~-]{12,128}",
        "Your own invention: the address that you register begins with https://dundun:PASSWORD@.",
    )),
];

pub(super) fn mailjet() -> KindSpec {
    KindSpec {
        kind: Kind::Mailjet,
        name: "Mailjet",
        description: "E-mail, up to 50 messages in one call.",
        features: &[Receipts, Test, Batch, Media],
        fields: MAILJET,
        default_rate_per_minute: 6_000, // our choice: no limit is published
        batch_size: 50,
        unknown_policies: &[Hold, LookUp],
        ..BASE
    }
}

const SENDGRID: &[Field] = &[
    secret(
        "apiKey",
        "API key",
        r"[!-~]{8,256}",
        "Settings → API keys → Create API key, with Mail Send. It begins with SG. and is shown once.",
    ),
    optional(plain(
        "webhookPublicKey",
        "Webhook verification key",
        r"[A-Za-z0-9+/=]{64,512}",
        "Settings → Mail settings → Event webhooks → Signature verification. Without it their calls are refused and mails stay SENT.",
    )),
];

pub(super) fn sendgrid() -> KindSpec {
    KindSpec {
        kind: Kind::SendGrid,
        name: "SendGrid",
        description: "E-mail, up to 1,000 recipients in one call.",
        features: &[Receipts, SignedWebhooks, Test, Batch, Media],
        fields: SENDGRID,
        default_rate_per_minute: 60_000, // our choice: 600 calls a minute are usual, of 500 each here
        batch_size: 500,
        ..BASE
    }
}

const SES: &[Field] = &[
    plain("region", "Region", r"[a-z]{2}(-[a-z]+)+-[0-9]", "Where the identity is verified, such as eu-west-1."),
    plain(
        "accessKeyId",
        "Access key id",
        r"[A-Z0-9]{16,128}",
        "IAM → Users → Security credentials, of a user that may ses:SendEmail and ses:GetAccount.",
    ),
    secret(
        "secretAccessKey",
        "Secret access key",
        r"[A-Za-z0-9/+=]{16,128}",
        "Shown once when the access key is made.",
    ),
    optional(secret(
        "sessionToken",
        "Session token",
        r"[!-~]{16,4096}",
        "Only for temporary keys; they end within hours.",
    )),
];

pub(super) fn ses() -> KindSpec {
    KindSpec {
        kind: Kind::Ses,
        name: "Amazon SES",
        description: "E-mail from your own AWS account.",
        features: &[Receipts, SignedWebhooks, Test, Media],
        fields: SES,
        default_rate_per_minute: 840, // 14 a second, as new accounts outside the sandbox have; the test tells yours
        batch_size: 1,
        ..BASE
    }
}

const SMTP: &[Field] = &[
    plain("host", "Host", r"[A-Za-z0-9.:\[\]-]{1,253}", "The name of the mail server, such as smtp.acme.example."),
    optional(plain("port", "Port", r"[0-9]{1,5}", "587 (STARTTLS) without it; 465 is TLS from the first byte.")),
    optional(plain(
        "security",
        "Encryption",
        r"TLS|STARTTLS|OPPORTUNISTIC|NONE",
        "TLS for port 465, STARTTLS for others. The last two need an entry in DUNDUN_ALLOW_HOSTS.",
    )),
    optional(plain("username", "User name", r"[ -~]{1,254}", "Mostly the whole e-mail address.")),
    optional(secret("password", "Password", r"[ -~]{1,256}", "Often an app password, made for this purpose.")),
];

pub(super) fn smtp() -> KindSpec {
    KindSpec {
        kind: Kind::Smtp,
        name: "SMTP",
        description: "Any mail server.",
        features: &[Test, Media],
        fields: SMTP,
        default_rate_per_minute: 300,
        batch_size: 15,
        ..BASE
    }
}
