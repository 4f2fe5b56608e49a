//! Sending messages.

use std::sync::atomic::Ordering;

use rusqlite::{Connection, params};

use super::{
    Queue, Sqs,
    message::{Outgoing, Sent, attributes_md5, md5_hex},
    uuid,
};
use crate::error::{AwsError, Result};

/// A message with everything settled but its place in the table.
pub(crate) struct Prepared {
    queue: i64,
    visible_at: i64,
    sent_at: i64,
    message_id: String,
    attributes: Option<String>,
    outgoing: Outgoing,
}

impl Prepared {
    /// Writes the message; part of the caller's transaction. Afterwards call [`Sqs::announce`].
    pub fn insert(&self, connection: &Connection) -> rusqlite::Result<()> {
        connection
            .prepare_cached(
                "INSERT INTO message (queue, group_id, visible_at, sent_at, message_id, trace, attributes, body)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
            )?
            .execute(params![
                self.queue,
                self.outgoing.group.as_deref().unwrap_or_default(),
                self.visible_at,
                self.sent_at,
                self.message_id,
                self.outgoing.trace,
                self.attributes,
                self.outgoing.body,
            ])?;
        Ok(())
    }

    fn sent(&self) -> Sent {
        Sent {
            message_id: self.message_id.clone(),
            body_md5: md5_hex(self.outgoing.body.as_bytes()),
            attributes_md5: attributes_md5(&self.outgoing.attributes),
        }
    }
}

impl Sqs {
    /// Sends one message to a queue named by name, URL or ARN.
    ///
    /// Errors: `QueueDoesNotExist`, `InvalidParameterValue`, `InvalidMessageContents`, `MissingParameter`.
    pub async fn send(&self, queue: &str, message: Outgoing) -> Result<Sent> {
        let queue = self.queue(queue)?;
        let message = self.prepare(&queue, message)?;
        let sent = message.sent();
        self.0.database.run(move |connection| Ok::<_, AwsError>(message.insert(connection)?)).await?;
        queue.sent.fetch_add(1, Ordering::Relaxed);
        queue.arrived();
        Ok(sent)
    }

    /// Sends messages in one transaction: all or, if one of them is refused, none. Answers in the same order.
    pub async fn send_all(&self, queue: &str, messages: Vec<Outgoing>) -> Result<Vec<Sent>> {
        let queue = self.queue(queue)?;
        let prepared = messages.into_iter().map(|message| self.prepare(&queue, message)).collect::<Result<Vec<_>>>()?;
        let sent: Vec<_> = prepared.iter().map(Prepared::sent).collect();
        self.0
            .database
            .run(move |connection| {
                prepared.iter().try_for_each(|message| message.insert(connection))?;
                Ok::<_, AwsError>(())
            })
            .await?;
        queue.sent.fetch_add(sent.len() as u64, Ordering::Relaxed);
        queue.arrived();
        Ok(sent)
    }

    /// Checks a message and settles its id and times, for a caller that writes it in its own transaction.
    pub(crate) fn prepare_for(&self, queue: &str, message: Outgoing) -> Result<Prepared> {
        self.prepare(&*self.queue(queue)?, message)
    }

    /// Tells who waits on the queue that a message was written and committed.
    pub(crate) fn announce(&self, queue: &str) {
        if let Ok(queue) = self.queue(queue) {
            queue.arrived();
        }
    }

    fn prepare(&self, queue: &Queue, outgoing: Outgoing) -> Result<Prepared> {
        let settings = queue.settings();
        outgoing.check(settings.max_bytes)?;
        let sent_at = self.now().as_millisecond();
        let attributes = (!outgoing.attributes.is_empty())
            .then(|| serde_json::to_string(&outgoing.attributes).expect("attributes are JSON"));
        Ok(Prepared {
            queue: queue.id,
            visible_at: sent_at + i64::from(outgoing.delay.unwrap_or(settings.delay)) * 1000,
            sent_at,
            message_id: uuid(),
            attributes,
            outgoing,
        })
    }
}
