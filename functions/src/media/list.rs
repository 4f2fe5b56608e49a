//! `GET /api/media`: files, newest first.

use store::media;
use web::prelude::*;

use super::view::MediaView;

/// The row.
pub fn row() -> Row {
    Row::get("media-list", "/api/media", handle)
        .summary("List files")
        .tag("Media")
        .access(Role::Viewer, Scope::MediaRead)
        .grants(&[Grant::TableRead])
}

async fn handle(cx: Cx, list: List) -> Result<Success<Page<MediaView>>> {
    let after = list.after(&cx).await?;
    let page = media::list(&cx.app.table, cx.org(), after, list.limit).await?.map(MediaView::from);
    list.page(&cx, page.rows, page.next, None).await
}
