//! Contacts: people (or machines) that messages go to.
//!
//! Invariants: a phone number leads to at most one contact of an organization; what a contact is found by (number,
//! words, tags, e-mail) is written in the transaction that writes the contact; counters move in that transaction too.

mod entries;
mod list;
mod many;
#[cfg(test)]
mod tests;
mod write;

use std::collections::{BTreeMap, HashMap};

use domain::{
    Error, Result,
    attributes::Value,
    id::{ContactId, OrgId},
    phone::Phone,
};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

pub use entries::{MAX_TAGS, tag_term};
pub use list::{Filter, Query, all, list, total, with_email};
pub use many::{Many, OnDuplicate, Outcome, create_many};
pub use write::{change, create, delete, phone_taken};

use crate::{keys, table::Table};

/// A contact as stored.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Contact {
    /// Its id.
    pub id: ContactId,
    /// Its organization.
    pub org: OrgId,
    /// What they are called.
    pub name: Option<String>,
    /// Their number; unique in the organization.
    pub phone: Option<Phone>,
    /// Their e-mail address, normalised. Families share one, so it is not unique.
    pub email: Option<String>,
    /// Labels, at most [`MAX_TAGS`]; each once, whatever its case.
    pub tags: Vec<String>,
    /// More about them, for texts.
    pub attributes: BTreeMap<String, Value>,
    /// IANA name of their time zone.
    pub timezone: Option<String>,
    /// When it was made.
    pub created_at: Timestamp,
    /// When something of this was last changed.
    pub updated_at: Timestamp,
    /// Goes up with each change of the fields above.
    #[serde(default)]
    pub version: u64,
    /// Goes up with each group joined or left, so that a contact is not deleted while it joins one.
    #[serde(default)]
    pub links: u64,
}

/// What a new contact is made of, checked and normalised.
#[derive(Debug, Clone, PartialEq)]
pub struct Draft {
    /// The id it will have. The same id for the same row or request makes a repetition harmless.
    pub id: ContactId,
    /// See [`Contact::name`].
    pub name: Option<String>,
    /// See [`Contact::phone`].
    pub phone: Option<Phone>,
    /// See [`Contact::email`].
    pub email: Option<String>,
    /// See [`Contact::tags`].
    pub tags: Vec<String>,
    /// See [`Contact::attributes`].
    pub attributes: BTreeMap<String, Value>,
    /// See [`Contact::timezone`].
    pub timezone: Option<String>,
}

impl Draft {
    /// A draft with nothing but an id.
    pub fn new(id: ContactId) -> Self {
        Self { id, name: None, phone: None, email: None, tags: Vec::new(), attributes: BTreeMap::new(), timezone: None }
    }

    /// The contact that this makes. Tags beyond [`MAX_TAGS`] are left out.
    pub fn into_contact(mut self, org: OrgId, now: Timestamp) -> Contact {
        self.tags.truncate(MAX_TAGS);
        Contact {
            id: self.id,
            org,
            name: self.name,
            phone: self.phone,
            email: self.email,
            tags: self.tags,
            attributes: self.attributes,
            timezone: self.timezone,
            created_at: now,
            updated_at: now,
            version: 0,
            links: 0,
        }
    }
}

/// What is kept of a deleted contact, for history.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Deleted {
    /// As it was.
    #[serde(flatten)]
    pub contact: Contact,
    /// When it was deleted.
    pub deleted_at: Timestamp,
}

/// What an entry that leads to a contact holds.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub(crate) struct Pointer {
    pub contact: ContactId,
}

/// A contact; not found if there is none, or if it was deleted.
pub async fn get(table: &Table, org: OrgId, id: ContactId) -> Result<Contact> {
    table.get(&keys::contact(org, id)).await?.ok_or_else(|| Error::not_found("contact", id))
}

/// Contacts by id, in that order. `None`: there is none, or it was deleted.
pub async fn get_many(table: &Table, org: OrgId, ids: &[ContactId]) -> Result<Vec<Option<Contact>>> {
    let keys: Vec<_> = ids.iter().map(|id| keys::contact(org, *id)).collect();
    table.get_many(&keys).await
}

/// The contacts with these numbers.
pub async fn by_phones(table: &Table, org: OrgId, phones: &[Phone]) -> Result<HashMap<Phone, Contact>> {
    let ids: Vec<ContactId> = owners(table, org, phones).await?.into_iter().flatten().collect();
    let contacts = get_many(table, org, &ids).await?;
    Ok(contacts.into_iter().flatten().filter_map(|contact| Some((contact.phone?, contact))).collect())
}

/// Whose these numbers are, in that order.
async fn owners(table: &Table, org: OrgId, phones: &[Phone]) -> Result<Vec<Option<ContactId>>> {
    let keys: Vec<_> = phones.iter().map(|phone| keys::phone(org, &phone.to_string())).collect();
    let markers: Vec<Option<Pointer>> = table.get_many(&keys).await?;
    Ok(markers.into_iter().map(|marker| marker.map(|marker| marker.contact)).collect())
}

/// What is kept of a deleted contact.
pub async fn deleted(table: &Table, org: OrgId, id: ContactId) -> Result<Option<Deleted>> {
    table.get(&keys::deleted_contact(org, id)).await
}
