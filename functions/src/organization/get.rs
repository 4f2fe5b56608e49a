//! `GET /api/organization`: the organization of the token.

use store::organizations;
use web::prelude::*;

use super::OrganizationView;

/// The row.
pub fn row() -> Row {
    Row::get("organization-get", "/api/organization", handle)
        .summary("Get the organization")
        .tag("Organization")
        .access(Role::Viewer, Scope::OrganizationRead)
        .grants(&[Grant::TableRead])
}

async fn handle(cx: Cx) -> Result<Success<OrganizationView>> {
    let organization = organizations::get(&cx.app.table, cx.org()).await?;
    Ok(Success(OrganizationView::from(&organization)))
}
