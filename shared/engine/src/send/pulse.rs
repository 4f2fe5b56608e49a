//! The pulse of a chunk in work: whether another call may start.

use domain::{Result, message::MessageStatus};
use jiff::Timestamp;
use store::messages;

use super::{FRESH, RESERVE};
use crate::{App, jobs::SendJob};

/// Looks at the time that is left, and at the message again when what is known of it is too old.
pub(super) struct Pulse<'a> {
    app: &'a App,
    job: SendJob,
    deadline: Timestamp,
    /// When the message was seen to be `SENDING`.
    seen: Timestamp,
    halted: bool,
}

impl<'a> Pulse<'a> {
    /// Of a message that was `SENDING` at `seen`.
    pub fn new(app: &'a App, job: SendJob, seen: Timestamp, deadline: Timestamp) -> Self {
        Self { app, job, deadline, seen, halted: false }
    }

    /// Whether a call may start now.
    pub async fn beats(&mut self) -> Result<bool> {
        let now = self.app.now();
        if now > self.seen + FRESH {
            self.halted = !is_sending(self.app, self.job).await?;
            self.seen = now;
        }
        Ok(!self.halted && now + RESERVE <= self.deadline)
    }

    /// Whether the message was cancelled or paused.
    pub const fn halted(&self) -> bool {
        self.halted
    }
}

/// Whether the message is `SENDING` now.
pub(super) async fn is_sending(app: &App, job: SendJob) -> Result<bool> {
    let message = messages::find(&app.table, job.org, job.message).await?;
    Ok(message.is_some_and(|message| message.status == MessageStatus::Sending))
}
