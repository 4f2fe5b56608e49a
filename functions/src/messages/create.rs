//! `POST /api/messages`: sends a message, schedules it, or keeps it as a draft.
//!
//! The message is stored before this answers, so a 202 is a promise.

use std::time::Duration;

use domain::{
    Error, Result,
    access::{Role, Scope},
    message::MessageStatus,
};
use engine::{Queue, accept};
use store::messages::{self, Message};
use web::{
    Cx, Grant, Row,
    extract::Json,
    reply::{Accepted, Either, Success},
};

use super::{
    request::MessageRequest,
    view::{FirstRecipients, MessageDetail, MessageView, fresh},
};
use crate::deliveries::walk;

/// The longest that `Prefer: wait` waits, in seconds, and for how many recipients.
const MAX_WAIT: u64 = 20;
const MAX_WAIT_RECIPIENTS: u64 = 10;

/// How often a waiting request looks.
const LOOK: Duration = Duration::from_millis(100);

pub(super) fn row() -> Row {
    Row::post("messages-create", "/api/messages", handle)
        .summary("Send a message")
        .description(
            "To contacts, groups or addresses, now or at `scheduledAt`. `Prefer: wait=10` (at most 20 s, at most 10 \
             recipients) answers 200 with the final state and the recipients.",
        )
        .tag("Messages")
        .access(Role::Member, Scope::MessagesWrite)
        .idempotent()
        .grants(&[Grant::Table, Grant::Enqueue(Queue::Plan), Grant::Enqueue(Queue::Send), Grant::Schedule])
        .errors(super::NOT_ACCEPTED)
}

async fn handle(cx: Cx, body: Json<MessageRequest>) -> Result<Either<Accepted<MessageView>, Success<MessageDetail>>> {
    let new = body.read()?.into_new(&cx).await?;
    let message = accept::accept(&cx.app, cx.org(), new, |message| {
        let view = MessageView::from(message.clone());
        Ok(cx.reply_record(202, &view)?.into_iter().collect())
    })
    .await?;
    match wait(&cx, &message)? {
        None => Ok(Either::A(Accepted(message.into()))),
        Some(limit) => settled(&cx, message, limit).await.map(|detail| Either::B(Success(detail))),
    }
}

/// How long the client wants to wait.
fn wait(cx: &Cx, message: &Message) -> Result<Option<Duration>> {
    let Some(seconds) = cx
        .header("prefer")
        .and_then(|prefer| prefer.split([',', ';']).find_map(|part| part.trim().strip_prefix("wait=")))
    else {
        return Ok(None);
    };
    let seconds: u64 = seconds.parse().ok().filter(|seconds| *seconds <= MAX_WAIT).ok_or_else(|| {
        Error::invalid("Prefer", "wait_invalid", format!("Expected `wait=` with 0 to {MAX_WAIT} seconds."))
    })?;
    let waits = message.status == MessageStatus::Sending && message.recipient_count <= MAX_WAIT_RECIPIENTS;
    Ok(waits.then_some(Duration::from_secs(seconds)))
}

/// The message once it is settled, or as it is when the time is over.
async fn settled(cx: &Cx, mut message: Message, limit: Duration) -> Result<MessageDetail> {
    let until = cx.now() + limit;
    while matches!(message.status, MessageStatus::Pending | MessageStatus::Sending) && cx.now() < until {
        cx.app.clock.sleep(LOOK).await;
        message = messages::get(&cx.app.table, message.org, message.id).await?;
    }
    let message = fresh(cx, message).await?;
    let first = walk::page(cx, &message, None, None, walk::FIRST).await?;
    let recipients = FirstRecipients { data: first.rows, next_cursor: None };
    Ok(MessageDetail { message: message.into(), recipients })
}
