//! ods (OpenDocument 1.3, part 3, chapter 9), streamed. `calamine` reads these whole, and a table in them can repeat a
//! row a million times in a few bytes, so this format has a reader of its own.

use std::io::{BufRead, BufReader};

use quick_xml::escape::resolve_predefined_entity;
use quick_xml::events::{BytesStart, Event};
use quick_xml::{Reader, XmlVersion};
use zip::ZipArchive;

use super::Bytes;
use crate::cell::CellKind;
use crate::rows::{Rows, Stop};
use crate::{Cell, SheetError};

/// What Excel and LibreOffice hold in one cell, in characters.
const LONGEST: usize = 32_767;
/// The rows of a worksheet, repeated ones included.
const LAST_ROW: u32 = 1 << 20;

/// Reads the first table with anything in it.
pub(crate) fn read(bytes: Bytes, rows: &mut Rows) -> Result<(), Stop> {
    let mut zip = ZipArchive::new(BufReader::new(bytes)).map_err(|_| damaged())?;
    let content = zip.by_name("content.xml").map_err(|_| damaged())?;
    let mut xml = Reader::from_reader(BufReader::with_capacity(64 << 10, content));
    xml.config_mut().expand_empty_elements = true;
    xml.config_mut().check_end_names = false;
    let mut buffer = Vec::new();
    loop {
        buffer.clear();
        match xml.read_event_into(&mut buffer).map_err(|_| damaged())? {
            Event::Start(tag) if tag.name().as_ref() == "table:table" => {
                table(&mut xml, rows)?;
                if rows.any() {
                    return Ok(());
                }
            }
            Event::Eof => return Ok(()),
            _ => {}
        }
    }
}

fn damaged() -> SheetError {
    SheetError::damaged("its table cannot be read to its end")
}

/// Reads to the end of the table.
fn table<R: BufRead>(xml: &mut Reader<R>, rows: &mut Rows) -> Result<(), Stop> {
    let (mut buffer, mut number) = (Vec::new(), 0_u32);
    let mut cells: Vec<Cell> = Vec::new();
    let (mut repeated_rows, mut column) = (1, 0_usize);
    loop {
        buffer.clear();
        match xml.read_event_into(&mut buffer).map_err(|_| damaged())? {
            Event::Start(tag) => match tag.name().as_ref() {
                "table:table-row" => {
                    repeated_rows = count(&tag, "table:number-rows-repeated");
                    column = 0;
                }
                "table:table-cell" | "table:covered-table-cell" => {
                    let times = count(&tag, "table:number-columns-repeated") as usize;
                    let covered = tag.name().as_ref() == "table:covered-table-cell";
                    let head = Head::of(&tag);
                    let text = paragraphs(xml)?;
                    // What is under a merged cell is not shown.
                    let cell = if covered { Cell::default() } else { head.cell(&text) };
                    if !cell.is_empty() {
                        rows.check_column((column + times).saturating_sub(1))?;
                        cells.resize_with(column, Cell::default);
                        cells.extend(std::iter::repeat_n(cell, times));
                    }
                    column = column.saturating_add(times);
                }
                // Drawings over the cells have texts of their own.
                "table:shapes" => skip(xml, "table:shapes")?,
                _ => {}
            },
            Event::End(tag) => match tag.name().as_ref() {
                "table:table-row" => {
                    let cells = std::mem::take(&mut cells);
                    if cells.is_empty() {
                        number = number.saturating_add(repeated_rows);
                    } else {
                        for _ in 0..repeated_rows {
                            number += 1;
                            rows.push(number, cells.clone())?;
                        }
                    }
                    if number > LAST_ROW {
                        return Err(SheetError::damaged("it has more rows than a worksheet can").into());
                    }
                }
                "table:table" => return Ok(()),
                _ => {}
            },
            Event::Eof => return Err(damaged().into()),
            _ => {}
        }
    }
}

/// The attributes of a cell.
#[derive(Default)]
struct Head {
    kind: Option<String>,
    value: Option<String>,
    error: bool,
    formula: bool,
}

impl Head {
    fn of(tag: &BytesStart<'_>) -> Self {
        let mut head = Self::default();
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

/// The text of a cell, to the end of the cell; notes on it are left out.
fn paragraphs<R: BufRead>(xml: &mut Reader<R>) -> Result<String, Stop> {
    let (mut buffer, mut text, mut depth, mut paragraph) = (Vec::new(), String::new(), 0_u32, 0_u32);
    loop {
        buffer.clear();
        let piece = match xml.read_event_into(&mut buffer).map_err(|_| damaged())? {
            Event::Start(tag) => {
                let name = tag.name();
                match name.as_ref() {
                    "office:annotation" => {
                        skip(xml, "office:annotation")?;
                        continue;
                    }
                    "text:p" if !text.is_empty() => text.push('\n'),
                    "text:s" => {
                        let spaces = count(&tag, "text:c").min(100) as usize;
                        text.extend(std::iter::repeat_n(' ', spaces));
                    }
                    "text:tab" => text.push('\t'),
                    "text:line-break" => text.push('\n'),
                    _ => {}
                }
                paragraph += u32::from(name.as_ref() == "text:p");
                depth += 1;
                continue;
            }
            Event::End(_) if depth == 0 => return Ok(text),
            Event::End(tag) => {
                depth -= 1;
                paragraph = paragraph.saturating_sub(u32::from(tag.name().as_ref() == "text:p"));
                continue;
            }
            Event::Text(piece) => piece.xml10_content().into_owned(),
            Event::CData(piece) => piece.xml10_content().into_owned(),
            Event::GeneralRef(reference) => match reference.resolve_char_ref() {
                Ok(Some(c)) => c.to_string(),
                _ => resolve_predefined_entity(&reference.xml10_content()).unwrap_or_default().to_owned(),
            },
            Event::Eof => return Err(damaged().into()),
            _ => continue,
        };
        if paragraph > 0 && text.len() < LONGEST * 4 {
            text.push_str(&piece);
        }
    }
}

/// Reads past the end of the element that began.
fn skip<R: BufRead>(xml: &mut Reader<R>, name: &str) -> Result<(), Stop> {
    let (mut buffer, mut depth) = (Vec::new(), 0_u32);
    loop {
        buffer.clear();
        match xml.read_event_into(&mut buffer).map_err(|_| damaged())? {
            Event::Start(tag) if tag.name().as_ref() == name => depth += 1,
            Event::End(tag) if tag.name().as_ref() == name && depth == 0 => return Ok(()),
            Event::End(tag) if tag.name().as_ref() == name => depth -= 1,
            Event::Eof => return Err(damaged().into()),
            _ => {}
        }
    }
}

/// A repeat count; one if there is none.
fn count(tag: &BytesStart<'_>, name: &str) -> u32 {
    let mut attributes = tag.attributes();
    let mut named = attributes.with_checks(false).flatten().filter(|attribute| attribute.key.as_ref() == name);
    let found: Option<u32> = named.find_map(|attribute| attribute.value.trim().parse().ok());
    found.unwrap_or(1).max(1)
}
