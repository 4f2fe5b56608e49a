//! `GET /api/contacts/{id}/deliveries`: what was sent to a contact's number and address, newest first.

use std::cmp::Reverse;

use domain::{
    Result,
    access::{Role, Scope},
    id::ContactId,
};
use store::{
    Page as Found,
    contacts::{self, Contact},
};
use web::prelude::{Cx, Grant, List, Page, Path, Row, Success};

use crate::deliveries::{list::DeliveryFilter, log, view::DeliveryView};

/// The row.
pub fn row() -> Row {
    Row::get("contacts-deliveries", "/api/contacts/{id}/deliveries", handle)
        .summary("List what was sent to a contact")
        .description("Newest first: everything that went to its number and its e-mail address.")
        .tag("Contacts")
        .access(Role::Viewer, Scope::ContactsRead)
        .grants(&[Grant::TableRead])
}

async fn handle(cx: Cx, Path(id): Path<ContactId>, list: List) -> Result<Success<Page<DeliveryView>>> {
    let contact = contacts::get(&cx.app.table, cx.org(), id).await?;
    let after = list.after(&cx).await?;
    let page = history(&cx, &contact, after, list.limit).await?;
    list.page(&cx, page.rows, page.next, None).await
}

/// Copies to a contact's number and address, newest first. The place to go on at is a message's id.
pub(super) async fn history(
    cx: &Cx,
    contact: &Contact,
    after: Option<String>,
    limit: usize,
) -> Result<Found<DeliveryView>> {
    let filter = DeliveryFilter {
        status: None,
        recipient: None,
        message_id: None,
        template_id: None,
        provider_id: None,
        from: None,
        to: None,
    };
    let (mut rows, mut more) = (Vec::new(), false);
    for address in contact.phone.map(|phone| phone.to_string()).into_iter().chain(contact.email.clone()) {
        let page = log::of_address(cx, &address, &filter, after.clone(), limit).await?;
        more |= page.next.is_some();
        rows.extend(page.rows);
    }
    // A message goes to one of the two, so its id is a place in both lists.
    rows.sort_by_key(|row| Reverse(row.id));
    more |= rows.len() > limit;
    rows.truncate(limit);
    let next = rows.last().filter(|_| more).map(|row| row.message_id.to_string());
    Ok(Found { rows, next })
}
