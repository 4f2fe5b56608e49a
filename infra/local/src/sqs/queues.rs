//! Making, finding, changing, measuring and deleting queues.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, PoisonError, RwLock, atomic::AtomicU64},
    time::Duration,
};

use jiff::Timestamp;
use rusqlite::{Connection, named_params};
use tokio::sync::watch;

use super::{Queue, Sqs, error, settings::Settings};
use crate::error::{AwsError, Result};

/// How many messages a queue holds, by state.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Depth {
    /// Could be received now.
    pub visible: u64,
    /// Received, neither deleted nor visible again.
    pub in_flight: u64,
    /// Sent with a delay that is not over.
    pub delayed: u64,
}

impl Depth {
    /// Whether nothing waits and nothing is being worked on; delayed messages do not count.
    pub fn is_idle(&self) -> bool {
        self.visible == 0 && self.in_flight == 0
    }
}

impl Queue {
    pub(super) fn new(
        id: i64,
        name: String,
        settings: Settings,
        tags: BTreeMap<String, String>,
        times: (Timestamp, Timestamp),
    ) -> Self {
        Self {
            id,
            name,
            created_at: times.0,
            settings: RwLock::new((Arc::new(settings), times.1)),
            tags: RwLock::new(tags),
            arrivals: watch::Sender::new(0),
            sent: AtomicU64::new(0),
            purged_at: Mutex::new(None),
        }
    }
}

pub(super) fn load(connection: &Connection) -> Result<Vec<Queue>> {
    let mut statement =
        connection.prepare("SELECT id, name, attributes, tags, created_at, modified_at FROM queue ORDER BY id")?;
    let mut rows = statement.query([])?;
    let mut queues = Vec::new();
    while let Some(row) = rows.next()? {
        let attributes = serde_json::from_str(row.get_ref(2)?.as_str().unwrap_or_default()).unwrap_or_default();
        let tags = serde_json::from_str(row.get_ref(3)?.as_str().unwrap_or_default()).unwrap_or_default();
        let times = (millisecond(row.get(4)?), millisecond(row.get(5)?));
        queues.push(Queue::new(row.get(0)?, row.get(1)?, Settings::read(attributes)?, tags, times));
    }
    Ok(queues)
}

fn millisecond(value: i64) -> Timestamp {
    Timestamp::from_millisecond(value).unwrap_or_default()
}

fn json(map: &BTreeMap<String, String>) -> String {
    serde_json::to_string(map).expect("a map of texts is JSON")
}

impl Sqs {
    /// Makes a standard queue, or finds the one that has this name and the same values of the given attributes.
    ///
    /// Names are 1–80 letters, digits, `-` and `_`. Errors: `QueueNameExists`, `InvalidAttributeName`,
    /// `InvalidAttributeValue`, `InvalidParameterValue`.
    pub async fn create_queue(
        &self,
        name: &str,
        attributes: BTreeMap<String, String>,
        tags: BTreeMap<String, String>,
    ) -> Result<()> {
        let named = (1..=80).contains(&name.len())
            && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_');
        if name.strip_suffix(".fifo").is_some() {
            return Err(error::unsupported("The local cloud offers standard queues only."));
        }
        if !named {
            return Err(error::value(
                "QueueName",
                name,
                "Can only include alphanumeric characters, hyphens, or underscores. 1 to 80 in length",
            ));
        }
        let settings = Settings::read(attributes)?;
        let _one_at_a_time = self.0.managing.lock().await;
        if let Ok(queue) = self.queue(name) {
            let existing = queue.settings().all();
            return match settings.attributes.iter().find(|(name, value)| existing.get(*name) != Some(value)) {
                Some((attribute, _)) => Err(error::queue_exists(attribute)),
                None => Ok(()),
            };
        }
        self.check_dead_letter_queue(&settings)?;
        let now = self.now();
        let row = (name.to_owned(), json(&settings.attributes), json(&tags), now.as_millisecond());
        let id = self
            .0
            .database
            .run(move |connection| {
                connection.execute(
                    "INSERT INTO queue (name, attributes, tags, created_at, modified_at) VALUES (?1, ?2, ?3, ?4, ?4)",
                    row,
                )?;
                Ok::<_, AwsError>(connection.last_insert_rowid())
            })
            .await?;
        let queue = Arc::new(Queue::new(id, name.to_owned(), settings, tags, (now, now)));
        self.0.queues.write().unwrap_or_else(PoisonError::into_inner).insert(name.to_owned(), queue);
        Ok(())
    }

    fn check_dead_letter_queue(&self, settings: &Settings) -> Result<()> {
        match &settings.redrive {
            Some(redrive) if self.queue(&redrive.queue).is_err() => Err(error::value(
                "RedrivePolicy",
                settings.attributes.get("RedrivePolicy").map_or("", String::as_str),
                "Dead letter target does not exist.",
            )),
            _ => Ok(()),
        }
    }

    /// Deletes a queue and its messages.
    pub async fn delete_queue(&self, queue: &str) -> Result<()> {
        let _one_at_a_time = self.0.managing.lock().await;
        let queue = self.queue(queue)?;
        let id = queue.id;
        self.0
            .database
            .run(move |connection| {
                connection.execute("DELETE FROM message WHERE queue = ?1", [id])?;
                connection.execute("DELETE FROM queue WHERE id = ?1", [id])?;
                Ok::<_, AwsError>(())
            })
            .await?;
        self.0.queues.write().unwrap_or_else(PoisonError::into_inner).remove(&queue.name);
        queue.arrived();
        Ok(())
    }

    /// The names of all queues that start with `prefix`, sorted.
    pub fn queue_names(&self, prefix: &str) -> Vec<String> {
        let queues = self.0.queues.read().unwrap_or_else(PoisonError::into_inner);
        let mut names: Vec<_> = queues.keys().filter(|name| name.starts_with(prefix)).cloned().collect();
        names.sort();
        names
    }

    /// Whether there is a queue of this name, URL or ARN.
    pub fn exists(&self, queue: &str) -> bool {
        self.queue(queue).is_ok()
    }

    /// The names of the queues whose dead-letter queue this is, sorted.
    pub fn dead_letter_sources(&self, queue: &str) -> Result<Vec<String>> {
        let dead = self.queue(queue)?;
        let queues = self.0.queues.read().unwrap_or_else(PoisonError::into_inner);
        let gives_up_to = |queue: &&Arc<Queue>| queue.settings().redrive.as_ref().is_some_and(|r| r.queue == dead.name);
        let mut names: Vec<_> = queues.values().filter(gives_up_to).map(|queue| queue.name.clone()).collect();
        names.sort();
        Ok(names)
    }

    /// Changes the given attributes; an empty text removes an optional one.
    pub async fn set_attributes(&self, queue: &str, attributes: BTreeMap<String, String>) -> Result<()> {
        let _one_at_a_time = self.0.managing.lock().await;
        let queue = self.queue(queue)?;
        let mut all = queue.settings().attributes.clone();
        all.extend(attributes);
        let settings = Settings::read(all)?;
        self.check_dead_letter_queue(&settings)?;
        let now = self.now();
        let row = (json(&settings.attributes), now.as_millisecond(), queue.id);
        self.0
            .database
            .run(move |connection| {
                connection.execute("UPDATE queue SET attributes = ?1, modified_at = ?2 WHERE id = ?3", row)?;
                Ok::<_, AwsError>(())
            })
            .await?;
        *queue.settings.write().unwrap_or_else(PoisonError::into_inner) = (Arc::new(settings), now);
        queue.arrived();
        Ok(())
    }

    /// All attributes of a queue as texts, counts and ARN included.
    pub async fn attributes(&self, queue: &str) -> Result<BTreeMap<String, String>> {
        let depth = self.depth(queue).await?;
        let queue = self.queue(queue)?;
        let (settings, modified) = queue.settings.read().unwrap_or_else(PoisonError::into_inner).clone();
        let mut all = settings.all();
        let mut add = |name: &str, value: String| all.insert(name.to_owned(), value);
        add("QueueArn", self.arn(&queue.name));
        add("ApproximateNumberOfMessages", depth.visible.to_string());
        add("ApproximateNumberOfMessagesNotVisible", depth.in_flight.to_string());
        add("ApproximateNumberOfMessagesDelayed", depth.delayed.to_string());
        add("CreatedTimestamp", queue.created_at.as_second().to_string());
        add("LastModifiedTimestamp", modified.as_second().to_string());
        Ok(all)
    }

    /// The visibility timeout of a queue.
    pub fn visibility_timeout(&self, queue: &str) -> Result<Duration> {
        Ok(Duration::from_secs(self.queue(queue)?.settings().visibility.into()))
    }

    /// How many messages a queue holds; exact at this moment.
    pub async fn depth(&self, queue: &str) -> Result<Depth> {
        let (id, now) = (self.queue(queue)?.id, self.now().as_millisecond());
        self.0
            .database
            .run(move |connection| {
                let mut statement = connection.prepare_cached(
                    "SELECT (SELECT count(*) FROM message WHERE queue = :queue),
                            (SELECT count(*) FROM message WHERE queue = :queue AND visible_at > :now),
                            (SELECT count(*) FROM message INDEXED BY message_in_flight
                              WHERE queue = :queue AND receives > 0 AND visible_at > :now)",
                )?;
                let counts: (u64, u64, u64) = statement
                    .query_row(named_params! { ":queue": id, ":now": now }, |row| {
                        Ok((row.get(0)?, row.get(1)?, row.get(2)?))
                    })?;
                let (all, hidden, in_flight) = counts;
                Ok(Depth { visible: all - hidden, in_flight, delayed: hidden - in_flight })
            })
            .await
    }

    /// Deletes all messages of a queue; refused within a minute of the last time, as SQS does.
    pub async fn purge(&self, queue: &str) -> Result<()> {
        let queue = self.queue(queue)?;
        let now = self.now();
        {
            let mut purged_at = queue.purged_at.lock().unwrap_or_else(PoisonError::into_inner);
            if purged_at.is_some_and(|at| now.duration_since(at).as_secs() < 60) {
                return Err(error::purge_in_progress(&queue.name));
            }
            *purged_at = Some(now);
        }
        let id = queue.id;
        self.0
            .database
            .run(move |connection| {
                connection.execute("DELETE FROM message WHERE queue = ?1", [id])?;
                Ok::<_, AwsError>(())
            })
            .await?;
        Ok(())
    }

    /// The tags of a queue.
    pub fn tags(&self, queue: &str) -> Result<BTreeMap<String, String>> {
        Ok(self.queue(queue)?.tags.read().unwrap_or_else(PoisonError::into_inner).clone())
    }

    /// Adds or replaces tags, then removes those of the given keys.
    pub async fn tag(&self, queue: &str, add: BTreeMap<String, String>, remove: &[String]) -> Result<()> {
        let _one_at_a_time = self.0.managing.lock().await;
        let queue = self.queue(queue)?;
        let mut tags = queue.tags.read().unwrap_or_else(PoisonError::into_inner).clone();
        tags.extend(add);
        tags.retain(|key, _| !remove.contains(key));
        let row = (json(&tags), queue.id);
        self.0
            .database
            .run(move |connection| {
                connection.execute("UPDATE queue SET tags = ?1 WHERE id = ?2", row)?;
                Ok::<_, AwsError>(())
            })
            .await?;
        *queue.tags.write().unwrap_or_else(PoisonError::into_inner) = tags;
        Ok(())
    }

    /// Deletes messages that are older than their queue keeps them. A receive also passes over them, so this only
    /// gives back space.
    pub(super) async fn expire(&self) -> Result<()> {
        let now = self.now();
        let limits: Vec<(i64, i64)> = {
            let queues = self.0.queues.read().unwrap_or_else(PoisonError::into_inner);
            let limit = |queue: &Arc<Queue>| now.as_millisecond() - i64::from(queue.settings().retention) * 1000;
            queues.values().map(|queue| (queue.id, limit(queue))).collect()
        };
        self.0
            .database
            .run(move |connection| {
                for (queue, limit) in limits {
                    connection.execute("DELETE FROM message WHERE queue = ?1 AND sent_at < ?2", [queue, limit])?;
                }
                Ok::<_, AwsError>(())
            })
            .await
    }
}
