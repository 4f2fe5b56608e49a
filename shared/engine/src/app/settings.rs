//! Settings: the environment, read once.

use std::{net::SocketAddr, str::FromStr};

use ::providers::Secret;
use domain::{Error, Result};

/// Who may register an organization.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Registration {
    /// Anyone who reaches the API.
    Open,
    /// Only who has an invite.
    Invite,
}

impl FromStr for Registration {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "open" => Ok(Self::Open),
            "invite" => Ok(Self::Invite),
            other => Err(format!("expected `open` or `invite`, not `{other}`")),
        }
    }
}

/// What the environment says. On AWS the template fills it in, on one machine the local host does.
#[derive(Debug, Clone)]
pub struct Settings {
    /// `DUNDUN_TABLE`: the table's name.
    pub table: String,
    /// `DUNDUN_QUEUES`: what the URLs of the queues begin with, such as
    /// `https://sqs.eu-west-1.amazonaws.com/123456789012/dundun-`.
    pub queues: String,
    /// `DUNDUN_QUEUE_ARNS`: what the ARNs of the queues begin with.
    pub queue_arns: String,
    /// `DUNDUN_BUCKET`: the bucket's name.
    pub bucket: String,
    /// `DUNDUN_SECRETS`: what the names of the secrets begin with, such as `dundun/`.
    pub secrets: String,
    /// `DUNDUN_SCHEDULE_GROUP`: the group of the schedules.
    pub schedule_group: String,
    /// `DUNDUN_SCHEDULE_ROLE`: the ARN of the role that the schedules send with.
    pub schedule_role: String,
    /// `DUNDUN_PUBLIC_URL`: the address for webhooks and links, without a slash at the end.
    pub public_url: String,
    /// `DUNDUN_REGISTRATION`: `open` or `invite`.
    pub registration: Registration,
    /// `DUNDUN_ALLOW_HOSTS`: hosts or CIDRs that the outbound guard lets through, with commas between.
    pub allow_hosts: String,
    /// `DUNDUN_MAILER`: how mails to those who run it leave: `outbox` (the default: they are only shown), `ses`, or the
    /// `smtp://` address of a mail server, which holds a password.
    pub mailer: Secret,
    /// `DUNDUN_MAIL_FROM`: whom those mails are from, such as `Dundun <alerts@acme.example>`.
    pub mail_from: String,
    /// `DUNDUN_DNS`: the DNS server (`9.9.9.9:53`) that is asked for the records of domains; the system's if absent.
    pub dns: Option<SocketAddr>,
    /// `DUNDUN_LEASE_SECONDS`: how long a claim on a chunk holds; 0 (the default) takes the function's deadline.
    pub lease_seconds: u64,
}

impl Settings {
    /// Reads the environment. All names that are missing are reported together.
    #[expect(clippy::disallowed_methods, reason = "the one place that reads the environment")]
    pub fn from_env() -> Result<Self> {
        let mut missing = Vec::new();
        let mut needed = |name: &'static str| {
            std::env::var(name).unwrap_or_else(|_| {
                missing.push(name);
                String::new()
            })
        };
        let settings = Self {
            table: needed("DUNDUN_TABLE"),
            queues: needed("DUNDUN_QUEUES"),
            queue_arns: needed("DUNDUN_QUEUE_ARNS"),
            bucket: needed("DUNDUN_BUCKET"),
            secrets: needed("DUNDUN_SECRETS"),
            schedule_group: needed("DUNDUN_SCHEDULE_GROUP"),
            schedule_role: needed("DUNDUN_SCHEDULE_ROLE"),
            public_url: needed("DUNDUN_PUBLIC_URL").trim_end_matches('/').to_owned(),
            registration: std::env::var("DUNDUN_REGISTRATION")
                .unwrap_or_else(|_| "invite".into())
                .parse()
                .map_err(|error| Error::Internal(format!("DUNDUN_REGISTRATION: {error}")))?,
            allow_hosts: std::env::var("DUNDUN_ALLOW_HOSTS").unwrap_or_default(),
            mailer: std::env::var("DUNDUN_MAILER").unwrap_or_default().into(),
            mail_from: std::env::var("DUNDUN_MAIL_FROM").unwrap_or_default(),
            dns: std::env::var("DUNDUN_DNS")
                .ok()
                .filter(|text| !text.is_empty())
                .map(|text| dns_server(&text))
                .transpose()?,
            lease_seconds: std::env::var("DUNDUN_LEASE_SECONDS").ok().and_then(|text| text.parse().ok()).unwrap_or(0),
        };
        if missing.is_empty() { Ok(settings) } else { Err(Error::Internal(format!("not set: {}", missing.join(", ")))) }
    }
}

/// Reads `DUNDUN_DNS`.
pub fn dns_server(text: &str) -> Result<SocketAddr> {
    text.parse().map_err(|_| Error::Internal(format!("DUNDUN_DNS: expected an address and a port, not `{text}`")))
}
