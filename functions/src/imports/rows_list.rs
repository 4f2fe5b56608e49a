//! `GET /api/imports/{id}/rows`: the rows of an import, in the order of the file.

use domain::{
    Error, Result,
    access::{Role, Scope},
    id::ImportId,
};
use schemars::JsonSchema;
use serde::Deserialize;
use store::imports::{self, RowState};
use web::{
    Cx, Grant, Row,
    extract::{List, Path},
    reply::{Page, Success},
};

use super::view::ImportRowView;

/// Which rows.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ImportRowFilter {
    /// `valid`, `invalid` or `duplicate`.
    state: Option<String>,
}

pub(super) fn row() -> Row {
    Row::get("imports-rows-list", "/api/imports/{id}/rows", handle)
        .summary("List the rows of an import")
        .tag("Imports")
        .access(Role::Viewer, Scope::ImportsRead)
        .grants(&[Grant::TableRead])
}

async fn handle(cx: Cx, Path(id): Path<ImportId>, list: List<ImportRowFilter>) -> Result<Success<Page<ImportRowView>>> {
    let import = imports::get(&cx.app.table, cx.org(), id).await?;
    let state = list.filter.state.as_deref().map(state).transpose()?;
    let after = match list.after(&cx).await? {
        None => 0,
        Some(text) => text.parse().map_err(|_| Error::Unreadable {
            code: "cursor_invalid",
            detail: "The cursor is not one of this list.".into(),
        })?,
    };
    let (rows, next) = imports::rows(&cx.app.table, &import, state, after, list.limit).await?;
    let total = match state {
        None => import.counts.rows,
        Some(RowState::Valid) => import.counts.valid,
        Some(RowState::Invalid) => import.counts.invalid,
        Some(RowState::Duplicate) => import.counts.duplicate,
    };
    let rows = rows.into_iter().map(ImportRowView::from).collect();
    list.page(&cx, rows, next.map(|next| next.to_string()), Some(total)).await
}

fn state(text: &str) -> Result<RowState> {
    match text.to_ascii_lowercase().as_str() {
        "valid" => Ok(RowState::Valid),
        "invalid" => Ok(RowState::Invalid),
        "duplicate" => Ok(RowState::Duplicate),
        _ => Err(Error::invalid("?state", "value_unknown", "Expected `valid`, `invalid` or `duplicate`.")),
    }
}
