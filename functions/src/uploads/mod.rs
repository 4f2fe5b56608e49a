//! `/api/uploads`: a file in one call.

pub mod excel;
pub(crate) mod file;

use web::Row;

/// The rows of this resource.
pub fn rows() -> Vec<Row> {
    vec![excel::row()]
}
