//! `GET /api/suppressions/export`: the list as a spreadsheet that `POST /api/suppressions/import` reads again.

use domain::suppression::{SuppressedChannel, SuppressionReason};
use sheets::write::{CsvStyle, CsvWriter, write_xlsx};
use store::suppressions::{self, Filter, Suppression};
use web::prelude::*;

/// The most rows of one file: what fits an answer of 4 MB.
const MOST: usize = 25_000;

/// The row.
pub fn row() -> Row {
    Row::get("suppressions-export", "/api/suppressions/export", handle)
        .summary("Export suppressions")
        .description("CSV or Excel, newest first, at most 25,000.")
        .tag("Suppressions")
        .access(Role::Viewer, Scope::SuppressionsRead)
        .grants(&[Grant::TableRead])
        .errors(&["413 export_too_large"])
        .limits(1_024, 29)
}

/// What to export.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct SuppressionExport {
    /// For this channel.
    channel: Option<SuppressedChannel>,
    /// For this reason.
    reason: Option<SuppressionReason>,
    /// `csv`, if nothing is said.
    format: Option<SuppressionFormat>,
}

/// The format of a file.
#[derive(Clone, Copy, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
#[schemars(inline)]
enum SuppressionFormat {
    /// Text with commas.
    #[default]
    Csv,
    /// Excel.
    Xlsx,
}

async fn handle(cx: Cx, Query(query): Query<SuppressionExport>) -> Result<File> {
    let filter = Filter { channel: query.channel, reason: query.reason };
    let found = suppressions::all(&cx.app.table, cx.org(), filter, MOST).await?.ok_or_else(|| Error::TooLarge {
        code: "export_too_large",
        detail: format!("More than {MOST} suppressions; read them page by page with GET /suppressions."),
    })?;
    let headings = ["Phone", "Email", "Channel", "Reason", "Source", "Note", "Added at"];
    let rows = found.iter().map(record);
    let day = cx.now().strftime("%Y-%m-%d").to_string();
    let (bytes, content_type, extension) = match query.format.unwrap_or_default() {
        SuppressionFormat::Xlsx => {
            (write_xlsx(headings, rows)?, "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "xlsx")
        }
        SuppressionFormat::Csv => {
            let style = CsvStyle { bom: true, phone_columns: vec![0] };
            let mut csv = CsvWriter::new(Vec::new(), headings, style).map_err(Error::internal)?;
            for row in rows {
                csv.row(row).map_err(Error::internal)?;
            }
            (csv.finish().map_err(Error::internal)?, "text/csv; charset=utf-8", "csv")
        }
    };
    Ok(File { bytes: bytes.into(), content_type, name: format!("suppressions-{day}.{extension}") })
}

fn record(one: &Suppression) -> [String; 7] {
    let (phone, email) =
        if one.address.contains('@') { ("", one.address.as_str()) } else { (one.address.as_str(), "") };
    [
        phone.to_owned(),
        email.to_owned(),
        one.channel.to_string(),
        one.reason.to_string(),
        one.source.to_string(),
        one.note.clone().unwrap_or_default(),
        one.created_at.to_string(),
    ]
}
