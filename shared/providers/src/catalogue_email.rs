//! The entries of the kinds that carry e-mail.

use crate::kind::{Availability, Channel, Feature, Field, Kind, KindSpec, UnknownPolicy};

use Channel::Email;
use Feature::{Batch, Receipts, SignedWebhooks, Test};
use UnknownPolicy::Hold;

pub(crate) fn mailgun() -> KindSpec {
    KindSpec {
        kind: Kind::Mailgun,
        name: "Mailgun",
        description: "E-mail, up to 1,000 recipients in one call.",
        channels: &[Email],
        status: Availability::Available,
        features: &[Receipts, SignedWebhooks, Test, Batch],
        fields: &[
            Field {
                name: "domain",
                label: "Sending domain",
                secret: false,
                required: true,
                pattern: Some(r"[A-Za-z0-9.-]{3,253}"),
                help: "Mailgun → Send → Domains: the domain that is verified there, such as mg.acme.example.",
            },
            Field {
                name: "apiKey",
                label: "API key",
                secret: true,
                required: true,
                pattern: Some(r"[!-~]{8,256}"),
                help: "Account menu → API keys, or the sending key of the domain (Domain settings → Sending keys).",
            },
            Field {
                name: "webhookSigningKey",
                label: "HTTP webhook signing key",
                secret: true,
                required: false,
                pattern: Some(r"[!-~]{8,256}"),
                help: "Send → Webhooks → HTTP webhook signing key. Without it their calls are refused and mails stay SENT.",
            },
        ],
        default_rate_per_minute: 60_000, // our choice: their limit is the account's
        batch_size: 500,
        default_unknown_policy: Hold,
        unknown_policies: &[Hold],
    }
}

pub(crate) fn mailjet() -> KindSpec {
    KindSpec {
        kind: Kind::Mailjet,
        name: "Mailjet",
        description: "E-mail, up to 50 messages in one call.",
        channels: &[Email],
        status: Availability::Available,
        features: &[Receipts, Test, Batch],
        fields: &[
            Field {
                name: "apiKey",
                label: "API key",
                secret: false,
                required: true,
                pattern: Some(r"[!-~]{8,256}"),
                help: "Account settings → REST API → API key management: the public half.",
            },
            Field {
                name: "secretKey",
                label: "Secret key",
                secret: true,
                required: true,
                pattern: Some(r"[!-~]{8,256}"),
                help: "Beside the API key; shown once.",
            },
            Field {
                name: "webhookPassword",
                label: "Webhook password",
                secret: true,
                required: false,
                pattern: Some(r"[A-Za-z0-9._~-]{12,128}"),
                help: "Your own invention: the address that you register begins with https://dundun:PASSWORD@.",
            },
        ],
        default_rate_per_minute: 6_000, // our choice: no limit is published
        batch_size: 50,
        default_unknown_policy: Hold,
        unknown_policies: &[Hold],
    }
}

pub(crate) fn sendgrid() -> KindSpec {
    KindSpec {
        kind: Kind::SendGrid,
        name: "SendGrid",
        description: "E-mail, up to 1,000 recipients in one call.",
        channels: &[Email],
        status: Availability::Available,
        features: &[Receipts, SignedWebhooks, Test, Batch],
        fields: &[
            Field {
                name: "apiKey",
                label: "API key",
                secret: true,
                required: true,
                pattern: Some(r"[!-~]{8,256}"),
                help: "Settings → API keys → Create API key, with Mail Send. It begins with SG. and is shown once.",
            },
            Field {
                name: "webhookPublicKey",
                label: "Webhook verification key",
                secret: false,
                required: false,
                pattern: Some(r"[A-Za-z0-9+/=]{64,512}"),
                help: "Settings → Mail settings → Event webhooks → Signature verification. Without it their calls are refused and mails stay SENT.",
            },
        ],
        default_rate_per_minute: 60_000, // our choice: 600 calls a minute are usual, of 500 each here
        batch_size: 500,
        default_unknown_policy: Hold,
        unknown_policies: &[Hold],
    }
}

pub(crate) fn ses() -> KindSpec {
    KindSpec {
        kind: Kind::Ses,
        name: "Amazon SES",
        description: "E-mail from your own AWS account.",
        channels: &[Email],
        status: Availability::Available,
        features: &[Receipts, SignedWebhooks, Test],
        fields: &[
            Field {
                name: "region",
                label: "Region",
                secret: false,
                required: true,
                pattern: Some(r"[a-z]{2}(-[a-z]+)+-[0-9]"),
                help: "Where the identity is verified, such as eu-west-1.",
            },
            Field {
                name: "accessKeyId",
                label: "Access key id",
                secret: false,
                required: true,
                pattern: Some(r"[A-Z0-9]{16,128}"),
                help: "IAM → Users → Security credentials, of a user that may ses:SendEmail and ses:GetAccount.",
            },
            Field {
                name: "secretAccessKey",
                label: "Secret access key",
                secret: true,
                required: true,
                pattern: Some(r"[A-Za-z0-9/+=]{16,128}"),
                help: "Shown once when the access key is made.",
            },
            Field {
                name: "sessionToken",
                label: "Session token",
                secret: true,
                required: false,
                pattern: Some(r"[!-~]{16,4096}"),
                help: "Only for temporary keys; they end within hours.",
            },
        ],
        default_rate_per_minute: 840, // 14 a second, as new accounts outside the sandbox have; the test tells yours
        batch_size: 1,
        default_unknown_policy: Hold,
        unknown_policies: &[Hold],
    }
}

pub(crate) fn smtp() -> KindSpec {
    KindSpec {
        kind: Kind::Smtp,
        name: "SMTP",
        description: "Any mail server.",
        channels: &[Email],
        status: Availability::Available,
        features: &[Test],
        fields: &[
            Field {
                name: "host",
                label: "Host",
                secret: false,
                required: true,
                pattern: Some(r"[A-Za-z0-9.:\[\]-]{1,253}"),
                help: "The name of the mail server, such as smtp.acme.example.",
            },
            Field {
                name: "port",
                label: "Port",
                secret: false,
                required: false,
                pattern: Some(r"[0-9]{1,5}"),
                help: "587 (STARTTLS) without it; 465 is TLS from the first byte.",
            },
            Field {
                name: "security",
                label: "Encryption",
                secret: false,
                required: false,
                pattern: Some(r"TLS|STARTTLS|OPPORTUNISTIC|NONE"),
                help: "TLS for port 465, STARTTLS for others. The last two need an entry in DUNDUN_ALLOW_HOSTS.",
            },
            Field {
                name: "username",
                label: "User name",
                secret: false,
                required: false,
                pattern: Some(r"[ -~]{1,254}"),
                help: "Mostly the whole e-mail address.",
            },
            Field {
                name: "password",
                label: "Password",
                secret: true,
                required: false,
                pattern: Some(r"[ -~]{1,256}"),
                help: "Often an app password, made for this purpose.",
            },
        ],
        default_rate_per_minute: 300,
        batch_size: 15,
        default_unknown_policy: Hold,
        unknown_policies: &[Hold],
    }
}
