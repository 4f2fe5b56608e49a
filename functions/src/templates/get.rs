//! `GET /api/templates/{id}`: one template.

use store::templates;
use web::prelude::*;

use super::view::TemplateView;

/// The row.
pub fn row() -> Row {
    Row::get("templates-get", "/api/templates/{id}", handle)
        .summary("Get a template")
        .tag("Templates")
        .access(Role::Viewer, Scope::TemplatesRead)
        .grants(&[Grant::TableRead])
}

async fn handle(cx: Cx, Path(id): Path<id::TemplateId>) -> Result<Success<TemplateView>> {
    let template = templates::get(&cx.app.table, cx.org(), id).await?;
    Ok(Success(TemplateView::from(&template)))
}
