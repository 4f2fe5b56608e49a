//! `/api/deliveries`: the log, one recipient's copy at a time.

mod export;
mod get;
pub mod list;
pub mod log;
mod resolve;
mod retry;
pub mod view;
pub mod walk;

use web::Row;

/// The rows of this resource.
pub fn rows() -> Vec<Row> {
    vec![list::row(), export::row(), get::row(), retry::row(), resolve::row()]
}
