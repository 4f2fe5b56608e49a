//! The links by which people unsubscribe from e-mail, and what happens when they do.
//!
//! Invariant: a link shows nothing of whom it is for, works for that one address of that one organization only, and cannot
//! be made without the root key: it is the address, encrypted and authenticated (AES-256-GCM). The same address has the
//! same link each time, so a mail that is sent again is the same mail.

use aes_gcm::{
    Aes256Gcm, KeyInit, Nonce,
    aead::{Aead, Payload},
};
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use domain::{
    Error, Result,
    email::Email,
    id::{OrgId, ProviderId, SuppressionId},
    message::Channel,
    suppression::{SuppressedChannel, SuppressionReason, SuppressionSource},
};
use hmac::{Hmac, Mac};
use sha2::Sha256;
use store::{
    providers::ProviderConfig,
    suppressions::{self, Suppression},
};
use zeroize::Zeroizing;

use crate::{App, app::RootKey, notify};

const NONCE: usize = 12;
/// What the keys are for: others made of the root key are other keys.
const ENCRYPTION: &[u8] = b"unsubscribe: encryption";
const NONCES: &[u8] = b"unsubscribe: nonces";

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

struct Keys {
    encryption: Zeroizing<[u8; 32]>,
    nonces: Zeroizing<[u8; 32]>,
}

impl Keys {
    fn of(root: &RootKey) -> Self {
        let derive = |purpose: &[u8]| Zeroizing::new(hmac(root.as_slice(), purpose));
        Self { encryption: derive(ENCRYPTION), nonces: derive(NONCES) }
    }

    fn seal(&self, subscriber: &Subscriber) -> String {
        let Subscriber { org, provider, address } = subscriber;
        let plain = format!("{org} {provider} {address}");
        // A nonce that follows from the text never serves two texts (as in RFC 5297).
        let nonce: [u8; NONCE] = *hmac(self.nonces.as_slice(), plain.as_bytes()).first_chunk().expect("32 bytes");
        let sealed = Aes256Gcm::new((&*self.encryption).into())
            .encrypt(&Nonce::from(nonce), Payload { msg: plain.as_bytes(), aad: b"" })
            .expect("an address is short");
        BASE64_URL_SAFE_NO_PAD.encode([nonce.as_slice(), &sealed].concat())
    }

    fn open(&self, token: &str) -> Option<Subscriber> {
        let bytes = BASE64_URL_SAFE_NO_PAD.decode(token).ok()?;
        let (nonce, sealed) = bytes.split_first_chunk::<NONCE>()?;
        let plain = Aes256Gcm::new((&*self.encryption).into())
            .decrypt(&Nonce::from(*nonce), Payload { msg: sealed, aad: b"" })
            .ok()?;
        let plain = String::from_utf8(plain).ok()?;
        let mut parts = plain.splitn(3, ' ');
        Some(Subscriber {
            org: parts.next()?.parse().ok()?,
            provider: parts.next()?.parse().ok()?,
            address: parts.next()?.to_owned(),
        })
    }
}

fn hmac(key: &[u8], message: &[u8]) -> [u8; 32] {
    let mut mac = <Hmac<Sha256> as hmac::KeyInit>::new_from_slice(key).expect("HMAC takes keys of any length");
    mac.update(message);
    mac.finalize().into_bytes().into()
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
        let keys = Keys::of(&app.secrets.root().await?);
        Ok(Some(Self { keys, base, org: config.org, provider: config.id }))
    }

    /// The link of an address.
    pub fn to(&self, address: &str) -> String {
        let subscriber = Subscriber { org: self.org, provider: self.provider, address: address.to_owned() };
        format!("{}/api/u/{}", self.base, self.keys.seal(&subscriber))
    }
}

/// Whom a link is for. 404 for one that was not made here.
pub async fn subscriber(app: &App, token: &str) -> Result<Subscriber> {
    let keys = Keys::of(&app.secrets.root().await?);
    keys.open(token)
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
    let now = app.now();
    let new = Suppression {
        id: SuppressionId::new(now, app.random.bits()),
        address: subscriber.address.clone(),
        channel: SuppressedChannel::Email,
        reason: SuppressionReason::OptedOut,
        source: SuppressionSource::Inbound,
        note: None,
        provider_id: Some(subscriber.provider),
        created_by: None,
        created_at: now,
    };
    let (id, standing) = (new.id, suppressions::add(&app.table, subscriber.org, &[new]).await?);
    if standing == [id] {
        notify::opted_out(app, subscriber.org, [id]).await?;
    }
    tracing::info!(org = %subscriber.org, "somebody unsubscribed by a link");
    Ok(())
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::*;

    fn keys(byte: u8) -> Keys {
        Keys::of(&std::sync::Arc::new(Zeroizing::new([byte; 32])))
    }

    fn subscriber(address: &str) -> Subscriber {
        let now = Timestamp::UNIX_EPOCH;
        Subscriber { org: OrgId::new(now, 1), provider: ProviderId::new(now, 2), address: address.to_owned() }
    }

    #[test]
    fn a_link_leads_back_and_shows_nothing() {
        let ann = subscriber("ann@x.example");
        let token = keys(1).seal(&ann);
        assert_eq!(keys(1).open(&token), Some(ann.clone()));
        assert_eq!(token, keys(1).seal(&ann), "the same link each time");
        assert_ne!(token, keys(1).seal(&subscriber("bob@x.example")));
        assert!(token.len() <= 200 && token.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_')));
        let decoded = BASE64_URL_SAFE_NO_PAD.decode(&token).unwrap();
        assert!(!String::from_utf8_lossy(&decoded).contains("x.example"));
    }

    #[test]
    fn a_link_that_was_not_made_here_opens_nothing() {
        let token = keys(1).seal(&subscriber("ann@x.example"));
        assert_eq!(keys(2).open(&token), None, "another root key");
        for place in 0..token.len() {
            let mut changed = token.clone().into_bytes();
            changed[place] = if changed[place] == b'A' { b'B' } else { b'A' };
            assert_eq!(keys(1).open(std::str::from_utf8(&changed).unwrap()), None, "{place}");
        }
        for token in ["", "AAAA", &token[..20], &format!("{token}AA"), "%2e%2e", "é"] {
            assert_eq!(keys(1).open(token), None, "{token}");
        }
    }
}
