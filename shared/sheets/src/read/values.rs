//! Values of spreadsheets, as `calamine` has them, as cells.

use calamine::{Data, DataRef, ExcelDateTime};

use crate::Cell;
use crate::cell::{CellKind, number_text};

/// The cell of a value that `calamine` lends.
pub(crate) fn of_ref(value: DataRef<'_>) -> Cell {
    match value {
        DataRef::Empty => Cell::default(),
        DataRef::SharedString(text) => Cell::text(text),
        DataRef::String(text) => Cell::text(&text),
        DataRef::Float(value) => Cell::number(value),
        DataRef::Int(value) => Cell::of(CellKind::Number, &value.to_string()),
        DataRef::Bool(value) => Cell::bool(value),
        DataRef::DateTime(value) => of_date(&value),
        DataRef::DateTimeIso(text) | DataRef::DurationIso(text) => Cell::of(CellKind::Date, &text),
        DataRef::Error(error) => Cell::of(CellKind::Error, &error.to_string()),
    }
}

/// The cell of a value that `calamine` owns.
pub(crate) fn of_data(value: &Data) -> Cell {
    match value {
        Data::Empty => Cell::default(),
        Data::String(text) => Cell::text(text),
        Data::Float(value) => Cell::number(*value),
        Data::Int(value) => Cell::of(CellKind::Number, &value.to_string()),
        Data::Bool(value) => Cell::bool(*value),
        Data::DateTime(value) => of_date(value),
        Data::DateTimeIso(text) | Data::DurationIso(text) => Cell::of(CellKind::Date, text),
        Data::Error(error) => Cell::of(CellKind::Error, &error.to_string()),
    }
}

/// Excel's day number of 10000-01-01: from here on it shows no date, and neither is it one.
/// (A phone number in a column that is formatted as a date is such a number.)
const DAYS_END: f64 = 2_958_466.0;

/// The cell of a number that is shown as a date.
pub(crate) fn of_date(value: &ExcelDateTime) -> Cell {
    let days = value.as_f64();
    if !value.is_datetime() || !(0.0..DAYS_END).contains(&days) {
        return Cell::of(CellKind::Number, &number_text(days));
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
    Cell::of(CellKind::Date, &text)
}
