//! Webhook endpoints at work: which there are, known from memory, and their secrets.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex},
};

use ::providers::{Credentials, Secret};
use base64::{Engine, prelude::BASE64_STANDARD};
use domain::{Result, id::OrgId};
use jiff::{SignedDuration, Timestamp};
use store::webhook_endpoints::{self as stored, WebhookEndpoint};

use super::signature::{PREFIX, SignatureKey};
use crate::{App, providers};

/// How long it is believed which endpoints there are. So long a new one may miss events of other instances.
const BELIEVED: SignedDuration = SignedDuration::from_secs(60);

/// How long the secret before the current one is still signed with.
pub const PREVIOUS_VALID: SignedDuration = SignedDuration::from_hours(24);

/// How many organizations are remembered.
const REMEMBERED: usize = 10_000;

type Known = HashMap<OrgId, (Timestamp, Arc<Vec<WebhookEndpoint>>)>;

/// The endpoints of organizations, as this instance last read them: an organization without endpoints costs one read a
/// minute and instance, and nothing else.
#[derive(Default)]
pub struct Endpoints(Mutex<Known>);

impl Endpoints {
    /// The endpoints of an organization, not older than a minute.
    pub async fn of(&self, app: &App, org: OrgId) -> Result<Arc<Vec<WebhookEndpoint>>> {
        let now = app.now();
        if let Some((read, endpoints)) = self.0.lock().expect("no panic while it is held").get(&org)
            && *read <= now
            && now < *read + BELIEVED
        {
            return Ok(endpoints.clone());
        }
        let endpoints = Arc::new(stored::all(&app.table, org).await?);
        let mut known = self.0.lock().expect("no panic while it is held");
        if known.len() >= REMEMBERED {
            known.clear();
        }
        known.insert(org, (now, endpoints.clone()));
        Ok(endpoints)
    }

    /// They were changed.
    pub fn forget(&self, org: OrgId) {
        self.0.lock().expect("no panic while it is held").remove(&org);
    }
}

/// The secrets of an endpoint.
#[derive(Debug, Clone)]
pub struct Secrets {
    /// What events are signed with.
    pub current: Secret,
    /// What they are signed with beside that, for a while after a change.
    pub previous: Option<Secret>,
}

impl Secrets {
    /// The keys that are valid; the current one first.
    pub(super) fn keys(&self, with_previous: bool) -> Result<Vec<SignatureKey>> {
        let previous = self.previous.iter().filter(|_| with_previous);
        std::iter::once(&self.current).chain(previous).map(|secret| SignatureKey::read(secret.expose())).collect()
    }
}

/// A secret of 256 random bits.
pub fn new_secret(app: &App) -> Secret {
    Secret::new(format!("{PREFIX}{}", BASE64_STANDARD.encode(app.random.bytes::<32>())))
}

/// Encrypts the secrets of an endpoint.
pub async fn seal(app: &App, org: OrgId, secrets: &Secrets) -> Result<String> {
    let mut named = Credentials::from([("current".to_owned(), secrets.current.clone())]);
    if let Some(previous) = &secrets.previous {
        named.insert("previous".into(), previous.clone());
    }
    providers::seal(app, org, &named).await
}

/// Decrypts the secrets of an endpoint.
pub async fn open(app: &App, endpoint: &WebhookEndpoint) -> Result<Secrets> {
    let mut named = providers::open(app, endpoint.org, &endpoint.secrets).await?;
    let current = named.remove("current").ok_or_else(|| domain::Error::internal("an endpoint has no secret"))?;
    Ok(Secrets { current, previous: named.remove("previous") })
}
