//! `PUT /api/providers/{id}`: changes a provider config. What is left out stays as it is.

use ::providers::{Kind, UnknownPolicy};
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
    Row::put("providers-update", "/api/providers/{id}", handle)
        .summary("Change a provider config")
        .description(
            "Credentials that are left out, or sent back as they were shown, stay. Changed ones lift a pause, and the \
             messages that waited for it go on. Kind and channel never change.",
        )
        .tag("Providers")
        .access(Role::Admin, Scope::ProvidersWrite)
        .grants(&[
            Grant::Table,
            Grant::RootSecret,
            Grant::Enqueue(Queue::Plan),
            Grant::Enqueue(Queue::Send),
            Grant::Enqueue(Queue::Finish),
        ])
        .errors(&[
            "409 provider_name_taken",
            "409 changed_meanwhile",
            "kind_fixed",
            "name_invalid",
            "credential_masked",
            "out_of_range",
            "unknown_field",
            "url_invalid",
            "url_refused",
            "unknown_policy_unsupported",
        ])
}

/// What changes.
#[derive(Clone, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct UpdateProvider {
    /// As it is: a kind never changes.
    pub(super) kind: Option<Kind>,
    /// As it is: a channel never changes.
    pub(super) channel: Option<Channel>,
    /// Unique in the organization.
    pub(super) name: Option<String>,
    /// By field: a new value, or null to remove one.
    #[serde(default)]
    pub(super) credentials: credentials::Given,
    /// Settings of the kind, all of them.
    pub(super) settings: Option<Map<String, Value>>,
    /// The sender that recipients see.
    #[serde(default)]
    pub(super) sender_id: Patch<String>,
    /// Replaces the provider's own address.
    #[serde(default)]
    pub(super) api_url: Patch<String>,
    /// Whether it is in use.
    pub(super) is_active: Option<bool>,
    /// Whether it is the one taken when a message names none.
    pub(super) is_default: Option<bool>,
    /// Recipients a minute, 1 to 60,000,000.
    pub(super) rate_per_minute: Option<u64>,
    /// How often a passing failure is tried again, 0 to 10.
    pub(super) retry_attempts: Option<u32>,
    /// Recipients in one call.
    pub(super) batch_size: Option<u32>,
    /// What happens to copies of which nobody knows whether the provider took them.
    pub(super) unknown_policy: Option<UnknownPolicy>,
    /// Whether its SMS have look-alike characters replaced, unless the message says; null: what the organization says.
    #[serde(default)]
    pub(super) smart: Patch<bool>,
}

async fn handle(cx: Cx, Path(id): Path<id::ProviderId>, body: Json<UpdateProvider>) -> Result<Success<ProviderView>> {
    let old = configs::get(&cx.app.table, cx.org(), id).await?;
    let body = body.read()?;
    check(&old, &body)?;
    for _ in 0..change::TRIES {
        let set = configs::set(&cx.app.table, cx.org()).await?;
        let old = set.configs.iter().find(|config| config.id == id).ok_or_else(|| Error::not_found("provider", id))?;
        let (new, renewed) = change::apply(&cx, old, body.clone()).await?;
        let writes = configs::replace(&cx.app.table, &set, old, &new, renewed)?;
        if change::write(&cx, writes).await? {
            if renewed {
                engine::providers::resume(&cx.app, cx.org(), id).await?;
            }
            return view(&cx, &new).map(Success);
        }
    }
    Err(change::busy())
}

fn check(old: &ProviderConfig, body: &UpdateProvider) -> Result<()> {
    if body.kind.is_some_and(|kind| kind.name() != old.kind)
        || body.channel.is_some_and(|channel| channel != old.channel)
    {
        let pointer = if body.kind.is_some_and(|kind| kind.name() != old.kind) { "/kind" } else { "/channel" };
        return Err(Error::invalid(
            pointer,
            "kind_fixed",
            "Kind and channel of a config never change; make another config.",
        ));
    }
    let numbers = Numbers {
        rate_per_minute: body.rate_per_minute,
        retry_attempts: body.retry_attempts,
        batch_size: body.batch_size,
    };
    let sender = if let Patch::Set(sender) = &body.sender_id { Some(sender.as_str()) } else { None };
    request::check(body.name.as_deref().unwrap_or(&old.name), sender, body.settings.as_ref(), &numbers)
}
