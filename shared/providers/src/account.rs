//! A provider config as adapters see it: credentials, settings, sender and addresses.

use domain::delivery::ErrorClass;
use serde::de::DeserializeOwned;

use crate::{
    kind::{Channel, Kind},
    outcome::Failure,
    secret::{Credentials, Secret},
    validate,
};

/// A provider config, ready for use.
#[derive(Debug, Clone)]
pub struct Account {
    /// Which provider.
    pub kind: Kind,
    /// The channel of this config.
    pub channel: Channel,
    /// By field name (`apiKey`).
    pub credentials: Credentials,
    /// As in the API; the shape depends on the kind. `Null` for none.
    pub settings: serde_json::Value,
    /// The sender that recipients see.
    pub sender_id: Option<String>,
    /// Replaces the provider's base URL.
    pub api_url: Option<String>,
    /// The public address of this config's webhook, without a query.
    pub webhook_url: Option<String>,
}

impl Account {
    /// A credential that is there and not empty.
    pub fn credential(&self, name: &str) -> Option<&Secret> {
        self.credentials.get(name).filter(|secret| !secret.expose().is_empty())
    }

    /// A credential, or the failure that says which one is missing.
    pub(crate) fn require(&self, name: &str) -> Result<&str, Failure> {
        self.credential(name).map(Secret::expose).ok_or_else(|| {
            Failure::new(ErrorClass::BadCredentials, format!("the credential `{name}` is missing"), String::new())
        })
    }

    /// The settings as an adapter knows them; its defaults if they cannot be read, which a check has found before.
    pub(crate) fn settings<T: DeserializeOwned + Default>(&self) -> T {
        validate::settings(&self.settings).unwrap_or_default()
    }

    /// The sender that recipients see, if there is one.
    pub(crate) fn sender(&self) -> Option<&str> {
        self.sender_id.as_deref().filter(|sender| !sender.is_empty())
    }
}
