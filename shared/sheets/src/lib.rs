//! Spreadsheets in, rows out: reading, recognising columns, repairing values; and writing them.
//!
//! ```text
//! Sheet::open ──▶ RawRow ──▶ Columns::read ──▶ Row ──▶ Duplicates::first
//! ```
//!
//! Invariants: no AWS and no clock; any bytes give rows or a named error, never a panic; nothing from a file
//! appears in an error text. `docs/imports.md` tells the same for people.

mod archive;
pub mod cell;
pub mod columns;
pub mod dedupe;
pub mod error;
pub mod limits;
pub mod open;
mod read;
pub mod repair;
pub mod row;
mod rows;
mod sniff;
mod words;
pub mod write;

pub use cell::{Cell, CellKind, RawRow};
pub use columns::{AttributeColumn, Columns};
pub use dedupe::Duplicates;
pub use error::SheetError;
pub use limits::Limits;
pub use open::{Format, Sheet, Source};
pub use repair::Repair;
pub use row::{Row, RowError};
