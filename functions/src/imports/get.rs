//! `GET /api/imports/{id}`: how far an import is.

use domain::{
    Result,
    access::{Role, Scope},
    id::ImportId,
};
use store::imports;
use web::{Cx, Grant, Row, extract::Path, reply::Success};

use super::view::ImportView;

pub(super) fn row() -> Row {
    Row::get("imports-get", "/api/imports/{id}", handle)
        .summary("Get an import")
        .tag("Imports")
        .access(Role::Viewer, Scope::ImportsRead)
        .grants(&[Grant::TableRead])
}

async fn handle(cx: Cx, Path(id): Path<ImportId>) -> Result<Success<ImportView>> {
    imports::get(&cx.app.table, cx.org(), id).await.map(|import| Success(import.into()))
}
