//! Files that go with messages: uploaded to the bucket, looked at, kept, and handed to providers.
//!
//! ```text
//! create ── presigned upload ──▶ uploads/… ── ObjectCreated ──▶ `import` queue ──▶ arrived ──▶ media/… (READY)
//!                                                                                     └──────▶ REJECTED, nothing kept
//! ```
//!
//! Invariant: what lies in `media/` was looked at and is not written again. The upload link leads elsewhere, so nobody can
//! put another file in the place of one that was found good.

mod link;

use ::providers::Attachment;
use bytes::Bytes;
use domain::{
    Error, Result,
    channel::Channel,
    id::{MediaId, OrgId},
    media::{self as rules, MediaStatus, MediaType},
};
use jiff::Timestamp;
use store::media::{self, Media, MediaError};

use crate::{
    App,
    app::{Upload, safe_name},
};

pub use link::{Link, Linked, linked};

/// What is asked for.
#[derive(Debug, Clone)]
pub struct NewMedia {
    /// The id it is to have.
    pub id: MediaId,
    /// What it is called.
    pub file_name: String,
    /// What it is said to be.
    pub content_type: &'static MediaType,
    /// The channel it is for, if it is for one.
    pub channel: Option<Channel>,
    /// Who asks.
    pub by: String,
    /// When.
    pub at: Timestamp,
}

/// Begins a file that the client uploads itself. Repeating it with the same id gives the same file.
pub async fn create(app: &App, org: OrgId, new: NewMedia) -> Result<(Media, Upload)> {
    let media = Media {
        id: new.id,
        org,
        file_name: new.file_name,
        content_type: new.content_type.name.to_owned(),
        channel: new.channel,
        status: MediaStatus::AwaitingUpload,
        size: None,
        error: None,
        created_by: new.by,
        created_at: new.at,
        updated_at: new.at,
    };
    media::create(&app.table, &media).await?;
    let key = format!("uploads/{org}/{}/{}", media.id, safe_name(&media.file_name));
    Ok((media, app.files.presign_upload(&key).await?))
}

/// Where the bytes of a file lie once it was found good.
fn key(org: OrgId, id: MediaId) -> String {
    format!("media/{org}/{id}")
}

/// Looks at a file that was uploaded to `uploaded`. Told of twice, or uploaded again: the first counts.
pub async fn arrived(app: &App, org: OrgId, id: MediaId, uploaded: &str) -> Result<()> {
    let waiting = media::find(&app.table, org, id).await?.filter(|media| media.status == MediaStatus::AwaitingUpload);
    if let Some(media) = waiting {
        let Some(size) = app.files.size(uploaded).await? else { return Ok(()) };
        let found = match look(app, &media, uploaded, size).await? {
            Ok((content_type, bytes)) => {
                app.files.put(&key(org, id), bytes.to_vec(), content_type.name).await?;
                Ok((content_type.name, size))
            }
            Err(error) => {
                tracing::info!(media = %id, code = error.code, "a file was rejected");
                Err(error)
            }
        };
        if !media::settle(&app.table, &media, app.now(), found).await?
            && media::find(&app.table, org, id).await?.is_none()
        {
            // Deleted while it was looked at.
            app.files.delete(&key(org, id)).await?;
        }
    }
    app.files.delete(uploaded).await
}

/// What an uploaded file is, and its bytes.
async fn look(
    app: &App,
    media: &Media,
    uploaded: &str,
    size: u64,
) -> Result<Result<(&'static MediaType, Bytes), MediaError>> {
    let reject = |code: &str, detail: String| Ok(Err(MediaError { code: code.to_owned(), detail }));
    if size == 0 {
        return reject("media_empty", "The file is empty.".into());
    }
    if size > rules::LARGEST {
        let detail = format!("The file has {} MB; at most {} are taken.", size >> 20, rules::LARGEST >> 20);
        return reject("media_too_large", detail);
    }
    let said =
        rules::named(&media.content_type).ok_or_else(|| Error::internal("a file of a type that is not taken"))?;
    let bytes = app.files.read(uploaded).await?;
    let Some(found) = rules::sniff(&bytes, said) else {
        let detail = format!("The file's content is not {}, nor any other type that is taken.", said.name);
        return reject("media_type_mismatch", detail);
    };
    if found != said {
        let detail = format!("The file's content is {}, not {} as was said.", found.name, said.name);
        return reject("media_type_mismatch", detail);
    }
    match media.channel.and_then(|channel| rules::unfit(found.name, size, channel, "/mediaIds")) {
        Some(violation) => reject(&violation.code, violation.detail),
        None => Ok(Ok((found, bytes))),
    }
}

/// Removes a file. A message that names it and has not gone out goes to nobody.
pub async fn delete(app: &App, org: OrgId, id: MediaId) -> Result<()> {
    media::get(&app.table, org, id).await?;
    media::delete(&app.table, org, id).await?;
    app.files.delete(&key(org, id)).await
}

/// What a provider gets of the files of a message: bytes for an e-mail, links for others. `None`: one of them is gone.
pub(crate) async fn attachments(
    app: &App,
    org: OrgId,
    ids: &[MediaId],
    channel: Channel,
) -> Result<Option<Vec<Attachment>>> {
    let mut attachments = Vec::with_capacity(ids.len());
    for media in media::get_many(&app.table, org, ids).await? {
        let Some(media) = media.filter(|media| media.status == MediaStatus::Ready) else { return Ok(None) };
        let (bytes, url) = if channel == Channel::Email {
            (app.files.read(&key(org, media.id)).await?, None)
        } else {
            (Bytes::new(), Some(link::to(app, &media).await?.url))
        };
        attachments.push(Attachment { name: media.file_name, content_type: media.content_type, bytes, url });
    }
    Ok(Some(attachments))
}

/// A link to a file, for people and providers.
pub async fn link(app: &App, media: &Media) -> Result<Option<Link>> {
    if media.status == MediaStatus::Ready { link::to(app, media).await.map(Some) } else { Ok(None) }
}
