//! Walking over the copies of a message in the order of its plan: boards say where everyone stands, so a filter by state
//! reads only the chunks that have one.

use domain::{Error, Result, delivery::DeliveryStatus};
use store::{Page, ledger, messages::Message};
use web::Cx;

use super::view::{DeliveryView, Place, views};

/// How many recipients a detail answer shows.
pub const FIRST: usize = 25;

/// How many boards are read at a time, and in one request.
const BOARDS: u32 = 50;
const MAX_BOARDS: u32 = 1_000;

/// A page of the copies of a message. `after` is `chunk:index`, the place to go on at.
pub async fn page(
    cx: &Cx,
    message: &Message,
    status: Option<DeliveryStatus>,
    after: Option<&str>,
    limit: usize,
) -> Result<Page<DeliveryView>> {
    let table = &cx.app.table;
    let (mut chunk, mut index) = match after {
        None => (0, 0),
        Some(text) => parse(text)?,
    };
    let mut found: Vec<Place> = Vec::with_capacity(limit);
    let mut next = None;
    let mut read = 0;
    'walk: loop {
        let boards = ledger::some_boards(table, message.org, message.id, chunk, chunk + BOARDS).await?;
        for board in boards {
            let Some(board) = board else { break 'walk };
            let mut plan = None;
            for (at, state) in board.states.iter().copied().enumerate().skip(index) {
                if status.is_some_and(|status| state.shown() != status) {
                    continue;
                }
                if found.len() == limit {
                    next = Some(format!("{}:{at}", board.chunk));
                    break 'walk;
                }
                if plan.is_none() {
                    plan = ledger::plan(table, message.org, message.id, board.chunk).await?;
                }
                let recipient = plan.as_ref().and_then(|plan| plan.recipients.get(at)).cloned();
                let recipient = recipient.ok_or_else(|| Error::internal("a board is longer than its plan"))?;
                found.push(Place { chunk: board.chunk, index: at, recipient, state, since: board.since(at) });
            }
            index = 0;
            chunk = board.chunk + 1;
            read += 1;
            if read >= MAX_BOARDS {
                next = Some(format!("{chunk}:0"));
                break 'walk;
            }
        }
    }
    Ok(Page { rows: views(table, message, found).await?, next })
}

fn parse(text: &str) -> Result<(u32, usize)> {
    let bad = || Error::Unreadable { code: "cursor_invalid", detail: "The cursor is not one of this list.".into() };
    let (chunk, index) = text.split_once(':').ok_or_else(bad)?;
    Ok((chunk.parse().map_err(|_| bad())?, index.parse().map_err(|_| bad())?))
}
