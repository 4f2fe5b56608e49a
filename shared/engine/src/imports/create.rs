//! Beginning an import.

use domain::{
    Error, Result,
    id::{GroupId, ImportId, MessageId, OrgId},
};
use store::{
    groups,
    imports::{self, Import, ImportCounts, ImportMode, ImportStatus},
    organizations,
};

use super::{
    message::ImportMessage,
    parse::{self, Parsed},
};
use crate::{
    App, accept,
    app::{Upload, safe_name},
};

/// The longest file name that is kept, in characters.
const NAME: usize = 120;

/// What is asked for.
#[derive(Debug, Clone)]
pub struct NewImport {
    /// The id it is to have.
    pub id: ImportId,
    /// What the file is called.
    pub file_name: String,
    /// The group that the contacts join.
    pub group: Option<GroupId>,
    /// Whether rows are shown first.
    pub mode: ImportMode,
    /// The message to the imported rows.
    pub message: Option<ImportMessage>,
    /// Who asks.
    pub by: String,
}

/// An import with the link for its file.
#[derive(Debug, Clone)]
pub struct Uploaded {
    /// The import.
    pub import: Import,
    /// Where the file goes.
    pub upload: Upload,
}

/// Begins an import whose file the client uploads itself. Repeating it with the same id gives the same import.
pub async fn create(app: &App, org: OrgId, new: NewImport) -> Result<Uploaded> {
    let key = format!("uploads/{org}/{}/{}", new.id, safe_name(&new.file_name));
    let import = prepare(app, org, new, key, ImportStatus::AwaitingUpload).await?;
    imports::create(&app.table, &import).await?;
    let upload = app.files.presign_upload(&import.key).await?;
    Ok(Uploaded { import, upload })
}

/// Begins an import of a file that came with the request and was read. It is kept where no event tells of it: after a
/// crash it is read again. Gives the import with its rows stored.
pub async fn create_parsed(app: &App, org: OrgId, new: NewImport, bytes: Vec<u8>, parsed: Parsed) -> Result<Import> {
    let key = format!("bulk/{org}/{}/{}", new.id, safe_name(&new.file_name));
    let mut import = prepare(app, org, new, key, ImportStatus::Parsing).await?;
    import.due(app.now() + crate::plan::LOOK_AFTER);
    app.files.put(&import.key, bytes, "application/octet-stream").await?;
    if !imports::create(&app.table, &import).await? {
        let earlier = imports::get(&app.table, org, import.id).await?;
        if earlier.status != ImportStatus::Parsing {
            // An earlier try of this request got this far, and its rows may have been changed since.
            return Ok(earlier);
        }
    }
    match parse::keep(app, &import, parsed).await? {
        Some(import) => Ok(import),
        None => imports::get(&app.table, org, import.id).await,
    }
}

/// An import that is not stored yet.
pub(super) async fn prepare(
    app: &App,
    org: OrgId,
    new: NewImport,
    key: String,
    status: ImportStatus,
) -> Result<Import> {
    let organization = organizations::get(&app.table, org).await?;
    if let Some(group) = new.group
        && groups::find(&app.table, org, group).await?.is_none()
    {
        return Err(Error::invalid("/groupId", "group_not_found", "There is no such group."));
    }
    let now = app.now();
    let message_id = new.message.as_ref().map(|_| MessageId::generate(new.id.time(), new.id.bits()));
    if let (Some(message), Some(id)) = (&new.message, message_id) {
        accept::validate(app, org, &message.clone().into_new(new.id, id, 0)).await?;
    }
    Ok(Import {
        id: new.id,
        org,
        file_name: new.file_name.chars().take(NAME).collect(),
        key,
        group: new.group,
        mode: new.mode,
        status,
        counts: ImportCounts::default(),
        columns: None,
        country: organization.default_country,
        chunks: 0,
        committed: 0,
        message: new.message.map(|message| serde_json::to_string(&message)).transpose().map_err(Error::internal)?,
        message_id,
        error: None,
        report: None,
        created_by: new.by,
        created_at: now,
        updated_at: now,
        finished_at: None,
        due_partition: None,
        due_at: None,
    })
}
