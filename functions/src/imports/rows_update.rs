//! `PATCH /api/imports/{id}/rows/{row}`: fixes a row of a previewed import.

use std::collections::BTreeMap;

use domain::{
    Result,
    access::{Role, Scope},
    attributes::Value,
    id::ImportId,
};
use engine::imports::{self as engine_imports, Fix};
use schemars::JsonSchema;
use serde::Deserialize;
use store::imports;
use web::{
    Cx, Grant, Row,
    extract::{Json, Path},
    reply::Success,
};

use super::view::ImportRowView;

/// What is to change in a row; what is left out stays.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ImportRowChange {
    /// The name.
    #[serde(default)]
    name: Option<String>,
    /// The number, in any form.
    #[serde(default)]
    phone: Option<String>,
    /// The e-mail address; an empty text removes it.
    #[serde(default)]
    email: Option<String>,
    /// Tags.
    #[serde(default)]
    tags: Option<Vec<String>>,
    /// The other columns.
    #[serde(default)]
    attributes: Option<BTreeMap<String, Value>>,
}

pub(super) fn row() -> Row {
    Row::patch("imports-rows-update", "/api/imports/{id}/rows/{row}", handle)
        .summary("Fix a row of an import")
        .tag("Imports")
        .access(Role::Member, Scope::ImportsWrite)
        .grants(&[Grant::Table])
        .errors(&["409 import_not_ready"])
}

async fn handle(
    cx: Cx,
    Path((id, row)): Path<(ImportId, u32)>,
    body: Json<ImportRowChange>,
) -> Result<Success<ImportRowView>> {
    imports::get(&cx.app.table, cx.org(), id).await?;
    let change = body.read()?;
    let fix = Fix {
        name: change.name,
        phone: change.phone,
        email: change.email,
        tags: change.tags,
        attributes: change.attributes,
    };
    engine_imports::fix(&cx.app, cx.org(), id, row, &fix).await.map(|row| Success(row.into()))
}
