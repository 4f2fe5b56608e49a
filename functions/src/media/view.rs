//! Files as clients see them.

use domain::{id::MediaId, media::MediaStatus, message::Channel};
use engine::{app::Upload, media::Link};
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::Serialize;
use store::media::{Media, MediaError};

use crate::imports::view::UploadView;

/// A file that goes with messages.
#[derive(Debug, Clone, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "Media")]
pub(super) struct MediaView {
    /// Its id; for `mediaIds` of a message.
    pub id: MediaId,
    /// What it is called.
    #[schemars(extend("examples" = ["price-list.pdf"]))]
    pub file_name: String,
    /// Its media type: as it was said, and once it is `READY` as its bytes say.
    #[schemars(extend("examples" = ["application/pdf"]))]
    pub content_type: String,
    /// The channel that it was made for; null: for every one that takes it.
    pub channel: Option<Channel>,
    /// How far it is. It can be sent once it is `READY`.
    pub status: MediaStatus,
    /// How many bytes it has; null until it is `READY`.
    pub size: Option<u64>,
    /// Why it was rejected.
    pub error: Option<MediaErrorView>,
    /// Where whoever has this address gets the file; null unless it is `READY`, and in lists.
    pub url: Option<String>,
    /// Until when `url` is good: a day from now. Ask again for another.
    pub url_expires_at: Option<Timestamp>,
    /// Who made it: the id of a user or an API key.
    pub created_by: String,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it last changed.
    pub updated_at: Timestamp,
    /// Where the file goes; only in the answer that makes it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub upload: Option<UploadView>,
}

/// Why a file was rejected.
#[derive(Debug, Clone, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "MediaError")]
pub(super) struct MediaErrorView {
    /// `media_empty`, `media_too_large`, `media_type_mismatch` or `media_type_not_for_channel`.
    #[schemars(extend("examples" = ["media_type_mismatch"]))]
    pub code: String,
    /// In words.
    pub detail: String,
}

impl From<MediaError> for MediaErrorView {
    fn from(error: MediaError) -> Self {
        Self { code: error.code, detail: error.detail }
    }
}

impl From<Media> for MediaView {
    fn from(media: Media) -> Self {
        Self {
            id: media.id,
            file_name: media.file_name,
            content_type: media.content_type,
            channel: media.channel,
            status: media.status,
            size: media.size,
            error: media.error.map(MediaErrorView::from),
            url: None,
            url_expires_at: None,
            created_by: media.created_by,
            created_at: media.created_at,
            updated_at: media.updated_at,
            upload: None,
        }
    }
}

impl MediaView {
    /// With the place where the file goes.
    pub fn to_upload(media: Media, upload: Upload) -> Self {
        Self { upload: Some(upload.into()), ..media.into() }
    }

    /// With the link, if there is one.
    pub fn linked(media: Media, link: Option<Link>) -> Self {
        let (url, url_expires_at) = link.map_or((None, None), |link| (Some(link.url), Some(link.expires_at)));
        Self { url, url_expires_at, ..media.into() }
    }
}
