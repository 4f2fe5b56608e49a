//! A spreadsheet that comes with a request: read once, whole, before anything is stored.

use std::io::Cursor;

use domain::{Error, Result, id::ImportId, phone::Country};
use engine::imports::{self as engine_imports, ImportMessage, NewImport, Parsed};
use sheets::{Limits, Sheet, SheetError};
use store::{
    imports::{Import, ImportMode},
    organizations,
};
use web::{Cx, extract::FilePart};

/// The largest file of one call, in bytes.
const MAX_BYTES: usize = 4 << 20;

/// The most rows of one call.
const MAX_ROWS: u32 = 5_000;

/// All rows of a file, as an import keeps them. A bad file is refused with the request.
pub(crate) async fn parse(cx: &Cx, file: &FilePart) -> Result<Parsed> {
    read(cx, file, |file, limits, country| {
        engine_imports::parse_small(Cursor::new(file.bytes), &file.file_name, limits, country)
    })
    .await
}

/// All rows of a file, as they are. A bad file is refused with the request.
pub(crate) async fn rows(cx: &Cx, file: &FilePart) -> Result<Vec<sheets::Row>> {
    read(cx, file, |file, limits, country| {
        let mut sheet = Sheet::open(Cursor::new(file.bytes), &file.file_name, limits)?;
        let columns = sheet.columns(country)?;
        let mut found = Vec::new();
        for raw in sheet {
            found.extend(columns.read(&raw?, country));
        }
        Ok(found)
    })
    .await
}

/// Reads a file on a thread that may block.
async fn read<T: Send + 'static>(
    cx: &Cx,
    file: &FilePart,
    how: impl FnOnce(FilePart, &Limits, Country) -> Result<T, SheetError> + Send + 'static,
) -> Result<T> {
    if file.bytes.len() > MAX_BYTES {
        return Err(too_large());
    }
    let country = organizations::get(&cx.app.table, cx.org()).await?.default_country;
    let (file, limits) = (file.clone(), Limits::small(MAX_ROWS, MAX_BYTES as u64));
    tokio::task::spawn_blocking(move || how(file, &limits, country)).await.map_err(Error::internal)?.map_err(|error| {
        match error {
            SheetError::FileTooLarge { .. } | SheetError::TooManyRows { .. } => too_large(),
            error => error.into(),
        }
    })
}

fn too_large() -> Error {
    Error::TooLarge {
        code: "use_imports",
        detail: "At most 4 MB and 5,000 rows in one call; `POST /api/imports` takes files of any size.".into(),
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
