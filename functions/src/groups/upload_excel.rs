//! `POST /api/groups/{id}/upload-excel`: a small spreadsheet straight into a group.

use domain::{
    Result,
    access::{Role, Scope},
    id::{ContactId, GroupId},
};
use engine::Queue;
use schemars::JsonSchema;
use serde::Serialize;
use store::{
    contacts::{self, Many, OnDuplicate},
    groups,
};
use web::prelude::{Cx, Grant, Multipart, Path, Row, Success};

use crate::{contacts::fields, uploads::file};

/// The row.
pub fn row() -> Row {
    Row::post("groups-upload-excel", "/api/groups/{id}/upload-excel", handle)
        .summary("Upload a spreadsheet into a group")
        .description(
            "Excel (xlsx, xls, xlsb), ods, csv or json, at most 4 MB and 5,000 rows; use an import for more. Contacts that \
             exist join the group. `contactsSkipped` counts duplicates and what is wrong; empty rows do not count.",
        )
        .tag("Groups")
        .access(Role::Member, Scope::GroupsWrite)
        .idempotent_record_first()
        .grants(&[Grant::Table, Grant::Enqueue(Queue::Plan), Grant::Enqueue(Queue::Notify)])
        .errors(&["413 use_imports"])
        .errors(file::ERRORS)
        .limits(1_024, 29)
}

/// What came of a spreadsheet.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct UploadResult {
    /// Whether the file could be read.
    success: bool,
    /// How many contacts are new.
    contacts_created: usize,
    /// How many rows made none: duplicates, and what is wrong.
    contacts_skipped: usize,
    /// What is wrong.
    errors: Vec<GroupUploadError>,
}

/// What is wrong with a row.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct GroupUploadError {
    /// Its number, as the spreadsheet shows it.
    row: u32,
    /// Its phone number, as it stands there.
    phone: String,
    /// In words.
    error: String,
}

async fn handle(cx: Cx, Path(id): Path<GroupId>, form: Multipart) -> Result<Success<UploadResult>> {
    let (table, org) = (&cx.app.table, cx.org());
    groups::get(table, org, id).await?;
    let form = form.read().await?;
    let rows = file::rows(&cx, form.file("file")?).await?;
    let mut drafts = Vec::with_capacity(rows.len());
    let mut errors = Vec::new();
    for row in &rows {
        let (at, bits) = cx.repeatable(&format!("row {}", row.number));
        match fields::of_row(row, ContactId::new(at, bits)) {
            Ok(draft) => drafts.push(draft),
            Err(error) => errors.push(GroupUploadError { row: row.number, phone: row.raw_phone.clone(), error }),
        }
    }
    let many = Many { group: Some(id), on_duplicate: OnDuplicate::Skip, now: cx.now() };
    let outcomes = contacts::create_many(table, org, &drafts, &many).await?;
    let ids: Vec<ContactId> = outcomes.iter().map(|outcome| outcome.id()).collect();
    engine::confirm::ask(&cx.app, org, id, &ids, &cx.actor()).await?;
    let contacts_created = outcomes.iter().filter(|outcome| outcome.is_created()).count();
    let contacts_skipped = rows.len() - contacts_created;
    Ok(Success(UploadResult { success: true, contacts_created, contacts_skipped, errors }))
}
