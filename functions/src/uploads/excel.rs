//! `POST /api/uploads/excel`: an import in preview, in one call.

use std::io::Cursor;

use domain::{
    Error, Result,
    access::{Role, Scope},
    id::{GroupId, ImportId},
};
use engine::imports::{self as engine_imports, NewImport};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use sheets::Limits;
use store::imports::{self, ImportCounts, ImportMode, RowState};
use web::{Cx, Grant, Row, extract::Multipart, reply::Success};

use crate::imports::view::{ColumnsView, ImportRowView, ImportView};

/// The largest file of one call, in bytes and rows.
pub const MAX_BYTES: usize = 4 << 20;
/// See [`MAX_BYTES`].
pub const MAX_ROWS: u32 = 5_000;

/// Rows and errors in the answer.
const ROWS: usize = 100;
const ERRORS: usize = 1_000;

/// The texts beside the file.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct UploadForm {
    /// The group that the contacts join when it is committed.
    #[serde(default)]
    group_id: Option<GroupId>,
}

/// What was found in a file.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct UploadPreview {
    /// To be committed by `POST /imports/{importId}/commit`.
    import_id: ImportId,
    /// The columns that were recognised.
    columns: Option<ColumnsView>,
    /// How many rows are how.
    counts: ImportCounts,
    /// The first 100 rows.
    rows: Vec<ImportRowView>,
    /// The first 1,000 errors.
    errors: Vec<UploadError>,
}

/// What is wrong with a row.
#[derive(Debug, Serialize, JsonSchema)]
pub struct UploadError {
    /// The row, as the spreadsheet shows it.
    row: u32,
    /// The number as it stands in the file.
    phone: String,
    /// In words.
    error: String,
}

pub(super) fn row() -> Row {
    Row::post("uploads-excel", "/api/uploads/excel", handle)
        .summary("Preview a spreadsheet")
        .description("A file of at most 4 MB and 5,000 rows, in the field `file`.")
        .tag("Imports")
        .access(Role::Member, Scope::ImportsWrite)
        .idempotent_record_first()
        .grants(&[Grant::Table, Grant::Files])
        .errors(&["413 use_imports", "not_a_spreadsheet", "phone_column_missing", "file_encrypted", "file_damaged"])
        .limits(1_024, 29)
}

async fn handle(cx: Cx, form: Multipart<UploadForm>) -> Result<Success<UploadPreview>> {
    let form = form.read().await?;
    let file = form.file("file")?;
    check_size(file.bytes.len())?;
    let group = form.fields()?.group_id;
    // Read once here, so that a bad file is refused with the request and stores nothing.
    let (bytes, name) = (file.bytes.clone(), file.file_name.clone());
    let country = store::organizations::get(&cx.app.table, cx.org()).await?.default_country;
    tokio::task::spawn_blocking(move || {
        engine_imports::rows_of(
            Cursor::new(bytes),
            &name,
            &Limits::small(MAX_ROWS, MAX_BYTES as u64),
            country,
            |_, _| true,
        )
    })
    .await
    .map_err(Error::internal)??;

    let (at, bits) = cx.repeatable("import");
    let new = NewImport {
        id: ImportId::new(at, bits),
        file_name: file.file_name.clone(),
        group,
        mode: ImportMode::Preview,
        message: None,
        by: cx.actor(),
    };
    let import = engine_imports::create_stored(&cx.app, cx.org(), new, file.bytes.to_vec()).await?;
    let id = import.id;
    // `None`: an earlier try of this request did it.
    engine_imports::parse(&cx.app, import).await?;
    let import = imports::get(&cx.app.table, cx.org(), id).await?;
    let (rows, _) = imports::rows(&cx.app.table, &import, None, 0, ROWS).await?;
    let (invalid, _) = imports::rows(&cx.app.table, &import, Some(RowState::Invalid), 0, ERRORS).await?;
    let errors = invalid
        .into_iter()
        .map(|row| UploadError {
            row: row.row,
            error: row.errors.iter().map(|error| error.detail.clone()).collect::<Vec<_>>().join(" "),
            phone: row.phone,
        })
        .collect();
    let view = ImportView::from(import);
    Ok(Success(UploadPreview {
        import_id: id,
        columns: view.columns,
        counts: view.counts,
        rows: rows.into_iter().map(ImportRowView::from).collect(),
        errors,
    }))
}

/// 413 for a file that is too large for one call.
pub fn check_size(bytes: usize) -> Result<()> {
    if bytes > MAX_BYTES {
        let detail = "At most 4 MB and 5,000 rows in one call; use POST /api/imports for more.".into();
        return Err(Error::TooLarge { code: "use_imports", detail });
    }
    Ok(())
}
