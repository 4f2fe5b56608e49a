//! xls (MS-XLS in a compound file, MS-CFB): `calamine` reads it whole, so everything that decides how much memory that
//! takes is checked first, on a copy of the one stream that matters in a container written anew.

use std::io::{Cursor, Read as _, Seek, Write as _};

use calamine::{Reader as _, Xls, XlsError};
use cfb::CompoundFile;

use super::Bytes;
use super::values::of_data;
use super::xlsb::worksheets;
use crate::rows::{Rows, Stop};
use crate::{Cell, SheetError};

/// Cells (empty ones between them included) that all worksheets together may span: about 130 MB.
const AREA: u64 = 4_000_000;
/// Worksheets in a workbook.
const SHEETS: usize = 256;

/// Record types of MS-XLS 2.3 that are looked at.
mod record {
    pub(super) const BOF: u16 = 0x0809;
    pub(super) const EOF: u16 = 0x000A;
    pub(super) const FORMULA: u16 = 0x0006;
    /// The text that the formula before it gave.
    pub(super) const STRING: u16 = 0x0207;
    pub(super) const BLANK: u16 = 0x0201;
    pub(super) const BOUND_SHEET: u16 = 0x0085;
    pub(super) const DIMENSIONS: u16 = 0x0200;
    pub(super) const FILE_PASS: u16 = 0x002F;
    pub(super) const MUL_RK: u16 = 0x00BD;
    /// Formula, Number, Label, RString, BoolErr, RK, LabelSst: row and column come first.
    pub(super) const CELLS: [u16; 7] = [FORMULA, 0x0203, 0x0204, 0x00D6, 0x0205, 0x027E, 0x00FD];
}

/// What is inside a compound file.
pub(crate) enum Inside {
    Workbook,
    Encrypted,
    Other,
}

/// Tells a workbook from an encrypted xlsx and from other documents in the same container.
pub(crate) fn inside<S: std::io::Read + Seek>(source: S) -> Result<Inside, SheetError> {
    let file = CompoundFile::open(source).map_err(|_| container())?;
    Ok(if file.exists("/EncryptedPackage") {
        Inside::Encrypted
    } else if workbook_path(&file).is_some() {
        Inside::Workbook
    } else {
        Inside::Other
    })
}

fn workbook_path<F>(file: &CompoundFile<F>) -> Option<&'static str> {
    ["/Workbook", "/Book"].into_iter().find(|path| file.is_stream(path))
}

/// Reads the first worksheet with anything in it.
pub(crate) fn read(bytes: Bytes, rows: &mut Rows) -> Result<(), Stop> {
    let clean = clean(bytes)?;
    let mut book = Xls::new(Cursor::new(clean)).map_err(|error| match error {
        XlsError::Password => SheetError::Encrypted,
        _ => SheetError::damaged("the workbook cannot be read"),
    })?;
    for name in worksheets(book.sheets_metadata()) {
        let range = book.worksheet_range(&name).map_err(|_| SheetError::damaged("a worksheet cannot be read"))?;
        let Some((first_row, first_column)) = range.start() else { continue };
        for (index, values) in range.rows().enumerate() {
            let mut cells = vec![Cell::default(); first_column as usize];
            cells.extend(values.iter().map(of_data));
            rows.push(first_row + index as u32 + 1, cells)?;
        }
        if rows.any() {
            break;
        }
    }
    Ok(())
}

/// The workbook's stream alone, checked, in a new container.
fn clean(bytes: Bytes) -> Result<Vec<u8>, SheetError> {
    let mut file = CompoundFile::open(bytes).map_err(|_| container())?;
    let path = workbook_path(&file).ok_or_else(container)?;
    let mut stream = Vec::new();
    file.open_stream(path).and_then(|mut from| from.read_to_end(&mut stream)).map_err(|_| container())?;
    drop(file);
    check(&mut stream)?;
    // Writing to memory cannot fail; a failure would be a defect of the container library.
    let write = |stream: &[u8]| -> std::io::Result<Vec<u8>> {
        let mut file = CompoundFile::create(Cursor::new(Vec::with_capacity(stream.len() + (64 << 10))))?;
        file.create_stream(path)?.write_all(stream)?;
        file.flush()?;
        Ok(file.into_inner().into_inner())
    };
    write(&stream).map_err(|_| container())
}

/// Finds out what the reader would reserve, refuses too much, and takes the declared (not the real) size out.
fn check(stream: &mut [u8]) -> Result<(), SheetError> {
    let mut sheets = Vec::new();
    let mut at = 0;
    while let Some((kind, data)) = record_at(stream, at) {
        match kind {
            record::EOF => break,
            record::FILE_PASS if word(stream, data.start) != Some(0) => return Err(SheetError::Encrypted),
            record::BOUND_SHEET if data.len() >= 4 => {
                let start = &stream[data.start..data.start + 4];
                sheets.push(u32::from_le_bytes(start.try_into().expect("four bytes were taken")) as usize);
            }
            _ => {}
        }
        at = data.end;
    }
    if sheets.len() > SHEETS {
        return Err(SheetError::Bomb);
    }
    let mut area = 0;
    for start in sheets {
        area += area_of(stream, start);
        if area > AREA {
            return Err(SheetError::Bomb);
        }
    }
    let mut at = 0;
    while let Some((kind, data)) = record_at(stream, at) {
        if kind == record::DIMENSIONS {
            stream[at..at + 2].copy_from_slice(&record::BLANK.to_le_bytes());
        }
        at = data.end;
    }
    Ok(())
}

/// How many cells lie between the first and the last one of the worksheet at `start`, as the reader will see it:
/// to its end record, without the charts in between.
fn area_of(stream: &[u8], start: usize) -> u64 {
    let (mut rows, mut columns) = (Span::default(), Span::default());
    let (mut at, mut depth, mut formula) = (start, 0_u32, (0, 0));
    while let Some((kind, data)) = record_at(stream, at) {
        at = data.end;
        match kind {
            record::BOF => depth += 1,
            record::EOF if depth <= 1 => break,
            record::EOF => depth -= 1,
            _ if depth > 1 => {}
            record::STRING => {
                rows.add(formula.0);
                columns.add(formula.1);
            }
            _ if kind == record::MUL_RK || record::CELLS.contains(&kind) => {
                let (Some(row), Some(column)) = (word(stream, data.start), word(stream, data.start + 2)) else { break };
                if kind == record::FORMULA {
                    formula = (row, column);
                }
                rows.add(row);
                columns.add(column);
                if kind == record::MUL_RK && data.len() >= 6 {
                    columns.add(word(stream, data.end - 2).unwrap_or(column));
                }
            }
            _ => {}
        }
    }
    rows.length() * columns.length()
}

/// The lowest and the highest of some indexes.
#[derive(Default)]
struct Span(Option<(u16, u16)>);

impl Span {
    fn add(&mut self, index: u16) {
        let (low, high) = self.0.unwrap_or((index, index));
        self.0 = Some((low.min(index), high.max(index)));
    }

    fn length(&self) -> u64 {
        self.0.map_or(0, |(low, high)| u64::from(high - low) + 1)
    }
}

/// The type and the place of the data of the record at `at`.
fn record_at(stream: &[u8], at: usize) -> Option<(u16, std::ops::Range<usize>)> {
    let (kind, length) = (word(stream, at)?, word(stream, at.checked_add(2)?)?);
    let data = at + 4..at + 4 + usize::from(length);
    (data.end <= stream.len()).then_some((kind, data))
}

fn word(stream: &[u8], at: usize) -> Option<u16> {
    let bytes = stream.get(at..at.checked_add(2)?)?;
    Some(u16::from_le_bytes([bytes[0], bytes[1]]))
}

fn container() -> SheetError {
    SheetError::damaged("its container cannot be read")
}
