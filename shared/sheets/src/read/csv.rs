//! Text tables: comma, semicolon, tab or bar; streamed, in constant memory.

use csv::{Reader, ReaderBuilder, StringRecord};

use super::Bytes;
use super::text::Text;
use crate::open::unreadable;
use crate::rows::{Rows, Stop};
use crate::write::is_guarded;
use crate::{Cell, SheetError};

const SEPARATORS: [u8; 4] = [b',', b';', b'\t', b'|'];
/// Rows that the separator is told from.
const SAMPLE: usize = 50;

/// Reads the whole table.
pub(crate) fn read(bytes: Bytes, rows: &mut Rows) -> Result<(), Stop> {
    let mut text = Text::open(bytes)?;
    let start = text.peek().map_err(unreadable)?;
    let named = named_separator(start);
    let separator = named.or_else(|| separator(start)).unwrap_or(b',');
    let allowance = text.allowance();
    let mut reader = ReaderBuilder::new().has_headers(false).flexible(true).delimiter(separator).from_reader(text);
    let mut record = StringRecord::new();
    let mut counter = Counter { hidden: u64::from(named.is_some()), inside: 0 };
    loop {
        allowance.renew();
        match reader.read_record(&mut record) {
            Ok(true) => {}
            Ok(false) => return Ok(()),
            Err(error) => return Err(refusal(&error).into()),
        }
        let number = counter.number(&reader, &record);
        if number == 0 {
            continue;
        }
        rows.push(number, record.iter().map(cell).collect())?;
    }
}

/// Row numbers as a spreadsheet program shows them for this file: blank lines count, lines inside quotes do not.
struct Counter {
    hidden: u64,
    inside: u64,
}

impl Counter {
    /// Every line ends with one `\n`, so the row is the lines so far less those that are inside cells.
    fn number(&mut self, reader: &Reader<Text>, record: &StringRecord) -> u32 {
        self.inside += record.as_slice().bytes().filter(|byte| *byte == b'\n').count() as u64;
        reader.position().line().saturating_sub(1 + self.inside + self.hidden) as u32
    }
}

fn refusal(error: &csv::Error) -> SheetError {
    match error.kind() {
        csv::ErrorKind::Io(error) if error.kind() == std::io::ErrorKind::InvalidData => {
            SheetError::damaged("a row of it never ends; maybe a quotation mark is missing")
        }
        csv::ErrorKind::Io(error) => SheetError::Unreadable(error.kind().to_string()),
        _ => SheetError::damaged("a row of it cannot be read"),
    }
}

/// A cell of text without what protects it from being taken for something else: `="0712"` keeps a zero in Excel,
/// and an apostrophe keeps a text from being a formula.
fn cell(text: &str) -> Cell {
    let cell = Cell::text(text);
    if let Some(inner) = cell.text.strip_prefix("=\"").and_then(|rest| rest.strip_suffix('"')) {
        return Cell::text(inner);
    }
    if is_guarded(&cell.text) { Cell::text(&cell.text[1..]) } else { cell }
}

/// Excel's own first line `sep=;`, which it does not show.
fn named_separator(text: &str) -> Option<u8> {
    let line = text.lines().next()?.trim().trim_matches('"');
    let mark = line.get(..4)?;
    let rest = line.get(4..)?.as_bytes();
    (mark.eq_ignore_ascii_case("sep=") && rest.len() == 1 && SEPARATORS.contains(&rest[0])).then(|| rest[0])
}

/// The separator that cuts most rows into the same number of cells, more than one; the one that gives more cells if
/// two do. None if no separator does so for two rows.
pub(crate) fn separator(text: &str) -> Option<u8> {
    let mut best: Option<((u32, usize), u8)> = None;
    for separator in SEPARATORS {
        let mut reader =
            ReaderBuilder::new().has_headers(false).flexible(true).delimiter(separator).from_reader(text.as_bytes());
        let widths: Vec<usize> = reader.byte_records().take(SAMPLE).flatten().map(|record| record.len()).collect();
        let often = |width: usize| widths.iter().filter(|found| **found == width).count();
        let Some(width) = widths.iter().copied().filter(|width| *width > 1).max_by_key(|width| (often(*width), *width))
        else {
            continue;
        };
        if often(width) < 2 && widths.len() > 1 {
            continue;
        }
        let score = ((often(width) * 1000 / widths.len()) as u32, width);
        if best.is_none_or(|(found, _)| score > found) {
            best = Some((score, separator));
        }
    }
    best.map(|(_, separator)| separator)
}
