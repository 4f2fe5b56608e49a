//! Workers: functions that a queue or the clock starts.

mod finish;
mod import;
mod notify;
mod plan;
mod receipts;
mod send;
mod sweep;

use web::Row;

/// The rows of the workers.
pub fn rows() -> Vec<Row> {
    vec![import::row(), plan::row(), send::row(), finish::row(), receipts::row(), notify::row(), sweep::row()]
}
