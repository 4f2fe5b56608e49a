//! Imports: a file on its way to contacts, and its rows in chunks, in the order of the file.

use std::collections::BTreeMap;

use domain::{
    Error, Result,
    attributes::Value,
    id::{ContactId, GroupId, ImportId, MessageId, OrgId},
    phone::Country,
};
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    keys,
    messages::due_text,
    page::{self, Page},
    range::Range,
    table::Table,
    update::Update,
};

/// The most rows of a chunk; also how places of rows are counted.
pub const MAX_CHUNK: u32 = 1_000;

/// Whether rows are shown before they become contacts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum ImportMode {
    /// Parsed, then held until it is committed.
    Preview,
    /// Parsed and committed.
    Direct,
}

/// How far an import is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum ImportStatus {
    /// The file is not there yet.
    AwaitingUpload,
    /// The file is being read.
    Parsing,
    /// The rows are there, to be looked at, mended and committed.
    Ready,
    /// The rows become contacts.
    Committing,
    /// Done.
    Done,
    /// The file could not be read; nothing was stored.
    Failed,
}

/// What became of the rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
pub struct ImportCounts {
    /// Rows that are not empty.
    pub rows: u64,
    /// Rows that can become contacts.
    pub valid: u64,
    /// Rows with something wrong.
    pub invalid: u64,
    /// Rows whose number is in an earlier row.
    pub duplicate: u64,
    /// Contacts that were created.
    pub created: u64,
    /// Valid rows whose contact was there already.
    pub skipped: u64,
}

/// Why an import failed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ImportError {
    /// Stable code, such as `phone_column_missing`.
    pub code: String,
    /// For people.
    pub detail: String,
}

/// An import as stored.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Import {
    /// Its id.
    pub id: ImportId,
    /// Its organization.
    pub org: OrgId,
    /// What the file is called.
    pub file_name: String,
    /// Where the file is in the bucket.
    pub key: String,
    /// The group that the contacts join.
    pub group: Option<GroupId>,
    /// Whether it waits to be committed.
    pub mode: ImportMode,
    /// How far it is.
    pub status: ImportStatus,
    /// What became of the rows.
    pub counts: ImportCounts,
    /// The columns that were recognised, as JSON of `sheets::Columns`.
    pub columns: Option<String>,
    /// The country of numbers in local form, as it was when the import was made; [`Country::NONE`] without one.
    #[serde(default = "crate::organizations::no_country", skip_serializing_if = "crate::organizations::is_none")]
    pub country: Country,
    /// How many chunks of rows there are.
    pub chunks: u32,
    /// How many of them became contacts.
    pub committed: u32,
    /// The message to be sent to the imported rows, as JSON.
    pub message: Option<String>,
    /// Its id.
    pub message_id: Option<MessageId>,
    /// Why it failed.
    pub error: Option<ImportError>,
    /// Where the report goes (drop folder).
    pub report: Option<String>,
    /// Who asked for it: a user's or an API key's id, or `drop`.
    pub created_by: String,
    /// When.
    pub created_at: Timestamp,
    /// When it last changed.
    pub updated_at: Timestamp,
    /// When it was done or failed.
    pub finished_at: Option<Timestamp>,
    /// The partition of the `due` index, while there is something to do.
    pub due_partition: Option<String>,
    /// When the sweep is to look at it.
    pub due_at: Option<String>,
}

impl Import {
    /// Puts the import into the index of what is due.
    pub fn due(&mut self, at: Timestamp) {
        self.due_partition = Some(keys::due_partition(self.id.shard(keys::DUE_SHARDS)));
        self.due_at = Some(due_text(at));
    }
}

/// Whether a row can become a contact.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum RowState {
    /// It can.
    Valid,
    /// Something is wrong with it.
    Invalid,
    /// Its number is in an earlier row.
    Duplicate,
}

/// What is wrong with a field of a row.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct RowError {
    /// `phone`, `email`, …
    pub field: String,
    /// Stable code.
    pub code: String,
    /// For people.
    pub detail: String,
}

/// One row of a file.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct ImportRow {
    /// Its number, as the spreadsheet shows it.
    pub row: u32,
    /// Whether it can become a contact.
    pub state: RowState,
    /// The name.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub name: String,
    /// The number: E.164 if it could be read, else as it stands in the file.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub phone: String,
    /// The e-mail address.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    /// Tags.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub tags: Vec<String>,
    /// Time zone.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub timezone: Option<String>,
    /// The other columns.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub attributes: BTreeMap<String, Value>,
    /// What was repaired.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub repairs: Vec<String>,
    /// What is wrong.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub errors: Vec<RowError>,
    /// For a duplicate: the row that has the number first.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub first: Option<u32>,
    /// The contact that it became.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub contact: Option<ContactId>,
}

impl Default for ImportRow {
    fn default() -> Self {
        Self {
            row: 0,
            state: RowState::Invalid,
            name: String::new(),
            phone: String::new(),
            email: None,
            tags: Vec::new(),
            timezone: None,
            attributes: BTreeMap::new(),
            repairs: Vec::new(),
            errors: Vec::new(),
            first: None,
            contact: None,
        }
    }
}

/// Rows of a file that lie together. Rows are one JSON text in the item, which is a third of the size of a list of maps.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct ChunkItem {
    rows: String,
    version: u64,
}

/// A chunk of rows.
#[derive(Debug, Clone)]
pub struct Chunk {
    /// Its number.
    pub number: u32,
    /// Its rows.
    pub rows: Vec<ImportRow>,
    version: u64,
}

/// An import.
pub async fn get(table: &Table, org: OrgId, id: ImportId) -> Result<Import> {
    find(table, org, id).await?.ok_or_else(|| Error::not_found("import", id))
}

/// An import, if there is one.
pub async fn find(table: &Table, org: OrgId, id: ImportId) -> Result<Option<Import>> {
    table.get(&keys::import(org, id)).await
}

/// A page of imports, newest first.
pub async fn list(table: &Table, org: OrgId, after: Option<String>, limit: usize) -> Result<Page<Import>> {
    let range = Range::prefix(vec![keys::org(org)], keys::IMPORTS, limit).backward().after(after);
    page::read(table, range, limit, false, |_: &Import| true).await
}

/// Writes a new import. `false`: there is one with this id.
pub async fn create(table: &Table, import: &Import) -> Result<bool> {
    table.put_new(&keys::import(import.org, import.id), import).await
}

/// Changes an import, if it is still in `status`. `None`: it is not.
pub async fn change(
    table: &Table,
    import: &Import,
    status: ImportStatus,
    now: Timestamp,
    change: impl FnOnce(Update) -> Update,
) -> Result<Option<Import>> {
    let update = Update::of(keys::import(import.org, import.id)).set("updatedAt", now).if_equal("status", status);
    table.update_returning(change(update)).await
}

/// Whether all rows of an import became contacts (or the import is gone).
pub async fn is_committed(table: &Table, org: OrgId, id: ImportId) -> Result<bool> {
    let import = find(table, org, id).await?;
    Ok(import.is_none_or(|import| import.chunks > 0 && import.committed >= import.chunks))
}

/// Puts off the sweep's next look. `false`: there is nothing to do any more.
pub async fn postpone(table: &Table, org: OrgId, id: ImportId, until: Timestamp) -> Result<bool> {
    let update = Update::of(keys::import(org, id))
        .set("dueAt", due_text(until))
        .if_in("status", &[ImportStatus::Parsing, ImportStatus::Committing]);
    if table.update(update).await? {
        return Ok(true);
    }
    let update = Update::of(keys::import(org, id)).remove("dueAt").remove("duePartition").if_exists();
    table.update(update).await?;
    Ok(false)
}

/// Writes a chunk of rows, whatever was there: parsing a file again gives the same chunks.
pub async fn put_chunk(
    table: &Table,
    org: OrgId,
    id: ImportId,
    number: u32,
    version: u64,
    rows: &[ImportRow],
) -> Result<()> {
    let item = ChunkItem { rows: serde_json::to_string(rows).map_err(Error::internal)?, version };
    table.put(&keys::import_rows(org, id, number), &item).await
}

fn chunk(number: u32, item: &ChunkItem) -> Result<Chunk> {
    Ok(Chunk { number, rows: serde_json::from_str(&item.rows).map_err(Error::internal)?, version: item.version })
}

/// A chunk of rows.
pub async fn read_chunk(table: &Table, org: OrgId, id: ImportId, number: u32) -> Result<Option<Chunk>> {
    let item: Option<ChunkItem> = table.get(&keys::import_rows(org, id, number)).await?;
    item.map(|item| chunk(number, &item)).transpose()
}

/// Writes a chunk back, if nobody else has since it was read. `false`: somebody has.
pub async fn replace_chunk(table: &Table, org: OrgId, id: ImportId, chunk: &Chunk) -> Result<bool> {
    let update = Update::of(keys::import_rows(org, id, chunk.number))
        .set("rows", serde_json::to_string(&chunk.rows).map_err(Error::internal)?)
        .set("version", chunk.version + 1)
        .if_equal("version", chunk.version);
    table.update(update).await
}

/// Removes all rows of an import.
pub async fn remove_rows(table: &Table, org: OrgId, id: ImportId) -> Result<()> {
    loop {
        let range = Range::prefix(vec![keys::import_rows_partition(org, id)], "", 100);
        let found: Vec<(String, serde::de::IgnoredAny)> = table.range(&range).await?;
        if found.is_empty() {
            return Ok(());
        }
        let keys: Vec<_> =
            found.into_iter().map(|(sk, _)| keys::Key::new(keys::import_rows_partition(org, id), sk)).collect();
        table.delete_many(&keys).await?;
    }
}

/// A page of rows in file order, from the place `after` on (`chunk * MAX_CHUNK + index`), and where to go on.
pub async fn rows(
    table: &Table,
    import: &Import,
    state: Option<RowState>,
    after: u32,
    limit: usize,
) -> Result<(Vec<ImportRow>, Option<u32>)> {
    let (mut number, mut skip) = (after / MAX_CHUNK, (after % MAX_CHUNK) as usize);
    let mut found = Vec::with_capacity(limit);
    while let Some(chunk) = read_chunk(table, import.org, import.id, number).await? {
        for (index, row) in chunk.rows.into_iter().enumerate().skip(skip) {
            if state.is_some_and(|state| row.state != state) {
                continue;
            }
            if found.len() == limit {
                return Ok((found, Some(number * MAX_CHUNK + index as u32)));
            }
            found.push(row);
        }
        skip = 0;
        number += 1;
    }
    Ok((found, None))
}

/// Contacts of an import's rows from a place on, at most `limit`, and where to go on.
pub async fn contacts(
    table: &Table,
    org: OrgId,
    id: ImportId,
    after: u32,
    limit: usize,
) -> Result<(Vec<ContactId>, Option<u32>)> {
    let Some(import) = find(table, org, id).await? else { return Ok((Vec::new(), None)) };
    let (rows, next) = rows(table, &import, Some(RowState::Valid), after, limit).await?;
    Ok((rows.into_iter().filter_map(|row| row.contact).collect(), next))
}
