//! Double opt-in: members who are pending until they confirm, each asked once.
//!
//! Invariant: a member is asked by one message at most: the first to write its id beside the membership.

use domain::{
    Result,
    id::{ContactId, GroupId, MessageId, OrgId},
};

use super::members::{Member, linked};
use crate::{
    counters::{Moves, names as counter},
    keys,
    table::Table,
    transaction::Cancelled,
    update::Update,
};

/// How many groups of a contact are looked at.
const GROUPS: usize = 1_000;

/// Those of some contacts who are pending members of a group.
pub async fn pending_among(table: &Table, org: OrgId, group: GroupId, contacts: &[ContactId]) -> Result<Vec<Member>> {
    let keys: Vec<_> = contacts.iter().map(|contact| keys::group_member(org, group, *contact)).collect();
    let members: Vec<Option<Member>> = table.get_many(&keys).await?;
    Ok(members.into_iter().flatten().filter(|member| member.pending).collect())
}

/// Notes that a message asks a pending member. `false`: it is not for this message to ask them: they confirmed, left, or
/// were asked by another. Repeatable.
pub async fn ask(table: &Table, org: OrgId, group: GroupId, contact: ContactId, message: MessageId) -> Result<bool> {
    let key = keys::group_member(org, group, contact);
    let update = Update::of(key.clone()).set("asked", message).if_equal("pending", true).if_unset("asked");
    if table.update(update).await? {
        return Ok(true);
    }
    let member: Option<Member> = table.get(&key).await?;
    Ok(member.is_some_and(|member| member.pending && member.asked == Some(message)))
}

/// The groups in which a contact was asked and has not answered.
pub async fn waiting(table: &Table, org: OrgId, contact: ContactId) -> Result<Vec<GroupId>> {
    let groups = super::of_contact(table, org, contact, GROUPS).await?;
    let keys: Vec<_> = groups.iter().map(|group| keys::group_member(org, *group, contact)).collect();
    let members: Vec<Option<Member>> = table.get_many(&keys).await?;
    let waiting = members.into_iter().flatten().filter(|member| member.pending && member.asked.is_some());
    Ok(waiting.map(|member| member.group).collect())
}

/// A pending member confirms. `false`: they confirmed before, or are no member.
pub async fn confirm(table: &Table, org: OrgId, group: GroupId, contact: ContactId) -> Result<bool> {
    let update =
        Update::of(keys::group_member(org, group, contact)).remove("pending").remove("asked").if_equal("pending", true);
    let mut moves = Moves::default();
    moves.add(counter::pending(group), -1);
    let mut writes = vec![table.tx_update(update)?, linked(table, org, contact)?];
    writes.extend(moves.writes(table, org, contact.shard(keys::SHARDS))?);
    match table.transact(writes).await {
        Ok(()) => Ok(true),
        Err(Cancelled::Conditions(_)) => Ok(false),
        Err(Cancelled::Other(error)) => Err(error),
    }
}

/// Whether a contact is a member of a group, and if so whether it is pending.
pub async fn state(table: &Table, org: OrgId, group: GroupId, contact: ContactId) -> Result<Option<bool>> {
    let member: Option<Member> = table.get(&keys::group_member(org, group, contact)).await?;
    Ok(member.map(|member| member.pending))
}
