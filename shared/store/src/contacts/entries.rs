//! What leads to a contact: its number's marker, the words of its name, its tags, its e-mail address; and the
//! counters that count it.
//!
//! One function computes them, so creating puts all, changing puts the difference and deleting removes all.

use aws_sdk_dynamodb::types::TransactWriteItem;
use domain::{Result, names};

use super::{Contact, Pointer};
use crate::{
    counters::{Moves, names as counter},
    keys::{self, Key},
    table::Table,
};

/// The most tags of a contact. A change of all of them and of all words of the name stays within the 100 writes of a
/// transaction (<https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_TransactWriteItems.html>):
/// 1 contact, 2 numbers, 2 addresses, 2 × [`names::MAX_WORDS`] words, 4 × this for tags and their counters.
pub const MAX_TAGS: usize = 18;

/// One entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Entry {
    pub key: Key,
    /// Whether there may be only one contact with it.
    pub unique: bool,
}

/// A tag as it is compared, counted and looked up.
pub fn tag_term(tag: &str) -> String {
    names::fold(tag.trim())
}

/// The words that lead to a contact, each once.
pub(super) fn words(contact: &Contact) -> Vec<String> {
    names::words(contact.name.as_deref().unwrap_or_default())
}

/// The tags of a contact as they are counted, each once.
pub(super) fn tag_terms(contact: &Contact) -> Vec<String> {
    let mut terms: Vec<String> = contact.tags.iter().map(|tag| tag_term(tag)).collect();
    terms.sort_unstable();
    terms.dedup();
    terms
}

/// All entries of a contact; the number's marker first, if it has a number.
pub(super) fn entries(contact: &Contact) -> Vec<Entry> {
    let (org, id) = (contact.org, contact.id);
    let index = |kind: char, term: &str| Entry { key: keys::contact_index(org, kind, term, id), unique: false };
    let mut entries = Vec::new();
    if let Some(phone) = contact.phone {
        entries.push(Entry { key: keys::phone(org, &phone.to_string()), unique: true });
    }
    entries.extend(contact.email.as_deref().map(|email| index('e', email)));
    entries.extend(words(contact).iter().map(|word| index('w', word)));
    entries.extend(tag_terms(contact).iter().map(|tag| index('t', tag)));
    entries
}

/// The write that makes an entry. One that is unique is made only if nobody has it.
pub(super) fn put(table: &Table, entry: &Entry, contact: &Contact) -> Result<TransactWriteItem> {
    let pointer = Pointer { contact: contact.id };
    if entry.unique { table.tx_put_new(&entry.key, &pointer) } else { table.tx_put(&entry.key, &pointer) }
}

/// Counts a contact in (`by` 1) or out (−1).
pub(super) fn count(moves: &mut Moves, contact: &Contact, by: i64) {
    moves.add(counter::CONTACTS, by);
    count_tags(moves, contact, by);
}

/// Counts the tags of a contact in or out.
pub(super) fn count_tags(moves: &mut Moves, contact: &Contact, by: i64) {
    for tag in tag_terms(contact) {
        moves.add(counter::tag(&tag), by);
    }
}
