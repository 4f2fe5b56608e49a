//! One reader a format; each gives its rows to [`Rows`].

pub(crate) mod csv;
mod json;
mod ods;
pub(crate) mod text;
mod values;
pub(crate) mod xls;
mod xlsb;
mod xlsx;
mod xml;

pub(crate) use xml::LONGEST;

use crate::Format;
use crate::open::Source;
use crate::rows::{Rows, Stop};

/// The bytes of a file, wherever they are.
pub(crate) type Bytes = Box<dyn Source>;

/// Reads the whole file.
pub(crate) fn read(format: Format, bytes: Bytes, rows: &mut Rows) -> Result<(), Stop> {
    match format {
        Format::Xlsx => xlsx::read(bytes, rows),
        Format::Xlsb => xlsb::read(bytes, rows),
        Format::Xls => xls::read(bytes, rows),
        Format::Ods => ods::read(bytes, rows),
        Format::Csv => csv::read(bytes, rows),
        Format::Json => json::read_array(bytes, rows),
        Format::Ndjson => json::read_lines(bytes, rows),
    }
}
