//! xlsx and xlsb: the cell reader of `calamine`, which streams the worksheet; only its list of texts is in memory.

use std::io::BufReader;

use calamine::{
    Data, DataRef, ExcelDateTime, Reader as _, Sheet as SheetInfo, SheetType, SheetVisible, Xlsb, XlsbError, Xlsx,
    XlsxError,
};

use super::Bytes;
use crate::cell::{CellKind, number_text};
use crate::rows::{Rows, Stop};
use crate::{Cell, SheetError};

/// Reads the first worksheet with anything in it.
pub(crate) fn read_xlsx(bytes: Bytes, rows: &mut Rows) -> Result<(), Stop> {
    let mut book = Xlsx::new(BufReader::new(bytes)).map_err(|error| match error {
        XlsxError::Password => SheetError::Encrypted,
        _ => SheetError::damaged("the workbook cannot be read"),
    })?;
    for name in worksheets(book.sheets_metadata()) {
        let mut cells = match book.worksheet_cells_reader(&name) {
            Ok(cells) => cells,
            Err(XlsxError::NotAWorksheet(_)) => continue,
            Err(_) => return Err(worksheet().into()),
        };
        let mut line = Line::default();
        while let Some(record) = cells.next_cell_with_formula_metadata().map_err(|_| worksheet())? {
            let uncomputed = record.formula.is_some() && record.value == DataRef::Empty;
            let cell = if uncomputed { Cell::of(CellKind::Formula, "") } else { of_ref(record.value) };
            line.put(rows, record.pos, cell)?;
        }
        line.finish(rows)?;
        if rows.any() {
            break;
        }
    }
    Ok(())
}

/// Reads the first worksheet with anything in it.
pub(crate) fn read_xlsb(bytes: Bytes, rows: &mut Rows) -> Result<(), Stop> {
    let mut book = Xlsb::new(BufReader::new(bytes)).map_err(|error| match error {
        XlsbError::Password => SheetError::Encrypted,
        _ => SheetError::damaged("the workbook cannot be read"),
    })?;
    for name in worksheets(book.sheets_metadata()) {
        let mut cells = book.worksheet_cells_reader(&name).map_err(|_| worksheet())?;
        let mut line = Line::default();
        while let Some(cell) = cells.next_cell().map_err(|_| worksheet())? {
            let position = cell.get_position();
            line.put(rows, position, of_ref(cell.get_value().clone()))?;
        }
        line.finish(rows)?;
        if rows.any() {
            break;
        }
    }
    Ok(())
}

fn worksheet() -> SheetError {
    SheetError::damaged("a worksheet cannot be read to its end")
}

/// The names of the worksheets that people see, in order; all worksheets if none is visible.
pub(crate) fn worksheets(sheets: &[SheetInfo]) -> Vec<String> {
    let names = |visible_only: bool| -> Vec<String> {
        sheets
            .iter()
            .filter(|sheet| sheet.typ == SheetType::WorkSheet)
            .filter(|sheet| !visible_only || sheet.visible == SheetVisible::Visible)
            .map(|sheet| sheet.name.clone())
            .collect()
    };
    let visible = names(true);
    if visible.is_empty() { names(false) } else { visible }
}

/// Collects the cells of one row.
#[derive(Default)]
struct Line {
    row: u32,
    cells: Vec<Cell>,
}

impl Line {
    fn put(&mut self, rows: &mut Rows, (row, column): (u32, u32), cell: Cell) -> Result<(), Stop> {
        if row != self.row {
            self.finish(rows)?;
            self.row = row;
        }
        // Styled but empty cells reach to the last column of some files; they count for nothing.
        if cell.is_empty() {
            return Ok(());
        }
        let column = column as usize;
        rows.check_column(column)?;
        if self.cells.len() <= column {
            self.cells.resize_with(column + 1, Cell::default);
        }
        self.cells[column] = cell;
        Ok(())
    }

    fn finish(&mut self, rows: &mut Rows) -> Result<(), Stop> {
        if self.cells.is_empty() {
            return Ok(());
        }
        let width = self.cells.len();
        let cells = std::mem::replace(&mut self.cells, Vec::with_capacity(width));
        rows.push(self.row + 1, cells)
    }
}

fn of_ref(value: DataRef<'_>) -> Cell {
    match value {
        DataRef::Empty => Cell::default(),
        DataRef::SharedString(text) => Cell::text(text),
        DataRef::String(text) => Cell::text(&text),
        DataRef::Float(value) => Cell::number(value),
        DataRef::Int(value) => Cell::of(CellKind::Number, value.to_string()),
        DataRef::Bool(value) => Cell::bool(value),
        DataRef::DateTime(value) => of_date(&value),
        DataRef::DateTimeIso(text) | DataRef::DurationIso(text) => Cell::of(CellKind::Date, text),
        DataRef::Error(error) => Cell::of(CellKind::Error, error.to_string()),
    }
}

/// The cell of a value that `calamine` owns.
pub(crate) fn of_data(value: &Data) -> Cell {
    match value {
        Data::Empty => Cell::default(),
        Data::String(text) => Cell::text(text),
        Data::Float(value) => Cell::number(*value),
        Data::Int(value) => Cell::of(CellKind::Number, value.to_string()),
        Data::Bool(value) => Cell::bool(*value),
        Data::DateTime(value) => of_date(value),
        Data::DateTimeIso(text) | Data::DurationIso(text) => Cell::of(CellKind::Date, text.as_str()),
        Data::Error(error) => Cell::of(CellKind::Error, error.to_string()),
    }
}

/// Excel's day number of 10000-01-01: from here on it shows no date, and neither is it one.
/// (A phone number in a column that is formatted as a date is such a number.)
const DAYS_END: f64 = 2_958_466.0;

fn of_date(value: &ExcelDateTime) -> Cell {
    let days = value.as_f64();
    if !value.is_datetime() || !(0.0..DAYS_END).contains(&days) {
        return Cell::of(CellKind::Number, number_text(days));
    }
    let (year, month, day, hour, minute, second, _) = value.to_ymd_hms_milli();
    let date = format!("{year:04}-{month:02}-{day:02}");
    let text = if days.fract() == 0.0 {
        date
    } else if days < 1.0 {
        format!("{hour:02}:{minute:02}:{second:02}")
    } else {
        format!("{date}T{hour:02}:{minute:02}:{second:02}")
    };
    Cell::of(CellKind::Date, text)
}
