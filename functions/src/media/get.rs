//! `GET /api/media/{id}`: a file, with a link to it that is good for a day.

use store::media;
use web::prelude::*;

use super::view::MediaView;

/// The row.
pub fn row() -> Row {
    Row::get("media-get", "/api/media/{id}", handle)
        .summary("Get a file")
        .description("With `url`, by which whoever has it gets the file until `urlExpiresAt`.")
        .tag("Media")
        .access(Role::Viewer, Scope::MediaRead)
        .grants(&[Grant::TableRead, Grant::RootSecret])
}

async fn handle(cx: Cx, Path(id): Path<id::MediaId>) -> Result<Success<MediaView>> {
    let media = media::get(&cx.app.table, cx.org(), id).await?;
    let link = engine::media::link(&cx.app, &media).await?;
    Ok(Success(MediaView::linked(media, link)))
}
