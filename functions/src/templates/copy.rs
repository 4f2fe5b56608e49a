//! `POST /api/templates/{id}/copy`: a copy that can be changed, of any template.

use domain::text;
use store::templates::{self, Template};
use web::prelude::*;

use super::{request, view::TemplateView};

/// The row.
pub fn row() -> Row {
    Row::post("templates-copy", "/api/templates/{id}/copy", handle)
        .summary("Copy a template")
        .description("The copy can be changed even where the original is locked. The body may be left out.")
        .tag("Templates")
        .access(Role::Member, Scope::TemplatesWrite)
        .idempotent()
        .grants(&[Grant::Table])
        .errors(&["name_invalid"])
        .location("/api/templates")
}

/// How the copy is called.
#[derive(Default, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct CopyTemplate {
    /// Its name; left out: the original's with `(copy)` behind it.
    name: Option<String>,
}

/// How much of a name is kept, so that `(copy)` fits behind it.
const NAME: usize = 190;

async fn handle(cx: Cx, Path(id): Path<id::TemplateId>, body: Json<CopyTemplate>) -> Result<Created<TemplateView>> {
    let original = templates::get(&cx.app.table, cx.org(), id).await?;
    let body = body.read_or_default()?;
    let (at, bits) = cx.repeatable("template");
    let copy = Template {
        id: id::TemplateId::new(at, bits),
        name: body.name.unwrap_or_else(|| format!("{} (copy)", text::cut(&original.name, NAME))).trim().to_owned(),
        is_custom: true,
        version: 1,
        created_by: Some(cx.actor()),
        created_at: at,
        updated_at: at,
        ..original
    };
    request::check(&copy)?;
    let view = TemplateView::from(&copy);
    let mut writes = templates::create(&cx.app.table, cx.org(), &copy)?;
    writes.extend(cx.reply_record(201, &view)?);
    cx.app.table.transact(writes).await?;
    Ok(Created(view))
}
