//! What a config's provider is told and asked beside texts: our webhook address, and the business profile.

use ::providers::{
    Failure,
    profile::{Profile, Profiles, profiles},
    registration::{self, Registration},
};
use domain::{Error, Result};
use store::providers::ProviderConfig;

use super::{account, kind};
use crate::App;

/// The 409 for what a provider refused, or did not answer: it did not `what`.
pub(crate) fn failed(what: &str, failure: &Failure) -> Error {
    Error::conflict("provider_failed", format!("The provider did not {what}: {}.", failure.reason))
}

/// Registers the config's webhook address, or tells the steps. 409 `provider_failed`.
pub async fn register(app: &App, config: &ProviderConfig) -> Result<Registration> {
    let account = account(app, config).await?;
    registration::register(&account, &app.outbound).await.map_err(|failure| failed("do it", &failure))
}

/// What the provider's API does about profiles. 409 `profile_unsupported`.
fn of(config: &ProviderConfig) -> Result<&'static dyn Profiles> {
    profiles(kind(config)?, config.channel).ok_or_else(|| {
        let detail = "Only WhatsApp configs of Meta and Twilio have a profile that can be read and changed here.";
        Error::conflict("profile_unsupported", detail)
    })
}

/// The business profile, as the provider has it. 409 `profile_unsupported`, `provider_failed`.
pub async fn profile(app: &App, config: &ProviderConfig) -> Result<Profile> {
    let api = of(config)?;
    let account = account(app, config).await?;
    api.get(&account, &app.outbound).await.map_err(|failure| failed("do it", &failure))
}

/// Changes the business profile by what is there in `change`. 409 `profile_unsupported`, `provider_failed`.
pub async fn change_profile(app: &App, config: &ProviderConfig, change: &Profile) -> Result<()> {
    let api = of(config)?;
    let account = account(app, config).await?;
    api.put(&account, &app.outbound, change).await.map_err(|failure| failed("do it", &failure))
}
