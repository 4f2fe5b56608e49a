//! ods (OpenDocument 1.3, part 3, chapter 9), streamed. `calamine` reads these whole, and a table in them can repeat a
//! row a million times in a few bytes, so this format has a reader of its own.

use std::io::BufReader;
use std::ops::ControlFlow;

use quick_xml::XmlVersion;
use quick_xml::events::{BytesStart, Event};
use zip::ZipArchive;

use super::Bytes;
use super::xml::{LONGEST, events, push_text};
use crate::cell::CellKind;
use crate::rows::{Rows, Stop};
use crate::{Cell, SheetError};

/// The rows of a worksheet, repeated ones included.
const LAST_ROW: u32 = 1 << 20;

const DAMAGED: &str = "its table cannot be read to its end";

/// Reads the first table with anything in it.
pub(crate) fn read(bytes: Bytes, rows: &mut Rows) -> Result<(), Stop> {
    let mut zip = ZipArchive::new(BufReader::new(bytes)).map_err(|_| damaged())?;
    let content = zip.by_name("content.xml").map_err(|_| damaged())?;
    let mut tables = Tables {
        rows,
        inside: false,
        row: 0,
        repeated: 1,
        cells: Vec::new(),
        column: 0,
        cell: None,
        text: String::new(),
        paragraphs: 0,
        skipped: 0,
    };
    events(content, DAMAGED, |event| tables.event(&event))?;
    // The first table that holds something ends the reading, so nothing may be open here.
    if tables.inside { Err(damaged().into()) } else { Ok(()) }
}

fn damaged() -> SheetError {
    SheetError::damaged(DAMAGED)
}

struct Tables<'a> {
    rows: &'a mut Rows,
    /// Whether a table is open.
    inside: bool,
    /// The number of the last row, from 1.
    row: u32,
    /// How often the open row comes.
    repeated: u32,
    /// The cells of the open row up to the last one with something in it.
    cells: Vec<Cell>,
    /// The columns of the open row so far.
    column: usize,
    /// The cell that is open.
    cell: Option<Head>,
    /// Its text.
    text: String,
    /// How many paragraphs are open; text outside of them is layout.
    paragraphs: u32,
    /// How many elements are open inside of one that is not shown in the table: notes, and drawings over the cells.
    skipped: u32,
}

impl Tables<'_> {
    fn event(&mut self, event: &Event<'_>) -> Result<ControlFlow<()>, Stop> {
        match event {
            Event::Start(_) if self.skipped > 0 => self.skipped += 1,
            Event::End(_) if self.skipped > 0 => self.skipped -= 1,
            Event::Start(tag) if !self.inside && tag.name().as_ref() == "table:table" => {
                (self.inside, self.row) = (true, 0);
            }
            Event::Start(tag) if self.inside => self.start(tag),
            Event::End(tag) if self.inside => match tag.name().as_ref() {
                "text:p" => self.paragraphs = self.paragraphs.saturating_sub(1),
                "table:table-cell" | "table:covered-table-cell" => self.end_cell()?,
                "table:table-row" => self.end_row()?,
                "table:table" => {
                    self.inside = false;
                    if self.rows.any() {
                        return Ok(ControlFlow::Break(()));
                    }
                }
                _ => {}
            },
            event if self.paragraphs > 0 && self.skipped == 0 => {
                if !push_text(&mut self.text, event) {
                    return Err(damaged().into());
                }
                if self.text.len() > LONGEST {
                    return Err(SheetError::Bomb.into());
                }
            }
            _ => {}
        }
        Ok(ControlFlow::Continue(()))
    }

    fn start(&mut self, tag: &BytesStart<'_>) {
        match tag.name().as_ref() {
            "table:table-row" => {
                self.repeated = count(tag, "table:number-rows-repeated");
                self.cells.clear();
                self.column = 0;
            }
            "table:table-cell" | "table:covered-table-cell" => {
                self.cell = Some(Head::of(tag));
                self.text.clear();
                self.paragraphs = 0;
            }
            "table:shapes" | "office:annotation" => self.skipped = 1,
            "text:p" if self.cell.is_some() => {
                if !self.text.is_empty() {
                    self.text.push('\n');
                }
                self.paragraphs += 1;
            }
            "text:s" if self.paragraphs > 0 => {
                let spaces = count(tag, "text:c").min(100) as usize;
                self.text.extend(std::iter::repeat_n(' ', spaces));
            }
            "text:tab" if self.paragraphs > 0 => self.text.push('\t'),
            "text:line-break" if self.paragraphs > 0 => self.text.push('\n'),
            _ => {}
        }
    }

    fn end_cell(&mut self) -> Result<(), Stop> {
        self.paragraphs = 0;
        let Some(head) = self.cell.take() else { return Ok(()) };
        let (times, covered) = (head.times, head.covered);
        // What is under a merged cell is not shown.
        let cell = if covered { Cell::default() } else { head.cell(&self.text) };
        if !cell.is_empty() {
            self.rows.check_column(self.column.saturating_add(times) - 1)?;
            self.cells.resize_with(self.column, Cell::default);
            self.cells.extend(std::iter::repeat_n(cell, times));
        }
        self.column = self.column.saturating_add(times);
        Ok(())
    }

    fn end_row(&mut self) -> Result<(), Stop> {
        let cells = std::mem::take(&mut self.cells);
        if cells.is_empty() {
            self.row = self.row.saturating_add(self.repeated);
        } else {
            for _ in 0..self.repeated {
                self.row += 1;
                self.rows.push(self.row, cells.clone())?;
            }
        }
        self.repeated = 1;
        if self.row > LAST_ROW {
            return Err(SheetError::damaged("it has more rows than a worksheet can").into());
        }
        Ok(())
    }
}

/// The attributes of a cell.
struct Head {
    covered: bool,
    times: usize,
    kind: Option<String>,
    value: Option<String>,
    error: bool,
    formula: bool,
}

impl Head {
    fn of(tag: &BytesStart<'_>) -> Self {
        let covered = tag.name().as_ref() == "table:covered-table-cell";
        let times = count(tag, "table:number-columns-repeated") as usize;
        let mut head = Self { covered, times, kind: None, value: None, error: false, formula: false };
        for attribute in tag.attributes().with_checks(false).flatten() {
            let value = || attribute.normalized_value(XmlVersion::Implicit1_0).ok().map(std::borrow::Cow::into_owned);
            match attribute.key.as_ref() {
                "office:value-type" => head.kind = value(),
                "calcext:value-type" => head.error = value().is_some_and(|kind| kind == "error"),
                "office:value" | "office:date-value" | "office:boolean-value" | "office:string-value" => {
                    head.value = value();
                }
                "table:formula" => head.formula = true,
                _ => {}
            }
        }
        head
    }

    fn cell(self, text: &str) -> Cell {
        let value = self.value.as_deref().unwrap_or(text);
        if self.error {
            return Cell::of(CellKind::Error, text);
        }
        let cell = match self.kind.as_deref() {
            Some("float" | "currency" | "percentage") => value.parse().map_or_else(|_| Cell::text(text), Cell::number),
            Some("date") => Cell::of(CellKind::Date, value),
            Some("boolean") => Cell::of(CellKind::Bool, value),
            _ => Cell::text(if text.is_empty() { value } else { text }),
        };
        if cell.is_empty() && self.formula { Cell::of(CellKind::Formula, "") } else { cell }
    }
}

/// A repeat count; one if there is none.
fn count(tag: &BytesStart<'_>, name: &str) -> u32 {
    let mut attributes = tag.attributes();
    let mut named = attributes.with_checks(false).flatten().filter(|attribute| attribute.key.as_ref() == name);
    let found: Option<u32> = named.find_map(|attribute| attribute.value.trim().parse().ok());
    found.unwrap_or(1).max(1)
}
