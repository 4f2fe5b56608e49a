//! Everything outside of a function, built once at start: clients, settings, clock, randomness.

mod dns;
mod files;
mod queues;
mod random;
mod schedules;
mod secrets;
mod settings;

use aws_config::{BehaviorVersion, SdkConfig};
use aws_smithy_http_client::tls;
use domain::{Error, Result};
use jiff::Timestamp;
use providers::{AllowList, Outbound};
use store::{Clock, Table};

pub use ::providers::Secret;
pub use dns::Dns;
pub(crate) use files::safe_name;
pub use files::{Files, Upload};
pub use queues::{MAX_RECEIVES, Queue, Queues};
pub use random::{Random, same_bits};
pub use schedules::Schedules;
pub use secrets::{RootKey, Secrets};
pub use settings::{Registration, Settings, dns_server};

/// Everything a handler may touch.
pub struct App {
    /// What the environment says.
    pub settings: Settings,
    /// The time.
    pub clock: Clock,
    /// Randomness.
    pub random: Random,
    /// The table.
    pub table: Table,
    /// The queues.
    pub queues: Queues,
    /// The bucket.
    pub files: Files,
    /// The two secrets.
    pub secrets: Secrets,
    /// The schedules.
    pub schedules: Schedules,
    /// Mails to those who run it.
    pub mailer: crate::mailer::Mailer,
    /// The way out to hosts that users name.
    pub outbound: Outbound,
    /// The way to DNS.
    pub dns: Dns,
    /// Which messages this instance has asked to be folded again, so that a burst of receipts asks once.
    pub refolds: crate::finish::Refolds,
    /// What this instance knows of routing, for some seconds.
    pub routes: crate::routing::Routes,
    /// The webhook endpoints of organizations, as this instance last read them.
    pub endpoints: crate::notify::Endpoints,
    /// What this instance has read and will find again.
    pub known: crate::known::Known,
}

impl App {
    /// On AWS: the SDK's own defaults, and settings from the environment.
    pub async fn load() -> Result<Self> {
        let settings = Settings::from_env()?;
        let sdk = aws_config::defaults(BehaviorVersion::latest()).http_client(http_client()).load().await;
        Self::new(&sdk, settings, Clock::system())
    }

    /// With a given SDK configuration: the local host and tests name their endpoint in it.
    pub fn new(sdk: &SdkConfig, settings: Settings, clock: Clock) -> Result<Self> {
        let allow: AllowList =
            settings.allow_hosts.parse().map_err(|error| Error::Internal(format!("DUNDUN_ALLOW_HOSTS: {error}")))?;
        let outbound = Outbound::new(allow);
        Ok(Self {
            table: Table::new(aws_sdk_dynamodb::Client::new(sdk), &settings.table),
            queues: Queues::new(aws_sdk_sqs::Client::new(sdk), &settings),
            files: Files::new(sdk, &settings, clock.clone()),
            secrets: Secrets::new(aws_sdk_secretsmanager::Client::new(sdk), &settings),
            schedules: Schedules::new(aws_sdk_scheduler::Client::new(sdk), &settings),
            mailer: crate::mailer::Mailer::new(&settings, sdk)?,
            outbound,
            dns: Dns::new(settings.dns),
            random: Random,
            refolds: crate::finish::Refolds::default(),
            routes: crate::routing::Routes::default(),
            endpoints: crate::notify::Endpoints::default(),
            known: crate::known::Known::default(),
            settings,
            clock,
        })
    }

    /// What time it is.
    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }
}

/// The HTTP client of the SDK, with `ring` for TLS (the default would compile aws-lc).
pub fn http_client() -> aws_smithy_runtime_api::client::http::SharedHttpClient {
    aws_smithy_http_client::Builder::new()
        .tls_provider(tls::Provider::Rustls(tls::rustls_provider::CryptoMode::Ring))
        .build_https()
}
