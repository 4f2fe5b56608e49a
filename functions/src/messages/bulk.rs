//! `POST /api/messages/bulk`: a spreadsheet and a text in one call.

use domain::{
    Error, Result,
    access::{Role, Scope},
    id::{GroupId, ImportId, MessageId},
};
use engine::{Queue, accept, jobs::ImportJob};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use store::{imports::ImportMode, messages};
use web::{Cx, Grant, Row, extract::Multipart, reply::Accepted};

use crate::{imports::message::ImportMessageRequest, uploads::file};

/// The texts beside the file: the message's fields without recipients, and a group to join.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct BulkForm {
    /// The group that the contacts join.
    #[serde(default)]
    group_id: Option<GroupId>,
    /// The message.
    #[serde(flatten)]
    message: serde_json::Map<String, serde_json::Value>,
}

/// A message on its way to the rows of a file.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct BulkAccepted {
    /// The message.
    id: MessageId,
    /// The import of the file.
    import_id: ImportId,
    /// How many rows it goes to.
    recipient_count: u64,
}

pub(super) fn row() -> Row {
    Row::post("messages-bulk", "/api/messages/bulk", handle)
        .summary("Send a text to the rows of a spreadsheet")
        .description(
            "The field `file` (at most 4 MB and 5,000 rows) and the fields of a message without recipients. For more \
             rows use `POST /imports` with `message`.",
        )
        .tag("Messages")
        .access(Role::Member, Scope::MessagesWrite)
        .idempotent_record_first()
        .grants(&[
            Grant::Table,
            Grant::Files,
            Grant::Enqueue(Queue::Import),
            Grant::Enqueue(Queue::Plan),
            Grant::Schedule,
        ])
        .errors(&["413 use_imports", "audience_empty", "provider_missing", "variable_missing"])
        .errors(file::ERRORS)
        .limits(1_024, 29)
}

async fn handle(cx: Cx, form: Multipart<BulkForm>) -> Result<Accepted<BulkAccepted>> {
    let form = form.read().await?;
    let file = form.file("file")?;
    let fields: BulkForm = form.fields()?;
    let request: ImportMessageRequest = web::extract::from_value(fields.message.into())?;
    let message = request.into_message(&cx, "").await?;

    let parsed = file::parse(&cx, file).await?;
    let valid = parsed.counts.valid;
    if valid == 0 {
        return Err(Error::unprocessable("audience_empty", "No row of the file has a valid phone number."));
    }
    let (group, direct) = (fields.group_id, ImportMode::Direct);
    let import = file::import(&cx, file, parsed, group, direct, Some(message.clone())).await?;
    let id = import.message_id.ok_or_else(|| Error::internal("an import with a message has its id"))?;
    // The message is there from now on, and goes out once its rows are contacts.
    if messages::find(&cx.app.table, cx.org(), id).await?.is_none() {
        let new = message.into_new(import.id, id, valid);
        accept::accept(&cx.app, cx.org(), new, |_| Ok(Vec::new())).await?;
    }
    let job = ImportJob { org: cx.org(), import: import.id };
    cx.app.queues.send(Queue::Import, cx.org(), &job, 0).await?;
    Ok(Accepted(BulkAccepted { id, import_id: import.id, recipient_count: valid }))
}
