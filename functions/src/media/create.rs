//! `POST /api/media`: begins a file; the answer says where its bytes go.

use domain::{
    media::{self as rules, MediaType},
    message::Channel,
};
use engine::media::{self, NewMedia};
use web::prelude::*;

use super::view::MediaView;
use crate::text;

/// The row.
pub fn row() -> Row {
    Row::post("media-create", "/api/media", handle)
        .summary("Begin a file")
        .description(
            "Answers with `upload`: PUT the bytes there within an hour. Then they are looked at: the file is `READY`, or \
             `REJECTED` with the reason. At most 16 MB; what each channel takes stands in docs/media.md.",
        )
        .tag("Media")
        .access(Role::Member, Scope::MediaWrite)
        .idempotent_record_first()
        .grants(&[Grant::Table, Grant::Files])
        .errors(&["name_invalid", "media_type_unknown", "media_not_for_channel", "media_type_not_for_channel"])
}

/// A file to be uploaded.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct CreateMedia {
    /// What it is called, as recipients see it; at most 200 characters.
    #[schemars(extend("examples" = ["price-list.pdf"]))]
    file_name: String,
    /// Its media type. The bytes are held against it.
    #[schemars(extend("examples" = ["application/pdf"]))]
    content_type: String,
    /// The channel that it is for: type and size are checked for that one. Left out: when a message names it.
    #[serde(default)]
    channel: Option<Channel>,
}

async fn handle(cx: Cx, body: Json<CreateMedia>) -> Result<Created<MediaView>> {
    let body = body.read()?;
    let file_name = text::name(&body.file_name, "/fileName")?;
    let content_type = content_type(&body.content_type, body.channel)?;
    let (at, bits) = cx.repeatable("media");
    let id = id::MediaId::new(at, bits);
    let new = NewMedia { id, file_name, content_type, channel: body.channel, by: cx.actor(), at };
    let (media, upload) = media::create(&cx.app, cx.org(), new).await?;
    Ok(Created(MediaView::to_upload(media, upload)))
}

fn content_type(text: &str, channel: Option<Channel>) -> Result<&'static MediaType> {
    let unknown = || {
        let all: Vec<&str> = rules::TYPES.iter().map(|known| known.name).collect();
        Error::invalid("/contentType", "media_type_unknown", format!("Expected one of {}.", all.join(", ")))
    };
    let found = rules::named(text).ok_or_else(unknown)?;
    match channel.and_then(|channel| rules::unfit(found.name, 0, channel, "/contentType")) {
        // The type is good; the channel is what was asked for wrongly.
        Some(violation) if violation.code == "media_not_for_channel" => {
            Err(Error::invalid("/channel", "media_not_for_channel", violation.detail))
        }
        Some(violation) => Err(Error::Invalid(vec![violation])),
        None => Ok(found),
    }
}
