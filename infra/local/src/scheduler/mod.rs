//! EventBridge Scheduler: one-time and recurring schedules in groups, to queues and functions.
//!
//! [`Scheduler`] is the in-process API; `http.rs` puts the AWS protocol on top. Schedules live in the same database
//! as the queues, so that a message to a queue and the step of its schedule are one transaction: a schedule fires
//! once even when the host dies in that moment. Calls of functions are handed over after the commit; one that is
//! under way when the host dies is lost (AWS keeps it).
//!
//! What was missed while the host was down fires at start, once per schedule, unless it is older than its maximum
//! event age: then it goes to the dead-letter queue.

mod definition;
mod expression;
mod fire;
mod http;

use std::sync::{Arc, OnceLock};

use jiff::{SignedDuration, Timestamp};
use rusqlite::{Connection, OptionalExtension as _, Row, params};
use store::Clock;
use tokio::sync::watch;

use self::definition::invalid;
pub use self::definition::{Action, DeadLetters, Definition, Retries, State, Target, Window};
use crate::{
    database::Database,
    error::{AwsError, Result},
    meter::Meter,
    sqs::{ACCOUNT, Sqs},
};

const SCHEMA: &str = "
CREATE TABLE IF NOT EXISTS schedule_group (
    name TEXT PRIMARY KEY,
    created_at INTEGER NOT NULL
);
-- Times are milliseconds since 1970; next_at is NULL for what is not going to fire.
CREATE TABLE IF NOT EXISTS schedule (
    group_name TEXT NOT NULL,
    name TEXT NOT NULL,
    definition TEXT NOT NULL,
    token TEXT,
    created_at INTEGER NOT NULL,
    modified_at INTEGER NOT NULL,
    anchor INTEGER NOT NULL,
    next_at INTEGER,
    PRIMARY KEY (group_name, name)
);
CREATE INDEX IF NOT EXISTS schedule_due ON schedule (next_at) WHERE next_at IS NOT NULL;
";

/// The group of schedules that name none.
pub const DEFAULT_GROUP: &str = "default";

/// The schedules of the local cloud; cheap to clone.
#[derive(Clone)]
pub struct Scheduler(Arc<Inner>);

struct Inner {
    database: Database,
    clock: Clock,
    sqs: Sqs,
    meter: OnceLock<Meter>,
    /// Counts changes that may make something due earlier.
    changes: watch::Sender<u64>,
    /// How many firings and calls of functions are under way.
    busy: watch::Sender<usize>,
}

/// A schedule as it is stored.
#[derive(Clone, Debug, PartialEq)]
pub struct Schedule {
    /// Its group.
    pub group: String,
    /// Its name, unique in the group.
    pub name: String,
    /// What it does and when.
    pub definition: Definition,
    /// When it was created.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub modified_at: Timestamp,
    /// From when a rate counts.
    pub(crate) anchor: Timestamp,
    /// When it fires next; `None` if it is at rest or done.
    pub next_at: Option<Timestamp>,
}

const COLUMNS: &str = "group_name, name, definition, created_at, modified_at, anchor, next_at";

impl Schedule {
    fn read(row: &Row<'_>) -> rusqlite::Result<Self> {
        let moment = |value: i64| Timestamp::from_millisecond(value).unwrap_or_default();
        let definition = row.get_ref(2)?.as_str()?;
        let definition = serde_json::from_str(definition).map_err(|error| {
            rusqlite::Error::FromSqlConversionFailure(2, rusqlite::types::Type::Text, Box::new(error))
        })?;
        Ok(Self {
            group: row.get(0)?,
            name: row.get(1)?,
            definition,
            created_at: moment(row.get(3)?),
            modified_at: moment(row.get(4)?),
            anchor: moment(row.get(5)?),
            next_at: row.get::<_, Option<i64>>(6)?.map(moment),
        })
    }
}

fn no_schedule(name: &str) -> AwsError {
    not_found(format!("Schedule {name} does not exist."))
}

fn no_group(name: &str) -> AwsError {
    not_found(format!("Schedule group {name} does not exist."))
}

fn not_found(message: String) -> AwsError {
    AwsError::client("com.amazonaws.scheduler", "ResourceNotFoundException", message)
        .with_status(::http::StatusCode::NOT_FOUND)
}

fn conflict(message: String) -> AwsError {
    AwsError::client("com.amazonaws.scheduler", "ConflictException", message).with_status(::http::StatusCode::CONFLICT)
}

fn check_name(name: &str) -> Result<()> {
    let named =
        (1..=64).contains(&name.len()) && name.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_.".contains(&b));
    if named { Ok(()) } else { Err(invalid("A name has 1 to 64 letters, digits, dots, hyphens and underscores.")) }
}

fn check_group(connection: &Connection, group: &str) -> Result<()> {
    let exists = connection.prepare_cached("SELECT 1 FROM schedule_group WHERE name = ?1")?.exists([group])?;
    if exists { Ok(()) } else { Err(no_group(group)) }
}

fn find(connection: &Connection, group: &str, name: &str) -> Result<Option<Schedule>> {
    Ok(connection
        .prepare_cached(&format!("SELECT {COLUMNS} FROM schedule WHERE group_name = ?1 AND name = ?2"))?
        .query_row([group, name], Schedule::read)
        .optional()?)
}

fn write(connection: &Connection, schedule: &Schedule, token: Option<&str>) -> Result<()> {
    let definition = serde_json::to_string(&schedule.definition).expect("a definition is JSON");
    connection
        .prepare_cached(
            "INSERT INTO schedule (group_name, name, definition, token, created_at, modified_at, anchor, next_at)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)
             ON CONFLICT (group_name, name) DO UPDATE SET definition = excluded.definition,
                modified_at = excluded.modified_at, anchor = excluded.anchor, next_at = excluded.next_at",
        )?
        .execute(params![
            schedule.group,
            schedule.name,
            definition,
            token,
            schedule.created_at.as_millisecond(),
            schedule.modified_at.as_millisecond(),
            schedule.anchor.as_millisecond(),
            schedule.next_at.map(Timestamp::as_millisecond),
        ])?;
    Ok(())
}

/// What is due at `now` itself still counts for a new schedule.
fn just_before(now: Timestamp) -> Timestamp {
    now.checked_sub(SignedDuration::from_millis(1)).unwrap_or(now)
}

impl Scheduler {
    /// Opens the schedules of a database; nothing fires before `Scheduler::start`.
    pub async fn open(database: Database, clock: Clock, sqs: Sqs) -> Result<Self> {
        let now = clock.now().as_millisecond();
        database
            .run(move |connection| {
                connection.execute_batch(SCHEMA)?;
                connection.execute(
                    "INSERT OR IGNORE INTO schedule_group (name, created_at) VALUES (?1, ?2)",
                    params![DEFAULT_GROUP, now],
                )?;
                Ok::<_, AwsError>(())
            })
            .await?;
        Ok(Self(Arc::new(Inner {
            database,
            clock,
            sqs,
            meter: OnceLock::new(),
            changes: watch::Sender::new(0),
            busy: watch::Sender::new(0),
        })))
    }

    /// Lets a meter count what fires from now on.
    pub fn metered_by(&self, meter: Meter) {
        // There is one host, and it says so once.
        let _ = self.0.meter.set(meter);
    }

    /// The ARN of a schedule.
    pub fn arn(&self, group: &str, name: &str) -> String {
        format!("arn:aws:scheduler:{}:{ACCOUNT}:schedule/{group}/{name}", self.0.sqs.region())
    }

    /// The ARN of a schedule group.
    pub fn group_arn(&self, group: &str) -> String {
        format!("arn:aws:scheduler:{}:{ACCOUNT}:schedule-group/{group}", self.0.sqs.region())
    }

    /// The ARN by which a schedule names a function.
    pub fn function_arn(&self, function: &str) -> String {
        format!("arn:aws:lambda:{}:{ACCOUNT}:function:{function}", self.0.sqs.region())
    }

    /// Creates a schedule. With the token of the call that created it, the same call again does nothing.
    ///
    /// Errors: `ConflictException` (the name is taken), `ResourceNotFoundException` (no such group),
    /// `ValidationException`.
    pub async fn create(&self, group: &str, name: &str, definition: Definition, token: Option<String>) -> Result<()> {
        check_name(name)?;
        let now = self.0.clock.now();
        definition.check(now)?;
        let anchor = definition.anchor(now);
        let next_at = definition.next(just_before(now), anchor);
        let (group, name) = (group.to_owned(), name.to_owned());
        let schedule = Schedule { group, name, definition, created_at: now, modified_at: now, anchor, next_at };
        self.0
            .database
            .run(move |connection| {
                check_group(connection, &schedule.group)?;
                if let Some(existing) = find(connection, &schedule.group, &schedule.name)? {
                    let same_call = token.is_some()
                        && existing.definition == schedule.definition
                        && connection
                            .prepare_cached(
                                "SELECT 1 FROM schedule WHERE group_name = ?1 AND name = ?2 AND token = ?3",
                            )?
                            .exists(params![schedule.group, schedule.name, token])?;
                    let taken = || conflict(format!("Schedule {} already exists.", schedule.name));
                    return if same_call { Ok(()) } else { Err(taken()) };
                }
                write(connection, &schedule, token.as_deref())
            })
            .await?;
        self.changed();
        Ok(())
    }

    /// Replaces what a schedule does and when. One that is done fires again only if its expression changed.
    ///
    /// Errors: `ResourceNotFoundException`, `ValidationException`.
    pub async fn update(&self, group: &str, name: &str, definition: Definition) -> Result<()> {
        let now = self.0.clock.now();
        definition.check(now)?;
        let (group, name) = (group.to_owned(), name.to_owned());
        self.0
            .database
            .run(move |connection| {
                let mut schedule = find(connection, &group, &name)?.ok_or_else(|| no_schedule(&name))?;
                let old = std::mem::replace(&mut schedule.definition, definition);
                let done = schedule.next_at.is_none()
                    && old.state == State::Enabled
                    && old.schedule_expression == schedule.definition.schedule_expression
                    && old.schedule_expression_timezone == schedule.definition.schedule_expression_timezone
                    && !schedule.definition.timing()?.0.recurs();
                schedule.modified_at = now;
                schedule.anchor = schedule.definition.anchor(now);
                schedule.next_at =
                    if done { None } else { schedule.definition.next(just_before(now), schedule.anchor) };
                write(connection, &schedule, None)
            })
            .await?;
        self.changed();
        Ok(())
    }

    /// Creates a schedule in the default group, or changes the one of this name if it differs. For the host's own.
    pub async fn ensure(&self, name: &str, definition: Definition) -> Result<()> {
        match self.get(DEFAULT_GROUP, name).await {
            Ok(existing) if existing.definition == definition => Ok(()),
            Ok(_) => self.update(DEFAULT_GROUP, name, definition).await,
            Err(_) => self.create(DEFAULT_GROUP, name, definition, None).await,
        }
    }

    /// A schedule by name. Error: `ResourceNotFoundException`.
    pub async fn get(&self, group: &str, name: &str) -> Result<Schedule> {
        let (group, name) = (group.to_owned(), name.to_owned());
        self.0
            .database
            .run(move |connection| {
                check_group(connection, &group)?;
                find(connection, &group, &name)?.ok_or_else(|| no_schedule(&name))
            })
            .await
    }

    /// Deletes a schedule. Error: `ResourceNotFoundException`.
    pub async fn delete(&self, group: &str, name: &str) -> Result<()> {
        let (group, name) = (group.to_owned(), name.to_owned());
        self.0
            .database
            .run(move |connection| {
                check_group(connection, &group)?;
                let deleted = connection
                    .prepare_cached("DELETE FROM schedule WHERE group_name = ?1 AND name = ?2")?
                    .execute([&group, &name])?;
                if deleted == 1 { Ok(()) } else { Err(no_schedule(&name)) }
            })
            .await
    }

    /// Schedules by group and name, after the given place, at most `max`.
    pub async fn list(
        &self,
        group: Option<String>,
        prefix: String,
        after: (String, String),
        max: usize,
    ) -> Result<Vec<Schedule>> {
        self.0
            .database
            .run(move |connection| {
                if let Some(group) = &group {
                    check_group(connection, group)?;
                }
                let mut statement = connection.prepare_cached(&format!(
                    "SELECT {COLUMNS} FROM schedule
                      WHERE (group_name, name) > (?1, ?2) AND (?3 IS NULL OR group_name = ?3)
                        AND substr(name, 1, length(?4)) = ?4
                      ORDER BY group_name, name LIMIT ?5"
                ))?;
                let rows = statement.query_map(params![after.0, after.1, group, prefix, max as i64], Schedule::read)?;
                Ok(rows.collect::<rusqlite::Result<_>>()?)
            })
            .await
    }

    /// Creates a schedule group. Errors: `ConflictException`, `ValidationException`.
    pub async fn create_group(&self, name: &str) -> Result<()> {
        check_name(name)?;
        let (name, now) = (name.to_owned(), self.0.clock.now().as_millisecond());
        self.0
            .database
            .run(move |connection| {
                let created = connection.execute(
                    "INSERT OR IGNORE INTO schedule_group (name, created_at) VALUES (?1, ?2)",
                    params![name, now],
                )?;
                if created == 1 { Ok(()) } else { Err(conflict(format!("Schedule group {name} already exists."))) }
            })
            .await
    }

    /// Deletes a schedule group and its schedules. Error: `ResourceNotFoundException`, `ValidationException`.
    pub async fn delete_group(&self, name: &str) -> Result<()> {
        if name == DEFAULT_GROUP {
            return Err(invalid("The default schedule group cannot be deleted."));
        }
        let name = name.to_owned();
        self.0
            .database
            .run(move |connection| {
                check_group(connection, &name)?;
                connection.execute("DELETE FROM schedule WHERE group_name = ?1", [&name])?;
                connection.execute("DELETE FROM schedule_group WHERE name = ?1", [&name])?;
                Ok(())
            })
            .await
    }

    /// The groups and when they were created, sorted by name.
    pub async fn groups(&self) -> Result<Vec<(String, Timestamp)>> {
        self.0
            .database
            .run(|connection| {
                let mut statement =
                    connection.prepare_cached("SELECT name, created_at FROM schedule_group ORDER BY name")?;
                let rows = statement.query_map([], |row| {
                    Ok((row.get(0)?, Timestamp::from_millisecond(row.get(1)?).unwrap_or_default()))
                })?;
                Ok(rows.collect::<rusqlite::Result<_>>()?)
            })
            .await
    }

    fn changed(&self) {
        self.0.changes.send_modify(|count| *count += 1);
    }
}
