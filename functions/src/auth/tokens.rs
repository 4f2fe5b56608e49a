//! Access and refresh tokens.

use domain::{
    Error, Result,
    id::{OrgId, SessionId, UserId},
};
use ed25519_dalek::pkcs8::EncodePrivateKey;
use engine::App;
use jiff::SignedDuration;
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use store::sessions::Session;
use subtle::ConstantTimeEq;
use web::{
    auth::{Claims, ISSUER},
    signing::Signing,
};

/// How long an access token holds.
pub const ACCESS: SignedDuration = SignedDuration::from_mins(15);

/// How long a session holds without being refreshed.
pub const SESSION: SignedDuration = SignedDuration::from_hours(30 * 24);

/// How refresh tokens begin.
const REFRESH_PREFIX: &str = "rt";

/// An access token for a session that is there, and its life in seconds. Makes the public key known.
pub async fn access(app: &App, session: &Session) -> Result<(String, i64)> {
    let signing = Signing::read(app).await?;
    signing.publish(app).await?;
    let now = app.now();
    let claims = Claims {
        iss: ISSUER.into(),
        sub: session.user_id,
        org: session.org_id,
        sid: session.id,
        iat: now.as_second(),
        exp: (now + ACCESS).as_second(),
    };
    let header = Header { kid: Some(signing.kid.clone()), ..Header::new(Algorithm::EdDSA) };
    let der = signing.key()?.to_pkcs8_der().map_err(Error::internal)?;
    let token =
        jsonwebtoken::encode(&header, &claims, &EncodingKey::from_ed_der(der.as_bytes())).map_err(Error::internal)?;
    Ok((token, ACCESS.as_secs()))
}

/// A session that begins now, and its first refresh token. It is not yet stored.
pub fn begin(app: &App, org: OrgId, user: UserId) -> (Session, String) {
    let now = app.now();
    let id = SessionId::new(now, app.random.bits());
    let refresh = refresh(app, user, id);
    let session = Session {
        id,
        user_id: user,
        org_id: org,
        token_hash: store::keys::hash(&refresh),
        created_at: now,
        ttl: (now + SESSION).as_second(),
    };
    (session, refresh)
}

/// A new refresh token for a session: 256 random bits, and where to look them up.
pub fn refresh(app: &App, user: UserId, session: SessionId) -> String {
    let plain = |id: String| id.split_once('_').map(|(_, ulid)| ulid.to_owned()).unwrap_or_default();
    let secret = hex::encode(app.random.bytes::<32>());
    format!("{REFRESH_PREFIX}_{}_{}_{secret}", plain(user.to_string()), plain(session.to_string()))
}

/// The user and session that a refresh token names; `None` for what is none.
pub fn named(token: &str) -> Option<(UserId, SessionId)> {
    let mut parts = token.split('_');
    let (prefix, user, session, secret) = (parts.next()?, parts.next()?, parts.next()?, parts.next()?);
    if prefix != REFRESH_PREFIX || secret.len() != 64 || parts.next().is_some() {
        return None;
    }
    Some((format!("{}_{user}", UserId::PREFIX).parse().ok()?, format!("{}_{session}", SessionId::PREFIX).parse().ok()?))
}

/// Whether a refresh token is the newest one of its session.
pub fn is_newest(session: &Session, token: &str) -> bool {
    session.token_hash.as_bytes().ct_eq(store::keys::hash(token).as_bytes()).into()
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::*;

    #[test]
    fn a_refresh_token_leads_to_its_session_and_nothing_else_does() {
        let user = UserId::new(Timestamp::UNIX_EPOCH, 7);
        let session = SessionId::new(Timestamp::UNIX_EPOCH, 8);
        let ulid = |id: String| id[4..].to_owned();
        let token = format!("rt_{}_{}_{}", ulid(user.to_string()), ulid(session.to_string()), "0".repeat(64));
        assert_eq!(named(&token), Some((user, session)));
        for wrong in ["", "rt", "rt___", &token[..80], &format!("{token}_"), &token.replace("rt_", "xx_")] {
            assert_eq!(named(wrong), None, "{wrong}");
        }
    }
}
