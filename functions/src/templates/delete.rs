//! `DELETE /api/templates/{id}`: removes a template.

use store::templates;
use web::prelude::*;

use super::view::unlocked;

/// The row.
pub fn row() -> Row {
    Row::delete("templates-delete", "/api/templates/{id}", handle)
        .summary("Delete a template")
        .description("Messages that were made from it keep their text.")
        .tag("Templates")
        .access(Role::Member, Scope::TemplatesWrite)
        .grants(&[Grant::Table])
        .errors(&["409 template_locked"])
}

async fn handle(cx: Cx, Path(id): Path<id::TemplateId>) -> Result<NoContent> {
    let template = templates::get(&cx.app.table, cx.org(), id).await?;
    unlocked(&template)?;
    templates::remove(&cx.app.table, cx.org(), id).await?;
    Ok(NoContent)
}
