//! `GET /api/suppressions/{id}`: a suppression, also one that was taken off the list.

use store::suppressions;
use web::prelude::*;

use super::SuppressionView;

/// The row.
pub fn row() -> Row {
    Row::get("suppressions-get", "/api/suppressions/{id}", handle)
        .summary("Get a suppression")
        .description("One that was taken off the list is still shown here, with `removedAt`.")
        .tag("Suppressions")
        .access(Role::Viewer, Scope::SuppressionsRead)
        .grants(&[Grant::TableRead])
}

async fn handle(cx: Cx, Path(id): Path<id::SuppressionId>) -> Result<Success<SuppressionView>> {
    let (table, org) = (&cx.app.table, cx.org());
    let view = match suppressions::removed(table, org, id).await? {
        Some(removed) => SuppressionView::from(removed),
        None => SuppressionView::from(suppressions::get(table, org, id).await?),
    };
    Ok(Success(view))
}
