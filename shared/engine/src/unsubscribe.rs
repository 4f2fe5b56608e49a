//! The links by which people unsubscribe from e-mail, and what happens when they do.
//!
//! Invariant: a link shows nothing of whom it is for, works for that one address of that one organization only, and cannot
//! be made without the root key: it is the address, [sealed](crate::sealed).

use domain::{
    Error, Result,
    email::Email,
    id::{OrgId, ProviderId},
    message::Channel,
};
use store::{providers::ProviderConfig, suppressions};

use crate::{App, preferences, sealed::Keys};

/// Whom a link is for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Subscriber {
    /// The organization that sends.
    pub org: OrgId,
    /// The config that the mail went out by.
    pub provider: ProviderId,
    /// The e-mail address, in its normal form.
    pub address: String,
}

/// Makes the links of a config's mails.
pub struct Links {
    keys: Keys,
    base: String,
    org: OrgId,
    provider: ProviderId,
}

/// What the keys are for.
const PURPOSE: &str = "unsubscribe";

impl Subscriber {
    fn sealed(&self, keys: &Keys) -> String {
        let Self { org, provider, address } = self;
        keys.seal(&format!("{org} {provider} {address}"))
    }

    fn open(keys: &Keys, token: &str) -> Option<Self> {
        let plain = keys.open(token)?;
        let mut parts = plain.splitn(3, ' ');
        Some(Self {
            org: parts.next()?.parse().ok()?,
            provider: parts.next()?.parse().ok()?,
            address: parts.next()?.to_owned(),
        })
    }
}

impl Links {
    /// Of a config; `None` on a channel without such links.
    pub async fn of(app: &App, config: &ProviderConfig) -> Result<Option<Self>> {
        if config.channel != Channel::Email {
            return Ok(None);
        }
        let settings: serde_json::Value = serde_json::from_str(&config.settings).unwrap_or_default();
        // A host of the organization's own that leads to the same place.
        let base = match settings["trackingDomain"].as_str() {
            Some(host) => format!("https://{host}"),
            None => app.settings.public_url.clone(),
        };
        let keys = Keys::of(&app.secrets.root().await?, PURPOSE);
        Ok(Some(Self { keys, base, org: config.org, provider: config.id }))
    }

    /// The link of an address.
    pub fn to(&self, address: &str) -> String {
        let subscriber = Subscriber { org: self.org, provider: self.provider, address: address.to_owned() };
        format!("{}/api/u/{}", self.base, subscriber.sealed(&self.keys))
    }
}

/// Whom a link is for. 404 for one that was not made here.
pub async fn subscriber(app: &App, token: &str) -> Result<Subscriber> {
    let keys = Keys::of(&app.secrets.root().await?, PURPOSE);
    Subscriber::open(&keys, token)
        .filter(|subscriber| Email::parse(&subscriber.address).is_ok())
        .ok_or_else(|| Error::not_found("subscription", "of this link"))
}

/// Whether an address gets no e-mail any more.
pub async fn is_suppressed(app: &App, subscriber: &Subscriber) -> Result<bool> {
    let address = subscriber.address.as_str();
    Ok(!suppressions::among(&app.table, subscriber.org, Channel::Email, &[address]).await?.is_empty())
}

/// From now on the address gets no e-mail of the organization.
pub async fn unsubscribe(app: &App, subscriber: &Subscriber) -> Result<()> {
    preferences::stop(app, subscriber, Channel::Email, vec![subscriber.address.clone()]).await?;
    tracing::info!(org = %subscriber.org, "somebody unsubscribed by a link");
    Ok(())
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;
    use zeroize::Zeroizing;

    use super::*;

    #[test]
    fn a_link_leads_back_to_its_subscriber() {
        let now = Timestamp::UNIX_EPOCH;
        let ann = Subscriber {
            org: OrgId::new(now, 1),
            provider: ProviderId::new(now, 2),
            address: "ann@x.example".to_owned(),
        };
        let keys = Keys::of(&std::sync::Arc::new(Zeroizing::new([1; 32])), PURPOSE);
        let token = ann.sealed(&keys);
        assert_eq!(Subscriber::open(&keys, &token), Some(ann));
        assert!(token.len() <= 200 && token.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_')));
        assert_eq!(Subscriber::open(&keys, &keys.seal("of something else")), None);
    }
}
