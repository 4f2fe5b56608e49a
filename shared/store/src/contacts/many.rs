//! Creating many contacts: bulk requests, uploads, imports.
//!
//! Up to eighteen contacts are one transaction, with what leads to them, their group and all counters. Whoever
//! loses a race for a number is left out of the next try: that contact exists now. With ids that the caller makes
//! from row or request, a repetition finds what the first try made and gives the same answer.

use std::collections::{BTreeMap, HashMap};

use domain::{
    Error, Result,
    id::{ContactId, GroupId, OrgId},
    phone::Phone,
};
use futures::{StreamExt, TryStreamExt, stream};
use jiff::Timestamp;

use super::{
    Contact, Draft,
    entries::{count, entries, tag_term, tag_terms},
    list, owners,
    write::{TRIES, change, rows},
};
use crate::{counters::Moves, groups, keys, table::Table, transaction::Cancelled};

/// How many contacts a transaction makes at most.
const BATCH: usize = 18;

/// How many writes a transaction may have
/// (<https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_TransactWriteItems.html>).
const WRITES: usize = 100;

/// How many transactions are on their way at the same time: each moves another shard of the counters.
const PARALLEL: usize = keys::SHARDS as usize;

/// What to do with a row whose number a contact has already.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum OnDuplicate {
    /// Leave the contact as it is.
    #[default]
    Skip,
    /// Take over what the row says: fields that it has, tags and attributes beside those that are there.
    Update,
}

/// How to create many.
#[derive(Debug, Clone, Copy)]
pub struct Many {
    /// The group that all join, new and existing. It must exist.
    pub group: Option<GroupId>,
    /// What to do with contacts that exist.
    pub on_duplicate: OnDuplicate,
    /// What time it is.
    pub now: Timestamp,
}

/// What became of a draft.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Outcome {
    /// It is a new contact, with the draft's id.
    Created(ContactId),
    /// Another contact has the number; it was left as it was.
    Existing(ContactId),
    /// Another contact has the number; it took over what was new.
    Updated(ContactId),
}

impl Outcome {
    /// The contact with the draft's number.
    pub fn id(self) -> ContactId {
        match self {
            Self::Created(id) | Self::Existing(id) | Self::Updated(id) => id,
        }
    }

    /// Whether the draft became a new contact.
    pub fn is_created(self) -> bool {
        matches!(self, Self::Created(_))
    }
}

/// Creates contacts that do not exist, lets all of them join the group, and tells for each draft, in order, what
/// became of it. Of drafts with the same number the first counts. Repeatable with the same ids.
pub async fn create_many(table: &Table, org: OrgId, drafts: &[Draft], many: &Many) -> Result<Vec<Outcome>> {
    let mut first: HashMap<String, usize> = HashMap::with_capacity(drafts.len());
    let mut contacts: Vec<Contact> = Vec::with_capacity(drafts.len());
    // For each draft the contact that stands for it.
    let mut places = Vec::with_capacity(drafts.len());
    for draft in drafts {
        let place = match address(draft.phone, draft.email.as_deref()) {
            Some(address) => *first.entry(address).or_insert(contacts.len()),
            None => contacts.len(),
        };
        places.push(place);
        if place == contacts.len() {
            contacts.push(draft.clone().into_contact(org, many.now));
        }
    }
    let pending = match many.group {
        Some(group) => groups::joins_pending(table, org, group).await?,
        None => false,
    };
    // Batches of one call take different shards of the counters in turn, so they do not wait for each other.
    let seed = contacts.first().map_or(0, |contact| contact.id.shard(keys::SHARDS));
    let batches: Vec<_> = pack(&contacts)
        .into_iter()
        .zip((0..keys::SHARDS).cycle())
        .map(|(batch, turn)| batched(table, org, batch, (many, pending), seed + turn))
        .collect();
    let done: Vec<Vec<Outcome>> = stream::iter(batches).buffered(PARALLEL).try_collect().await?;
    let done: Vec<Outcome> = done.into_iter().flatten().collect();

    let mut seen = vec![false; contacts.len()];
    Ok(places
        .into_iter()
        .map(|place| {
            let repeated = std::mem::replace(&mut seen[place], true);
            if repeated { Outcome::Existing(done[place].id()) } else { done[place] }
        })
        .collect())
}

/// What a row is known by: its number, and only without one its e-mail address, which families share.
fn address(phone: Option<Phone>, email: Option<&str>) -> Option<String> {
    phone.map(|phone| phone.to_string()).or_else(|| email.map(str::to_owned))
}

/// Batches of contacts whose writes fit one transaction, whatever exists of them already.
fn pack(contacts: &[Contact]) -> Vec<&[Contact]> {
    let mut batches = Vec::new();
    let (mut from, mut writes) = (0, 0);
    let mut tags: Vec<String> = Vec::new();
    for (at, contact) in contacts.iter().enumerate() {
        // The contact, its place in the group from both sides, and what leads to it. Counters: all contacts, the
        // group, its pending members, and each tag once.
        let own = 3 + entries(contact).len();
        let new_tags: Vec<String> = tag_terms(contact).into_iter().filter(|tag| !tags.contains(tag)).collect();
        if at - from == BATCH || writes + own + tags.len() + new_tags.len() + 3 > WRITES {
            batches.push(&contacts[from..at]);
            (from, writes) = (at, 0);
            tags.clear();
        }
        writes += own;
        let new_tags = tag_terms(contact).into_iter().filter(|tag| !tags.contains(tag)).collect::<Vec<_>>();
        tags.extend(new_tags);
    }
    if from < contacts.len() {
        batches.push(&contacts[from..]);
    }
    batches
}

async fn batched(
    table: &Table,
    org: OrgId,
    batch: &[Contact],
    (many, pending): (&Many, bool),
    seed: u8,
) -> Result<Vec<Outcome>> {
    let mut outcomes = create_batch(table, org, batch, (many, pending), seed).await?;
    if many.on_duplicate == OnDuplicate::Update {
        for (outcome, contact) in outcomes.iter_mut().zip(batch) {
            if let Outcome::Existing(id) = *outcome {
                match change(table, org, id, many.now, |old| merge(old, contact)).await {
                    Ok(_) => *outcome = Outcome::Updated(id),
                    // Deleted in this moment: there is nothing to take it over.
                    Err(Error::NotFound { .. }) => {}
                    Err(error) => return Err(error),
                }
            }
        }
    }
    Ok(outcomes)
}

/// Takes over what a draft says beside what is there.
#[expect(clippy::unnecessary_wraps, reason = "the form that `change` takes")]
fn merge(old: &mut Contact, new: &Contact) -> Result<()> {
    old.name = new.name.clone().or(old.name.take());
    old.email = new.email.clone().or(old.email.take());
    old.timezone = new.timezone.clone().or(old.timezone.take());
    let attributes: BTreeMap<_, _> = new.attributes.clone();
    old.attributes.extend(attributes);
    for tag in &new.tags {
        if old.tags.len() < super::MAX_TAGS && !old.tags.iter().any(|known| tag_term(known) == tag_term(tag)) {
            old.tags.push(tag.clone());
        }
    }
    Ok(())
}

/// For each of some contacts the one that exists with its number; without a number the one with its id, or another
/// without a number and with its e-mail address. (Numbers are unique, addresses are not: two calls at the same time may
/// both make one.)
async fn find(table: &Table, org: OrgId, batch: &[Contact]) -> Result<Vec<Option<ContactId>>> {
    let phones: Vec<Phone> = batch.iter().filter_map(|contact| contact.phone).collect();
    let mut owners = owners(table, org, &phones).await?.into_iter();
    let unnumbered: Vec<ContactId> =
        batch.iter().filter(|contact| contact.phone.is_none()).map(|contact| contact.id).collect();
    let mut there = super::get_many(table, org, &unnumbered).await?.into_iter();
    let mut found = Vec::with_capacity(batch.len());
    for contact in batch {
        found.push(match (contact.phone, &contact.email) {
            (Some(_), _) => owners.next().flatten(),
            (None, email) => match (there.next().flatten(), email) {
                (Some(same), _) => Some(same.id),
                (None, Some(email)) => list::unnumbered_with(table, org, email).await?,
                (None, None) => None,
            },
        });
    }
    Ok(found)
}

async fn create_batch(
    table: &Table,
    org: OrgId,
    batch: &[Contact],
    (many, pending): (&Many, bool),
    seed: u8,
) -> Result<Vec<Outcome>> {
    for _ in 0..TRIES {
        let found = find(table, org, batch).await?;
        let existing: Vec<ContactId> = found.iter().flatten().copied().collect();
        let joining = match many.group {
            Some(group) => groups::not_members(table, org, group, &existing).await?,
            None => Vec::new(),
        };

        let mut writes = Vec::new();
        let mut moves = Moves::default();
        for (contact, _) in batch.iter().zip(&found).filter(|(_, found)| found.is_none()) {
            let linked = Contact { links: u64::from(many.group.is_some()), ..contact.clone() };
            writes.extend(rows(table, &linked)?);
            count(&mut moves, contact, 1);
            if let Some(group) = many.group {
                writes.extend(groups::join_new(table, org, group, contact.id, &mut moves, pending)?);
            }
        }
        for (group, id) in many.group.iter().flat_map(|group| joining.iter().map(move |id| (*group, *id))) {
            writes.extend(groups::join(table, org, group, id, &mut moves, pending)?);
        }
        if !writes.is_empty() {
            writes.extend(moves.writes(table, org, seed)?);
            match table.transact(writes).await {
                Ok(()) => {}
                // Someone was quicker with a number, a membership or a deletion: look again.
                Err(Cancelled::Conditions(_)) => continue,
                Err(Cancelled::Other(error)) => return Err(error),
            }
        }
        return Ok(batch
            .iter()
            .zip(found)
            .map(|(contact, found)| match found {
                Some(id) if id != contact.id => Outcome::Existing(id),
                _ => Outcome::Created(contact.id),
            })
            .collect());
    }
    Err(Error::Unavailable("contacts are busy".into()))
}
