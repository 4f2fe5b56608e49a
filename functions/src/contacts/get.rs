//! `GET /api/contacts/{id}`: a contact, with the latest that was sent to it.

use domain::{
    Result,
    access::{Role, Scope},
    id::ContactId,
};
use schemars::JsonSchema;
use serde::Serialize;
use store::contacts;
use web::prelude::{Cx, Grant, Path, Row, Success};

use super::{
    deliveries::history,
    view::{ContactView, FIRST},
};
use crate::deliveries::view::DeliveryView;

/// The row.
pub fn row() -> Row {
    Row::get("contacts-get", "/api/contacts/{id}", handle)
        .summary("Get a contact")
        .tag("Contacts")
        .access(Role::Viewer, Scope::ContactsRead)
        .grants(&[Grant::TableRead])
}

/// A contact with its history.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct ContactDetail {
    /// The contact.
    #[serde(flatten)]
    contact: ContactView,
    /// The latest 25 copies; more by `GET /contacts/{id}/deliveries`.
    deliveries: FirstDeliveries,
}

/// The first copies that a contact got.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct FirstDeliveries {
    /// The latest 25, newest first.
    data: Vec<DeliveryView>,
    /// Where the list continues; null at its end.
    next_cursor: Option<String>,
}

async fn handle(cx: Cx, Path(id): Path<ContactId>) -> Result<Success<ContactDetail>> {
    let contact = contacts::get(&cx.app.table, cx.org(), id).await?;
    let first = history(&cx, &contact, None, FIRST).await?;
    let next_cursor = cx.embedded_next(&format!("/api/contacts/{id}/deliveries"), first.next).await?;
    let deliveries = FirstDeliveries { data: first.rows, next_cursor };
    Ok(Success(ContactDetail { contact: contact.into(), deliveries }))
}
