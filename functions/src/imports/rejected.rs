//! `GET /api/imports/{id}/rejected`: the rows that cannot become contacts, as a spreadsheet with the reasons.

use domain::{
    Result,
    access::{Role, Scope},
    id::ImportId,
};
use engine::imports as engine_imports;
use store::imports;
use web::{Cx, Grant, Row, extract::Path, reply::File};

/// The media type of an Excel workbook.
const XLSX: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";

pub(super) fn row() -> Row {
    Row::get("imports-rejected", "/api/imports/{id}/rejected", handle)
        .summary("Download the rejected rows")
        .description(
            "Invalid and duplicate rows with a column that says why. Corrected, the file can be imported again.",
        )
        .tag("Imports")
        .access(Role::Viewer, Scope::ImportsRead)
        .grants(&[Grant::TableRead])
        .limits(1_024, 29)
}

async fn handle(cx: Cx, Path(id): Path<ImportId>) -> Result<File> {
    let import = imports::get(&cx.app.table, cx.org(), id).await?;
    let bytes = engine_imports::rejected(&cx.app, &import).await?;
    Ok(File { bytes: bytes.into(), content_type: XLSX, name: format!("rejected-{id}.xlsx") })
}
