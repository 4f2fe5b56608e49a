//! `POST /api/imports/{id}/commit`: lets the valid rows of a previewed import become contacts.

use domain::{
    Result,
    access::{Role, Scope},
    id::ImportId,
};
use engine::{Queue, imports};
use web::{Cx, Grant, Row, extract::Path, reply::Accepted};

use super::view::ImportView;

pub(super) fn row() -> Row {
    Row::post("imports-commit", "/api/imports/{id}/commit", handle)
        .summary("Commit an import")
        .tag("Imports")
        .access(Role::Member, Scope::ImportsWrite)
        .idempotent_record_first()
        .grants(&[Grant::Table, Grant::Enqueue(Queue::Import)])
        .errors(&["409 import_not_ready"])
}

async fn handle(cx: Cx, Path(id): Path<ImportId>) -> Result<Accepted<ImportView>> {
    imports::commit(&cx.app, cx.org(), id).await.map(|import| Accepted(import.into()))
}
