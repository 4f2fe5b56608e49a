//! The business profile that people see of a WhatsApp number, where the provider's API has it.

mod meta;
pub(crate) mod twilio;

use futures::future::BoxFuture;
use serde_json::Value;

use crate::{
    kind::{Channel, Kind},
    outbound::Outbound,
    provider::{Account, Failure},
};

/// A profile. In a change what is absent stays.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Profile {
    /// What the number is called. WhatsApp checks it, so it is not changed here.
    pub display_name: Option<String>,
    /// One line about the business.
    pub about: Option<String>,
    /// Where it is.
    pub address: Option<String>,
    /// What it does.
    pub description: Option<String>,
    /// Where it is written to.
    pub email: Option<String>,
    /// Its pages, at most two.
    pub websites: Option<Vec<String>>,
    /// What business it is, in Meta's words (`RETAIL`).
    pub category: Option<String>,
    /// Where its picture is.
    pub picture_url: Option<String>,
}

/// What a provider's API does about profiles.
pub trait Profiles: Send + Sync {
    /// Reads it.
    fn get<'a>(&'a self, account: &'a Account, outbound: &'a Outbound) -> BoxFuture<'a, Result<Profile, Failure>>;

    /// Changes what is there in `change`.
    fn put<'a>(
        &'a self,
        account: &'a Account,
        outbound: &'a Outbound,
        change: &'a Profile,
    ) -> BoxFuture<'a, Result<(), Failure>>;
}

/// What the API of a kind does about profiles; `None` where there is none.
pub fn profiles(kind: Kind, channel: Channel) -> Option<&'static dyn Profiles> {
    match (kind, channel) {
        (Kind::Meta, Channel::WhatsApp) => Some(&meta::Meta),
        (Kind::Twilio, Channel::WhatsApp) => Some(&twilio::Twilio),
        _ => None,
    }
}

/// Puts those fields of a change into the provider's form that are there.
fn set(form: &mut Value, fields: &[(&str, &Option<String>)]) {
    for (field, value) in fields {
        if let Some(value) = value {
            form[*field] = value.as_str().into();
        }
    }
}

#[cfg(test)]
#[path = "../tests/profile.rs"]
mod tests;
