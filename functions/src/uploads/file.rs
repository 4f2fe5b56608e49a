//! A spreadsheet that comes with a request: read once, whole, before anything is stored.

use std::io::Cursor;

use domain::{Error, Result, id::ImportId, phone::Country};
use engine::imports::{self as engine_imports, ImportMessage, NewImport, Parsed};
use sheets::{Columns, Limits, Sheet, SheetError};
use store::{
    imports::{Import, ImportMode},
    organizations,
};
use web::{Cx, extract::FilePart};

/// The largest file of one call, in bytes.
const MAX_BYTES: usize = 4 << 20;

/// The most rows of one call.
const MAX_ROWS: u32 = 5_000;

/// What a bad file is refused with.
pub(crate) const ERRORS: &[&str] = &[
    "not_a_spreadsheet",
    "file_encrypted",
    "phone_column_missing",
    "file_bomb",
    "too_many_columns",
    "strings_too_large",
    "file_empty",
    "file_damaged",
];

/// All rows of a file, as an import keeps them. A bad file is refused with the request.
pub(crate) async fn parse(cx: &Cx, file: &FilePart) -> Result<Parsed> {
    read(cx, file, |file, limits, country| {
        engine_imports::parse_small(Cursor::new(file.bytes), &file.file_name, limits, country)
    })
    .await
    .map_err(use_imports)
}

/// All rows of a file, as they are. A bad file is refused with the request.
pub(crate) async fn rows(cx: &Cx, file: &FilePart) -> Result<Vec<sheets::Row>> {
    read(cx, file, |file, limits, country| all_rows(file, limits, country, Sheet::columns)).await.map_err(use_imports)
}

/// All rows of a file of addresses: phone numbers, e-mail addresses, or both. A bad file is refused with the request.
pub(crate) async fn addresses(cx: &Cx, file: &FilePart) -> Result<Vec<sheets::Row>> {
    read(cx, file, |file, limits, country| all_rows(file, limits, country, Sheet::address_columns)).await
}

fn all_rows(
    file: FilePart,
    limits: &Limits,
    country: Country,
    columns: impl FnOnce(&mut Sheet, Country) -> Result<Columns, SheetError>,
) -> Result<Vec<sheets::Row>, SheetError> {
    let mut sheet = Sheet::open(Cursor::new(file.bytes), &file.file_name, limits)?;
    let columns = columns(&mut sheet, country)?;
    let mut found = Vec::new();
    for raw in sheet {
        found.extend(columns.read(&raw?, country));
    }
    Ok(found)
}

/// Reads a file on a thread that may block.
async fn read<T: Send + 'static>(
    cx: &Cx,
    file: &FilePart,
    how: impl FnOnce(FilePart, &Limits, Country) -> Result<T, SheetError> + Send + 'static,
) -> Result<T> {
    let country = organizations::get(&cx.app.table, cx.org()).await?.default_country;
    let (file, limits) = (file.clone(), Limits::small(MAX_ROWS, MAX_BYTES as u64));
    let read = tokio::task::spawn_blocking(move || how(file, &limits, country)).await.map_err(Error::internal)?;
    read.map_err(Error::from)
}

/// For contacts there is a way for larger files.
fn use_imports(error: Error) -> Error {
    match error {
        Error::TooLarge { .. } => Error::TooLarge {
            code: "use_imports",
            detail: "At most 4 MB and 5,000 rows in one call; `POST /api/imports` takes files of any size.".into(),
        },
        error => error,
    }
}

/// An import of what was read. The same request again gives the same import.
pub(crate) async fn import(
    cx: &Cx,
    file: &FilePart,
    parsed: Parsed,
    group: Option<domain::id::GroupId>,
    mode: ImportMode,
    message: Option<ImportMessage>,
) -> Result<Import> {
    let (at, bits) = cx.repeatable("import");
    let new = NewImport {
        id: ImportId::new(at, bits),
        file_name: file.file_name.clone(),
        group,
        mode,
        message,
        by: cx.actor(),
    };
    engine_imports::create_parsed(&cx.app, cx.org(), new, file.bytes.to_vec(), parsed).await
}
