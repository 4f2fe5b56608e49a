//! Opening a file: which format it is, whether it is safe to read, and the thread that reads it.

use std::collections::VecDeque;
use std::io::{Read, Seek, SeekFrom};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::{Receiver, sync_channel};
use std::thread::{Builder, JoinHandle};

use domain::country::Country;
use serde::{Deserialize, Serialize};

use crate::rows::{Batch, Rows, Stop};
use crate::{Columns, Limits, RawRow, SheetError, read, sniff};

/// Batches that may wait between the two threads.
const AHEAD: usize = 4;
/// Rows that are looked at to recognise the columns, and bytes of text in them at which fewer will do.
const SAMPLE: (usize, usize) = (100, 4 << 20);

/// Where the bytes come from: a file, or a `Cursor` over bytes in memory.
pub trait Source: Read + Seek + Send + 'static {}
impl<T: Read + Seek + Send + 'static> Source for T {}

/// The formats that are read, told by the bytes and not by the name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Format {
    /// Excel from 2007 on (ECMA-376).
    Xlsx,
    /// Excel's binary workbook (MS-XLSB).
    Xlsb,
    /// Excel up to 2003 (MS-XLS).
    Xls,
    /// OpenDocument, as LibreOffice writes it (ISO/IEC 26300).
    Ods,
    /// Text with a separator between the cells.
    Csv,
    /// A JSON array of objects.
    Json,
    /// One JSON object a line.
    Ndjson,
}

/// An open spreadsheet: an iterator over the rows of its first worksheet that holds anything.
///
/// A second thread reads and unpacks; dropping the sheet ends it. Rows come in the order of the file, empty ones
/// are left out. After an error nothing more comes. Rows before an error have been given out: whoever must store
/// nothing of a damaged file reads it to the end first.
#[derive(Debug)]
pub struct Sheet {
    format: Format,
    ready: VecDeque<RawRow>,
    failed: Option<SheetError>,
    receiver: Option<Receiver<Batch>>,
    thread: Option<JoinHandle<()>>,
}

impl Sheet {
    /// Opens a file. `file_name` is only a hint (its extension); the format is told by the bytes.
    ///
    /// Errors that need no reading come at once (`not_a_spreadsheet`, `file_encrypted`, `file_bomb`, `file_too_large`,
    /// `strings_too_large`, `file_empty`, some `file_damaged`); the others come from the iterator.
    pub fn open(mut source: impl Source, file_name: &str, limits: &Limits) -> Result<Self, SheetError> {
        let size = source.seek(SeekFrom::End(0)).map_err(unreadable)?;
        if size == 0 {
            return Err(SheetError::Empty);
        }
        if size > limits.file_bytes {
            return Err(SheetError::FileTooLarge { limit: limits.file_bytes });
        }
        // The checks run over the same parsers as the reading does: what a hostile file makes panic is damaged.
        let format = catch_unwind(AssertUnwindSafe(|| sniff::format(&mut source, file_name, size, limits)))
            .unwrap_or_else(|_| Err(SheetError::damaged("its structure makes no sense")))?;
        source.seek(SeekFrom::Start(0)).map_err(unreadable)?;
        let (sender, receiver) = sync_channel(AHEAD);
        let mut rows = Rows::new(sender, limits.clone());
        let work = move || {
            let outcome = catch_unwind(AssertUnwindSafe(|| read::read(format, Box::new(source), &mut rows)));
            match outcome {
                Ok(Ok(())) => drop(rows.flush()),
                Ok(Err(Stop::Gone)) => {}
                Ok(Err(Stop::Failed(error))) => rows.fail(error),
                Err(_) => rows.fail(SheetError::damaged("its structure makes no sense")),
            }
        };
        let thread = Builder::new()
            .name("sheet".into())
            .spawn(work)
            .map_err(|error| SheetError::Unreadable(format!("no thread to read with ({})", error.kind())))?;
        Ok(Self { format, ready: VecDeque::new(), failed: None, receiver: Some(receiver), thread: Some(thread) })
    }

    /// The format that the bytes have.
    pub fn format(&self) -> Format {
        self.format
    }

    /// Recognises the columns from the first 100 rows, which the iterator still gives out after.
    /// `default_country` is for phone numbers in local form; [`Country::NONE`] if there is none.
    ///
    /// Errors: `phone_column_missing`, `file_empty` (also for a heading alone), and those of the reading.
    pub fn columns(&mut self, default_country: Country) -> Result<Columns, SheetError> {
        Columns::detect(self.sample()?, default_country)
    }

    /// The same for a file of addresses: a column with e-mail addresses is enough.
    pub fn address_columns(&mut self, default_country: Country) -> Result<Columns, SheetError> {
        Columns::detect_addresses(self.sample()?, default_country)
    }

    /// The first rows, which stay to be read.
    fn sample(&mut self) -> Result<&[RawRow], SheetError> {
        let (rows, bytes) = SAMPLE;
        while self.ready.len() < rows && self.waiting() < bytes && self.failed.is_none() && self.fetch() {}
        if self.ready.len() < rows
            && let Some(error) = self.failed.clone()
        {
            return Err(error);
        }
        let sample = self.ready.make_contiguous();
        Ok(&sample[..sample.len().min(rows)])
    }

    /// Bytes of text in the rows that were taken in.
    fn waiting(&self) -> usize {
        self.ready.iter().flat_map(|row| &row.cells).map(|cell| cell.text.len()).sum()
    }

    /// Takes one more batch in; false when there is none.
    fn fetch(&mut self) -> bool {
        match self.receiver.as_ref().map(Receiver::recv) {
            Some(Ok(Ok(batch))) => {
                self.ready.extend(batch);
                true
            }
            Some(Ok(Err(error))) => {
                self.failed = Some(error);
                self.receiver = None;
                true
            }
            Some(Err(_)) | None => {
                self.receiver = None;
                false
            }
        }
    }
}

impl Iterator for Sheet {
    type Item = Result<RawRow, SheetError>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            if let Some(row) = self.ready.pop_front() {
                return Some(Ok(row));
            }
            if let Some(error) = self.failed.take() {
                return Some(Err(error));
            }
            if !self.fetch() {
                return None;
            }
        }
    }
}

impl Drop for Sheet {
    fn drop(&mut self) {
        // Without a receiver the reader's next hand-over fails and it ends; wait, so that no thread outlives the file.
        self.receiver = None;
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

/// The source failed, not the file. Only the kind is told: paths and addresses are not for the reader.
#[expect(clippy::needless_pass_by_value, reason = "for map_err")]
pub(crate) fn unreadable(error: std::io::Error) -> SheetError {
    SheetError::Unreadable(error.kind().to_string())
}
