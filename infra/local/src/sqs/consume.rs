//! Receiving messages, deleting them and changing when they become visible again.

use std::{collections::VecDeque, sync::Arc, time::Duration};

use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension as _, Row, params};

use super::{
    Queue, Sqs, error,
    message::{Receipt, Received},
    settings::MAX_VISIBILITY,
};
use crate::error::{AwsError, Result};

/// How a receive goes. The default takes one message, does not wait and leaves the rest to the queue's settings.
#[derive(Clone, Copy, Debug)]
pub struct Receive {
    /// At most this many messages; SQS allows ten, a caller in this process may ask for more.
    pub max: usize,
    /// Seconds until the messages become visible again; the queue's own timeout if absent.
    pub visibility: Option<u32>,
    /// How long to wait for the first message; the queue's own wait if absent.
    pub wait: Option<Duration>,
}

impl Default for Receive {
    fn default() -> Self {
        Self { max: 1, visibility: None, wait: None }
    }
}

/// What a look into a queue brought.
pub(crate) struct Taken {
    pub messages: Vec<Received>,
    /// When the next message becomes visible, if none was there.
    pub next: Option<Timestamp>,
}

impl Sqs {
    /// Takes messages out of a queue for the time of their visibility timeout, waiting for the first one.
    ///
    /// Messages whose receive count is used up go to the dead-letter queue instead. Errors: `QueueDoesNotExist`,
    /// `InvalidParameterValue`.
    pub async fn receive(&self, queue: &str, receive: Receive) -> Result<Vec<Received>> {
        let queue = self.queue(queue)?;
        let wait = receive.wait.unwrap_or_else(|| Duration::from_secs(queue.settings().wait.into()));
        let deadline = self.now().checked_add(wait).unwrap_or(Timestamp::MAX);
        let mut arrivals = queue.arrivals.subscribe();
        loop {
            arrivals.borrow_and_update();
            let taken = self.take(&queue, receive).await?;
            if !taken.messages.is_empty() || self.now() >= deadline {
                return Ok(taken.messages);
            }
            let wake = taken.next.map_or(deadline, |next| next.min(deadline));
            tokio::select! {
                _ = arrivals.changed() => self.queue(&queue.name).map(|_| ())?,
                () = self.0.clock.sleep_until(wake) => {}
            }
        }
    }

    /// Takes what is visible now, without waiting.
    pub(crate) async fn take_now(&self, queue: &str, max: usize) -> Result<Taken> {
        self.take(&self.queue(queue)?, Receive { max, ..Receive::default() }).await
    }

    /// Follows the arrival of messages; changes made before are seen as well by a `take_now` after this.
    pub(crate) fn arrivals(&self, queue: &str) -> Result<tokio::sync::watch::Receiver<u64>> {
        let mut arrivals = self.queue(queue)?.arrivals.subscribe();
        arrivals.borrow_and_update();
        Ok(arrivals)
    }

    async fn take(&self, queue: &Arc<Queue>, receive: Receive) -> Result<Taken> {
        let settings = queue.settings();
        let visibility = receive.visibility.unwrap_or(settings.visibility);
        if visibility > MAX_VISIBILITY {
            return Err(error::value("VisibilityTimeout", &visibility.to_string(), "Must be between 0 and 43200."));
        }
        let now = self.now().as_millisecond();
        // A policy may name a queue that was deleted later: then messages stay, as they do on AWS.
        let dead = settings.redrive.as_ref().and_then(|redrive| Some((self.queue(&redrive.queue).ok()?, redrive)));
        let look = Look {
            queue: queue.id,
            now,
            visible_at: now + i64::from(visibility) * 1000,
            expired_before: now - i64::from(settings.retention) * 1000,
            max: receive.max,
            source: self.arn(&queue.name),
            redrive: dead.as_ref().map(|(dead, redrive)| (dead.id, redrive.max_receives)),
        };
        let (messages, next, gone) = self.0.database.run(move |connection| look.take(connection)).await?;
        if let Some((dead, _)) = dead.filter(|_| gone) {
            dead.arrived();
        }
        Ok(Taken { messages, next: next.and_then(|at| Timestamp::from_millisecond(at).ok()) })
    }

    /// Deletes a received message. A handle that a later receive has made void deletes nothing and is no error.
    ///
    /// Errors: `ReceiptHandleIsInvalid`, `QueueDoesNotExist`.
    pub async fn delete(&self, queue: &str, receipt_handle: &str) -> Result<()> {
        self.delete_all(queue, vec![receipt_handle.to_owned()]).await.pop().unwrap_or(Ok(()))
    }

    /// Deletes several received messages in one transaction. Answers in the same order.
    pub async fn delete_all(&self, queue: &str, receipt_handles: Vec<String>) -> Vec<Result<()>> {
        let count = receipt_handles.len();
        let queue = match self.queue(queue) {
            Ok(queue) => queue,
            Err(error) => return vec![Err(error); count],
        };
        let receipts: Vec<_> = receipt_handles.iter().map(|handle| receipt_of(&queue, handle)).collect();
        let valid: Vec<Receipt> = receipts.iter().filter_map(|receipt| receipt.clone().ok()).collect();
        let deleted = self
            .0
            .database
            .run(move |connection| {
                let mut delete =
                    connection.prepare_cached("DELETE FROM message WHERE id = ?1 AND queue = ?2 AND receives = ?3")?;
                for receipt in valid {
                    delete.execute(params![receipt.message, receipt.queue, receipt.receive])?;
                }
                Ok::<_, AwsError>(())
            })
            .await;
        match deleted {
            Ok(()) => receipts.into_iter().map(|receipt| receipt.map(|_| ())).collect(),
            Err(error) => vec![Err(error); count],
        }
    }

    /// Makes a message in flight visible again after `seconds` (0–43200) from now.
    ///
    /// Errors: `MessageNotInflight`, `ReceiptHandleIsInvalid`, `InvalidParameterValue`, `QueueDoesNotExist`.
    pub async fn change_visibility(&self, queue: &str, receipt_handle: &str, seconds: u32) -> Result<()> {
        let queue = self.queue(queue)?;
        let receipt = receipt_of(&queue, receipt_handle)?;
        if seconds > MAX_VISIBILITY {
            return Err(error::value("VisibilityTimeout", &seconds.to_string(), "Must be between 0 and 43200."));
        }
        let now = self.now().as_millisecond();
        let visible_at = now + i64::from(seconds) * 1000;
        self.0.database.run(move |connection| change(connection, receipt, now, visible_at)).await?;
        queue.arrived();
        Ok(())
    }
}

fn receipt_of(queue: &Queue, handle: &str) -> Result<Receipt> {
    Receipt::read(handle).and_then(|receipt| if receipt.queue == queue.id { Ok(receipt) } else { Err(error::handle()) })
}

fn change(connection: &Connection, receipt: Receipt, now: i64, visible_at: i64) -> Result<()> {
    let changed = connection
        .prepare_cached(
            "UPDATE message SET visible_at = ?1 WHERE id = ?2 AND queue = ?3 AND receives = ?4 AND visible_at > ?5",
        )?
        .execute(params![visible_at, receipt.message, receipt.queue, receipt.receive, now])?;
    if changed == 1 {
        return Ok(());
    }
    let exists = connection
        .prepare_cached("SELECT 1 FROM message WHERE id = ?1 AND queue = ?2")?
        .exists([receipt.message, receipt.queue])?;
    Err(if exists {
        error::not_in_flight()
    } else {
        error::value("ReceiptHandle", "", "Message does not exist or is not available for visibility timeout change.")
    })
}

/// One look into a queue, inside a transaction. Times are milliseconds since 1970.
struct Look {
    queue: i64,
    now: i64,
    visible_at: i64,
    expired_before: i64,
    max: usize,
    /// The queue's ARN, noted on messages that are given up.
    source: String,
    /// The dead-letter queue, and after how many receives a message goes there.
    redrive: Option<(i64, u32)>,
}

/// A group with a visible message.
struct Ready {
    group: String,
    /// When its oldest waiting message became visible.
    since: i64,
    /// How many of its messages are in flight, plus those already picked.
    busy: usize,
    waiting: VecDeque<(i64, i64)>,
}

/// A group and when its oldest waiting message became visible.
type Waiting = (String, i64);
/// Messages, when the next one becomes visible if there is none, and whether some left the queue on the way.
type Found = (Vec<Received>, Option<i64>, bool);

impl Look {
    fn take(&self, connection: &Connection) -> Result<Found> {
        let mut messages = Vec::new();
        let mut gone = false;
        loop {
            let (ready, next) = self.groups(connection)?;
            if ready.is_empty() {
                return Ok((messages, next, gone));
            }
            for id in self.pick(connection, ready)? {
                match self.take_one(connection, id)? {
                    Some(message) => messages.push(message),
                    None => gone = true,
                }
            }
            if !messages.is_empty() {
                return Ok((messages, None, gone));
            }
        }
    }

    /// The groups with visible messages, or else when the next one comes. Hops from group to group along the index,
    /// so that a long backlog of one group costs the others nothing.
    fn groups(&self, connection: &Connection) -> rusqlite::Result<(Vec<Waiting>, Option<i64>)> {
        let mut hop = connection.prepare_cached(
            "SELECT group_id, visible_at FROM message WHERE queue = ?1 AND group_id > ?2
             ORDER BY group_id, visible_at LIMIT 1",
        )?;
        let mut first =
            connection.prepare_cached("SELECT min(visible_at) FROM message WHERE queue = ?1 AND group_id = ''")?;
        let (mut ready, mut next) = (Vec::new(), None::<i64>);
        let mut note = |group: String, visible_at: i64| {
            if visible_at <= self.now {
                ready.push((group, visible_at));
            } else {
                next = Some(next.map_or(visible_at, |next| next.min(visible_at)));
            }
        };
        if let Some(visible_at) = first.query_row([self.queue], |row| row.get(0))? {
            note(String::new(), visible_at);
        }
        let mut group = String::new();
        while let Some((found, visible_at)) =
            hop.query_row(params![self.queue, group], |row| Ok((row.get::<_, String>(0)?, row.get(1)?))).optional()?
        {
            note(found.clone(), visible_at);
            group = found;
        }
        Ok((ready, next))
    }

    /// Chooses at most `max` messages: always from the group that is least busy, oldest first among equals.
    fn pick(&self, connection: &Connection, groups: Vec<Waiting>) -> rusqlite::Result<Vec<i64>> {
        let mut waiting = connection.prepare_cached(
            "SELECT visible_at, id FROM message WHERE queue = ?1 AND group_id = ?2 AND visible_at <= ?3
             ORDER BY visible_at, id LIMIT ?4",
        )?;
        // Nobody needs the exact number of a very busy group.
        let mut in_flight = connection.prepare_cached(
            "SELECT count(*) FROM (SELECT 1 FROM message INDEXED BY message_in_flight
              WHERE queue = ?1 AND group_id = ?2 AND receives > 0 AND visible_at > ?3 LIMIT 1000)",
        )?;
        let alone = groups.len() == 1;
        let mut ready = Vec::with_capacity(groups.len());
        for (group, since) in groups {
            let busy = if alone {
                0
            } else {
                in_flight.query_row(params![self.queue, group, self.now], |row| row.get::<_, u32>(0))? as usize
            };
            ready.push(Ready { group, since, busy, waiting: VecDeque::new() });
        }
        // No more groups than messages can be served: only these need their messages looked up.
        ready.sort_by_key(|group| (group.busy, group.since));
        ready.truncate(self.max);
        for group in &mut ready {
            let rows = waiting
                .query_map(params![self.queue, group.group, self.now, self.max as i64], |row| {
                    Ok((row.get(0)?, row.get(1)?))
                })?
                .collect::<rusqlite::Result<_>>()?;
            group.waiting = rows;
        }
        let mut picked = Vec::with_capacity(self.max);
        while picked.len() < self.max {
            let least_busy = ready
                .iter_mut()
                .filter(|group| !group.waiting.is_empty())
                .min_by_key(|group| (group.busy, group.waiting.front().copied()));
            let Some(group) = least_busy else { break };
            group.busy += 1;
            picked.extend(group.waiting.pop_front().map(|(_, id)| id));
        }
        Ok(picked)
    }

    /// Marks one message as received; `None` if it was too old or has been received too often.
    fn take_one(&self, connection: &Connection, id: i64) -> Result<Option<Received>> {
        let (receives, sent_at): (u32, i64) = connection
            .prepare_cached("SELECT receives, sent_at FROM message WHERE id = ?1")?
            .query_row([id], |row| Ok((row.get(0)?, row.get(1)?)))?;
        if sent_at < self.expired_before {
            connection.prepare_cached("DELETE FROM message WHERE id = ?1")?.execute([id])?;
            return Ok(None);
        }
        if let Some((dead, max)) = self.redrive
            && receives >= max
        {
            connection
                .prepare_cached("UPDATE message SET queue = ?1, visible_at = ?2, source = ?3 WHERE id = ?4")?
                .execute(params![dead, self.now, self.source, id])?;
            return Ok(None);
        }
        let message = connection
            .prepare_cached(
                "UPDATE message SET visible_at = ?1, receives = receives + 1,
                        first_received_at = coalesce(first_received_at, ?2)
                  WHERE id = ?3
                  RETURNING id, message_id, body, attributes, group_id, receives, sent_at, first_received_at, trace, source",
            )?
            .query_row(params![self.visible_at, self.now, id], |row| self.received(row))?;
        Ok(Some(message))
    }

    fn received(&self, row: &Row<'_>) -> rusqlite::Result<Received> {
        let receive_count = row.get(5)?;
        let receipt = Receipt { queue: self.queue, message: row.get(0)?, receive: receive_count };
        let attributes = row.get_ref(3)?.as_str_or_null()?.and_then(|text| serde_json::from_str(text).ok());
        Ok(Received {
            message_id: row.get(1)?,
            receipt_handle: receipt.write(),
            body: row.get(2)?,
            attributes: attributes.unwrap_or_default(),
            group: Some(row.get(4)?).filter(|group: &String| !group.is_empty()),
            receive_count,
            sent_at: row.get(6)?,
            first_received_at: row.get(7)?,
            trace: row.get(8)?,
            dead_letter_source: row.get(9)?,
        })
    }
}
