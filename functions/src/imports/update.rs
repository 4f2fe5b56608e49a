//! `PATCH /api/imports/{id}`: says which column of a previewed file holds what.

use std::collections::BTreeMap;

use engine::imports;
use sheets::{AttributeColumn, Columns};
use web::prelude::*;

use super::view::ImportView;

pub(super) fn row() -> Row {
    Row::patch("imports-update", "/api/imports/{id}", handle)
        .summary("Choose the columns of an import")
        .description(
            "The file is read again: the import is `PARSING`, then `READY` with rows of the chosen columns. Rows that were \
             fixed are what they are in the file.",
        )
        .tag("Imports")
        .access(Role::Member, Scope::ImportsWrite)
        .grants(&[Grant::Table, Grant::FilesRead, Grant::Enqueue(Queue::Import)])
        .errors(&[
            "409 import_not_ready",
            "409 file_gone",
            "phone_column_missing",
            "column_unknown",
            "column_repeated",
            "key_invalid",
        ])
}

/// What is to change.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct ImportChange {
    /// Which column holds what.
    columns: ImportColumnsChoice,
}

/// Columns by their numbers, from 0; each may be named once. Those that are not named are left out.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct ImportColumnsChoice {
    /// The columns that make up the name, in the order in which it is read out.
    #[serde(default)]
    #[schemars(extend("examples" = [[0]]))]
    name: Vec<usize>,
    /// The column with phone numbers.
    #[schemars(extend("examples" = [1]))]
    phone: Option<usize>,
    /// The column with e-mail addresses; enough where there are no phone numbers.
    email: Option<usize>,
    /// The column with tags.
    tags: Option<usize>,
    /// The column with time zones.
    timezone: Option<usize>,
    /// The columns that become attributes, by their keys.
    #[serde(default)]
    #[schemars(extend("examples" = [{"City": 2}]))]
    attributes: BTreeMap<String, usize>,
}

async fn handle(cx: Cx, Path(id): Path<id::ImportId>, body: Json<ImportChange>) -> Result<Success<ImportView>> {
    store::imports::get(&cx.app.table, cx.org(), id).await?;
    let columns = body.read()?.columns;
    let chosen = Columns {
        name: columns.name,
        phone: columns.phone,
        email: columns.email,
        tags: columns.tags,
        timezone: columns.timezone,
        attributes: columns.attributes.into_iter().map(|(key, column)| AttributeColumn { column, key }).collect(),
        ..Columns::default()
    };
    imports::choose(&cx.app, cx.org(), id, chosen).await.map(|import| Success(import.into()))
}
