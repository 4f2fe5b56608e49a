//! `GET /api/contacts/export`: contacts as a spreadsheet that an import reads again. Up to 4 MB at once, more by a link.

use std::{collections::BTreeSet, time::Duration};

use domain::{
    Error, Result,
    access::{Role, Scope},
    id::GroupId,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use sheets::write::{CsvStyle, CsvWriter, write_xlsx};
use store::contacts::{self, Contact, Filter};
use web::prelude::{Accepted, Cx, Either, File, Grant, Query, Row};

use super::view::group_exists;

/// The largest answer that carries the file itself, in bytes.
const AT_ONCE: usize = 4 << 20;

/// How long a link holds.
const LINK: Duration = Duration::from_hours(1);

/// The most rows of one file: what fits the function's memory and time.
const MOST: usize = 250_000;

/// The row.
pub fn row() -> Row {
    Row::get("contacts-export", "/api/contacts/export", handle)
        .summary("Export contacts")
        .description("CSV or Excel. A file under 4 MB comes at once; a larger one by a link that holds for an hour.")
        .tag("Contacts")
        .access(Role::Viewer, Scope::ContactsRead)
        .grants(&[Grant::TableRead, Grant::Files])
        .errors(&["413 export_too_large"])
        .limits(2_048, 29)
}

/// What to export.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct ContactExport {
    /// Is in this group.
    group_id: Option<GroupId>,
    /// Carries this tag, whatever the case.
    tag: Option<String>,
    /// `csv`, if nothing is said.
    format: Option<ExportFormat>,
}

/// The format of a file.
#[derive(Clone, Copy, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
#[schemars(inline)]
enum ExportFormat {
    /// Text with commas.
    #[default]
    Csv,
    /// Excel.
    Xlsx,
}

/// A file that is too large for an answer.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct ContactExportLink {
    /// Its id.
    id: String,
    /// `DONE`.
    status: &'static str,
    /// Where to get it, for an hour.
    url: String,
}

async fn handle(cx: Cx, Query(query): Query<ContactExport>) -> Result<Either<File, Accepted<ContactExportLink>>> {
    let filter = Filter { tag: query.tag, group: query.group_id };
    let nobody = match filter.group {
        Some(group) => !group_exists(&cx, group).await?,
        None => false,
    };
    let contacts =
        if nobody { Some(Vec::new()) } else { contacts::all(&cx.app.table, cx.org(), &filter, MOST).await? };
    let contacts = contacts.ok_or_else(|| Error::TooLarge {
        code: "export_too_large",
        detail: format!("More than {MOST} contacts: export by group or tag."),
    })?;
    let format = query.format.unwrap_or_default();
    let (content_type, extension) = match format {
        ExportFormat::Csv => ("text/csv; charset=utf-8", "csv"),
        ExportFormat::Xlsx => ("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "xlsx"),
    };
    let bytes = tokio::task::spawn_blocking(move || write(format, &contacts)).await.map_err(Error::internal)??;
    let name = format!("contacts-{}.{extension}", cx.now().strftime("%Y-%m-%d"));
    if bytes.len() < AT_ONCE {
        return Ok(Either::A(File { bytes: bytes.into(), content_type, name }));
    }
    let id = format!("{:032x}", cx.app.random.bits());
    let key = format!("exports/{}/{id}/{name}", cx.org());
    cx.app.files.put(&key, bytes, content_type).await?;
    let url = cx.app.files.presign_get(&key, LINK).await?;
    Ok(Either::B(Accepted(ContactExportLink { id, status: "DONE", url })))
}

/// The file, under headings that an import knows; each attribute is a column.
fn write(format: ExportFormat, contacts: &[Contact]) -> Result<Vec<u8>> {
    let attributes: BTreeSet<&str> =
        contacts.iter().flat_map(|contact| contact.attributes.keys().map(String::as_str)).collect();
    let headings: Vec<&str> =
        ["Name", "Phone", "Email", "Tags", "Timezone"].into_iter().chain(attributes.iter().copied()).collect();
    let rows = contacts.iter().map(|contact| record(contact, &attributes));
    match format {
        ExportFormat::Xlsx => write_xlsx(headings, rows).map_err(Error::from),
        ExportFormat::Csv => {
            let style = CsvStyle { bom: true, phone_columns: vec![1] };
            let mut csv = CsvWriter::new(Vec::new(), headings, style).map_err(Error::internal)?;
            for row in rows {
                csv.row(row).map_err(Error::internal)?;
            }
            csv.finish().map_err(Error::internal)
        }
    }
}

fn record(contact: &Contact, attributes: &BTreeSet<&str>) -> Vec<String> {
    let mut cells = vec![
        contact.name.clone().unwrap_or_default(),
        contact.phone.map(|phone| phone.to_string()).unwrap_or_default(),
        contact.email.clone().unwrap_or_default(),
        contact.tags.join(", "),
        contact.timezone.clone().unwrap_or_default(),
    ];
    let value = |key: &&str| contact.attributes.get(*key).map(ToString::to_string).unwrap_or_default();
    cells.extend(attributes.iter().map(value));
    cells
}
