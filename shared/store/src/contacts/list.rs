//! Lists of contacts: all, of a group, with a tag, and search.
//!
//! A list reads one or more *sources* one after the other: ranges of index entries that lead to contacts. Everything
//! else that was asked for is checked on the contact itself, so what an index says is never taken at its word. A
//! contact that several entries lead to is shown for the first only, which the contact itself tells too: so the
//! cursor is a source and a sort key, nothing is remembered between pages, and the first page costs the same however
//! many contacts there are.

use std::collections::HashSet;

use domain::{
    Error, Result,
    id::{ContactId, GroupId, OrgId},
    names,
    phone::{self, Country},
};
use futures::future::try_join_all;
use serde::Deserialize;

use super::{
    Contact, Pointer,
    entries::{tag_term, tag_terms, words},
    get_many,
};
use crate::{
    counters::{self, names as counter},
    groups, keys,
    page::Page,
    range::Range,
    table::Table,
};

/// How many entries one request reads at most for one page.
const BUDGET: usize = 1_000;

/// How many entries are read at once where many of them may be left out.
const STEP: usize = 100;

/// Which contacts to show. All that is set must hold.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// Carries this tag, whatever the case.
    pub tag: Option<String>,
    /// Is in this group.
    pub group: Option<GroupId>,
}

/// What a list asks for: a filter, and maybe a search.
#[derive(Debug, Clone)]
pub struct Query {
    filter: Filter,
    sources: Vec<Source>,
}

/// A range of entries.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Source {
    /// The contacts themselves, newest first.
    All,
    /// Members of a group, newest first.
    Group(GroupId),
    /// Carriers of a tag, newest first.
    Tag(String),
    /// Numbers that begin so, by number.
    Phone(String),
    /// Names with words that begin so. The first is the one whose entries are read.
    Words(Vec<String>),
    /// Addresses that begin so, by address.
    Email(String),
}

/// What an entry says.
#[derive(Deserialize)]
#[serde(untagged)]
enum Row {
    Contact(Box<Contact>),
    Pointer(Pointer),
}

impl Query {
    /// All that the filter lets through.
    pub fn new(filter: Filter) -> Self {
        let source = match (&filter.group, &filter.tag) {
            (Some(group), _) => Source::Group(*group),
            (None, Some(tag)) => Source::Tag(tag_term(tag)),
            (None, None) => Source::All,
        };
        Self { filter, sources: vec![source] }
    }

    /// The members of a group.
    pub fn of_group(group: GroupId) -> Self {
        Self::new(Filter { group: Some(group), tag: None })
    }

    /// Those that a text finds: the beginning of a number (in local form as in `country`, or international), of words
    /// of the name, or of the e-mail address. A text without anything to look for finds nobody.
    pub fn search(text: &str, country: Country, filter: Filter) -> Self {
        let text = text.trim();
        let mut sources: Vec<Source> = phone::search_prefixes(text, country).into_iter().map(Source::Phone).collect();
        let mut words = names::words(text);
        if !words.is_empty() && !text.contains('@') {
            // The longest word is the rarest, as a rule.
            words.sort_by_key(|word| std::cmp::Reverse(word.chars().count()));
            sources.push(Source::Words(words));
        }
        let address = text.to_ascii_lowercase();
        if !address.is_empty() && address.bytes().all(|byte| byte.is_ascii_graphic()) {
            sources.push(Source::Email(address));
        }
        Self { filter, sources }
    }

    /// Whether entries may lead to contacts that are not shown.
    fn is_filtered(&self) -> bool {
        let several_words = self.sources.iter().any(|source| matches!(source, Source::Words(words) if words.len() > 1));
        let beside = match self.sources.first() {
            Some(Source::All | Source::Tag(_)) | None => false,
            Some(Source::Group(_)) => self.filter.tag.is_some(),
            Some(_) => self.filter.tag.is_some() || self.filter.group.is_some(),
        };
        several_words || beside
    }
}

impl Source {
    fn range(&self, org: OrgId, after: Option<String>, limit: usize) -> Range {
        let range = match self {
            Self::All => Range::prefix(keys::contacts(org), "con_", limit).backward(),
            Self::Group(group) => Range::prefix(keys::group_members(org, *group), "con_", limit).backward(),
            Self::Tag(tag) => Range::prefix(keys::contact_indexes(org), &format!("t#{tag}#con_"), limit).backward(),
            Self::Phone(prefix) => Range::prefix(keys::phones(org), prefix, limit),
            Self::Words(words) => Range::prefix(keys::contact_indexes(org), &format!("w#{}", words[0]), limit),
            Self::Email(prefix) => Range::prefix(keys::contact_indexes(org), &format!("e#{prefix}"), limit),
        };
        range.after(after)
    }

    /// Whether this source leads to the contact.
    fn finds(&self, contact: &Contact) -> bool {
        match self {
            // Not to be told from the contact; never one of several sources.
            Self::All | Self::Group(_) => true,
            Self::Tag(tag) => tag_terms(contact).contains(tag),
            Self::Phone(prefix) => contact.phone.is_some_and(|phone| phone.to_string().starts_with(prefix.as_str())),
            Self::Words(wanted) => {
                let words = words(contact);
                wanted.iter().all(|wanted| words.iter().any(|word| word.starts_with(wanted.as_str())))
            }
            Self::Email(prefix) => contact.email.as_ref().is_some_and(|email| email.starts_with(prefix.as_str())),
        }
    }

    /// Whether this entry is the first of this source that leads to the contact.
    fn is_first(&self, sk: &str, contact: &Contact) -> bool {
        let Self::Words(wanted) = self else { return true };
        let first = words(contact).into_iter().filter(|word| word.starts_with(wanted[0].as_str())).min();
        first.is_some_and(|word| sk == keys::contact_index(contact.org, 'w', &word, contact.id).sk)
    }
}

/// Where a page ended.
struct Place {
    source: usize,
    after: Option<String>,
}

impl Place {
    fn parse(text: Option<&str>) -> Result<Self> {
        let Some(text) = text else { return Ok(Self { source: 0, after: None }) };
        let (source, after) = text.split_once('|').ok_or_else(|| Error::internal("a position is malformed"))?;
        let after = (!after.is_empty()).then(|| after.to_owned());
        Ok(Self { source: source.parse().map_err(Error::internal)?, after })
    }

    fn text(&self) -> String {
        format!("{}|{}", self.source, self.after.as_deref().unwrap_or_default())
    }
}

/// A page of contacts. A filtered page may be short, even empty, while there is a next one.
pub async fn list(
    table: &Table,
    org: OrgId,
    query: &Query,
    after: Option<String>,
    limit: usize,
) -> Result<Page<Contact>> {
    let mut place = Place::parse(after.as_deref())?;
    let mut rows: Vec<Contact> = Vec::with_capacity(limit);
    let mut read = 0;
    while let Some(source) = query.sources.get(place.source) {
        // One row more than needed tells whether there is a next page.
        let step = if query.is_filtered() { STEP } else { limit - rows.len() + 1 };
        let entries: Vec<(String, Row)> = table.range(&source.range(org, place.after.clone(), step)).await?;
        let exhausted = entries.len() < step;
        read += entries.len();
        for (sk, contact) in load(table, org, query, entries).await? {
            let shown = contact.filter(|contact| {
                source.finds(contact)
                    && source.is_first(&sk, contact)
                    && !query.sources[..place.source].iter().any(|earlier| earlier.finds(contact))
            });
            if let Some(contact) = shown {
                if rows.len() == limit {
                    return Ok(Page { rows, next: Some(place.text()) });
                }
                rows.push(contact);
            }
            place.after = Some(sk);
        }
        if exhausted {
            place = Place { source: place.source + 1, after: None };
        } else if read >= BUDGET {
            return Ok(Page { rows, next: Some(place.text()) });
        }
    }
    Ok(Page { rows, next: None })
}

/// The contacts that entries lead to; `None` where the filter keeps one out.
async fn load(
    table: &Table,
    org: OrgId,
    query: &Query,
    entries: Vec<(String, Row)>,
) -> Result<Vec<(String, Option<Contact>)>> {
    let ids: Vec<ContactId> = entries
        .iter()
        .filter_map(|(_, row)| match row {
            Row::Pointer(pointer) => Some(pointer.contact),
            Row::Contact(_) => None,
        })
        .collect();
    let mut loaded = get_many(table, org, &ids).await?.into_iter();
    let mut contacts: Vec<(String, Option<Contact>)> = entries
        .into_iter()
        .map(|(sk, row)| match row {
            Row::Contact(contact) => (sk, Some(*contact)),
            Row::Pointer(_) => (sk, loaded.next().flatten()),
        })
        .collect();
    let outside = match query.filter.group {
        Some(group) if !matches!(query.sources[..], [Source::Group(_)]) => {
            groups::not_members(table, org, group, &ids).await?.into_iter().collect()
        }
        _ => HashSet::new(),
    };
    let tag = query.filter.tag.as_deref().map(tag_term);
    for (_, contact) in &mut contacts {
        let keep = |contact: &Contact| {
            !outside.contains(&contact.id) && tag.as_ref().is_none_or(|tag| tag_terms(contact).contains(tag))
        };
        if !contact.as_ref().is_some_and(keep) {
            *contact = None;
        }
    }
    Ok(contacts)
}

/// How many contacts the filter lets through, where that is counted: all, those of a group, those with a tag.
pub async fn total(table: &Table, org: OrgId, filter: &Filter) -> Result<Option<u64>> {
    let name = match (&filter.group, &filter.tag) {
        (None, None) => counter::CONTACTS.to_owned(),
        (Some(group), None) => counter::group(*group),
        (None, Some(tag)) => counter::tag(&tag_term(tag)),
        (Some(_), Some(_)) => return Ok(None),
    };
    counters::read_one(table, org, &name).await.map(Some)
}

/// All contacts that the filter lets through, newest first; `None` if there are more than `most`.
pub async fn all(table: &Table, org: OrgId, filter: &Filter, most: usize) -> Result<Option<Vec<Contact>>> {
    let query = Query::new(filter.clone());
    let source = &query.sources[0];
    // Partition by partition, all at once: merging in between would only make them wait for each other.
    let reads = source.range(org, None, STEP).partitions.into_iter().map(|partition| {
        let query = &query;
        async move {
            let mut found: Vec<Contact> = Vec::new();
            let mut after = None;
            loop {
                let range = Range { partitions: vec![partition.clone()], ..source.range(org, after, BUDGET) };
                let entries: Vec<(String, Row)> = table.range(&range).await?;
                let exhausted = entries.len() < BUDGET;
                after = entries.last().map(|(sk, _)| sk.clone());
                let contacts = load(table, org, query, entries).await?.into_iter().filter_map(|(_, contact)| contact);
                found.extend(contacts.filter(|contact| source.finds(contact)));
                if exhausted || found.len() > most {
                    return Ok::<_, Error>(found);
                }
            }
        }
    });
    let mut found: Vec<Contact> = try_join_all(reads).await?.into_iter().flatten().collect();
    found.sort_unstable_by_key(|contact| std::cmp::Reverse(contact.id));
    Ok((found.len() <= most).then_some(found))
}

/// Contacts with this e-mail address, oldest first; the first hundred of them.
pub async fn with_email(table: &Table, org: OrgId, email: &str) -> Result<Vec<Contact>> {
    let range = Range::prefix(keys::contact_indexes(org), &format!("e#{email}#con_"), STEP);
    let entries: Vec<(String, Pointer)> = table.range(&range).await?;
    let ids: Vec<ContactId> = entries.into_iter().map(|(_, pointer)| pointer.contact).collect();
    let contacts = get_many(table, org, &ids).await?;
    Ok(contacts.into_iter().flatten().filter(|contact| contact.email.as_deref() == Some(email)).collect())
}

/// The oldest contact without a number that has this e-mail address.
pub(super) async fn unnumbered_with(table: &Table, org: OrgId, email: &str) -> Result<Option<ContactId>> {
    let contacts = with_email(table, org, email).await?;
    Ok(contacts.into_iter().find(|contact| contact.phone.is_none()).map(|contact| contact.id))
}
