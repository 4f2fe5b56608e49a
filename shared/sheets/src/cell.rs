//! One cell and one row of a spreadsheet, as people see them.

use compact_str::{CompactString, ToCompactString as _, format_compact};
use serde::{Deserialize, Serialize};

/// What kind of value a cell holds. A formula is the kind of its stored value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum CellKind {
    /// Nothing, or nothing but white space.
    #[default]
    Empty,
    /// Text, and everything in a text file.
    Text,
    /// A number that the spreadsheet stores as a floating-point number: leading zeros and a `+` are lost.
    Number,
    /// A date or time, as ISO 8601.
    Date,
    /// `true` or `false`.
    Bool,
    /// A formula whose value the program that wrote the file never stored.
    Formula,
    /// The result of a formula that failed, such as `#N/A`.
    Error,
}

/// Bytes of a cell that are kept: more than any field of a contact takes. A workbook says in a few bytes that a cell
/// holds a text again, so without a bound small files would become large.
pub const LONGEST: usize = 8 << 10;

/// One cell: its text, trimmed, never in scientific form, and what kind of value it is.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Cell {
    /// The value as text. Up to 24 bytes are held in place: most cells, and an import makes millions.
    pub text: CompactString,
    /// Its kind in the file.
    pub kind: CellKind,
}

impl Cell {
    /// A cell of text; empty if there is only white space. More than [`LONGEST`] bytes are cut off.
    pub fn text(text: &str) -> Self {
        let text = cut(trim(text));
        let kind = if text.is_empty() { CellKind::Empty } else { CellKind::Text };
        Self { text: CompactString::new(text), kind }
    }

    /// A cell that holds a number.
    pub fn number(value: f64) -> Self {
        Self { text: number_text(value), kind: CellKind::Number }
    }

    /// A cell that holds `true` or `false`.
    pub fn bool(value: bool) -> Self {
        Self { text: value.to_compact_string(), kind: CellKind::Bool }
    }

    /// Whether there is nothing in it.
    pub fn is_empty(&self) -> bool {
        self.kind == CellKind::Empty
    }

    pub(crate) fn of(kind: CellKind, text: &str) -> Self {
        Self { text: CompactString::new(cut(text)), kind }
    }
}

/// One row of a spreadsheet that has at least one cell with something in it.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct RawRow {
    /// The number that the spreadsheet program shows at its left, from 1. In JSON files: the object's place, from 1
    /// (the line in NDJSON); the keys are a heading with number 0.
    pub number: u32,
    /// From column A to the last one with something in it.
    pub cells: Vec<Cell>,
}

impl RawRow {
    /// A row of texts; for tests and for rows that a person typed.
    pub fn of_texts(number: u32, texts: &[&str]) -> Self {
        Self { number, cells: texts.iter().map(|text| Cell::text(text)).collect() }
    }

    /// The text in column `column` (from 0); empty beyond the last cell.
    pub fn text(&self, column: usize) -> &str {
        self.cells.get(column).map_or("", |cell| &cell.text)
    }

    /// Puts a text that a person typed into column `column` (from 0).
    pub fn set(&mut self, column: usize, text: &str) {
        if self.cells.len() <= column {
            self.cells.resize_with(column + 1, Cell::default);
        }
        self.cells[column] = Cell::text(text);
    }

    /// Whether no cell has anything in it.
    pub fn is_empty(&self) -> bool {
        self.cells.iter().all(Cell::is_empty)
    }
}

/// Without white space at the ends, and without the invisible marks that copying from phones and chats leaves there.
pub(crate) fn trim(text: &str) -> &str {
    text.trim_matches(|c: char| {
        c.is_whitespace()
            || c.is_control()
            || matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}')
    })
}

/// Cut to what is kept, at the end of a character.
fn cut(text: &str) -> &str {
    &text[..text.floor_char_boundary(LONGEST)]
}

/// A number as people write it: whole numbers without a point, at most 15 significant digits (all that a
/// spreadsheet shows), never in scientific form.
pub(crate) fn number_text(value: f64) -> CompactString {
    if value.fract() == 0.0 && value.abs() < 1e15 {
        return (value as i64).to_compact_string();
    }
    if !value.is_finite() {
        return CompactString::default();
    }
    // The shortest form is exact; beyond 15 digits it is the noise of binary fractions (0.30000000000000004).
    let rounded: f64 = format!("{value:.14e}").parse().unwrap_or(value);
    format_compact!("{rounded}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_never_scientific() {
        assert_eq!(number_text(2.547_123_456_78e11), "254712345678");
        assert_eq!(number_text(712_345_678.0), "712345678");
        assert_eq!(number_text(-12.5), "-12.5");
        assert_eq!(number_text(0.1 + 0.2), "0.3");
        assert_eq!(number_text(1e20), "100000000000000000000");
        assert_eq!(number_text(-0.0), "0");
        assert_eq!(number_text(f64::NAN), "");
    }

    #[test]
    fn invisible_marks_are_trimmed() {
        assert_eq!(Cell::text("\u{202a}+254 700 000 001\u{202c}\u{a0}").text, "+254 700 000 001");
        assert!(Cell::text(" \u{200b}\t").is_empty());
    }

    #[test]
    fn long_texts_are_cut() {
        assert_eq!(Cell::text(&format!(" x{}", "é".repeat(LONGEST))).text.len(), LONGEST - 1);
        assert_eq!(Cell::of(CellKind::Date, &"0".repeat(LONGEST + 1)).text.len(), LONGEST);
    }
}
