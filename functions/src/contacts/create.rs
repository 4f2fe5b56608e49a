//! `POST /api/contacts`: makes a contact.

use domain::{
    Error, Result,
    access::{Role, Scope},
    id::ContactId,
};
use store::{contacts, organizations};
use web::prelude::{Created, Cx, Grant, Json, Row};

use super::{
    fields::{CODES, CreateContact},
    view::ContactView,
};

/// The row.
pub fn row() -> Row {
    let codes: Vec<&'static str> = ["409 phone_taken"].iter().chain(CODES).copied().collect();
    Row::post("contacts-create", "/api/contacts", handle)
        .summary("Make a contact")
        .tag("Contacts")
        .access(Role::Member, Scope::ContactsWrite)
        .idempotent()
        .grants(&[Grant::Table])
        .errors(&codes)
}

async fn handle(cx: Cx, body: Json<CreateContact>) -> Result<Created<ContactView>> {
    let body = body.read()?;
    let table = &cx.app.table;
    let country = organizations::get(table, cx.org()).await?.default_country;
    let (at, bits) = cx.repeatable("contact");
    let draft = body.check(ContactId::new(at, bits), country, "").map_err(Error::Invalid)?;
    let contact = draft.into_contact(cx.org(), cx.now());
    let mut writes = contacts::create(table, &contact)?;
    let numbered = contact.phone.is_some();
    let view = ContactView::from(contact);
    writes.extend(cx.reply_record(201, &view)?);
    table.transact(writes).await.map_err(|cancelled| {
        if numbered && cancelled.failed(0) { contacts::phone_taken() } else { cancelled.into() }
    })?;
    Ok(Created(view))
}
