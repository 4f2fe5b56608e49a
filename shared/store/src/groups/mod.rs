//! Groups: named sets of contacts.
//!
//! Invariants: a group's name is unique in its organization, whatever its case; a membership and the group's count
//! move in one transaction, so the count never drifts; every membership has a row on both sides.

mod confirm;
mod members;
#[cfg(test)]
mod tests;

use aws_sdk_dynamodb::types::TransactWriteItem;
use domain::{
    Error, Result,
    id::{GroupId, OrgId, TemplateId},
    names,
};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

pub use confirm::{ask, confirm, pending_among, state, waiting};
pub use members::{Added, Member, add_members, contacts, is_member, members, of_contact, remove_member};
pub(crate) use members::{join, join_new, joins_pending, leave, not_members};

use crate::{
    counters::{self, Moves, names as counter},
    keys, messages,
    page::{self, Page},
    range::Range,
    table::Table,
    transaction::Cancelled,
    update::Update,
};

/// A group as stored.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Group {
    /// Its id.
    pub id: GroupId,
    /// Its organization.
    pub org: OrgId,
    /// Unique in the organization, whatever the case.
    pub name: String,
    /// For people.
    pub description: Option<String>,
    /// Whether who joins is a pending member until they confirm.
    #[serde(default)]
    pub double_opt_in: bool,
    /// The template by which they are asked to.
    #[serde(default)]
    pub confirmation_template: Option<TemplateId>,
    /// Who made it: a user's or an API key's id.
    pub created_by: String,
    /// When it was made.
    pub created_at: Timestamp,
    /// When something of this was last changed.
    pub updated_at: Timestamp,
}

/// What is kept of a deleted group.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Deleted {
    /// As it was.
    #[serde(flatten)]
    pub group: Group,
    /// When it was deleted.
    pub deleted_at: Timestamp,
    /// While memberships are left to remove: the partition of the index of what is due.
    due_partition: Option<String>,
    /// While memberships are left to remove: when the sweep is to go on.
    due_at: Option<String>,
}

impl Deleted {
    /// Whether memberships are left to remove.
    pub fn is_unfinished(&self) -> bool {
        self.due_at.is_some()
    }
}

#[derive(Serialize, Deserialize)]
struct Marker {
    group: GroupId,
}

/// How long the request that deletes a group has for its memberships, in seconds, before the sweep goes on with them.
const REQUEST: i64 = 60;

fn marker(org: OrgId, name: &str) -> keys::Key {
    keys::group_name(org, &names::fold(name.trim()))
}

/// The error for a name that another group has.
pub fn name_taken() -> Error {
    Error::conflict("group_name_taken", "Another group has this name.")
}

/// A group; not found if there is none.
pub async fn get(table: &Table, org: OrgId, id: GroupId) -> Result<Group> {
    find(table, org, id).await?.ok_or_else(|| Error::not_found("group", id))
}

/// A group, if there is one.
pub async fn find(table: &Table, org: OrgId, id: GroupId) -> Result<Option<Group>> {
    table.get(&keys::group(org, id)).await
}

/// The group with this name, whatever its case.
pub async fn by_name(table: &Table, org: OrgId, name: &str) -> Result<Option<Group>> {
    match table.get::<Marker>(&marker(org, name)).await? {
        None => Ok(None),
        Some(marker) => find(table, org, marker.group).await,
    }
}

/// A new group, for a transaction. The first write's condition fails if the name is taken ([`name_taken`]).
pub fn create(table: &Table, org: OrgId, group: &Group) -> Result<Vec<TransactWriteItem>> {
    let mut moves = Moves::default();
    moves.add(counter::GROUPS, 1);
    let mut writes = vec![
        table.tx_put_new(&marker(org, &group.name), &Marker { group: group.id })?,
        table.tx_put_new(&keys::group(org, group.id), group)?,
    ];
    writes.extend(moves.writes(table, org, group.id.shard(keys::SHARDS))?);
    Ok(writes)
}

/// Changes the name, the description and how members join, and gives the group as it is then. Errors: not found, `409
/// group_name_taken`, those of `change`.
pub async fn change(
    table: &Table,
    org: OrgId,
    id: GroupId,
    now: Timestamp,
    mut change: impl FnMut(&mut Group) -> Result<()>,
) -> Result<Group> {
    loop {
        let old = get(table, org, id).await?;
        let mut new = old.clone();
        change(&mut new)?;
        if new == old {
            return Ok(old);
        }
        new.updated_at = now;
        // The name decides which marker goes, so it is what must not have changed.
        let update = Update::of(keys::group(org, id))
            .set("name", &new.name)
            .set_or_remove("description", new.description.as_ref())
            .set("doubleOptIn", new.double_opt_in)
            .set_or_remove("confirmationTemplate", new.confirmation_template)
            .set("updatedAt", now)
            .if_equal("name", &old.name);
        let mut writes = vec![table.tx_update(update)?];
        let (before, after) = (marker(org, &old.name), marker(org, &new.name));
        let renamed = before != after;
        if renamed {
            writes.push(table.tx_put_new(&after, &Marker { group: id })?);
            writes.push(table.tx_delete(&before, false)?);
        }
        match table.transact(writes).await {
            Ok(()) => return Ok(new),
            Err(cancelled) if renamed && cancelled.failed(1) && !cancelled.failed(0) => return Err(name_taken()),
            // Each try loses only to a change that succeeded, so this ends.
            Err(Cancelled::Conditions(_)) => {}
            Err(Cancelled::Other(error)) => return Err(error),
        }
    }
}

/// Deletes a group: it is gone and its name is free. Its memberships go by [`clean`], which may be called again and
/// again; until it is done the sweep finds the group in the index of what is due. Not found if there is none and no
/// earlier deletion is unfinished.
pub async fn delete(table: &Table, org: OrgId, id: GroupId, now: Timestamp) -> Result<()> {
    loop {
        let Some(group) = find(table, org, id).await? else {
            let deleted = deleted(table, org, id).await?;
            return if deleted.is_some_and(|deleted| deleted.is_unfinished()) {
                Ok(())
            } else {
                Err(Error::not_found("group", id))
            };
        };
        let due = now + jiff::SignedDuration::from_secs(REQUEST);
        let deleted = Deleted {
            group: group.clone(),
            deleted_at: now,
            due_partition: Some(keys::due_partition(id.shard(keys::DUE_SHARDS))),
            due_at: Some(messages::due_text(due)),
        };
        let mut moves = Moves::default();
        moves.add(counter::GROUPS, -1);
        let mut writes = vec![
            // The name is the condition: a rename in this moment has another marker.
            delete_row(table, &group)?,
            table.tx_delete(&marker(org, &group.name), false)?,
            table.tx_put(&keys::deleted_group(org, id), &deleted)?,
        ];
        writes.extend(moves.writes(table, org, id.shard(keys::SHARDS))?);
        match table.transact(writes).await {
            Ok(()) => return Ok(()),
            Err(Cancelled::Conditions(_)) => {}
            Err(Cancelled::Other(error)) => return Err(error),
        }
    }
}

fn delete_row(table: &Table, group: &Group) -> Result<TransactWriteItem> {
    use aws_sdk_dynamodb::types::{AttributeValue, Delete};
    let key = keys::group(group.org, group.id);
    let delete = Delete::builder()
        .table_name(table.name())
        .key("pk", AttributeValue::S(key.pk))
        .key("sk", AttributeValue::S(key.sk))
        .condition_expression("#name = :name")
        .expression_attribute_names("#name", "name")
        .expression_attribute_values(":name", AttributeValue::S(group.name.clone()))
        .build();
    Ok(TransactWriteItem::builder().delete(delete.map_err(Error::internal)?).build())
}

/// What is kept of a deleted group.
pub async fn deleted(table: &Table, org: OrgId, id: GroupId) -> Result<Option<Deleted>> {
    table.get(&keys::deleted_group(org, id)).await
}

/// Removes up to `most` memberships of a deleted group. `true`: none is left. Repeatable.
pub async fn clean(table: &Table, org: OrgId, id: GroupId, most: usize) -> Result<bool> {
    if find(table, org, id).await?.is_some() {
        return Ok(true);
    }
    let members: Vec<_> = members(table, org, id, None, most).await?.into_iter().map(|one| one.contact).collect();
    // The contacts' side first: what a crash leaves is found again by the group's side.
    let sides: Vec<_> = members.iter().map(|contact| keys::contact_group(org, *contact, id)).collect();
    table.delete_many(&sides).await?;
    let sides: Vec<_> = members.iter().map(|contact| keys::group_member(org, id, *contact)).collect();
    table.delete_many(&sides).await?;
    if members.len() == most {
        return Ok(false);
    }
    for name in [counter::group(id), counter::pending(id)] {
        let counters: Vec<_> = (0..keys::SHARDS).map(|shard| keys::counter(org, &name, shard)).collect();
        table.delete_many(&counters).await?;
    }
    let done = Update::of(keys::deleted_group(org, id)).remove("duePartition").remove("dueAt").if_exists();
    table.update(done).await.map(|_| true)
}

/// A page of groups, newest first.
pub async fn list(table: &Table, org: OrgId, after: Option<String>, limit: usize) -> Result<Page<Group>> {
    let range = Range::prefix(vec![keys::org(org)], keys::GROUPS, limit).backward().after(after);
    page::read(table, range, limit, false, |_| true).await
}

/// How many groups there are.
pub async fn total(table: &Table, org: OrgId) -> Result<u64> {
    counters::read_one(table, org, counter::GROUPS).await
}

/// How many members each of some groups has, in their order.
pub async fn counts(table: &Table, org: OrgId, groups: &[GroupId]) -> Result<Vec<u64>> {
    let names: Vec<String> = groups.iter().map(|group| counter::group(*group)).collect();
    counters::read(table, org, &names).await
}

/// How many members of each of some groups have not confirmed, in their order.
pub async fn pending_counts(table: &Table, org: OrgId, groups: &[GroupId]) -> Result<Vec<u64>> {
    let names: Vec<String> = groups.iter().map(|group| counter::pending(*group)).collect();
    counters::read(table, org, &names).await
}

/// How many members a group has.
pub async fn count(table: &Table, org: OrgId, group: GroupId) -> Result<u64> {
    counters::read_one(table, org, &counter::group(group)).await
}
