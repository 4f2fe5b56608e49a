//! What the bucket tells: a file was uploaded, or put into the drop folder.

use domain::{
    Error, Result,
    id::{GroupId, ImportId, MediaId, OrgId},
};
use serde::Deserialize;
use store::imports::{self, ImportMode, ImportStatus};

use super::{
    create::{NewImport, prepare},
    hand_over, report,
};
use crate::{
    App,
    app::{Queue, same_bits},
    jobs::ImportJob,
    media,
    plan::LOOK_AFTER,
};

/// What lies on the `import` queue: our own jobs, and the bucket's notifications.
#[derive(Debug, Clone, Deserialize)]
#[serde(untagged)]
pub enum ImportWork {
    /// A job of our own.
    Job(ImportJob),
    /// Objects were created.
    Created(S3Event),
    /// What S3 sends once when a notification is set up, and anything else that we did not ask for.
    Other(serde::de::IgnoredAny),
}

/// An S3 event, as far as it is used.
/// Source: <https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-content-structure.html>.
#[derive(Debug, Clone, Deserialize)]
pub struct S3Event {
    /// One entry an object.
    #[serde(rename = "Records")]
    pub records: Vec<S3Record>,
}

/// One object.
#[derive(Debug, Clone, Deserialize)]
pub struct S3Record {
    s3: S3Entity,
}

#[derive(Debug, Clone, Deserialize)]
struct S3Entity {
    object: S3Object,
}

#[derive(Debug, Clone, Deserialize)]
struct S3Object {
    key: String,
    #[serde(default)]
    sequencer: String,
}

/// Handles a notification of the bucket: the import of each object goes on, or begins; a file of messages is looked at.
pub async fn uploaded(app: &App, event: &S3Event) -> Result<()> {
    for record in &event.records {
        let object = &record.s3.object;
        // Keys in events are encoded as in a form: `+` is a space.
        let Some((_, key)) = form_decoded(&object.key) else { continue };
        let mut parts = key.splitn(4, '/');
        match (parts.next(), parts.next(), parts.next(), parts.next()) {
            (Some("uploads"), Some(org), Some(id), Some(_)) => {
                let Ok(org) = org.parse() else { continue };
                if let Ok(import) = id.parse::<ImportId>() {
                    arrived(app, org, import).await?;
                } else if let Ok(file) = id.parse::<MediaId>() {
                    media::arrived(app, org, file, &key).await?;
                }
            }
            (Some("drop"), Some(org), Some(group), Some(name)) if !name.ends_with(".report.json") => {
                if let Ok(org) = org.parse() {
                    dropped(app, org, group.parse().ok(), &key, name, &object.sequencer).await?;
                }
            }
            _ => {}
        }
    }
    Ok(())
}

fn form_decoded(key: &str) -> Option<(String, String)> {
    // `x=` in front makes the key the value of a form field, and the decoder a well-kept one.
    url::form_urlencoded::parse(format!("x={}", key.replace('&', "%26")).as_bytes()).into_owned().next()
}

async fn arrived(app: &App, org: OrgId, id: ImportId) -> Result<()> {
    let Some(import) = imports::find(&app.table, org, id).await? else { return Ok(()) };
    // Told of twice, or uploaded again: the first file counts.
    hand_over(app, &import, ImportStatus::AwaitingUpload, ImportStatus::Parsing, |update| update).await.map(|_| ())
}

async fn dropped(app: &App, org: OrgId, group: Option<GroupId>, key: &str, name: &str, sequencer: &str) -> Result<()> {
    let now = app.now();
    // The same event gives the same id; the same file put there again is another event.
    let id = ImportId::new(jiff::Timestamp::UNIX_EPOCH, same_bits(&format!("{key}\n{sequencer}")));
    let new =
        NewImport { id, file_name: name.to_owned(), group, mode: ImportMode::Direct, message: None, by: "drop".into() };
    let report_key = format!("{key}.report.json");
    if group.is_none() {
        return report::refused(app, &report_key, "group_not_found", "The folder's name is not the id of a group.")
            .await;
    }
    let mut import = match prepare(app, org, new, key.to_owned(), ImportStatus::Parsing).await {
        Ok(import) => import,
        Err(Error::Invalid(_) | Error::NotFound { .. }) => {
            return report::refused(app, &report_key, "group_not_found", "There is no such group.").await;
        }
        Err(error) => return Err(error),
    };
    import.report = Some(report_key);
    import.due(now + LOOK_AFTER);
    imports::create(&app.table, &import).await?;
    app.queues.send(Queue::Import, org, &ImportJob { org, import: id }, 0).await
}
