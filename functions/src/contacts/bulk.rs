//! `POST /api/contacts/bulk`: makes up to a thousand contacts.

use domain::{
    Error, Result,
    access::{Role, Scope},
    id::{ContactId, GroupId},
};
use engine::Queue;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use store::{
    contacts::{self, Draft, Many, OnDuplicate, Outcome},
    organizations,
};
use web::prelude::{Created, Cx, Grant, Json, Row};

use super::{fields::CreateContact, view::group_exists};

/// The most contacts of one request.
const MOST: usize = 1_000;

/// The row.
pub fn row() -> Row {
    Row::post("contacts-bulk", "/api/contacts/bulk", handle)
        .summary("Make many contacts")
        .description(
            "What is wrong with a contact is told under `errors`; the others are made. A contact whose number exists is \
             not made again; it joins the group and counts as skipped, with `onDuplicate: \"UPDATE\"` it also takes over \
             what is new. Skipped are those that exist and those that are wrong.",
        )
        .tag("Contacts")
        .access(Role::Member, Scope::ContactsWrite)
        .idempotent_record_first()
        .grants(&[Grant::Table, Grant::Enqueue(Queue::Plan), Grant::Enqueue(Queue::Notify)])
        .errors(&["too_many_contacts", "group_not_found"])
        .limits(512, 29)
}

/// Contacts to make.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct BulkContacts {
    /// The contacts, at most 1,000.
    contacts: Vec<CreateContact>,
    /// A group that all of them join.
    group_id: Option<GroupId>,
    /// What to do with contacts that exist.
    #[serde(default)]
    on_duplicate: Duplicate,
}

/// What to do with a contact whose number exists.
#[derive(Clone, Copy, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "UPPERCASE")]
#[schemars(inline)]
enum Duplicate {
    /// Leave it as it is.
    #[default]
    Skip,
    /// Take over the fields that are given, and tags and attributes beside those that are there.
    Update,
}

/// What came of it.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct BulkResult {
    /// How many are new.
    created: usize,
    /// How many are not: they exist, or are wrong.
    skipped: usize,
    /// How many of the skipped took over something.
    updated: usize,
    /// What is wrong.
    errors: Vec<BulkError>,
}

/// What is wrong with one of them.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct BulkError {
    /// Which, from 0.
    index: usize,
    /// Its number, as given.
    phone: Option<String>,
    /// In words.
    error: String,
}

async fn handle(cx: Cx, body: Json<BulkContacts>) -> Result<Created<BulkResult>> {
    let body = body.read()?;
    if body.contacts.len() > MOST {
        let detail = format!("At most {MOST} contacts in one request; use an import for more.");
        return Err(Error::invalid("/contacts", "too_many_contacts", detail));
    }
    if let Some(group) = body.group_id
        && !group_exists(&cx, group).await?
    {
        return Err(Error::invalid("/groupId", "group_not_found", "There is no such group."));
    }
    let table = &cx.app.table;
    let country = organizations::get(table, cx.org()).await?.default_country;
    let total = body.contacts.len();
    let mut drafts: Vec<Draft> = Vec::with_capacity(total);
    let mut errors = Vec::new();
    for (index, contact) in body.contacts.into_iter().enumerate() {
        let (at, bits) = cx.repeatable(&format!("contact {index}"));
        let phone = contact.phone.clone();
        match contact.check(ContactId::new(at, bits), country, "") {
            Ok(draft) => drafts.push(draft),
            Err(wrong) => {
                let error = wrong.into_iter().map(|one| one.detail).collect::<Vec<_>>().join(" ");
                errors.push(BulkError { index, phone, error });
            }
        }
    }
    let on_duplicate = match body.on_duplicate {
        Duplicate::Skip => OnDuplicate::Skip,
        Duplicate::Update => OnDuplicate::Update,
    };
    let many = Many { group: body.group_id, on_duplicate, now: cx.now() };
    let outcomes = contacts::create_many(table, cx.org(), &drafts, &many).await?;
    if let Some(group) = body.group_id {
        let ids: Vec<ContactId> = outcomes.iter().map(|outcome| outcome.id()).collect();
        engine::confirm::ask(&cx.app, cx.org(), group, &ids, &cx.actor()).await?;
    }
    let created = outcomes.iter().filter(|outcome| outcome.is_created()).count();
    let updated = outcomes.iter().filter(|outcome| matches!(outcome, Outcome::Updated(_))).count();
    Ok(Created(BulkResult { created, skipped: total - created, updated, errors }))
}
