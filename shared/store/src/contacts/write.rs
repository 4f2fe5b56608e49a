//! Creating, changing and deleting one contact.

use aws_sdk_dynamodb::types::{AttributeValue, Delete, TransactWriteItem};
use domain::{
    Error, Result,
    id::{ContactId, OrgId},
};
use jiff::Timestamp;

use super::{
    Contact, Deleted,
    entries::{count, count_tags, entries, put},
    get,
};
use crate::{counters::Moves, groups, keys, table::Table, transaction::Cancelled, update::Update};

/// How often a change is made again because someone else was quicker. Each try loses only to a change that
/// succeeded, so this is far away.
pub(super) const TRIES: usize = 50;

/// How many memberships go in the transaction that deletes a contact; more go before it.
const MEMBERSHIPS: usize = 10;

/// How many memberships are read at once.
const MANY: usize = 100;

/// The error for a number that another contact has.
pub fn phone_taken() -> Error {
    Error::conflict("phone_taken", "Another contact has this phone number.")
}

/// The writes that make a contact, for a transaction: at most 49. If the contact has a number, the first is its
/// marker, and its condition fails if another contact has it (`409 phone_taken`).
pub fn create(table: &Table, contact: &Contact) -> Result<Vec<TransactWriteItem>> {
    let mut writes = rows(table, contact)?;
    let mut moves = Moves::default();
    count(&mut moves, contact, 1);
    writes.extend(moves.writes(table, contact.org, contact.id.shard(keys::SHARDS))?);
    Ok(writes)
}

/// The contact and what leads to it, without the counters.
pub(super) fn rows(table: &Table, contact: &Contact) -> Result<Vec<TransactWriteItem>> {
    let mut writes: Vec<_> = entries(contact).iter().map(|entry| put(table, entry, contact)).collect::<Result<_>>()?;
    writes.push(table.tx_put_new(&keys::contact(contact.org, contact.id), contact)?);
    Ok(writes)
}

/// Changes a contact by `change`, again if someone else was quicker, and gives it as it is then. Errors: not found,
/// `409 phone_taken`, those of `change`.
pub async fn change(
    table: &Table,
    org: OrgId,
    id: ContactId,
    now: Timestamp,
    mut change: impl FnMut(&mut Contact) -> Result<()>,
) -> Result<Contact> {
    for _ in 0..TRIES {
        let old = get(table, org, id).await?;
        let mut new = old.clone();
        change(&mut new)?;
        if new == old {
            return Ok(old);
        }
        new.updated_at = now;
        new.version = old.version + 1;
        match table.transact(difference(table, &old, &new)?).await {
            Ok(()) => return Ok(new),
            // Write 0 is the contact itself, write 1 the marker of a new number.
            Err(cancelled) if cancelled.failed(1) && !cancelled.failed(0) && new.phone != old.phone => {
                return Err(phone_taken());
            }
            Err(Cancelled::Conditions(_)) => {}
            Err(Cancelled::Other(error)) => return Err(error),
        }
    }
    Err(Error::Unavailable("a contact is busy".into()))
}

fn difference(table: &Table, old: &Contact, new: &Contact) -> Result<Vec<TransactWriteItem>> {
    let update = Update::of(keys::contact(old.org, old.id))
        .set_or_remove("name", new.name.as_ref())
        .set_or_remove("phone", new.phone)
        .set_or_remove("email", new.email.as_ref())
        .set("tags", &new.tags)
        .set("attributes", &new.attributes)
        .set_or_remove("timezone", new.timezone.as_ref())
        .set("updatedAt", new.updated_at)
        .set("version", new.version)
        .if_equal("version", old.version);
    let mut writes = vec![table.tx_update(update)?];
    let (before, after) = (entries(old), entries(new));
    for entry in after.iter().filter(|entry| !before.contains(entry)) {
        writes.push(put(table, entry, new)?);
    }
    for entry in before.iter().filter(|entry| !after.contains(entry)) {
        writes.push(table.tx_delete(&entry.key, false)?);
    }
    let mut moves = Moves::default();
    count_tags(&mut moves, old, -1);
    count_tags(&mut moves, new, 1);
    writes.extend(moves.writes(table, old.org, old.id.shard(keys::SHARDS))?);
    Ok(writes)
}

/// Deletes a contact: nothing leads to it any more, it leaves its groups, its number is free. What it was is kept
/// for history. Not found if there is none.
pub async fn delete(table: &Table, org: OrgId, id: ContactId, now: Timestamp) -> Result<()> {
    for _ in 0..TRIES {
        let mut contact = get(table, org, id).await?;
        let mut groups = groups::of_contact(table, org, id, MANY).await?;
        while groups.len() > MEMBERSHIPS {
            // A crash in between leaves a whole contact in fewer groups.
            for group in &groups[MEMBERSHIPS..] {
                groups::remove_member(table, org, *group, id).await?;
            }
            contact = get(table, org, id).await?;
            groups = groups::of_contact(table, org, id, MANY).await?;
        }
        let mut writes = vec![
            delete_row(table, &contact)?,
            table.tx_put(&keys::deleted_contact(org, id), &Deleted { contact: contact.clone(), deleted_at: now })?,
        ];
        for entry in entries(&contact) {
            writes.push(table.tx_delete(&entry.key, false)?);
        }
        let mut moves = Moves::default();
        count(&mut moves, &contact, -1);
        writes.extend(groups::leave(table, org, &groups, id, &mut moves).await?);
        writes.extend(moves.writes(table, org, id.shard(keys::SHARDS))?);
        match table.transact(writes).await {
            Ok(()) => return Ok(()),
            Err(Cancelled::Conditions(_)) => {}
            Err(Cancelled::Other(error)) => return Err(error),
        }
    }
    Err(Error::Unavailable("a contact is busy".into()))
}

/// Removes the row of a contact if neither its fields nor its groups have changed since it was read.
fn delete_row(table: &Table, contact: &Contact) -> Result<TransactWriteItem> {
    let key = keys::contact(contact.org, contact.id);
    let delete = Delete::builder()
        .table_name(table.name())
        .key("pk", AttributeValue::S(key.pk))
        .key("sk", AttributeValue::S(key.sk))
        .condition_expression("#version = :version AND #links = :links")
        .expression_attribute_names("#version", "version")
        .expression_attribute_names("#links", "links")
        .expression_attribute_values(":version", AttributeValue::N(contact.version.to_string()))
        .expression_attribute_values(":links", AttributeValue::N(contact.links.to_string()))
        .build();
    Ok(TransactWriteItem::builder().delete(delete.map_err(Error::internal)?).build())
}
