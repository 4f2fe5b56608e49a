//! Who is in a group.

use aws_sdk_dynamodb::types::TransactWriteItem;
use domain::{
    Error, Result,
    id::{ContactId, GroupId, MessageId, OrgId},
};
use serde::{Deserialize, Serialize, de::IgnoredAny};

use crate::{
    contacts::{self, Contact},
    counters::{Moves, names as counter},
    keys::{self, Key},
    page::Page,
    range::Range,
    table::Table,
    transaction::Cancelled,
    update::Update,
};

/// How many contacts join in one transaction: three writes each, and the count.
const BATCH: usize = 25;

/// How often a batch is tried again because someone else was quicker. Each try loses only to a change that succeeded.
const TRIES: usize = 50;

/// A place in a group, seen from the group or from the contact.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Member {
    /// Who.
    pub contact: ContactId,
    /// Where.
    pub group: GroupId,
    /// Whether they have not confirmed yet (as the group sees it; never set on the contact's side).
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub pending: bool,
    /// The message by which they were asked to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub asked: Option<MessageId>,
}

/// What came of adding members.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Added {
    /// Those who were not members before, each once.
    pub added: Vec<ContactId>,
    /// Those who are no contacts.
    pub missing: Vec<ContactId>,
}

/// The members of a group behind `after` (a contact's id), at most `limit`, in the order of contact ids.
pub async fn members(
    table: &Table,
    org: OrgId,
    group: GroupId,
    after: Option<String>,
    limit: usize,
) -> Result<Vec<Member>> {
    let range = Range::prefix(keys::group_members(org, group), "con_", limit).after(after);
    Ok(table.range(&range).await?.into_iter().map(|(_, member)| member).collect())
}

/// A page of the contacts in a group, newest first.
pub async fn contacts(
    table: &Table,
    org: OrgId,
    group: GroupId,
    after: Option<String>,
    limit: usize,
) -> Result<Page<Contact>> {
    let query = contacts::Query::of_group(group);
    contacts::list(table, org, &query, after, limit).await
}

/// The groups of a contact, at most `limit`. Groups that were deleted a moment ago may be among them.
pub async fn of_contact(table: &Table, org: OrgId, contact: ContactId, limit: usize) -> Result<Vec<GroupId>> {
    let Key { pk, sk } = keys::contact_groups(org, contact);
    let rows: Vec<(String, Member)> = table.range(&Range::prefix(vec![pk], &sk, limit)).await?;
    Ok(rows.into_iter().map(|(_, member)| member.group).collect())
}

/// Whether each of some contacts is in a group, in their order.
pub async fn is_member(table: &Table, org: OrgId, group: GroupId, contacts: &[ContactId]) -> Result<Vec<bool>> {
    let keys: Vec<_> = contacts.iter().map(|contact| keys::group_member(org, group, *contact)).collect();
    let rows: Vec<Option<IgnoredAny>> = table.get_many(&keys).await?;
    Ok(rows.into_iter().map(|row| row.is_some()).collect())
}

/// Those of some contacts that are not in a group, each once.
pub(crate) async fn not_members(
    table: &Table,
    org: OrgId,
    group: GroupId,
    contacts: &[ContactId],
) -> Result<Vec<ContactId>> {
    let mut candidates = contacts.to_vec();
    candidates.sort_unstable();
    candidates.dedup();
    let member = is_member(table, org, group, &candidates).await?;
    Ok(candidates.into_iter().zip(member).filter(|(_, member)| !member).map(|(id, _)| id).collect())
}

/// Both sides of a new contact's membership. The contact is made in the same transaction, with `links` 1.
pub(crate) fn join_new(
    table: &Table,
    org: OrgId,
    group: GroupId,
    contact: ContactId,
    moves: &mut Moves,
    pending: bool,
) -> Result<Vec<TransactWriteItem>> {
    moves.add(counter::group(group), 1);
    moves.add(counter::pending(group), i64::from(pending));
    let member = Member { contact, group, pending: false, asked: None };
    Ok(vec![
        table.tx_put_new(&keys::group_member(org, group, contact), &Member { pending, ..member.clone() })?,
        table.tx_put(&keys::contact_group(org, contact, group), &member)?,
    ])
}

/// Both sides of a membership of a contact that must exist and must not be a member. Write 0 is the membership, the
/// last the contact.
pub(crate) fn join(
    table: &Table,
    org: OrgId,
    group: GroupId,
    contact: ContactId,
    moves: &mut Moves,
    pending: bool,
) -> Result<Vec<TransactWriteItem>> {
    let mut writes = join_new(table, org, group, contact, moves, pending)?;
    writes.push(linked(table, org, contact)?);
    Ok(writes)
}

/// The contact notices that its groups changed, so that its deletion does not overlook one.
pub(super) fn linked(table: &Table, org: OrgId, contact: ContactId) -> Result<TransactWriteItem> {
    table.tx_update(Update::of(keys::contact(org, contact)).add("links", 1).if_exists())
}

/// Removes both sides of the memberships of a contact. That nobody confirms meanwhile is the caller's condition, on the
/// contact's `links`.
pub(crate) async fn leave(
    table: &Table,
    org: OrgId,
    groups: &[GroupId],
    contact: ContactId,
    moves: &mut Moves,
) -> Result<Vec<TransactWriteItem>> {
    let keys: Vec<_> = groups.iter().map(|group| keys::group_member(org, *group, contact)).collect();
    let members: Vec<Option<Member>> = table.get_many(&keys).await?;
    let mut writes = Vec::with_capacity(groups.len() * 2);
    for ((group, member), key) in groups.iter().zip(members).zip(keys) {
        moves.add(counter::group(*group), -1);
        moves.add(counter::pending(*group), -i64::from(member.is_some_and(|member| member.pending)));
        writes.push(table.tx_delete(&key, false)?);
        writes.push(table.tx_delete(&keys::contact_group(org, contact, *group), false)?);
    }
    Ok(writes)
}

/// Lets contacts join a group that exists. Who is in it already is counted once; who is no contact is told.
pub async fn add_members(table: &Table, org: OrgId, group: GroupId, contacts: &[ContactId]) -> Result<Added> {
    let mut done = Added::default();
    let pending = joins_pending(table, org, group).await?;
    for batch in contacts.chunks(BATCH) {
        add_batch(table, org, (group, pending), batch, &mut done).await?;
    }
    Ok(done)
}

/// Whether who joins a group is pending until they confirm.
pub(crate) async fn joins_pending(table: &Table, org: OrgId, group: GroupId) -> Result<bool> {
    Ok(super::find(table, org, group).await?.is_some_and(|group| group.double_opt_in))
}

async fn add_batch(
    table: &Table,
    org: OrgId,
    (group, pending): (GroupId, bool),
    batch: &[ContactId],
    done: &mut Added,
) -> Result<()> {
    for _ in 0..TRIES {
        let candidates = not_members(table, org, group, batch).await?;
        let found = contacts::get_many(table, org, &candidates).await?;
        let (joining, missing): (Vec<_>, Vec<_>) =
            candidates.into_iter().zip(found).partition(|(_, contact)| contact.is_some());
        let joining: Vec<ContactId> = joining.into_iter().map(|(id, _)| id).collect();
        if let Some(first) = joining.first() {
            let mut writes = Vec::with_capacity(joining.len() * 3 + 2);
            let mut moves = Moves::default();
            for id in &joining {
                writes.extend(join(table, org, group, *id, &mut moves, pending)?);
            }
            writes.extend(moves.writes(table, org, first.shard(keys::SHARDS))?);
            match table.transact(writes).await {
                Ok(()) => {}
                // Someone joined or was deleted meanwhile: look again.
                Err(Cancelled::Conditions(_)) => continue,
                Err(Cancelled::Other(error)) => return Err(error),
            }
        }
        done.added.extend(joining);
        for (id, _) in missing {
            if !done.missing.contains(&id) {
                done.missing.push(id);
            }
        }
        return Ok(());
    }
    Err(Error::Unavailable("a group is busy".into()))
}

/// Takes a contact out of a group. `false`: it was not in it.
pub async fn remove_member(table: &Table, org: OrgId, group: GroupId, contact: ContactId) -> Result<bool> {
    for _ in 0..TRIES {
        let key = keys::group_member(org, group, contact);
        let Some(member) = table.get::<Member>(&key).await? else { return Ok(false) };
        let mut moves = Moves::default();
        moves.add(counter::group(group), -1);
        moves.add(counter::pending(group), -i64::from(member.pending));
        let mut writes = vec![
            table.tx_delete_if(&key, "pending", member.pending)?,
            table.tx_delete(&keys::contact_group(org, contact, group), false)?,
            linked(table, org, contact)?,
        ];
        writes.extend(moves.writes(table, org, contact.shard(keys::SHARDS))?);
        match table.transact(writes).await {
            Ok(()) => return Ok(true),
            // It confirmed, left or was deleted meanwhile: look again.
            Err(Cancelled::Conditions(_)) => {}
            Err(Cancelled::Other(error)) => return Err(error),
        }
    }
    Err(Error::Unavailable("a group is busy".into()))
}
