//! xlsb (MS-XLSB): the cell reader of `calamine`, which streams the worksheet; only its list of texts is in memory.

use std::io::BufReader;

use calamine::{Reader as _, Sheet as SheetInfo, SheetType, SheetVisible, Xlsb, XlsbError};

use super::Bytes;
use super::values::of_ref;
use crate::SheetError;
use crate::rows::{Line, Rows, Stop};

/// Reads the first worksheet with anything in it.
pub(crate) fn read(bytes: Bytes, rows: &mut Rows) -> Result<(), Stop> {
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
