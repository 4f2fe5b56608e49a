//! Message move tasks: the way back out of a dead-letter queue.
//!
//! A moved message is a new message: new id, new age, receive count nought (developer guide, "dead-letter queue
//! redrive"). A task takes what was in the queue when it started, and goes on after a restart.

use rusqlite::{Connection, OptionalExtension as _, params};

use super::{Sqs, error, uuid};
use crate::error::{AwsError, Result};

/// How many messages are moved in one transaction.
const AT_ONCE: u32 = 200;

/// A move of messages from a dead-letter queue to the queues they came from, or to another one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct MoveTask {
    pub handle: String,
    pub source: String,
    pub destination: Option<String>,
    pub per_second: Option<u32>,
    /// `RUNNING`, `COMPLETED`, `CANCELLED` or `FAILED`.
    pub state: String,
    pub moved: u64,
    pub total: u64,
    pub reason: Option<String>,
    /// Milliseconds since 1970.
    pub started_at: i64,
}

impl Sqs {
    /// Starts moving messages out of a dead-letter queue; gives the task's handle.
    ///
    /// Without a destination each message goes back to the queue that gave it up. Errors:
    /// `ResourceNotFoundException`, `InvalidParameterValue` (not a dead-letter queue), `UnsupportedOperation` (a
    /// task runs already).
    pub async fn start_move(&self, source: &str, destination: Option<&str>, per_second: Option<u32>) -> Result<String> {
        let missing =
            |_| error::not_found("The resource that you specified for the SourceArn parameter doesn't exist.");
        let from = self.queue(source).map_err(missing)?;
        if let Some(destination) = destination {
            self.queue(destination).map_err(|_| {
                error::not_found("The resource that you specified for the DestinationArn parameter doesn't exist.")
            })?;
        }
        if per_second.is_some_and(|rate| !(1..=500).contains(&rate)) {
            return Err(error::value("MaxNumberOfMessagesPerSecond", "", "Must be between 1 and 500."));
        }
        if self.dead_letter_sources(&from.name)?.is_empty() {
            return Err(error::value("SourceArn", source, "Source queue must be configured as a Dead Letter Queue."));
        }
        let (handle, now) = (uuid(), self.now().as_millisecond());
        let (id, name, task) = (from.id, from.name.clone(), handle.clone());
        let to = destination.and_then(|named| named.rsplit(':').next()).map(str::to_owned);
        self.0
            .database
            .run(move |connection| {
                let running = "SELECT 1 FROM move_task WHERE source = ?1 AND state = 'RUNNING'";
                if connection.prepare(running)?.exists([&name])? {
                    return Err(error::unsupported("There is already a task running on this queue."));
                }
                connection.execute(
                    "INSERT INTO move_task (handle, source, destination, per_second, state, total, up_to, started_at)
                     SELECT ?1, ?2, ?3, ?4, 'RUNNING', count(*), coalesce(max(id), 0), ?5 FROM message WHERE queue = ?6",
                    params![task, name, to, per_second, now, id],
                )?;
                Ok(())
            })
            .await?;
        self.spawn_move(handle.clone());
        Ok(handle)
    }

    /// Stops a running task; gives how many messages it has moved.
    pub(crate) async fn cancel_move(&self, handle: &str) -> Result<u64> {
        let handle = handle.to_owned();
        self.0
            .database
            .run(move |connection| {
                connection
                    .prepare(
                        "UPDATE move_task SET state = 'CANCELLED' WHERE handle = ?1 AND state = 'RUNNING' RETURNING moved",
                    )?
                    .query_row([handle], |row| row.get(0))
                    .optional()?
                    .ok_or_else(|| error::not_found("Task does not exist or is not running."))
            })
            .await
    }

    /// The newest tasks of a dead-letter queue, at most `max`.
    pub(crate) async fn moves(&self, source: &str, max: u32) -> Result<Vec<MoveTask>> {
        let missing =
            |_| error::not_found("The resource that you specified for the SourceArn parameter doesn't exist.");
        let source = self.queue(source).map_err(missing)?.name.clone();
        self.0
            .database
            .run(move |connection| {
                let mut statement = connection.prepare(
                    "SELECT handle, source, destination, per_second, state, moved, total, reason, started_at
                       FROM move_task WHERE source = ?1 ORDER BY started_at DESC, rowid DESC LIMIT ?2",
                )?;
                let rows = statement.query_map(params![source, max], |row| {
                    Ok(MoveTask {
                        handle: row.get(0)?,
                        source: row.get(1)?,
                        destination: row.get(2)?,
                        per_second: row.get(3)?,
                        state: row.get(4)?,
                        moved: row.get(5)?,
                        total: row.get(6)?,
                        reason: row.get(7)?,
                        started_at: row.get(8)?,
                    })
                })?;
                Ok(rows.collect::<rusqlite::Result<_>>()?)
            })
            .await
    }

    /// Goes on with the tasks that were running when the database was closed.
    pub(super) async fn resume_moves(&self) -> Result<()> {
        let running: Vec<String> = self
            .0
            .database
            .run(|connection| {
                let mut statement = connection.prepare("SELECT handle FROM move_task WHERE state = 'RUNNING'")?;
                let handles = statement.query_map([], |row| row.get(0))?;
                Ok::<_, AwsError>(handles.collect::<rusqlite::Result<_>>()?)
            })
            .await?;
        for handle in running {
            self.spawn_move(handle);
        }
        Ok(())
    }

    fn spawn_move(&self, handle: String) {
        let sqs = self.clone();
        tokio::spawn(async move {
            loop {
                match sqs.move_some(&handle).await {
                    Ok(None) => return,
                    Ok(Some(true)) => sqs.0.clock.sleep(std::time::Duration::from_secs(1)).await,
                    Ok(Some(false)) => {}
                    Err(error) => {
                        tracing::error!(%error, task = handle, "a message move task stopped");
                        return;
                    }
                }
            }
        });
    }

    /// One step of a task: `None` when it is over, else whether it has to wait a second.
    async fn move_some(&self, handle: &str) -> Result<Option<bool>> {
        let ids: std::collections::HashMap<String, i64> = {
            let queues = self.0.queues.read().unwrap_or_else(std::sync::PoisonError::into_inner);
            queues.values().map(|queue| (queue.name.clone(), queue.id)).collect()
        };
        let (handle, now) = (handle.to_owned(), self.now().as_millisecond());
        let step = self.0.database.run(move |connection| step(connection, &handle, now, &ids)).await?;
        for queue in &step.touched {
            self.announce(queue);
        }
        Ok(step.limited)
    }
}

#[derive(Default)]
struct Step {
    limited: Option<bool>,
    touched: Vec<String>,
}

fn step(connection: &Connection, handle: &str, now: i64, ids: &std::collections::HashMap<String, i64>) -> Result<Step> {
    let task = connection
        .prepare_cached(
            "SELECT source, destination, per_second, up_to FROM move_task WHERE handle = ?1 AND state = 'RUNNING'",
        )?
        .query_row([handle], |row| {
            Ok((
                row.get::<_, String>(0)?,
                row.get::<_, Option<String>>(1)?,
                row.get::<_, Option<u32>>(2)?,
                row.get::<_, i64>(3)?,
            ))
        })
        .optional()?;
    let Some((source, destination, per_second, up_to)) = task else { return Ok(Step::default()) };
    let end = |state: &str, reason: Option<&str>| {
        connection
            .execute("UPDATE move_task SET state = ?1, reason = ?2 WHERE handle = ?3", params![state, reason, handle])
    };
    let Some(source_id) = ids.get(&source) else {
        end("FAILED", Some("AWS.SimpleQueueService.NonExistentQueue"))?;
        return Ok(Step::default());
    };
    let messages: Vec<(i64, Option<String>)> = connection
        .prepare_cached(
            "SELECT id, source FROM message WHERE queue = ?1 AND id <= ?2 AND visible_at <= ?3 ORDER BY id LIMIT ?4",
        )?
        .query_map(params![source_id, up_to, now, per_second.unwrap_or(AT_ONCE)], |row| Ok((row.get(0)?, row.get(1)?)))?
        .collect::<rusqlite::Result<_>>()?;
    if messages.is_empty() {
        end("COMPLETED", None)?;
        return Ok(Step::default());
    }
    let mut touched = vec![source];
    for (id, came_from) in messages {
        let to = destination.clone().or_else(|| came_from?.rsplit(':').next().map(str::to_owned));
        let Some((to, queue)) = to.and_then(|to| ids.get(&to).map(|id| (to, *id))) else {
            end("FAILED", Some("CouldNotDetermineMessageSource"))?;
            return Ok(Step { limited: None, touched });
        };
        // A new row: receipt handles of the message's first life must not fit its second.
        connection
            .prepare_cached(
                "INSERT INTO message (queue, group_id, visible_at, sent_at, message_id, trace, attributes, body)
                 SELECT ?1, group_id, ?2, ?2, ?3, trace, attributes, body FROM message WHERE id = ?4",
            )?
            .execute(params![queue, now, uuid(), id])?;
        connection.prepare_cached("DELETE FROM message WHERE id = ?1")?.execute([id])?;
        connection.prepare_cached("UPDATE move_task SET moved = moved + 1 WHERE handle = ?1")?.execute([handle])?;
        if !touched.contains(&to) {
            touched.push(to);
        }
    }
    Ok(Step { limited: Some(per_second.is_some()), touched })
}
