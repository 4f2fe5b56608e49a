//! Imports and their rows as clients see them.

use std::collections::BTreeMap;

use domain::{
    attributes::Value,
    id::{ContactId, GroupId, ImportId, MessageId},
};
use engine::{app::Upload, imports::Uploaded};
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::Serialize;
use sheets::Columns;
use store::imports::{Import, ImportCounts, ImportError, ImportMode, ImportRow, ImportStatus, RowError, RowState};

/// An import.
#[derive(Debug, Clone, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "Import")]
pub struct ImportView {
    /// Its id.
    pub id: ImportId,
    /// What the file is called.
    pub file_name: String,
    /// The group that the contacts join.
    pub group_id: Option<GroupId>,
    /// Whether it waits to be committed.
    pub mode: ImportMode,
    /// How far it is.
    pub status: ImportStatus,
    /// What became of the rows so far.
    pub counts: ImportCounts,
    /// The columns that were recognised; null before the file was read.
    pub columns: Option<ColumnsView>,
    /// The message to the imported rows.
    pub message_id: Option<MessageId>,
    /// Why it failed.
    pub error: Option<ImportError>,
    /// Who asked for it: the id of a user or an API key, or `drop`.
    pub created_by: String,
    /// When.
    pub created_at: Timestamp,
    /// When it last changed.
    pub updated_at: Timestamp,
    /// When it was done or failed.
    pub finished_at: Option<Timestamp>,
    /// Where the file goes; only in the answer that creates it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub upload: Option<UploadView>,
}

/// The columns that were recognised: their numbers, from 0.
#[derive(Debug, Clone, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "ImportColumns")]
pub struct ColumnsView {
    /// The row with the headings, as the spreadsheet shows it; null without one.
    pub header_row: Option<u32>,
    /// The columns that make up the name.
    pub name: Vec<usize>,
    /// The column with phone numbers.
    pub phone: Option<usize>,
    /// The column with e-mail addresses.
    pub email: Option<usize>,
    /// The column with tags.
    pub tags: Option<usize>,
    /// The column with time zones.
    pub timezone: Option<usize>,
    /// The other columns, by attribute key.
    pub attributes: BTreeMap<String, usize>,
    /// What stands above each column of the file; empty where nothing does.
    pub headings: Vec<String>,
}

impl From<Columns> for ColumnsView {
    fn from(columns: Columns) -> Self {
        Self {
            header_row: columns.header_row,
            name: columns.name,
            phone: columns.phone,
            email: columns.email,
            tags: columns.tags,
            timezone: columns.timezone,
            attributes: columns.attributes.into_iter().map(|attribute| (attribute.key, attribute.column)).collect(),
            headings: columns.headings,
        }
    }
}

/// How to upload the file straight to the bucket.
#[derive(Debug, Clone, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "Upload")]
pub struct UploadView {
    /// `PUT`.
    pub method: String,
    /// Where to; holds for an hour.
    pub url: String,
    /// Headers to be sent as they are.
    pub headers: BTreeMap<String, String>,
}

impl From<Upload> for UploadView {
    fn from(upload: Upload) -> Self {
        Self { method: upload.method, url: upload.url, headers: upload.headers.into_iter().collect() }
    }
}

impl From<Import> for ImportView {
    fn from(import: Import) -> Self {
        let columns: Option<Columns> = import.columns.as_deref().and_then(|text| serde_json::from_str(text).ok());
        Self {
            id: import.id,
            file_name: import.file_name,
            group_id: import.group,
            mode: import.mode,
            status: import.status,
            counts: import.counts,
            columns: columns.map(ColumnsView::from),
            message_id: import.message_id,
            error: import.error,
            created_by: import.created_by,
            created_at: import.created_at,
            updated_at: import.updated_at,
            finished_at: import.finished_at,
            upload: None,
        }
    }
}

impl From<Uploaded> for ImportView {
    fn from(uploaded: Uploaded) -> Self {
        Self { upload: Some(uploaded.upload.into()), ..uploaded.import.into() }
    }
}

/// A row of an import.
#[derive(Debug, Clone, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "ImportRow")]
pub struct ImportRowView {
    /// Its number, as the spreadsheet shows it.
    pub row: u32,
    /// Whether it can become a contact.
    pub state: RowState,
    /// The name.
    pub name: String,
    /// The number: E.164 if it could be read, else as it stands in the file.
    pub phone: String,
    /// The e-mail address.
    pub email: Option<String>,
    /// Tags.
    pub tags: Vec<String>,
    /// Time zone.
    pub timezone: Option<String>,
    /// The other columns.
    pub attributes: BTreeMap<String, Value>,
    /// What was repaired.
    pub repairs: Vec<String>,
    /// What is wrong.
    pub errors: Vec<RowError>,
    /// For a duplicate: the row that has the number first.
    pub first_row: Option<u32>,
    /// The contact that it became.
    pub contact_id: Option<ContactId>,
}

impl From<ImportRow> for ImportRowView {
    fn from(row: ImportRow) -> Self {
        Self {
            row: row.row,
            state: row.state,
            name: row.name,
            phone: row.phone,
            email: row.email,
            tags: row.tags,
            timezone: row.timezone,
            attributes: row.attributes,
            repairs: row.repairs,
            errors: row.errors,
            first_row: row.first,
            contact_id: row.contact,
        }
    }
}
