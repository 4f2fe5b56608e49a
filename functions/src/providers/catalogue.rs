//! `GET /api/providers/catalogue`: every kind of provider, and what its config needs.

use ::providers::KindSpec;
use web::prelude::*;

/// The row.
pub fn row() -> Row {
    Row::get("providers-catalogue", "/api/providers/catalogue", handle)
        .summary("List kinds of provider")
        .description("Needs no token. Forms and checks of configs derive from it.")
        .tag("Providers")
        .public()
}

async fn handle(_: Cx) -> Result<Success<Page<KindSpec>>> {
    let data = ::providers::catalogue();
    let total = Some(data.len() as u64);
    Ok(Success(Page { data, next_cursor: None, total }))
}
