//! `DELETE /api/media/{id}`: the file goes, and all links to it.

use web::prelude::*;

/// The row.
pub fn row() -> Row {
    Row::delete("media-delete", "/api/media/{id}", handle)
        .summary("Delete a file")
        .description(
            "At once, with all links to it. A message that names it and has not gone out reaches nobody: its recipients are \
             `FAILED`. What was sent stays sent.",
        )
        .tag("Media")
        .access(Role::Member, Scope::MediaWrite)
        .grants(&[Grant::Table, Grant::Files])
}

async fn handle(cx: Cx, Path(id): Path<id::MediaId>) -> Result<NoContent> {
    engine::media::delete(&cx.app, cx.org(), id).await?;
    Ok(NoContent)
}
