//! Every route that no row has: 404, or 405 with the methods that there are.

use web::Row;

/// The row.
pub fn rows() -> Vec<Row> {
    vec![Row::fallback("fallback").summary("Whatever no route takes").limits(128, 5)]
}
