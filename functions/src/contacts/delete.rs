//! `DELETE /api/contacts/{id}`: removes a contact. Its history stays, its number is free.

use domain::{
    Result,
    access::{Role, Scope},
    id::ContactId,
};
use store::contacts;
use web::prelude::{Cx, Grant, NoContent, Path, Row};

/// The row.
pub fn row() -> Row {
    Row::delete("contacts-delete", "/api/contacts/{id}", handle)
        .summary("Delete a contact")
        .description("It leaves its groups and its number is free again; what was sent to it stays in the log.")
        .tag("Contacts")
        .access(Role::Member, Scope::ContactsWrite)
        .grants(&[Grant::Table])
}

async fn handle(cx: Cx, Path(id): Path<ContactId>) -> Result<NoContent> {
    contacts::delete(&cx.app.table, cx.org(), id, cx.now()).await?;
    Ok(NoContent)
}
