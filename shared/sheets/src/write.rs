//! Spreadsheets out: exports of contacts and deliveries, and the rows that an import rejected.

use std::io::{self, Write};

use rust_xlsxwriter::{Format, Workbook, XlsxError};

use crate::SheetError;
use crate::cell::trim;

/// Heading of the column with the number of a rejected row. A file that comes back corrected is read without it.
pub const ROW_HEADING: &str = "Row in file";
/// Heading of the column with the reason of a rejected row. A file that comes back corrected is read without it.
pub const REASON_HEADING: &str = "Rejected because";

/// Rows below the heading that a worksheet holds (Excel specifications and limits).
const ROWS: u32 = 1_048_575;
/// UTF-16 units that a cell holds (Excel specifications and limits).
const UNITS: usize = 32_767;

/// Writes a workbook of one worksheet, all cells as text: phone numbers keep their `+`, nothing becomes a formula.
///
/// Errors: `too_many_rows` beyond 1,048,575 rows.
pub fn write_xlsx<H, R>(headings: H, rows: impl IntoIterator<Item = R>) -> Result<Vec<u8>, SheetError>
where
    H: IntoIterator<Item: AsRef<str>>,
    R: IntoIterator<Item: AsRef<str>>,
{
    let mut book = Workbook::new();
    let text = Format::new().set_num_format("@");
    let heading = Format::new().set_num_format("@").set_bold();
    let sheet = book.add_worksheet();
    let written = (|| -> Result<bool, XlsxError> {
        for (column, title) in headings.into_iter().enumerate() {
            let title = cut(title.as_ref());
            let width = (title.chars().count() + 4).clamp(14, 40);
            sheet.set_column_width(column as u16, width as f64)?;
            sheet.write_string_with_format(0, column as u16, title, &heading)?;
        }
        sheet.set_freeze_panes(1, 0)?;
        for (index, row) in rows.into_iter().enumerate() {
            if index as u32 >= ROWS {
                return Ok(false);
            }
            for (column, value) in row.into_iter().enumerate() {
                let value = cut(value.as_ref());
                if !value.is_empty() {
                    sheet.write_string_with_format(index as u32 + 1, column as u16, value, &text)?;
                }
            }
        }
        Ok(true)
    })();
    match written {
        Ok(true) => book.save_to_buffer().map_err(|_| SheetError::damaged("it could not be written")),
        Ok(false) => Err(SheetError::TooManyRows { limit: ROWS }),
        Err(_) => Err(SheetError::damaged("it could not be written")),
    }
}

/// Cut to what a cell holds.
fn cut(text: &str) -> &str {
    let mut units = 0;
    let end = text.char_indices().find(|(_, c)| {
        units += c.len_utf16();
        units > UNITS
    });
    end.map_or(text, |(end, _)| &text[..end])
}

/// How a CSV file is written.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CsvStyle {
    /// Put the mark of UTF-8 before it: without it Excel takes the text for the local 8-bit encoding.
    pub bom: bool,
    /// Columns (from 0) with phone numbers, whose `+` is no formula and stays as it is.
    pub phone_columns: Vec<usize>,
}

/// Writes CSV (RFC 4180) row by row.
///
/// A text that a spreadsheet program would run as a formula (it begins with `=`, `+`, `-`, `@`, a tab or a line
/// break: <https://owasp.org/www-community/attacks/CSV_Injection>) gets an apostrophe before it, which reading takes off
/// again. Numbers stay as they are, and so do phone numbers in the columns that are named for them.
///
/// Invariant: what is written is read again as it was, but for white space at its ends.
#[derive(Debug)]
pub struct CsvWriter<W: Write> {
    writer: csv::Writer<W>,
    phone_columns: Vec<usize>,
}

impl<W: Write> CsvWriter<W> {
    /// Writes the headings. Errors are those of the writer.
    pub fn new<H>(mut into: W, headings: H, style: CsvStyle) -> io::Result<Self>
    where
        H: IntoIterator<Item: AsRef<str>>,
    {
        if style.bom {
            into.write_all("\u{feff}".as_bytes())?;
        }
        let writer = csv::WriterBuilder::new().flexible(true).terminator(csv::Terminator::CRLF).from_writer(into);
        let mut csv = Self { writer, phone_columns: style.phone_columns };
        csv.row(headings)?;
        Ok(csv)
    }

    /// Writes one row. Errors are those of the writer.
    pub fn row<R>(&mut self, cells: R) -> io::Result<()>
    where
        R: IntoIterator<Item: AsRef<str>>,
    {
        for (column, cell) in cells.into_iter().enumerate() {
            let cell = cell.as_ref();
            let plain = self.phone_columns.contains(&column) && is_phone(cell);
            if is_guarded(trim(cell)) {
                // White space goes first when it is read, so none may stand between the two apostrophes.
                self.writer.write_field(format!("'{}", trim(cell)))?;
            } else if !plain && is_risky(cell) {
                self.writer.write_field(format!("'{cell}"))?;
            } else {
                self.writer.write_field(cell)?;
            }
        }
        self.writer.write_record(None::<&[u8]>)?;
        Ok(())
    }

    /// Writes what is left and gives the writer back. Errors are those of the writer.
    pub fn finish(self) -> io::Result<W> {
        self.writer.into_inner().map_err(csv::IntoInnerError::into_error)
    }
}

/// A phone number as it may stand in a cell: nothing in it that could be a formula.
fn is_phone(text: &str) -> bool {
    let digits = text.strip_prefix('+').unwrap_or(text);
    !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit() || b" .()".contains(&byte))
}

/// Whether a spreadsheet program would run it.
fn is_risky(text: &str) -> bool {
    let number = text.strip_prefix('-').is_some_and(|rest| {
        rest.starts_with(|c: char| c.is_ascii_digit())
            && rest.bytes().all(|byte| byte.is_ascii_digit() || matches!(byte, b'.' | b','))
    });
    !number && begins_risky(text)
}

/// Some programs drop white space before a formula, and some take full-width signs for the plain ones.
fn begins_risky(text: &str) -> bool {
    (text.starts_with(['\t', '\r', '\n']) && !trim(text).is_empty())
        || text.trim_start().starts_with(['=', '+', '-', '@', '\u{ff1d}', '\u{ff0b}', '\u{ff0d}', '\u{ff20}'])
}

/// Whether a text begins with an apostrophe that only keeps what follows from being a formula or a number; reading takes
/// one off. People have names such as `'n Vlok`.
pub(crate) fn is_guarded(text: &str) -> bool {
    let rest = text.trim_start_matches('\'');
    rest.len() < text.len()
        && (begins_risky(rest) || (rest.starts_with(|c: char| c.is_ascii_digit()) && !rest.contains('\'')))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formulas_are_defused_in_csv() {
        let style = CsvStyle { bom: true, phone_columns: vec![1] };
        let mut csv = CsvWriter::new(Vec::new(), ["Name", "Phone", "Note"], style).unwrap();
        csv.row(["=1+1", "+254700000001", "-12.50"]).unwrap();
        csv.row(["@SUM(A1)", "+cmd|' /C calc'!A0", "plain, \"quoted\""]).unwrap();
        csv.row(["-2+3", "0700", "\tx"]).unwrap();
        let text = String::from_utf8(csv.finish().unwrap()).unwrap();
        assert_eq!(
            text,
            "\u{feff}Name,Phone,Note\r\n'=1+1,+254700000001,-12.50\r\n'@SUM(A1),'+cmd|' /C calc'!A0,\"plain, \"\"quoted\"\"\"\r\n\
             '-2+3,0700,'\tx\r\n"
        );
    }

    #[test]
    fn cells_are_cut_to_what_excel_holds() {
        let long = "😀".repeat(20_000);
        assert_eq!(cut(&long).chars().count(), 16_383);
    }
}
