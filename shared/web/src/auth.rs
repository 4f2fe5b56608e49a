//! Who asks: `Authorization: Bearer <access token>` or `Bearer dk_…`.
//!
//! Access tokens are JWTs signed with EdDSA; their public keys are in the table, by key id. Every request reads the
//! membership and the session, so a removed, demoted or signed-out person stops at once.

use std::{
    collections::HashMap,
    fmt,
    sync::{Arc, PoisonError, RwLock},
};

use domain::{
    Error, Result,
    access::{Role, Scope},
    id::{ApiKeyId, OrgId, SessionId, UserId},
};
use engine::App;
use http::{HeaderMap, header};
use jiff::Timestamp;
use jsonwebtoken::{Algorithm, DecodingKey, Validation};
use serde::{Deserialize, Serialize};

pub use crate::signing::{new_signing_secret, publish_signing_key};

use crate::row::Access;

/// How API keys begin.
pub const API_KEY_PREFIX: &str = "dk_";

/// The issuer of access tokens.
pub const ISSUER: &str = "dundun";

/// What an access token says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Claims {
    /// [`ISSUER`].
    pub iss: String,
    /// The person.
    pub sub: UserId,
    /// The organization.
    pub org: OrgId,
    /// The session.
    pub sid: SessionId,
    /// Issued at, epoch seconds.
    pub iat: i64,
    /// Ends at, epoch seconds.
    pub exp: i64,
}

/// A person or a program.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Actor {
    /// A person, in a session.
    User {
        /// Who.
        id: UserId,
        /// Signed in as.
        session: SessionId,
    },
    /// A program with an API key.
    ApiKey(ApiKeyId),
}

impl fmt::Display for Actor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::User { id, .. } => id.fmt(f),
            Self::ApiKey(id) => id.fmt(f),
        }
    }
}

/// Who asks, and what they may do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Principal {
    /// The organization whose things they see.
    pub org: OrgId,
    /// Who.
    pub actor: Actor,
    /// What they may do. `ADMIN` for API keys, which their scopes narrow down.
    pub role: Role,
    /// An API key's scopes; `None` for people, who have all.
    pub scopes: Option<Vec<Scope>>,
}

impl Principal {
    /// Whether they may call a row with this access; else 403 that says what is missing.
    pub fn check(&self, access: Access) -> Result<()> {
        let (role, scope) = match access {
            Access::Public => return Ok(()),
            Access::Person(role) => (role, None),
            Access::Needs(role, scope) => (role, Some(scope)),
        };
        match (&self.scopes, scope) {
            (Some(_), None) => return Err(forbidden("person_needed", "An API key cannot do this.".into())),
            (Some(scopes), Some(scope)) if !scopes.contains(&scope) => {
                return Err(forbidden("scope_missing", format!("The API key lacks the scope {scope}.")));
            }
            _ => {}
        }
        if self.role < role {
            return Err(forbidden("role_too_small", format!("This needs the role {role}.")));
        }
        Ok(())
    }
}

fn forbidden(code: &'static str, detail: String) -> Error {
    Error::Forbidden { code, detail }
}

fn unauthenticated(code: &'static str, detail: &str) -> Error {
    Error::Unauthenticated { code, detail: detail.into() }
}

fn token_invalid() -> Error {
    unauthenticated("token_invalid", "The token does not hold.")
}

/// Public keys this instance has seen, by key id. A key never changes under its id.
#[derive(Default)]
pub(crate) struct Keys(RwLock<HashMap<String, Arc<DecodingKey>>>);

impl Keys {
    async fn get(&self, app: &App, kid: &str) -> Result<Arc<DecodingKey>> {
        if let Some(key) = self.0.read().unwrap_or_else(PoisonError::into_inner).get(kid) {
            return Ok(key.clone());
        }
        // A key id is ours and short; anything else is not worth a read.
        if kid.len() > 64 {
            return Err(token_invalid());
        }
        let public = store::signing_keys::get(&app.table, kid).await?.ok_or_else(token_invalid)?;
        let key = Arc::new(DecodingKey::from_ed_components(&public.x).map_err(Error::internal)?);
        self.0.write().unwrap_or_else(PoisonError::into_inner).insert(kid.to_owned(), key.clone());
        Ok(key)
    }
}

/// The bearer token of a request.
fn bearer(headers: &HeaderMap) -> Result<&str> {
    let missing = || unauthenticated("token_missing", "An access token or API key is needed.");
    let value = headers.get(header::AUTHORIZATION).ok_or_else(missing)?.to_str().map_err(|_| token_invalid())?;
    let (scheme, token) = value.split_once(' ').ok_or_else(token_invalid)?;
    if scheme.eq_ignore_ascii_case("bearer") { Ok(token.trim()) } else { Err(token_invalid()) }
}

/// Who sends a request with these headers; 401 if that cannot be told.
pub(crate) async fn authenticate(app: &App, keys: &Keys, headers: &HeaderMap) -> Result<Principal> {
    let token = bearer(headers)?;
    if token.starts_with(API_KEY_PREFIX) { api_key(app, token).await } else { person(app, keys, token).await }
}

async fn api_key(app: &App, token: &str) -> Result<Principal> {
    // Found by its hash: whoever can guess where a hash differs still has no secret to guess with.
    let key = store::api_keys::by_hash(&app.table, &store::keys::hash(token)).await?.ok_or_else(token_invalid)?;
    if key.expires_at.is_some_and(|end| end <= app.now()) {
        return Err(unauthenticated("token_expired", "The API key has expired."));
    }
    Ok(Principal { org: key.org_id, actor: Actor::ApiKey(key.id), role: Role::Admin, scopes: Some(key.scopes) })
}

async fn person(app: &App, keys: &Keys, token: &str) -> Result<Principal> {
    let head = jsonwebtoken::decode_header(token).map_err(|_| token_invalid())?;
    let key = keys.get(app, head.kid.as_deref().unwrap_or_default()).await?;
    let claims = verify(token, &key, app.now())?;
    let member = store::users::member(&app.table, claims.org, claims.sub);
    let session = store::sessions::get(&app.table, claims.sub, claims.sid, app.now());
    let (member, session) = futures::try_join!(member, session)?;
    match (member, session) {
        (Some(member), Some(session)) if session.org_id == claims.org => Ok(Principal {
            org: claims.org,
            actor: Actor::User { id: claims.sub, session: claims.sid },
            role: member.role,
            scopes: None,
        }),
        _ => Err(unauthenticated("token_revoked", "This session has ended. Sign in again.")),
    }
}

/// The claims of a token that `key` signed and that has not ended.
fn verify(token: &str, key: &DecodingKey, now: Timestamp) -> Result<Claims> {
    let mut validation = Validation::new(Algorithm::EdDSA);
    // The library would ask the system's clock; ours may be turned.
    validation.validate_exp = false;
    validation.validate_aud = false;
    validation.set_issuer(&[ISSUER]);
    validation.set_required_spec_claims(&["exp", "iss", "sub"]);
    let claims: Claims = jsonwebtoken::decode(token, key, &validation).map_err(|_| token_invalid())?.claims;
    if claims.exp <= now.as_second() {
        return Err(unauthenticated("token_expired", "The access token has expired. Refresh it."));
    }
    Ok(claims)
}

#[cfg(test)]
mod tests {
    use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
    use ed25519_dalek::{SigningKey, pkcs8::EncodePrivateKey};
    use jsonwebtoken::{EncodingKey, Header};

    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    fn claims() -> Claims {
        Claims {
            iss: ISSUER.into(),
            sub: UserId::new(at(0), 1),
            org: OrgId::new(at(0), 2),
            sid: SessionId::new(at(0), 3),
            iat: 0,
            exp: 900,
        }
    }

    fn keys(seed: u8) -> (EncodingKey, DecodingKey) {
        let key = SigningKey::from_bytes(&[seed; 32]);
        let x = BASE64_URL_SAFE_NO_PAD.encode(key.verifying_key().as_bytes());
        let der = key.to_pkcs8_der().unwrap();
        (EncodingKey::from_ed_der(der.as_bytes()), DecodingKey::from_ed_components(&x).unwrap())
    }

    fn code(result: Result<Claims>) -> &'static str {
        match result {
            Err(Error::Unauthenticated { code, .. }) => code,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn tokens_hold_until_their_end_and_for_their_key_only() {
        let (private, public) = keys(7);
        let token = jsonwebtoken::encode(&Header::new(Algorithm::EdDSA), &claims(), &private).unwrap();
        assert_eq!(verify(&token, &public, at(899)).unwrap(), claims());
        assert_eq!(code(verify(&token, &public, at(900))), "token_expired");
        assert_eq!(code(verify(&token, &keys(8).1, at(0))), "token_invalid");
        assert_eq!(code(verify("a.b.c", &public, at(0))), "token_invalid");
    }

    #[test]
    fn other_algorithms_are_refused() {
        let (_, public) = keys(7);
        let secret = EncodingKey::from_secret(&[7; 32]);
        let token = jsonwebtoken::encode(&Header::new(Algorithm::HS256), &claims(), &secret).unwrap();
        assert_eq!(code(verify(&token, &public, at(0))), "token_invalid");
    }

    #[test]
    fn roles_and_scopes_are_both_asked() {
        let person = |role| Principal {
            org: claims().org,
            actor: Actor::User { id: claims().sub, session: claims().sid },
            role,
            scopes: None,
        };
        let key = |scopes: &[Scope]| Principal {
            org: claims().org,
            actor: Actor::ApiKey(ApiKeyId::new(at(0), 4)),
            role: Role::Admin,
            scopes: Some(scopes.to_vec()),
        };
        let row = Access::Needs(Role::Member, Scope::MessagesWrite);
        assert!(person(Role::Member).check(row).is_ok());
        assert!(person(Role::Owner).check(row).is_ok());
        assert!(person(Role::Viewer).check(row).is_err());
        assert!(key(&[Scope::MessagesWrite]).check(row).is_ok());
        assert!(key(&[Scope::MessagesRead]).check(row).is_err());
        assert!(key(Scope::ALL).check(Access::Person(Role::Viewer)).is_err());
        assert!(key(Scope::ALL).check(Access::Needs(Role::Owner, Scope::UsersWrite)).is_err());
    }

    #[test]
    fn bearer_in_any_case() {
        let headers = |value: &str| HeaderMap::from_iter([(header::AUTHORIZATION, value.parse().unwrap())]);
        assert_eq!(bearer(&headers("bearer abc")).unwrap(), "abc");
        assert!(bearer(&headers("Basic abc")).is_err());
        assert!(bearer(&HeaderMap::new()).is_err());
    }
}
