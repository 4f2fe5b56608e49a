//! `GET /api/auth/me`: who asks, and in which organization.

use web::prelude::*;

use super::{Me, me_view};

/// The row.
pub fn row() -> Row {
    Row::get("auth-me", "/api/auth/me", handle)
        .summary("Who am I")
        .tag("Auth")
        .person(Role::Viewer)
        .grants(&[Grant::TableRead])
}

async fn handle(cx: Cx) -> Result<Success<Me>> {
    me_view(&cx).await.map(Success)
}
