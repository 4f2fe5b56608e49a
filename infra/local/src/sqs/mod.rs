//! SQS: standard queues with delays, visibility timeouts, dead-letter queues and fair groups.
//!
//! [`Sqs`] is the in-process API; `http.rs` puts the AWS protocol on top. One message is one row; a message is in
//! flight while it was received at least once and its `visible_at` lies ahead.
//!
//! Short of AWS: FIFO queues, policies and encryption settings (kept but without effect), the limit of 120,000
//! messages in flight, the minute during which a deleted queue's name cannot be used again.

mod batch;
mod consume;
mod error;
mod http;
mod message;
mod moves;
mod output;
mod produce;
mod queues;
mod settings;

use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex, PoisonError, RwLock,
        atomic::{AtomicU64, Ordering},
    },
};

use jiff::Timestamp;
use store::Clock;
use tokio::sync::watch;

use self::settings::Settings;
pub use self::{
    consume::Receive,
    message::{Attribute, MAX_BYTES, MAX_DELAY, Outgoing, Received, Sent},
    queues::Depth,
};
use crate::{database::Database, error::Result};

/// The account that everything belongs to.
pub const ACCOUNT: &str = "000000000000";

const SCHEMA: &str = "
CREATE TABLE IF NOT EXISTS queue (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    name TEXT NOT NULL UNIQUE,
    attributes TEXT NOT NULL,
    tags TEXT NOT NULL DEFAULT '{}',
    created_at INTEGER NOT NULL,
    modified_at INTEGER NOT NULL
);
-- AUTOINCREMENT: a receipt handle must never fit a later message. Times are milliseconds since 1970.
CREATE TABLE IF NOT EXISTS message (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    queue INTEGER NOT NULL,
    group_id TEXT NOT NULL DEFAULT '',
    visible_at INTEGER NOT NULL,
    receives INTEGER NOT NULL DEFAULT 0,
    first_received_at INTEGER,
    sent_at INTEGER NOT NULL,
    message_id TEXT NOT NULL,
    source TEXT,
    trace TEXT,
    attributes TEXT,
    body TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS message_visible ON message (queue, group_id, visible_at);
CREATE INDEX IF NOT EXISTS message_in_flight ON message (queue, group_id, visible_at) WHERE receives > 0;
CREATE TABLE IF NOT EXISTS move_task (
    handle TEXT PRIMARY KEY,
    source TEXT NOT NULL,
    destination TEXT,
    per_second INTEGER,
    state TEXT NOT NULL,
    moved INTEGER NOT NULL DEFAULT 0,
    total INTEGER NOT NULL,
    up_to INTEGER NOT NULL,
    reason TEXT,
    started_at INTEGER NOT NULL
);
";

/// The queues of the local cloud; cheap to clone.
#[derive(Clone)]
pub struct Sqs(Arc<Inner>);

struct Inner {
    database: Database,
    clock: Clock,
    region: String,
    queues: RwLock<HashMap<String, Arc<Queue>>>,
    /// Makes creating, changing and deleting queues one after the other.
    managing: tokio::sync::Mutex<()>,
}

/// A queue as it is kept in memory: its row, and who waits for a change.
struct Queue {
    id: i64,
    name: String,
    created_at: Timestamp,
    settings: RwLock<(Arc<Settings>, Timestamp)>,
    tags: RwLock<std::collections::BTreeMap<String, String>>,
    /// Counts what may let a waiting receive go on: new or earlier visible messages.
    arrivals: watch::Sender<u64>,
    /// How many messages were sent to it since the start.
    sent: AtomicU64,
    purged_at: Mutex<Option<Timestamp>>,
}

impl Queue {
    fn settings(&self) -> Arc<Settings> {
        self.settings.read().unwrap_or_else(PoisonError::into_inner).0.clone()
    }

    fn arrived(&self) {
        self.arrivals.send_modify(|count| *count += 1);
    }
}

impl Sqs {
    /// Opens the queues of a database. Messages that were in flight when it was closed come back at once: whoever
    /// received them is gone. Their receive count stays. Interrupted message moves go on.
    pub async fn open(database: Database, clock: Clock, region: &str) -> Result<Self> {
        let now = clock.now();
        let rows = database
            .run(move |connection| {
                connection.execute_batch(SCHEMA)?;
                connection.execute(
                    "UPDATE message SET visible_at = ?1 WHERE receives > 0 AND visible_at > ?1",
                    [now.as_millisecond()],
                )?;
                queues::load(connection)
            })
            .await?;
        let queues = rows.into_iter().map(|queue| (queue.name.clone(), Arc::new(queue))).collect();
        let sqs = Self(Arc::new(Inner {
            database,
            clock,
            region: region.to_owned(),
            queues: RwLock::new(queues),
            managing: tokio::sync::Mutex::default(),
        }));
        sqs.expire().await?;
        sqs.resume_moves().await?;
        Ok(sqs)
    }

    /// The ARN of a queue of this name, whether it exists or not.
    pub fn arn(&self, queue: &str) -> String {
        format!("arn:aws:sqs:{}:{ACCOUNT}:{queue}", self.0.region)
    }

    /// The region in ARNs and events.
    pub fn region(&self) -> &str {
        &self.0.region
    }

    fn now(&self) -> Timestamp {
        self.0.clock.now()
    }

    /// How many messages were sent to a queue since the start, as CloudWatch's `NumberOfMessagesSent` says it; those
    /// that schedules and moves put there do not count. Error: `QueueDoesNotExist`.
    pub fn sent(&self, queue: &str) -> Result<u64> {
        Ok(self.queue(queue)?.sent.load(Ordering::Relaxed))
    }

    /// The queue named by a name, URL or ARN: only the last part counts.
    fn queue(&self, named: &str) -> Result<Arc<Queue>> {
        let name = named.rsplit(['/', ':']).next().unwrap_or_default();
        let queues = self.0.queues.read().unwrap_or_else(PoisonError::into_inner);
        queues.get(name).cloned().ok_or_else(error::no_queue)
    }
}

/// A random UUID (version 4).
pub(crate) fn uuid() -> String {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes).expect("the operating system gives random bytes");
    bytes[6] = bytes[6] & 0x0f | 0x40;
    bytes[8] = bytes[8] & 0x3f | 0x80;
    let n = u128::from_be_bytes(bytes);
    format!(
        "{:08x}-{:04x}-{:04x}-{:04x}-{:012x}",
        n >> 96,
        (n >> 80) & 0xffff,
        (n >> 64) & 0xffff,
        (n >> 48) & 0xffff,
        n & 0xffff_ffff_ffff
    )
}
