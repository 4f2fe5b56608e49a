//! Parse: the file, streamed, becomes chunks of rows. A crash begins again from the first row and writes the same chunks.

use std::io::{Seek, SeekFrom, Write};

use domain::{Error, Result, phone::Country};
use futures::{StreamExt, TryStreamExt};
use sheets::{Columns, Duplicates, Limits, Row, Sheet, SheetError};
use store::imports::{
    self, Import, ImportCounts, ImportError, ImportMode, ImportRow, ImportStatus, RowError, RowState,
};
use tokio::sync::mpsc;

use super::report;
use crate::App;

/// Rows per chunk.
const CHUNK_ROWS: usize = 200;

/// Bytes of a chunk that is full even with fewer. An item of the table holds 400 KB, and one row takes at most 340 KB
/// (50 attributes of 1,000 characters, each written as an escape of six bytes).
const CHUNK_BYTES: usize = 200_000;

/// Chunks that are being written at the same time.
const AT_ONCE: usize = 4;

/// After how many chunks the progress is written.
const PROGRESS: u32 = 25;

/// Parses the file of an import that is in `PARSING`. `None`: it failed, or another invocation was quicker.
pub(super) async fn parse(app: &App, import: Import) -> Result<Option<Import>> {
    match read(app, &import).await {
        Ok(written) => finish(app, &import, written).await,
        Err(Stopped::Refused(error)) => {
            fail(app, &import, &error).await?;
            Ok(None)
        }
        Err(Stopped::Broken(error)) => Err(error),
    }
}

/// A small file that was read whole.
#[derive(Debug)]
pub struct Parsed {
    /// The columns that were recognised.
    pub columns: Columns,
    /// How many rows are how.
    pub counts: ImportCounts,
    chunks: Vec<Vec<ImportRow>>,
}

/// Reads a small file whole.
pub fn parse_small(
    source: impl sheets::Source,
    name: &str,
    limits: &Limits,
    country: Country,
) -> std::result::Result<Parsed, SheetError> {
    let mut chunks = Vec::new();
    let (columns, counts) = rows_of(source, name, limits, country, None, |rows, _| {
        chunks.push(rows);
        true
    })?;
    Ok(Parsed { columns, counts, chunks })
}

/// Stores the rows of an import in `PARSING` whose file was read with the request. `None`: another invocation was quicker.
pub(super) async fn keep(app: &App, import: &Import, parsed: Parsed) -> Result<Option<Import>> {
    let Parsed { columns, counts, chunks } = parsed;
    let written = Written { columns, counts, chunks: chunks.len() as u32 };
    let writes: Vec<_> = chunks
        .iter()
        .zip(0..)
        .map(|(rows, number)| imports::put_chunk(&app.table, import.org, import.id, number, version(import), rows))
        .collect();
    futures::stream::iter(writes).buffer_unordered(AT_ONCE).try_collect::<()>().await?;
    finish(app, import, written).await
}

/// The version that chunks begin with: another whenever the file is read, so that no fix of a row as it was read before
/// meets a row as it is now.
fn version(import: &Import) -> u64 {
    import.updated_at.as_microsecond().unsigned_abs()
}

/// What is known of a file whose rows are stored.
struct Written {
    columns: Columns,
    counts: ImportCounts,
    chunks: u32,
}

enum Stopped {
    /// The file cannot be taken.
    Refused(SheetError),
    /// Something else failed: worth trying again.
    Broken(Error),
}

impl From<Error> for Stopped {
    fn from(error: Error) -> Self {
        Self::Broken(error)
    }
}

async fn read(app: &App, import: &Import) -> std::result::Result<Written, Stopped> {
    let limits = Limits::default();
    let file = download(app, import, &limits).await?;
    let (sender, mut chunks) = mpsc::channel::<(Vec<ImportRow>, ImportCounts)>(AT_ONCE);
    let (name, country) = (import.file_name.clone(), import.country);
    // Columns that are there before the file was read are those that somebody chose.
    let chosen = import.columns.as_deref().map(serde_json::from_str).transpose().map_err(Error::internal)?;
    let reading = tokio::task::spawn_blocking(move || {
        rows_of(file, &name, &limits, country, chosen, |rows, counts| sender.blocking_send((rows, counts)).is_ok())
    });
    let mut writes = futures::stream::FuturesUnordered::new();
    let mut number = 0;
    while let Some((rows, counts)) = chunks.recv().await {
        while writes.len() >= AT_ONCE {
            if let Some(written) = writes.next().await {
                written?;
            }
        }
        if number % PROGRESS == PROGRESS - 1 {
            imports::change(&app.table, import, ImportStatus::Parsing, app.now(), |update| {
                update.set("counts", counts)
            })
            .await?;
            imports::postpone(&app.table, import.org, import.id, app.now() + crate::plan::LOOK_AFTER * 5).await?;
        }
        let (table, org, id) = (&app.table, import.org, import.id);
        let version = version(import);
        writes.push(async move { imports::put_chunk(table, org, id, number, version, &rows).await });
        number += 1;
    }
    while let Some(written) = writes.next().await {
        written?;
    }
    drop(writes);
    let (columns, counts) = reading.await.map_err(Error::internal)?.map_err(|error| match error {
        SheetError::Unreadable(cause) => Stopped::Broken(Error::Unavailable(cause)),
        error => Stopped::Refused(error),
    })?;
    Ok(Written { columns, counts, chunks: number })
}

/// The file, on the disk of the function.
async fn download(app: &App, import: &Import, limits: &Limits) -> std::result::Result<std::fs::File, Stopped> {
    let size = app.files.size(&import.key).await?.unwrap_or(0);
    if size > limits.file_bytes {
        return Err(Stopped::Refused(SheetError::FileTooLarge { limit: limits.file_bytes }));
    }
    let mut file = tempfile::tempfile().map_err(Error::internal)?;
    let mut stream = app.files.stream(&import.key).await?;
    while let Some(bytes) = stream.next().await {
        let bytes = bytes.map_err(|_| Error::Unavailable("the file broke off".into()))?;
        file.write_all(&bytes).map_err(Error::internal)?;
    }
    file.seek(SeekFrom::Start(0)).map_err(Error::internal)?;
    Ok(file)
}

/// Reads a file into chunks of rows; `take` gets each with the counts so far, and says whether to go on.
fn rows_of(
    source: impl sheets::Source,
    name: &str,
    limits: &Limits,
    country: Country,
    chosen: Option<Columns>,
    mut take: impl FnMut(Vec<ImportRow>, ImportCounts) -> bool,
) -> std::result::Result<(Columns, ImportCounts), SheetError> {
    let mut sheet = Sheet::open(source, name, limits)?;
    let columns = match chosen {
        Some(columns) => columns,
        None => sheet.columns(country)?,
    };
    let mut duplicates = Duplicates::with_capacity(limits.rows);
    let mut counts = ImportCounts::default();
    let mut chunk: Vec<ImportRow> = Vec::with_capacity(CHUNK_ROWS);
    let mut bytes = 0;
    for raw in sheet {
        let Some(row) = columns.read(&raw?, country) else { continue };
        let first = if row.is_valid() { duplicates.first(&row) } else { None };
        let row = stored(row, first);
        let before = counts;
        counts.rows += 1;
        match row.state {
            RowState::Valid => counts.valid += 1,
            RowState::Invalid => counts.invalid += 1,
            RowState::Duplicate => counts.duplicate += 1,
        }
        let size = size(&row);
        if chunk.len() == CHUNK_ROWS || (bytes + size > CHUNK_BYTES && !chunk.is_empty()) {
            bytes = 0;
            if !take(std::mem::replace(&mut chunk, Vec::with_capacity(CHUNK_ROWS)), before) {
                return Ok((columns, counts));
            }
        }
        bytes += size;
        chunk.push(row);
    }
    if counts.rows == 0 {
        return Err(SheetError::Empty);
    }
    if !chunk.is_empty() {
        take(chunk, counts);
    }
    Ok((columns, counts))
}

/// Bytes of a row as it is stored.
fn size(row: &ImportRow) -> usize {
    struct Count(usize);
    impl Write for Count {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            self.0 += bytes.len();
            Ok(bytes.len())
        }
        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }
    let mut count = Count(0);
    serde_json::to_writer(&mut count, row).expect("a row is texts and numbers, and counting does not fail");
    count.0
}

fn stored(row: Row, first: Option<u32>) -> ImportRow {
    ImportRow {
        row: row.number,
        state: if !row.errors.is_empty() {
            RowState::Invalid
        } else if first.is_some() {
            RowState::Duplicate
        } else {
            RowState::Valid
        },
        phone: row.phone.map_or(row.raw_phone, |phone| phone.to_string()),
        name: row.name,
        email: row.email.map(|email| email.to_string()),
        tags: row.tags,
        timezone: row.timezone,
        attributes: row.attributes,
        repairs: row.repairs.into_iter().map(|repair| repair.code().to_owned()).collect(),
        errors: row
            .errors
            .into_iter()
            .map(|error| RowError {
                field: error.field.into_owned(),
                code: error.code.into_owned(),
                detail: error.detail.into_owned(),
            })
            .collect(),
        first,
        contact: None,
    }
}

async fn finish(app: &App, import: &Import, written: Written) -> Result<Option<Import>> {
    let direct = import.mode == ImportMode::Direct;
    let columns = serde_json::to_string(&written.columns).map_err(Error::internal)?;
    imports::change(&app.table, import, ImportStatus::Parsing, app.now(), |update| {
        let update = update.set("counts", written.counts).set("columns", columns).set("chunks", written.chunks);
        if direct {
            update.set("status", ImportStatus::Committing)
        } else {
            update.set("status", ImportStatus::Ready).remove("dueAt").remove("duePartition")
        }
    })
    .await
}

/// Ends an import whose file cannot be taken. Nothing of it stays.
async fn fail(app: &App, import: &Import, error: &SheetError) -> Result<()> {
    imports::remove_rows(&app.table, import.org, import.id).await?;
    let failure = ImportError { code: error.code().to_owned(), detail: error.to_string() };
    let now = app.now();
    let failed = imports::change(&app.table, import, ImportStatus::Parsing, now, |update| {
        update
            .set("status", ImportStatus::Failed)
            .set("error", &failure)
            .set("counts", ImportCounts::default())
            .set("finishedAt", now)
            .remove("dueAt")
            .remove("duePartition")
    })
    .await?;
    let Some(failed) = failed else { return Ok(()) };
    tracing::info!(import = %import.id, code = error.code(), "import failed");
    super::message::abandon(app, &failed).await?;
    report::write(app, &failed).await?;
    crate::notify::imported(app, failed.org, failed.id, false).await?;
    app.files.delete(&import.key).await
}
