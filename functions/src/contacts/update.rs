//! `PUT /api/contacts/{id}`: changes a contact; what is left out stays.

use domain::{
    Error, Result,
    access::{Role, Scope},
    id::ContactId,
};
use store::{contacts, organizations};
use web::prelude::{Cx, Grant, Json, Path, Row, Success};

use super::{
    fields::{CODES, UpdateContact},
    view::ContactView,
};

/// The row.
pub fn row() -> Row {
    let codes: Vec<&'static str> = ["409 phone_taken"].iter().chain(CODES).copied().collect();
    Row::put("contacts-update", "/api/contacts/{id}", handle)
        .summary("Change a contact")
        .description("What is left out stays; null clears. `tags` and `attributes` are replaced as a whole.")
        .tag("Contacts")
        .access(Role::Member, Scope::ContactsWrite)
        .grants(&[Grant::Table])
        .errors(&codes)
}

async fn handle(cx: Cx, Path(id): Path<ContactId>, body: Json<UpdateContact>) -> Result<Success<ContactView>> {
    let table = &cx.app.table;
    contacts::get(table, cx.org(), id).await?;
    let body = body.read()?;
    let country = organizations::get(table, cx.org()).await?.default_country;
    let changes = body.check(country).map_err(Error::Invalid)?;
    let contact = contacts::change(table, cx.org(), id, cx.now(), |contact| changes.apply(contact)).await?;
    Ok(Success(contact.into()))
}
