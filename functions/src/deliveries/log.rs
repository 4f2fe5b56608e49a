//! The log over all messages, and of one address.

use domain::{
    Error, Result,
    email::Email,
    id::MessageId,
    phone::{Country, Phone},
};
use store::{
    Page, deliveries,
    messages::{self, Filter},
};
use web::Cx;

use super::{
    list::DeliveryFilter,
    view::{DeliveryView, one},
    walk,
};

/// How many messages one request walks over at most; a page may then be short while there is a cursor.
const MAX_MESSAGES: usize = 200;

/// Copies of all messages, newest message first. The place to go on at is `msg_…@chunk:index`.
pub async fn of_all(
    cx: &Cx,
    filter: &DeliveryFilter,
    after: Option<String>,
    limit: usize,
) -> Result<Page<DeliveryView>> {
    let table = &cx.app.table;
    let mut rows: Vec<DeliveryView> = Vec::with_capacity(limit);
    let (mut current, mut place) = match after.as_deref() {
        None => (None, None),
        Some(text) => {
            let (message, place) = text.split_once('@').ok_or_else(bad_cursor)?;
            let message: MessageId = message.parse().map_err(|_| bad_cursor())?;
            (Some(message), Some(place.to_owned()))
        }
    };
    // What was accepted after `to` cannot have been sent before it.
    let newest = Filter { to: filter.to, ..Filter::default() };
    let mut walked = 0;
    loop {
        let message = match current.take() {
            Some(id) if place.is_some() => messages::find(table, cx.org(), id).await?,
            Some(id) => messages::list(table, cx.org(), &newest, Some(id.to_string()), 1).await?.rows.pop(),
            None => messages::list(table, cx.org(), &newest, None, 1).await?.rows.pop(),
        };
        let Some(message) = message else { return Ok(Page { rows, next: None }) };
        walked += 1;
        let mut next = None;
        if filter.takes(&message) {
            let page = walk::page(cx, &message, filter.status, place.as_deref(), limit - rows.len()).await?;
            rows.extend(page.rows);
            next = page.next;
        }
        if let Some(next) = next {
            return Ok(Page { rows, next: Some(format!("{}@{next}", message.id)) });
        }
        current = Some(message.id);
        place = None;
        if rows.len() == limit || walked == MAX_MESSAGES {
            // A place behind every other: the next request finds nothing there and goes to the next message.
            return Ok(Page { rows, next: Some(format!("{}@{}:0", message.id, message.chunks.max(1))) });
        }
    }
}

/// Copies to one address, newest first. The place to go on at is a message's id.
pub async fn of_recipient(
    cx: &Cx,
    recipient: &str,
    country: Country,
    filter: &DeliveryFilter,
    after: Option<String>,
    limit: usize,
) -> Result<Page<DeliveryView>> {
    let address = Phone::parse(recipient, country)
        .map(|phone| phone.to_string())
        .or_else(|_| Email::parse(recipient).map(|email| email.to_string()))
        .map_err(|_| {
            Error::invalid("?recipient", "recipient_invalid", "Expected a phone number or an e-mail address.")
        })?;
    of_address(cx, &address, filter, after, limit).await
}

/// Copies to one address in its normal form, newest first.
pub async fn of_address(
    cx: &Cx,
    address: &str,
    filter: &DeliveryFilter,
    after: Option<String>,
    limit: usize,
) -> Result<Page<DeliveryView>> {
    let table = &cx.app.table;
    let copies = deliveries::of_address(table, cx.org(), address, after, limit + 1).await?;
    let more = copies.len() > limit;
    let mut rows = Vec::with_capacity(limit);
    let mut last = None;
    for (sk, delivery) in copies.into_iter().take(limit) {
        last = Some(sk);
        let message = messages::find(table, cx.org(), delivery.id.message()).await?;
        if !message.is_some_and(|message| filter.takes(&message)) {
            continue;
        }
        let view = one(table, cx.org(), delivery.id).await?;
        if filter.status.is_none_or(|status| view.status == status) {
            rows.push(view);
        }
    }
    Ok(Page { rows, next: last.filter(|_| more) })
}

fn bad_cursor() -> Error {
    Error::Unreadable { code: "cursor_invalid", detail: "The cursor is not one of this list.".into() }
}
