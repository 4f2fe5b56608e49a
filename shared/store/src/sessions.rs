//! Sessions: each a family of refresh tokens, of which only the newest is good. An older one that comes back was
//! copied, so it ends the family.

use aws_sdk_dynamodb::types::TransactWriteItem;
use domain::{
    Result,
    id::{OrgId, SessionId, UserId},
};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{keys, range::Range, table::Table, update::Update};

/// A signed-in browser or program, as stored.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Session {
    /// Its id; access tokens name it.
    pub id: SessionId,
    /// Whose.
    pub user_id: UserId,
    /// In which organization.
    pub org_id: OrgId,
    /// SHA-256 of the one refresh token that is good, in hex.
    pub token_hash: String,
    /// When the person signed in.
    pub created_at: Timestamp,
    /// When it ends if it is not refreshed (epoch seconds); then the row goes.
    pub ttl: i64,
}

/// A session, unless it has ended.
pub async fn get(table: &Table, user: UserId, session: SessionId, now: Timestamp) -> Result<Option<Session>> {
    let session: Option<Session> = table.get(&keys::session(user, session)).await?;
    Ok(session.filter(|session| session.ttl > now.as_second()))
}

/// Stores a new session.
pub async fn create(table: &Table, session: &Session) -> Result<()> {
    table.put(&keys::session(session.user_id, session.id), session).await
}

/// A new session, for a transaction.
pub fn create_in(table: &Table, session: &Session) -> Result<TransactWriteItem> {
    table.tx_put_new(&keys::session(session.user_id, session.id), session)
}

/// Puts another refresh token in the place of `old`. `false`: another request was first.
pub async fn rotate(table: &Table, old: &Session, token_hash: &str, until: Timestamp) -> Result<bool> {
    let update = Update::of(keys::session(old.user_id, old.id))
        .set("tokenHash", token_hash)
        .set("ttl", until.as_second())
        .if_equal("tokenHash", &old.token_hash);
    table.update(update).await
}

/// Ends a session.
pub async fn delete(table: &Table, user: UserId, session: SessionId) -> Result<()> {
    table.delete(&keys::session(user, session)).await
}

/// Ends all sessions of a user but `keep`.
pub async fn delete_others(table: &Table, user: UserId, keep: Option<SessionId>) -> Result<()> {
    loop {
        let partition = keys::session(user, SessionId::first_at(Timestamp::UNIX_EPOCH)).pk;
        let found: Vec<(String, Session)> = table.range(&Range::prefix(vec![partition], keys::SESSIONS, 100)).await?;
        let more = found.len() == 100;
        let others = found.into_iter().map(|(_, session)| session.id).filter(|id| Some(*id) != keep);
        let others: Vec<_> = others.map(|id| keys::session(user, id)).collect();
        table.delete_many(&others).await?;
        if !more {
            return Ok(());
        }
    }
}
