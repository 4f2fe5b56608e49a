//! People, their memberships in organizations, and invites.
//!
//! The membership (organization, user, role) is an item of its own, so one person may belong to several
//! organizations later. It repeats name and e-mail, so a list of people is one query.

use aws_sdk_dynamodb::types::TransactWriteItem;
use domain::{
    Error, Result,
    access::Role,
    id::{OrgId, UserId},
};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{
    keys::{self, Key},
    organizations,
    range::Range,
    table::Table,
    transaction::Cancelled,
    update::Update,
};

/// A person who signs in.
#[derive(Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct User {
    /// Their id.
    pub id: UserId,
    /// Lower case; unique among all users.
    pub email: String,
    /// As they want to be called.
    pub name: String,
    /// Argon2id, in PHC form.
    pub password_hash: String,
    /// When they came.
    pub created_at: Timestamp,
    /// When something of this was last changed.
    pub updated_at: Timestamp,
}

/// A person's place in an organization. An invited one has a place before there is a [`User`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Member {
    /// Whose place.
    pub user_id: UserId,
    /// Repeated from the user.
    pub email: String,
    /// Repeated from the user.
    pub name: String,
    /// What they may do here.
    pub role: Role,
    /// Whether they have not yet accepted.
    pub invited: bool,
    /// When they joined or were invited.
    pub created_at: Timestamp,
    /// When something of this was last changed.
    pub updated_at: Timestamp,
}

/// What the link in an invite leads to.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Invite {
    /// Into which organization.
    pub org_id: OrgId,
    /// As whom.
    pub user_id: UserId,
    /// Until when (epoch seconds); then the row goes.
    pub ttl: i64,
}

/// Who an e-mail address belongs to.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct EmailOwner {
    /// The person.
    pub user_id: UserId,
    /// The organization they sign in to.
    pub org_id: OrgId,
}

/// A user.
pub async fn get(table: &Table, user: UserId) -> Result<Option<User>> {
    table.get(&keys::user(user)).await
}

/// Who an address (lower case) belongs to.
pub async fn by_email(table: &Table, email: &str) -> Result<Option<EmailOwner>> {
    table.get(&keys::user_email(email)).await
}

/// A person's place in an organization.
pub async fn member(table: &Table, org: OrgId, user: UserId) -> Result<Option<Member>> {
    table.get(&keys::member(org, user)).await
}

/// One page of an organization's people, oldest first: at most `limit`, and the sort key to continue behind.
pub async fn members(table: &Table, org: OrgId, after: Option<String>, limit: usize) -> Result<crate::Page<Member>> {
    let range = Range::prefix(vec![keys::org(org)], keys::MEMBERS, limit).after(after);
    crate::page::read(table, range, limit, false, |_| true).await
}

/// A new user with their address and place, for a transaction. The first write's condition fails if the address
/// belongs to someone.
pub fn create(table: &Table, org: OrgId, user: &User, role: Role) -> Result<Vec<TransactWriteItem>> {
    let owner = EmailOwner { user_id: user.id, org_id: org };
    let member = Member {
        user_id: user.id,
        email: user.email.clone(),
        name: user.name.clone(),
        role,
        invited: false,
        created_at: user.created_at,
        updated_at: user.created_at,
    };
    Ok(vec![
        table.tx_put_new(&keys::user_email(&user.email), &owner)?,
        table.tx_put_new(&keys::user(user.id), user)?,
        table.tx_put(&keys::member(org, user.id), &member)?,
    ])
}

/// An invited person's place and the invite, for a transaction.
pub fn invite(
    table: &Table,
    org: OrgId,
    member: &Member,
    token_hash: &str,
    until: Timestamp,
) -> Result<Vec<TransactWriteItem>> {
    let invite = Invite { org_id: org, user_id: member.user_id, ttl: until.as_second() };
    let mut writes = vec![
        table.tx_put_new(&keys::member(org, member.user_id), member)?,
        table.tx_put_new(&keys::invite(token_hash), &invite)?,
    ];
    if member.role == Role::Owner {
        writes.push(organizations::owner_added(table, org)?);
    }
    Ok(writes)
}

/// The invite of a token's hash, unless it has expired.
pub async fn find_invite(table: &Table, token_hash: &str, now: Timestamp) -> Result<Option<Invite>> {
    let invite: Option<Invite> = table.get(&keys::invite(token_hash)).await?;
    Ok(invite.filter(|invite| invite.ttl > now.as_second()))
}

/// What an accepted invite writes. Conditions: 0 the address is free, 1 the invite was not used meanwhile, 3 the
/// place is still there.
pub fn accept_invite(table: &Table, org: OrgId, user: &User, token_hash: &str) -> Result<Vec<TransactWriteItem>> {
    let owner = EmailOwner { user_id: user.id, org_id: org };
    let place = Update::of(keys::member(org, user.id))
        .set("name", &user.name)
        .set("invited", false)
        .set("updatedAt", user.created_at)
        .if_exists();
    Ok(vec![
        table.tx_put_new(&keys::user_email(&user.email), &owner)?,
        table.tx_delete(&keys::invite(token_hash), true)?,
        table.tx_put_new(&keys::user(user.id), user)?,
        table.tx_update(place)?,
    ])
}

/// Uses up the setup token of the deployment, for the transaction that registers with it. Its condition fails if it
/// was used before.
pub fn use_setup_token(table: &Table, token: &str, now: Timestamp) -> Result<TransactWriteItem> {
    #[derive(Serialize)]
    #[serde(rename_all = "camelCase")]
    struct Used {
        used_at: Timestamp,
    }
    // Not the place where an invite with this token would be.
    table.tx_put_new(&keys::invite(&keys::hash(&format!("setup\n{token}"))), &Used { used_at: now })
}

/// Gives a person another name, everywhere it is kept.
pub async fn rename(table: &Table, org: OrgId, user: UserId, name: &str, now: Timestamp) -> Result<()> {
    let set = |key: Key| Update::of(key).set("name", name).set("updatedAt", now).if_exists();
    let writes = vec![table.tx_update(set(keys::user(user)))?, table.tx_update(set(keys::member(org, user)))?];
    Ok(table.transact(writes).await?)
}

/// Gives a person another password, if the hash is still `old`.
pub async fn set_password(table: &Table, user: UserId, old: &str, new: &str, now: Timestamp) -> Result<bool> {
    let update =
        Update::of(keys::user(user)).set("passwordHash", new).set("updatedAt", now).if_equal("passwordHash", old);
    table.update(update).await
}

/// Gives a person another role. The last owner stays one: conflict `last_owner`.
pub async fn set_role(table: &Table, org: OrgId, member: &Member, role: Role, now: Timestamp) -> Result<()> {
    let place = Update::of(keys::member(org, member.user_id))
        .set("role", role)
        .set("updatedAt", now)
        .if_equal("role", member.role);
    let mut writes = vec![table.tx_update(place)?];
    match (member.role, role) {
        (Role::Owner, Role::Owner) => {}
        (Role::Owner, _) => writes.push(organizations::owner_removed(table, org)?),
        (_, Role::Owner) => writes.push(organizations::owner_added(table, org)?),
        _ => {}
    }
    table.transact(writes).await.map_err(last_owner)
}

/// Removes a person from an organization, and with it the account and its address. The last owner stays:
/// conflict `last_owner`.
pub async fn remove(table: &Table, org: OrgId, member: &Member) -> Result<()> {
    let mut writes = vec![table.tx_delete(&keys::member(org, member.user_id), true)?];
    if member.role == Role::Owner {
        writes.push(organizations::owner_removed(table, org)?);
    }
    if !member.invited {
        writes.push(table.tx_delete(&keys::user(member.user_id), false)?);
        writes.push(table.tx_delete(&keys::user_email(&member.email), false)?);
    }
    table.transact(writes).await.map_err(last_owner)
}

fn last_owner(cancelled: Cancelled) -> Error {
    if cancelled.failed(1) && !cancelled.failed(0) {
        Error::conflict("last_owner", "An organization keeps at least one owner.")
    } else {
        cancelled.into()
    }
}
