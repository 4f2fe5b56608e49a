//! xlsx and xlsm (ECMA-376, part 1, chapter 18), streamed; only the list of texts is in memory. `calamine` keeps each text
//! by itself, which takes twice the memory for a million rows, and reads lists whole that are not needed here.

mod book;
mod strings;
mod worksheet;

use std::io::BufReader;

use zip::ZipArchive;

use super::Bytes;
use crate::SheetError;
use crate::rows::{Rows, Stop};
use book::{Book, Parts};
use strings::Strings;

/// Reads the first worksheet with anything in it: of those that people see, in their order; of all if none is visible.
pub(crate) fn read(bytes: Bytes, rows: &mut Rows) -> Result<(), Stop> {
    let zip = ZipArchive::new(BufReader::new(bytes)).map_err(|_| SheetError::damaged("it is not complete"))?;
    let mut parts = Parts::new(zip);
    let book = Book::read(&mut parts)?;
    let strings = match parts.open(&book.strings) {
        Some(part) => Strings::read(part?, rows.strings_bytes())?,
        None => Strings::default(),
    };
    for path in &book.worksheets {
        let part = parts.open(path).ok_or_else(|| SheetError::damaged("a worksheet is missing"))??;
        worksheet::read(part, &book.dates, &strings, rows)?;
        if rows.any() {
            break;
        }
    }
    Ok(())
}
