//! Files that go with messages. The bytes lie in the bucket; here is what is known of them.

use domain::{
    Error, Result,
    channel::Channel,
    id::{MediaId, OrgId},
    media::MediaStatus,
};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{
    keys,
    page::{self, Page},
    range::Range,
    table::Table,
    update::Update,
};

/// Why a file was rejected.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct MediaError {
    /// Stable code, such as `media_type_mismatch`.
    pub code: String,
    /// For people.
    pub detail: String,
}

/// A file as stored.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Media {
    /// Its id.
    pub id: MediaId,
    /// Its organization.
    pub org: OrgId,
    /// What it is called.
    pub file_name: String,
    /// Its media type: as it was said until it is `READY`, then as its bytes say.
    pub content_type: String,
    /// The channel that it is for, if it was made for one.
    pub channel: Option<Channel>,
    /// How far it is.
    pub status: MediaStatus,
    /// How many bytes it has, once it is `READY`.
    pub size: Option<u64>,
    /// Why it was rejected.
    pub error: Option<MediaError>,
    /// Who uploads it: a user's or an API key's id.
    pub created_by: String,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it last changed.
    pub updated_at: Timestamp,
}

/// A file.
pub async fn get(table: &Table, org: OrgId, id: MediaId) -> Result<Media> {
    find(table, org, id).await?.ok_or_else(|| Error::not_found("media", id))
}

/// A file, if there is one.
pub async fn find(table: &Table, org: OrgId, id: MediaId) -> Result<Option<Media>> {
    table.get(&keys::media(org, id)).await
}

/// Some files, in the order of their ids; `None` for those that are not there.
pub async fn get_many(table: &Table, org: OrgId, ids: &[MediaId]) -> Result<Vec<Option<Media>>> {
    let keys: Vec<_> = ids.iter().map(|id| keys::media(org, *id)).collect();
    table.get_many(&keys).await
}

/// A page of files, newest first.
pub async fn list(table: &Table, org: OrgId, after: Option<String>, limit: usize) -> Result<Page<Media>> {
    let range = Range::prefix(vec![keys::org(org)], keys::MEDIA, limit).backward().after(after);
    page::read(table, range, limit, false, |_: &Media| true).await
}

/// Writes a new file. `false`: there is one with this id.
pub async fn create(table: &Table, media: &Media) -> Result<bool> {
    table.put_new(&keys::media(media.org, media.id), media).await
}

/// Notes what came of an upload. `false`: that is noted already, or the file was deleted.
pub async fn settle(
    table: &Table,
    media: &Media,
    now: Timestamp,
    found: Result<(&str, u64), MediaError>,
) -> Result<bool> {
    let update = Update::of(keys::media(media.org, media.id))
        .set("updatedAt", now)
        .if_equal("status", MediaStatus::AwaitingUpload);
    let update = match found {
        Ok((content_type, size)) => {
            update.set("status", MediaStatus::Ready).set("contentType", content_type).set("size", size)
        }
        Err(error) => update.set("status", MediaStatus::Rejected).set("error", error),
    };
    table.update(update).await
}

/// Removes what is known of a file.
pub async fn delete(table: &Table, org: OrgId, id: MediaId) -> Result<()> {
    table.delete(&keys::media(org, id)).await
}
