//! `POST /api/providers`: makes a provider config.

use std::collections::BTreeMap;

use ::providers::{Credentials, Kind, UnknownPolicy, spec};
use domain::message::Channel;
use serde_json::{Map, Value};
use store::providers::{self as configs, ProviderConfig};
use web::prelude::*;

use super::{
    change, credentials,
    request::{self, Numbers},
    view::{ProviderView, view},
};

/// The row.
pub fn row() -> Row {
    Row::post("providers-create", "/api/providers", handle)
        .summary("Make a provider config")
        .description(
            "What is missing is told by `validationErrors` and can be added later. An active config deactivates the \
             active one of the same kind and channel, a default one takes over from the channel's default. \
             `ratePerMinute` and `batchSize` are cut to what the provider takes.",
        )
        .tag("Providers")
        .access(Role::Admin, Scope::ProvidersWrite)
        .idempotent()
        .grants(&[Grant::Table, Grant::RootSecret])
        .errors(&[
            "409 provider_name_taken",
            "409 changed_meanwhile",
            "name_invalid",
            "kind_coming_soon",
            "channel_unsupported",
            "credential_masked",
            "out_of_range",
            "unknown_field",
            "url_invalid",
            "url_refused",
            "unknown_policy_unsupported",
        ])
}

/// What a new config needs.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct CreateProvider {
    /// The kind.
    #[schemars(example = &"SANDBOX")]
    kind: Kind,
    /// The channel; left out: SMS if the kind sends it, else the first that it sends.
    channel: Option<Channel>,
    /// Unique in the organization.
    #[schemars(example = &"Main account")]
    name: String,
    /// By field of the kind (for `CUSTOM`: any name that its settings use as `{{secret.NAME}}`).
    #[serde(default)]
    credentials: credentials::Given,
    /// Settings of the kind.
    #[serde(default)]
    settings: Map<String, Value>,
    /// The sender that recipients see.
    sender_id: Option<String>,
    /// Replaces the provider's own address.
    api_url: Option<String>,
    /// Whether it is in use.
    #[serde(default = "yes")]
    is_active: bool,
    /// Whether it is the one taken when a message names none.
    #[serde(default)]
    is_default: bool,
    /// Recipients a minute, 1 to 60,000,000; left out: as the kind suggests.
    rate_per_minute: Option<u64>,
    /// How often a passing failure is tried again, 0 to 10; left out: 3.
    retry_attempts: Option<u32>,
    /// Recipients in one call; left out: as many as the provider takes.
    batch_size: Option<u32>,
    /// What happens to copies of which nobody knows whether the provider took them.
    unknown_policy: Option<UnknownPolicy>,
    /// Whether its SMS have look-alike characters replaced, unless the message says; what the organization says if left out.
    smart: Option<bool>,
}

fn yes() -> bool {
    true
}

/// Tries after the first, where nothing else is said.
const RETRIES: u32 = 3;

async fn handle(cx: Cx, body: Json<CreateProvider>) -> Result<Created<ProviderView>> {
    let body = body.read()?;
    let numbers = Numbers {
        rate_per_minute: body.rate_per_minute,
        retry_attempts: body.retry_attempts,
        batch_size: body.batch_size,
    };
    request::check(&body.name, body.sender_id.as_deref(), Some(&body.settings), &numbers)?;
    let (credentials, _) = credentials::merge(&Credentials::new(), body.credentials)?;
    let spec = spec(body.kind);
    let sends = |channel: &Channel| spec.channels.contains(channel);
    let policy = body.unknown_policy.unwrap_or(spec.default_unknown_policy);
    let (at, bits) = cx.repeatable("provider");
    let mut config = ProviderConfig {
        id: id::ProviderId::new(at, bits),
        org: cx.org(),
        channel: body.channel.or(Some(Channel::Sms).filter(sends)).unwrap_or(spec.channels[0]),
        kind: body.kind.name().into(),
        name: body.name.trim().to_owned(),
        credentials: String::new(),
        masked: BTreeMap::new(),
        settings: serde_json::to_string(&body.settings).map_err(Error::internal)?,
        sender_id: body.sender_id.filter(|sender| !sender.trim().is_empty()),
        api_url: body.api_url.filter(|url| !url.trim().is_empty()),
        is_active: body.is_active,
        is_default: body.is_default,
        rate_per_minute: 0,
        retry_attempts: body.retry_attempts.unwrap_or(RETRIES),
        batch_size: 0,
        unknown_policy: policy.name().into(),
        smart: body.smart,
        webhook_token: hex::encode(cx.app.random.bytes::<24>()),
        violations: Vec::new(),
        paused: None,
        balance: None,
        last_test: None,
        version: 1,
        created_at: at,
        updated_at: at,
    };
    let account = engine::providers::account_with(&cx.app, &config, credentials)?;
    (config.rate_per_minute, config.batch_size, config.violations) =
        engine::providers::fit(&cx.app, &account, body.rate_per_minute, body.batch_size);
    request::refuse(&config.violations)?;
    request::check_policy(policy, &account)?;
    config.masked = credentials::masks(&account.credentials);
    config.credentials = engine::providers::seal(&cx.app, cx.org(), &account.credentials).await?;

    let view = view(&cx, &config)?;
    for _ in 0..change::TRIES {
        let set = configs::set(&cx.app.table, cx.org()).await?;
        let mut writes = configs::create(&cx.app.table, &set, &config)?;
        writes.extend(cx.reply_record(201, &view)?);
        if change::write(&cx, writes).await? {
            engine::suppressions::sync::watch(&cx.app, &config).await?;
            return Ok(Created(view));
        }
    }
    Err(change::busy())
}
