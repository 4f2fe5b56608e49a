//! `POST /api/uploads/excel`: an import in preview, in one call.

use domain::{
    Result,
    access::{Role, Scope},
    id::{GroupId, ImportId},
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use store::imports::{self, ImportCounts, ImportMode, RowState};
use web::{Cx, Grant, Row, extract::Multipart, reply::Success};

use super::file;
use crate::imports::view::{ColumnsView, ImportRowView, ImportView};

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
        .errors(&["413 use_imports"])
        .errors(file::ERRORS)
        .limits(1_024, 29)
}

async fn handle(cx: Cx, form: Multipart<UploadForm>) -> Result<Success<UploadPreview>> {
    let form = form.read().await?;
    let file = form.file("file")?;
    let parsed = file::parse(&cx, file).await?;
    let import = file::import(&cx, file, parsed, form.fields()?.group_id, ImportMode::Preview, None).await?;
    let id = import.id;
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
