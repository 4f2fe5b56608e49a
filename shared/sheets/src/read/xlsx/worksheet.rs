//! One worksheet, cell by cell (ECMA-376, part 1, 18.3.1).

use std::io::Read;
use std::ops::ControlFlow;

use calamine::{ExcelDateTime, ExcelDateTimeType};
use quick_xml::events::{BytesStart, Event};

use super::book::Dates;
use super::strings::{Strings, unescape};
use crate::cell::CellKind;
use crate::read::values::of_date;
use crate::read::xml::{LONGEST, events, push_text};
use crate::rows::{Line, Rows, Stop};
use crate::{Cell, SheetError};

/// The rows and the columns of a worksheet (Excel specifications and limits).
const SIZE: (u32, u32) = (1 << 20, 1 << 14);

/// Reads the cells of a worksheet.
pub(super) fn read(part: impl Read, dates: &Dates, strings: &Strings, rows: &mut Rows) -> Result<(), Stop> {
    let mut sheet = Worksheet {
        dates,
        strings,
        rows,
        line: Line::default(),
        place: (0, 0),
        cell: Open::default(),
        text: String::new(),
        taking: false,
        state: State::Before,
    };
    events(part, DAMAGED, |event| sheet.event(&event))?;
    match sheet.state {
        State::Inside => Err(damaged().into()),
        // A chart has no cells.
        State::Before | State::After => sheet.line.finish(sheet.rows),
    }
}

const DAMAGED: &str = "a worksheet cannot be read to its end";

fn damaged() -> SheetError {
    SheetError::damaged(DAMAGED)
}

/// Where in the part the reader is.
#[derive(PartialEq)]
enum State {
    Before,
    Inside,
    After,
}

/// What a cell says it holds (`ST_CellType`).
#[derive(Clone, Copy, Default, PartialEq)]
enum Type {
    /// Nothing said: a number, or what cannot be one.
    #[default]
    Any,
    Number,
    Shared,
    Bool,
    Error,
    Date,
    /// The text that a formula gave.
    Formula,
    Inline,
}

/// A cell that has begun.
#[derive(Default)]
struct Open {
    kind: Type,
    style: usize,
    formula: bool,
    value: bool,
    phonetic: bool,
}

struct Worksheet<'a> {
    dates: &'a Dates,
    strings: &'a Strings,
    rows: &'a mut Rows,
    line: Line,
    /// Row and column, from 0: of the cell that is open, else of the next one if it does not say.
    place: (u32, u32),
    cell: Open,
    /// The value of the cell.
    text: String,
    /// Whether text is part of it.
    taking: bool,
    state: State,
}

impl Worksheet<'_> {
    fn event(&mut self, event: &Event<'_>) -> Result<ControlFlow<()>, Stop> {
        match event {
            Event::Start(tag) if self.state == State::Inside => self.start(tag)?,
            Event::End(tag) if self.state == State::Inside => match tag.local_name().as_ref() {
                "v" | "t" => self.taking = false,
                "rPh" => self.cell.phonetic = false,
                "c" => self.end_cell()?,
                "row" => {
                    self.line.finish(self.rows)?;
                    self.place = (self.place.0 + 1, 0);
                }
                "sheetData" => {
                    self.state = State::After;
                    return Ok(ControlFlow::Break(()));
                }
                _ => {}
            },
            Event::Start(tag) if tag.local_name().as_ref() == "sheetData" => self.state = State::Inside,
            event if self.taking => {
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

    fn start(&mut self, tag: &BytesStart<'_>) -> Result<(), Stop> {
        match tag.local_name().as_ref() {
            "c" => self.begin_cell(tag)?,
            "v" => {
                // Beside an inline text it says the same once more.
                self.taking = self.cell.kind != Type::Inline;
                self.cell.value = true;
            }
            "t" => self.taking = self.cell.kind == Type::Inline && !self.cell.phonetic,
            "f" => self.cell.formula = true,
            "rPh" => self.cell.phonetic = true,
            "row" => {
                let mut attributes = tag.attributes();
                let number = attributes.with_checks(false).flatten().find(|attribute| attribute.key.as_ref() == "r");
                if let Some(number) = number {
                    self.place = (row(&number.value)?, 0);
                }
            }
            _ => {}
        }
        Ok(())
    }

    fn begin_cell(&mut self, tag: &BytesStart<'_>) -> Result<(), Stop> {
        self.cell = Open::default();
        self.text.clear();
        for attribute in tag.attributes().with_checks(false).flatten() {
            let value = attribute.value.as_ref();
            match attribute.key.as_ref() {
                "r" => self.place = place(value)?,
                "s" => self.cell.style = value.parse().unwrap_or(0),
                "t" => {
                    self.cell.kind = match value {
                        "s" => Type::Shared,
                        "n" => Type::Number,
                        "str" => Type::Formula,
                        "inlineStr" => Type::Inline,
                        "b" => Type::Bool,
                        "e" => Type::Error,
                        "d" => Type::Date,
                        _ => return Err(damaged().into()),
                    }
                }
                _ => {}
            }
        }
        Ok(())
    }

    fn end_cell(&mut self) -> Result<(), Stop> {
        let cell = self.value()?;
        self.line.put(self.rows, self.place, cell)?;
        self.place.1 += 1;
        self.taking = false;
        Ok(())
    }

    fn value(&self) -> Result<Cell, SheetError> {
        let text = self.text.as_str();
        if text.is_empty() {
            // A formula whose text is empty was computed; one without a value was not.
            let uncomputed = self.cell.formula && !(self.cell.value && self.cell.kind == Type::Formula);
            return Ok(if uncomputed { Cell::of(CellKind::Formula, "") } else { Cell::default() });
        }
        Ok(match self.cell.kind {
            Type::Shared => {
                let index = text.trim().parse().ok();
                Cell::text(index.and_then(|index| self.strings.get(index)).ok_or_else(damaged)?)
            }
            Type::Formula | Type::Inline => Cell::text(&unescape(text)),
            Type::Any | Type::Number => match text.trim().parse::<f64>() {
                Ok(number) if number.is_finite() => self.number(number),
                _ if self.cell.kind == Type::Any => Cell::text(text),
                _ => return Err(damaged()),
            },
            Type::Bool => match text.trim() {
                "0" | "false" => Cell::bool(false),
                "1" | "true" => Cell::bool(true),
                _ => return Err(damaged()),
            },
            Type::Error => Cell::of(CellKind::Error, text.trim()),
            Type::Date => Cell::of(CellKind::Date, text.trim()),
        })
    }

    fn number(&self, number: f64) -> Cell {
        if self.dates.is_date(self.cell.style) {
            return of_date(&ExcelDateTime::new(number, ExcelDateTimeType::DateTime, self.dates.from_1904));
        }
        Cell::number(number)
    }
}

/// The row, from 0, of a number such as `12`.
fn row(text: &str) -> Result<u32, SheetError> {
    let number: u32 = text.trim().parse().map_err(|_| damaged())?;
    if (1..=SIZE.0).contains(&number) { Ok(number - 1) } else { Err(damaged()) }
}

/// Row and column, from 0, of a place such as `AB12`.
fn place(text: &str) -> Result<(u32, u32), SheetError> {
    let letters = text.bytes().take_while(u8::is_ascii_alphabetic).count();
    let column = text.bytes().take(letters).fold(0_u32, |column, letter| {
        column.saturating_mul(26).saturating_add(u32::from(letter.to_ascii_uppercase() - b'A') + 1)
    });
    if !(1..=SIZE.1).contains(&column) {
        return Err(damaged());
    }
    Ok((row(&text[letters..])?, column - 1))
}
