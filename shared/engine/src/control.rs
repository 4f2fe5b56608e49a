//! What people do to messages and deliveries after they were accepted: release, cancel, pause, resume, send again, decide
//! on what is unknown.

use std::collections::BTreeSet;

use domain::{
    Error, Result,
    board::State,
    id::{DeliveryId, MessageId, OrgId},
    message::{MessageStatus, PauseReason},
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use store::{
    keys,
    ledger::{self, Board},
    messages::{self, Message},
    providers::ProviderConfig,
    receipts,
};

use crate::{
    App,
    app::Queue,
    finish,
    jobs::{FinishJob, PlanJob},
    plan::LOOK_AFTER,
    sweep,
};

/// What to do with copies of which nobody knows whether the provider took them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Resolution {
    /// Send it (again): the recipient may get it twice.
    Resend,
    /// Take it as sent.
    AssumeSent,
    /// Take it as failed.
    Fail,
}

impl Resolution {
    fn state(self) -> State {
        match self {
            Self::Resend => State::Pending,
            Self::AssumeSent => State::Sent,
            Self::Fail => State::Failed,
        }
    }
}

/// Moves a message to another state and gives it as it is then.
async fn transit(
    app: &App,
    message: &Message,
    to: MessageStatus,
    change: impl FnOnce(store::Update) -> store::Update,
) -> Result<Message> {
    let writes = messages::transition(&app.table, message, to, app.now(), change)?;
    app.table.transact(writes).await?;
    messages::get(&app.table, message.org, message.id).await
}

fn keep_due(app: &App, message: &Message) -> impl FnOnce(store::Update) -> store::Update {
    let due = messages::due_text(app.now() + LOOK_AFTER);
    let partition = keys::due_partition(message.id.shard(keys::DUE_SHARDS));
    move |update| update.set("dueAt", due).set("duePartition", partition)
}

fn refuse(code: &'static str, message: &Message, verb: &str) -> Error {
    Error::conflict(code, format!("The message is {} and cannot be {verb}.", message.status.name()))
}

/// Cancels a message: nothing that is not claimed yet will be sent.
pub async fn cancel(app: &App, org: OrgId, id: MessageId) -> Result<Message> {
    let message = messages::get(&app.table, org, id).await?;
    match message.status {
        MessageStatus::Cancelled => return Ok(message),
        MessageStatus::Sent | MessageStatus::Failed => {
            return Err(refuse("message_not_cancellable", &message, "cancelled"));
        }
        _ => {}
    }
    let planned = message.chunks > 0;
    let cancelled = transit(app, &message, MessageStatus::Cancelled, |update| {
        let update = update.remove("pauseReason").set("looks", 0);
        if planned || message.started_at.is_some() {
            keep_due(app, &message)(update)
        } else {
            update.remove("dueAt").remove("duePartition")
        }
    })
    .await?;
    if message.status == MessageStatus::Scheduled {
        // One that fires all the same finds the message cancelled and drops.
        app.schedules.delete(id).await?;
    }
    let (cancelled, open) = finish::fold(app, cancelled).await?;
    if open {
        app.queues.send(Queue::Finish, org, &FinishJob { org, message: id, idle: 0 }, 1).await?;
    }
    Ok(cancelled)
}

/// Pauses a message that is going out.
pub async fn pause(app: &App, org: OrgId, id: MessageId) -> Result<Message> {
    let message = messages::get(&app.table, org, id).await?;
    match message.status {
        MessageStatus::Paused => return Ok(message),
        MessageStatus::Sending | MessageStatus::Pending => {}
        _ => return Err(refuse("message_not_pausable", &message, "paused")),
    }
    transit(app, &message, MessageStatus::Paused, |update| {
        update.set("pauseReason", PauseReason::User).remove("dueAt").remove("duePartition")
    })
    .await
}

/// Pauses a message whose provider config is paused.
pub(crate) async fn pause_for_provider(app: &App, message: &Message, config: &ProviderConfig) -> Result<()> {
    let Some(paused) = &config.paused else { return Ok(()) };
    let message = messages::get(&app.table, message.org, message.id).await?;
    if message.status != MessageStatus::Sending {
        return Ok(());
    }
    let writes = messages::transition(&app.table, &message, MessageStatus::Paused, app.now(), |update| {
        update.set("pauseReason", paused.reason).set("error", &paused.detail).remove("dueAt").remove("duePartition")
    })?;
    match app.table.transact(writes).await {
        Ok(()) | Err(store::Cancelled::Conditions(_)) => Ok(()),
        Err(other) => Err(other.into()),
    }
}

/// Lets a paused message go on.
pub async fn resume(app: &App, org: OrgId, id: MessageId) -> Result<Message> {
    let message = messages::get(&app.table, org, id).await?;
    match message.status {
        MessageStatus::Sending | MessageStatus::Pending => return Ok(message),
        MessageStatus::Paused if message.pause_reason == Some(PauseReason::Review) => {
            return Err(Error::conflict(
                "message_needs_review",
                "Nobody is known to have got it: resolve its unknown copies instead.",
            ));
        }
        MessageStatus::Paused => {}
        _ => return Err(refuse("message_not_paused", &message, "resumed")),
    }
    if !message.auto && crate::providers::get(&app.table, org, message.provider_id).await?.paused.is_some() {
        return Err(Error::conflict("provider_paused", "Its provider config is paused: resume that first."));
    }
    let started = message.started_at.is_some();
    let to = if started { MessageStatus::Sending } else { MessageStatus::Pending };
    let resumed =
        transit(app, &message, to, |update| keep_due(app, &message)(update.remove("pauseReason").remove("error")))
            .await?;
    if started {
        set_going(app, &resumed).await?;
    } else {
        app.queues.send(Queue::Plan, org, &PlanJob { org, message: id }, 0).await?;
    }
    Ok(resumed)
}

/// Lets every message go on that was paused because of this provider config.
pub async fn resume_all(app: &App, org: OrgId, config: &ProviderConfig) -> Result<()> {
    let filter = messages::Filter { status: Some(MessageStatus::Paused), ..messages::Filter::default() };
    let mut after = None;
    loop {
        let page = messages::list(&app.table, org, &filter, after, 100).await?;
        for message in &page.rows {
            let provider = matches!(message.pause_reason, Some(PauseReason::Provider | PauseReason::Credits));
            if provider && (message.auto || message.provider_id == config.id) {
                resume(app, org, message.id).await?;
            }
        }
        after = page.next;
        if after.is_none() {
            return Ok(());
        }
    }
}

async fn set_going(app: &App, message: &Message) -> Result<()> {
    sweep::requeue(app, message, true).await?;
    let job = FinishJob { org: message.org, message: message.id, idle: 0 };
    app.queues.send(Queue::Finish, message.org, &job, 1).await
}

/// Changes the places of a board that are in `from` to `to`, as a person asked. Gives how many.
async fn move_places(
    app: &App,
    org: OrgId,
    message: MessageId,
    chunk: u32,
    from: State,
    to: State,
    only: Option<usize>,
) -> Result<u64> {
    let mut moved = 0;
    let now = app.now();
    if to == State::Pending {
        mark_pages(app, org, message, chunk, from, only).await?;
    }
    ledger::change_reported(&app.table, org, message, chunk, |board: &mut Board| {
        moved = 0;
        if board.is_leased(now) || board.started_up_to > 0 {
            return Err(Error::conflict("delivery_in_progress", "It is being sent right now; try again in a minute."));
        }
        if to == State::Pending && board.unsure.is_some() {
            return Err(Error::conflict(
                "delivery_in_progress",
                "It, or one sent together with it, is being looked into; try again in some minutes.",
            ));
        }
        for index in 0..board.states.len() {
            if board.states[index] == from && only.is_none_or(|only| only == index) {
                if to == State::Pending {
                    board.ask(index);
                } else {
                    board.states[index] = to;
                }
                moved += 1;
            }
        }
        if moved > 0 {
            board.retries = 0;
            board.asks += u32::from(to == State::Pending);
            board.forget_the_sure();
        }
        Ok(moved > 0)
    })
    .await?;
    Ok(moved)
}

/// Before copies are asked for again: from now on a receipt has to say which attempt it means.
async fn mark_pages(
    app: &App,
    org: OrgId,
    message: MessageId,
    chunk: u32,
    from: State,
    only: Option<usize>,
) -> Result<()> {
    let Some(board) = ledger::reported_board(&app.table, org, message, chunk).await? else { return Ok(()) };
    let asked = |index: usize| board.states[index] == from && only.is_none_or(|only| only == index);
    let pages: BTreeSet<usize> = (0..board.states.len()).filter(|index| asked(*index)).map(receipts::page_of).collect();
    for page in pages {
        receipts::mark(&app.table, org, message, chunk, page).await?;
    }
    Ok(())
}

/// After a person changed boards: what waits is sent, the counts are folded.
async fn settle_changes(app: &App, message: Message, sends: bool) -> Result<Message> {
    let message = if sends && message.status != MessageStatus::Sending {
        let message = transit(app, &message, MessageStatus::Sending, |update| {
            keep_due(app, &message)(update.remove("pauseReason").remove("finishedAt").remove("error"))
        })
        .await?;
        set_going(app, &message).await?;
        message
    } else if sends {
        set_going(app, &message).await?;
        message
    } else {
        message
    };
    Ok(finish::fold(app, message).await?.0)
}

fn settled(message: &Message) -> bool {
    matches!(message.status, MessageStatus::Sent | MessageStatus::Failed)
        || (message.status == MessageStatus::Paused && message.pause_reason == Some(PauseReason::Review))
}

/// Sends again what failed, in the next round of the same message.
pub async fn resend(app: &App, org: OrgId, id: MessageId) -> Result<Message> {
    let message = messages::get(&app.table, org, id).await?;
    if !settled(&message) {
        return Err(refuse("message_not_resendable", &message, "sent again yet"));
    }
    let boards = ledger::boards(&app.table, org, id, Some(message.chunks)).await?;
    let mut moved = 0;
    for board in boards {
        // Places that wait were moved by a try that did not get to its end.
        moved += board.states.iter().filter(|state| state.is_waiting()).count() as u64;
        if board.states.contains(&State::Failed) {
            moved += move_places(app, org, id, board.chunk, State::Failed, State::Pending, None).await?;
        }
    }
    if moved == 0 {
        return Err(Error::conflict("nothing_to_resend", "No copy of this message has failed."));
    }
    settle_changes(app, message, true).await
}

/// Decides on all unknown copies of a message.
pub async fn resolve_all(app: &App, org: OrgId, id: MessageId, resolution: Resolution) -> Result<Message> {
    let message = messages::get(&app.table, org, id).await?;
    let mut moved = 0;
    for board in ledger::boards(&app.table, org, id, Some(message.chunks)).await? {
        if board.states.contains(&State::Unknown) {
            moved += move_places(app, org, id, board.chunk, State::Unknown, resolution.state(), None).await?;
        }
    }
    if moved == 0 {
        return Err(Error::conflict("nothing_unknown", "No copy of this message is unknown."));
    }
    settle_changes(app, message, resolution == Resolution::Resend).await
}

/// Decides on one unknown copy.
pub async fn resolve(app: &App, org: OrgId, id: DeliveryId, resolution: Resolution) -> Result<()> {
    let state = resolution.state();
    let detail = "Only an UNKNOWN delivery can be resolved.";
    Box::pin(move_one(app, org, id, State::Unknown, state, "delivery_not_unknown", detail)).await
}

/// Sends one failed copy again.
pub async fn retry(app: &App, org: OrgId, id: DeliveryId) -> Result<()> {
    let detail = "Only a FAILED delivery can be sent again.";
    Box::pin(move_one(app, org, id, State::Failed, State::Pending, "delivery_not_failed", detail)).await
}

async fn move_one(
    app: &App,
    org: OrgId,
    id: DeliveryId,
    from: State,
    to: State,
    code: &'static str,
    detail: &str,
) -> Result<()> {
    let not_found = || Error::not_found("delivery", id);
    let message = messages::find(&app.table, org, id.message()).await?.ok_or_else(not_found)?;
    let (chunk, index) = ledger::place(id.ordinal());
    let board = ledger::board(&app.table, org, message.id, chunk).await?.ok_or_else(not_found)?;
    board.states.get(index).ok_or_else(not_found)?;
    if move_places(app, org, message.id, chunk, from, to, Some(index)).await? == 0 {
        return Err(Error::conflict(code, detail));
    }
    settle_changes(app, message, to == State::Pending).await.map(|_| ())
}
