//! The audience of a message as a stream of recipients, from any point on: deduplicated, with the values that the
//! text needs, and with a reason for everyone who cannot be sent to.
//!
//! Invariant: the stream behind a cursor depends on the cursor and the table only, so planning goes on from the
//! last chunk's cursor after any crash. Groups are read in contact-id order and merged, and phone numbers are unique, so
//! telling duplicates needs no memory; addresses given with the request are at most 1,000 and are held. E-mail addresses
//! are shared (families, offices): there a digest of each is held, 16 bytes a recipient, and after a crash read again
//! from the chunks that were planned.

mod given;
mod values;

use std::collections::{HashSet, VecDeque};

use domain::{
    Error, Result,
    delivery::SkipReason,
    id::{ContactId, GroupId, ImportId, MessageId, OrgId},
    message::Channel,
    phone::Country,
};
use futures::future::try_join_all;
use jiff::Timestamp;
use sha2::{Digest, Sha256};
use store::{
    Table, contacts, groups, imports,
    ledger::{self, Given, Recipient},
    messages::{Audience, Message, Purpose},
    suppressions,
};

pub use given::resolve;
pub use values::{Needs, lookup};

use crate::{confirm, free_text, suppressions::leave_out};

/// A part of an audience, and where the next begins (`None`: this was the last).
#[derive(Debug)]
pub struct Part {
    /// The recipients, in order.
    pub recipients: Vec<Recipient>,
    /// Where to go on.
    pub next: Option<String>,
}

/// An audience, ready to be read.
pub struct Reader<'a> {
    table: &'a Table,
    org: OrgId,
    channel: Channel,
    needs: &'a Needs,
    audience: &'a Audience,
    given: Vec<Recipient>,
    /// The addresses that were given out and may come again: those of `given`, and on a channel whose addresses are
    /// shared those of everyone. Digests, so that a million are 16 MB.
    taken: HashSet<[u8; 16]>,
    /// The version of the list of suppressions, read before any address is held against it.
    suppressions: u64,
    /// When people have to have written within 24 hours; `None`: they need not.
    window_at: Option<Timestamp>,
    ahead: Option<Ahead>,
    /// What is sent, and its message once that is stored.
    purpose: Purpose,
    message: Option<MessageId>,
    /// The group that an import's rows joined, if they are to confirm.
    joined: Option<GroupId>,
}

/// Members that were read and not given out yet: a read asks every partition of every group, so it brings many.
struct Ahead {
    /// They are those behind this one.
    after: Option<ContactId>,
    /// Each with whether they have not confirmed in any of the groups.
    ids: VecDeque<(ContactId, bool)>,
    /// Whether there may be further ones.
    more: bool,
}

/// How many members are read at once.
const AHEAD: usize = 1_000;

/// How many chunks are read at once when a planner takes note of what was planned before it.
const CHUNKS: u32 = 16;

fn digest(address: &str) -> [u8; 16] {
    *Sha256::digest(address.as_bytes()).first_chunk().expect("SHA-256 has 32 bytes")
}

/// A place in an audience, as a cursor says it.
enum Place {
    Given(usize),
    Members(Option<ContactId>),
    Rows(u32),
}

impl Place {
    fn parse(text: &str) -> Result<Self> {
        let bad = || Error::internal("a plan's cursor is malformed");
        let (kind, rest) = text.split_once(':').ok_or_else(bad)?;
        Ok(match kind {
            "given" => Self::Given(rest.parse().map_err(|_| bad())?),
            "members" if rest.is_empty() => Self::Members(None),
            "members" => Self::Members(Some(rest.parse().map_err(|_| bad())?)),
            "rows" => Self::Rows(rest.parse().map_err(|_| bad())?),
            _ => return Err(bad()),
        })
    }

    fn text(&self) -> String {
        match self {
            Self::Given(index) => format!("given:{index}"),
            Self::Members(None) => "members:".into(),
            Self::Members(Some(id)) => format!("members:{id}"),
            Self::Rows(index) => format!("rows:{index}"),
        }
    }
}

impl<'a> Reader<'a> {
    /// Opens the audience of a stored message.
    pub async fn of_message(
        table: &'a Table,
        message: &'a Message,
        country: Country,
        needs: &'a Needs,
    ) -> Result<Self> {
        let given = match &message.audience {
            Audience::Contacts { ids } => given_contacts(ids),
            Audience::Addresses | Audience::Mixed { .. } => ledger::recipients(table, message.org, message.id).await?,
            Audience::Groups { .. } | Audience::Import { .. } => Vec::new(),
        };
        let mut reader =
            Self::open(table, message.org, message.channel, country, needs, &message.audience, &given).await?;
        reader.purpose = message.purpose;
        reader.message = Some(message.id);
        Ok(reader)
    }

    /// For a message of another purpose.
    #[must_use]
    pub fn for_purpose(self, purpose: Purpose) -> Self {
        Self { purpose, ..self }
    }

    /// Opens an audience with the recipients given for it.
    pub async fn open(
        table: &'a Table,
        org: OrgId,
        channel: Channel,
        country: Country,
        needs: &'a Needs,
        audience: &'a Audience,
        given: &[Given],
    ) -> Result<Self> {
        let given = resolve(table, org, channel, country, needs, given).await?;
        let taken = given
            .iter()
            .filter(|recipient| recipient.skip.is_none())
            .map(|recipient| digest(&recipient.address))
            .collect();
        let suppressions = suppressions::version(table, org).await?;
        let joined = match audience {
            Audience::Import { id } => imports::find(table, org, *id).await?.and_then(|import| import.group),
            _ => None,
        };
        Ok(Self {
            table,
            org,
            channel,
            needs,
            audience,
            given,
            taken,
            suppressions,
            window_at: None,
            ahead: None,
            purpose: Purpose::Ordinary,
            message: None,
            joined,
        })
    }

    /// The same audience, of whom only those are sent to who wrote within 24 hours before `at`.
    #[must_use]
    pub fn within_window(self, at: Option<Timestamp>) -> Self {
        Self { window_at: at, ..self }
    }

    /// Takes note of everyone in the first `chunks` chunks of a message, so that no address of theirs comes again.
    pub async fn go_on_behind(&mut self, message: MessageId, chunks: u32) -> Result<()> {
        if !self.addresses_are_shared() {
            return Ok(());
        }
        for first in (0..chunks).step_by(CHUNKS as usize) {
            let plans = ledger::plans(self.table, self.org, message, first..chunks.min(first + CHUNKS)).await?;
            let recipients = plans.iter().flat_map(|plan| &plan.recipients).filter(|one| one.skip.is_none());
            self.taken.extend(recipients.map(|recipient| digest(&recipient.address)));
        }
        Ok(())
    }

    fn addresses_are_shared(&self) -> bool {
        self.channel == Channel::Email
    }

    /// The next `limit` recipients behind `cursor` (`None`: from the start). Where addresses are shared, parts must be
    /// read in order.
    pub async fn read(&mut self, cursor: Option<&str>, limit: usize) -> Result<Part> {
        let mut part = self.collect(cursor, limit).await?;
        if self.purpose != Purpose::LastWord {
            leave_out(self.table, self.org, self.channel, self.suppressions, &mut part.recipients).await?;
        }
        if let Some(at) = self.window_at {
            free_text::leave_out(self.table, self.org, at, &mut part.recipients).await?;
        }
        if let (Purpose::Confirmation { group }, Some(message)) = (self.purpose, self.message) {
            confirm::note(self.table, self.org, group, message, &mut part.recipients).await?;
        }
        Ok(part)
    }

    /// The version of the list of suppressions that recipients are held against.
    pub fn suppressions(&self) -> u64 {
        self.suppressions
    }

    async fn collect(&mut self, cursor: Option<&str>, limit: usize) -> Result<Part> {
        let mut place = match cursor {
            Some(text) => Place::parse(text)?,
            None => match self.audience {
                Audience::Import { .. } => Place::Rows(0),
                _ => Place::Given(0),
            },
        };
        let mut recipients = Vec::with_capacity(limit);
        loop {
            let room = limit - recipients.len();
            let next = match &place {
                Place::Given(index) => self.read_given(*index, room, &mut recipients),
                Place::Members(after) => self.read_members(*after, room, &mut recipients).await?,
                Place::Rows(chunk) => self.read_rows(*chunk, room, &mut recipients).await?,
            };
            match next {
                None => return Ok(Part { recipients, next: None }),
                Some(next) if recipients.len() >= limit => return Ok(Part { recipients, next: Some(next.text()) }),
                Some(next) => place = next,
            }
        }
    }

    fn read_given(&self, index: usize, room: usize, into: &mut Vec<Recipient>) -> Option<Place> {
        let end = (index + room).min(self.given.len());
        into.extend_from_slice(&self.given[index..end]);
        if end < self.given.len() {
            return Some(Place::Given(end));
        }
        self.groups().map(|_| Place::Members(None))
    }

    fn groups(&self) -> Option<&[GroupId]> {
        match self.audience {
            Audience::Groups { ids: groups } | Audience::Mixed { groups } if !groups.is_empty() => Some(groups),
            _ => None,
        }
    }

    async fn read_members(
        &mut self,
        after: Option<ContactId>,
        room: usize,
        into: &mut Vec<Recipient>,
    ) -> Result<Option<Place>> {
        let mut ahead = match self.ahead.take() {
            Some(ahead) if ahead.after == after => ahead,
            _ => Ahead { after, ids: VecDeque::new(), more: true },
        };
        if ahead.ids.len() < room && ahead.more {
            let behind = ahead.ids.back().map(|(id, _)| *id).or(after);
            let further = self.members(behind, room.max(AHEAD)).await?;
            ahead.more = further.len() >= room.max(AHEAD);
            ahead.ids.extend(further);
        }
        let ids: Vec<(ContactId, bool)> = ahead.ids.drain(..room.min(ahead.ids.len())).collect();
        ahead.after = ids.last().map(|(id, _)| *id).or(after);
        self.ahead = Some(ahead);
        let Some((last, _)) = ids.last().copied() else { return Ok(None) };
        let full = ids.len() == room;
        self.add(&ids, into).await?;
        Ok(full.then_some(Place::Members(Some(last))))
    }

    /// The `count` members with the smallest ids behind `after`, and whether they have not confirmed: who did in one of the
    /// groups is sent to.
    async fn members(&self, after: Option<ContactId>, count: usize) -> Result<Vec<(ContactId, bool)>> {
        let groups = self.groups().unwrap_or_default();
        let after = after.map(|id| id.to_string());
        // Each group gives its `count` smallest ids, so the `count` smallest of all are complete.
        let reads = groups.iter().map(|group| groups::members(self.table, self.org, *group, after.clone(), count));
        let members = try_join_all(reads).await?.into_iter().flatten();
        let mut ids: Vec<(ContactId, bool)> = members.map(|member| (member.contact, member.pending)).collect();
        // The confirmed place of a contact sorts before its pending ones.
        ids.sort_unstable();
        ids.dedup_by_key(|(id, _)| *id);
        ids.truncate(count);
        Ok(ids)
    }

    async fn read_rows(&mut self, first: u32, room: usize, into: &mut Vec<Recipient>) -> Result<Option<Place>> {
        let Audience::Import { id } = self.audience else { return Ok(None) };
        let (ids, next) = imported(self.table, self.org, *id, first, room).await?;
        let pending = match self.joined {
            Some(group) => groups::pending_among(self.table, self.org, group, &ids).await?,
            None => Vec::new(),
        };
        let pending: HashSet<ContactId> = pending.into_iter().map(|member| member.contact).collect();
        let ids: Vec<_> = ids.into_iter().map(|id| (id, pending.contains(&id))).collect();
        self.add(&ids, into).await?;
        Ok(next.map(Place::Rows))
    }

    /// Adds those of some contacts that there still are and whose address is not taken.
    async fn add(&mut self, ids: &[(ContactId, bool)], into: &mut Vec<Recipient>) -> Result<()> {
        let contacts: Vec<ContactId> = ids.iter().map(|(id, _)| *id).collect();
        let found = contacts::get_many(self.table, self.org, &contacts).await?;
        let asks = matches!(self.purpose, Purpose::Confirmation { .. });
        for (contact, (_, pending)) in found.into_iter().zip(ids) {
            let Some(contact) = contact else { continue };
            let mut recipient = values::recipient(&contact, self.channel, self.needs);
            if *pending && !asks {
                recipient.skip = recipient.skip.or(Some(SkipReason::NotConfirmed));
            }
            if recipient.skip.is_none() {
                let address = digest(&recipient.address);
                let again = if self.addresses_are_shared() {
                    !self.taken.insert(address)
                } else {
                    self.taken.contains(&address)
                };
                if again {
                    continue;
                }
            }
            into.push(recipient);
        }
        Ok(())
    }

    /// The recipients given with the request.
    pub fn given(&self) -> &[Recipient] {
        &self.given
    }

    /// How many recipients were given with the request, without repeated addresses.
    pub fn given_count(&self) -> usize {
        self.given.len()
    }

    /// The first of these contacts that does not exist.
    pub fn first_missing_contact(&self, ids: &[ContactId]) -> Option<ContactId> {
        let deleted = |id: &ContactId| {
            self.given.iter().any(|one| one.contact == Some(*id) && one.skip == Some(SkipReason::ContactDeleted))
        };
        ids.iter().find(|id| deleted(id)).copied()
    }
}

/// Contacts by id, as recipients given with the request.
pub fn given_contacts(ids: &[ContactId]) -> Vec<Given> {
    ids.iter().map(|id| Given { to: id.to_string(), variables: std::collections::BTreeMap::new() }).collect()
}

/// The contacts of an import's valid rows from row index `first` on, and where to go on.
async fn imported(
    table: &Table,
    org: OrgId,
    import: ImportId,
    first: u32,
    room: usize,
) -> Result<(Vec<ContactId>, Option<u32>)> {
    imports::contacts(table, org, import, first, room).await
}
