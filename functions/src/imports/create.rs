//! `POST /api/imports`: begins an import; the answer says where the file goes.

use domain::{
    Error, Result,
    access::{Role, Scope},
    id::{GroupId, ImportId},
};
use engine::imports::{self, NewImport};
use schemars::JsonSchema;
use serde::Deserialize;
use store::imports::ImportMode;
use web::{Cx, Grant, Row, extract::Json, reply::Created};

use super::{message::ImportMessageRequest, view::ImportView};

/// A file to be imported.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ImportRequest {
    /// What the file is called.
    #[schemars(example = &"contacts.xlsx")]
    pub file_name: String,
    /// The group that the contacts join.
    #[serde(default)]
    pub group_id: Option<GroupId>,
    /// `PREVIEW` holds the rows until they are committed, `DIRECT` does not. `PREVIEW` if left out.
    #[serde(default)]
    pub mode: Option<ImportMode>,
    /// A message that goes once to each imported row after the commit.
    #[serde(default)]
    pub message: Option<ImportMessageRequest>,
}

pub(super) fn row() -> Row {
    Row::post("imports-create", "/api/imports", handle)
        .summary("Begin an import")
        .description(
            "Answers with `upload`: PUT the file there. xlsx, xls, xlsb, ods, csv, json, ndjson; up to a million rows.",
        )
        .tag("Imports")
        .access(Role::Member, Scope::ImportsWrite)
        .idempotent_record_first()
        .grants(&[Grant::Table, Grant::Files])
        .errors(&["group_not_found", "provider_missing", "variable_missing", "scheduled_in_past"])
}

async fn handle(cx: Cx, body: Json<ImportRequest>) -> Result<Created<ImportView>> {
    let request = body.read()?;
    if request.file_name.trim().is_empty() {
        return Err(Error::invalid("/fileName", "file_name_required", "Say what the file is called."));
    }
    let (at, bits) = cx.repeatable("import");
    let message = match request.message {
        Some(message) => Some(message.into_message(&cx, "/message").await?),
        None => None,
    };
    let new = NewImport {
        id: ImportId::new(at, bits),
        file_name: request.file_name,
        group: request.group_id,
        mode: request.mode.unwrap_or(ImportMode::Preview),
        message,
        by: cx.actor(),
    };
    let uploaded = imports::create(&cx.app, cx.org(), new).await?;
    Ok(Created(uploaded.into()))
}
