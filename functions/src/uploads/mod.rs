//! `/api/uploads`: a file in one call.

pub mod excel;

use web::Row;

/// The rows of this resource.
pub fn rows() -> Vec<Row> {
    vec![excel::row()]
}
