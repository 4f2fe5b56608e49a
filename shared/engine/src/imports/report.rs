//! What became of an import: the report beside a dropped file, and the rejected rows as a spreadsheet.

use domain::{Error, Result};
use serde_json::json;
use sheets::{
    Columns,
    write::{REASON_HEADING, ROW_HEADING, write_xlsx},
};
use store::imports::{self, Import, ImportRow, RowState};

use crate::App;

/// How many errors a report names.
const ERRORS: usize = 1_000;

/// Writes the report beside a dropped file; other imports have none.
pub(super) async fn write(app: &App, import: &Import) -> Result<()> {
    let Some(key) = &import.report else { return Ok(()) };
    let (invalid, _) = imports::rows(&app.table, import, Some(RowState::Invalid), 0, ERRORS).await?;
    let errors: Vec<_> = invalid
        .iter()
        .flat_map(|row| {
            row.errors.iter().map(
                move |error| json!({ "row": row.row, "field": error.field, "code": error.code, "error": error.detail }),
            )
        })
        .collect();
    let report = json!({
        "importId": import.id,
        "status": import.status,
        "counts": import.counts,
        "error": import.error,
        "errors": errors,
        "finishedAt": import.finished_at,
    });
    put(app, key, &report).await
}

/// The report on a dropped file for which no import began.
pub(super) async fn refused(app: &App, key: &str, code: &str, detail: &str) -> Result<()> {
    put(app, key, &json!({ "status": "FAILED", "error": { "code": code, "detail": detail } })).await
}

async fn put(app: &App, key: &str, report: &serde_json::Value) -> Result<()> {
    let text = serde_json::to_vec_pretty(report).map_err(Error::internal)?;
    app.files.put(key, text, "application/json").await
}

/// The rows that did not become contacts, as a workbook with the reasons. Under its headings the corrected file is
/// recognised again.
pub async fn rejected(app: &App, import: &Import) -> Result<Vec<u8>> {
    let mut rows = Vec::new();
    let mut after = 0;
    loop {
        let (page, next) = imports::rows(&app.table, import, None, after, 1_000).await?;
        rows.extend(page.into_iter().filter(|row| row.state != RowState::Valid));
        match next {
            Some(next) => after = next,
            None => break,
        }
    }
    let columns: Option<Columns> = import.columns.as_deref().and_then(|text| serde_json::from_str(text).ok());
    let keys: Vec<String> =
        columns.map(|columns| columns.attributes.into_iter().map(|column| column.key).collect()).unwrap_or_default();
    let mut headings: Vec<String> = ["Name", "Phone", "Email", "Tags", "Timezone"].map(str::to_owned).to_vec();
    headings.extend(keys.iter().cloned());
    headings.extend([ROW_HEADING, REASON_HEADING].map(str::to_owned));
    let cells = rows.iter().map(|row| {
        let mut cells = vec![
            row.name.clone(),
            row.phone.clone(),
            row.email.clone().unwrap_or_default(),
            row.tags.join(", "),
            row.timezone.clone().unwrap_or_default(),
        ];
        cells.extend(keys.iter().map(|key| row.attributes.get(key).map(ToString::to_string).unwrap_or_default()));
        cells.extend([row.row.to_string(), reason(row)]);
        cells
    });
    write_xlsx(headings, cells).map_err(Error::internal)
}

fn reason(row: &ImportRow) -> String {
    match row.first {
        Some(first) => format!("The same number is in row {first}."),
        None => row.errors.iter().map(|error| error.detail.clone()).collect::<Vec<_>>().join(" "),
    }
}
