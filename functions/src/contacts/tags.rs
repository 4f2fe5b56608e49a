//! `PUT /api/contacts/{id}/tags`: gives a contact these tags and no others.

use domain::{
    Error, Result,
    access::{Role, Scope},
    id::ContactId,
};
use schemars::JsonSchema;
use serde::Deserialize;
use store::contacts;
use web::prelude::{Cx, Grant, Json, Path, Row, Success};

use super::{fields, view::ContactView};

/// The row.
pub fn row() -> Row {
    Row::put("contacts-tags", "/api/contacts/{id}/tags", handle)
        .summary("Set a contact's tags")
        .tag("Contacts")
        .access(Role::Member, Scope::ContactsWrite)
        .grants(&[Grant::Table])
        .errors(&["tag_invalid", "too_many_tags"])
}

/// The tags.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct ContactTags {
    /// All of them, at most 18 of at most 60 characters.
    #[schemars(extend("examples" = [["parents", "choir"]]))]
    tags: Vec<String>,
}

async fn handle(cx: Cx, Path(id): Path<ContactId>, body: Json<ContactTags>) -> Result<Success<ContactView>> {
    let table = &cx.app.table;
    contacts::get(table, cx.org(), id).await?;
    let tags = fields::tags(&body.read()?.tags, "/tags").map_err(Error::Invalid)?;
    let change = |contact: &mut contacts::Contact| {
        contact.tags.clone_from(&tags);
        Ok(())
    };
    let contact = contacts::change(table, cx.org(), id, cx.now(), change).await?;
    Ok(Success(contact.into()))
}
