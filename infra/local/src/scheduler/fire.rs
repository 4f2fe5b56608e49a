//! Firing what is due.

use std::{sync::Arc, time::Duration};

use jiff::{SignedDuration, Timestamp};
use rusqlite::{Connection, params};
use serde_json::{Value, json};

use super::{Action, Schedule, Scheduler, definition::Destination};
use crate::{
    error::{AwsError, Result},
    invoke::{self, FunctionInvoker},
    running::{Running, Stop},
    sqs::{ACCOUNT, Attribute, Outgoing, Sqs, uuid},
};

/// How many schedules fire in one transaction.
const AT_ONCE: u32 = 200;
/// The longest sleep: a machine that was suspended notices what it missed within this time.
const NAP: Duration = Duration::from_secs(1);
/// Lambda tries an asynchronous call three times, a minute and two minutes apart ("Asynchronous invocation").
const RETRY_AFTER: [u64; 2] = [60, 120];

/// A call of a function that a schedule asked for.
struct Call {
    function: String,
    event: Value,
    schedule: String,
}

/// What one transaction did: queues that got something, calls to be made, and when the next schedule is due.
#[derive(Default)]
struct Fired {
    queues: Vec<String>,
    calls: Vec<Call>,
    next: Option<Timestamp>,
}

impl Scheduler {
    /// Fires schedules from now on, what was missed at once. Functions are called through `invoker`.
    pub fn start(&self, invoker: Arc<dyn FunctionInvoker>) -> Running {
        let scheduler = self.clone();
        Running::start(|stop| scheduler.watch(invoker, stop))
    }

    async fn watch(self, invoker: Arc<dyn FunctionInvoker>, mut stop: Stop) {
        let mut changes = self.0.changes.subscribe();
        loop {
            changes.borrow_and_update();
            let nap = self.0.clock.now().checked_add(NAP).unwrap_or(Timestamp::MAX);
            let next = match self.fire(&invoker).await {
                Ok(next) => next,
                Err(error) => {
                    tracing::error!(%error, "schedules could not be fired");
                    None
                }
            };
            tokio::select! {
                () = stop.asked() => return,
                _ = changes.changed() => {}
                () = self.0.clock.sleep_until(next.map_or(nap, |next| next.min(nap))) => {}
            }
        }
    }

    /// Waits until nothing is due and no call of a function is under way, once it has been started.
    pub async fn at_rest(&self) {
        let mut busy = self.0.busy.subscribe();
        loop {
            let rests = *busy.borrow_and_update() == 0;
            if rests && !self.is_due().await.unwrap_or_default() {
                return;
            }
            // The sender lives in `self`, so this cannot fail.
            let _ = busy.changed().await;
        }
    }

    async fn is_due(&self) -> Result<bool> {
        let now = self.0.clock.now().as_millisecond();
        let sql = "SELECT 1 FROM schedule WHERE next_at <= ?1";
        self.0.database.run(move |connection| Ok::<_, AwsError>(connection.prepare_cached(sql)?.exists([now])?)).await
    }

    /// Fires what is due; gives the time of the next schedule.
    async fn fire(&self, invoker: &Arc<dyn FunctionInvoker>) -> Result<Option<Timestamp>> {
        let _busy = Busy::new(self);
        let (scheduler, known) = (self.clone(), invoker.clone());
        let now = self.0.clock.now();
        let fired = self.0.database.run(move |connection| scheduler.fire_due(connection, &*known, now)).await?;
        if let Some(meter) = self.0.meter.get() {
            meter.fired(fired.queues.len() + fired.calls.len());
        }
        for queue in &fired.queues {
            self.0.sqs.announce(queue);
        }
        for call in fired.calls {
            tokio::spawn(call.make(invoker.clone(), self.0.clock.clone(), Busy::new(self)));
        }
        Ok(fired.next)
    }

    fn fire_due(&self, connection: &Connection, known: &dyn FunctionInvoker, now: Timestamp) -> Result<Fired> {
        let due: Vec<Schedule> = connection
            .prepare_cached(
                "SELECT group_name, name, definition, created_at, modified_at, anchor, next_at FROM schedule
                  WHERE next_at <= ?1 ORDER BY next_at LIMIT ?2",
            )?
            .query_map(params![now.as_millisecond(), AT_ONCE], Schedule::read)?
            .collect::<rusqlite::Result<_>>()?;
        let mut fired = Fired::default();
        for schedule in due {
            let at = schedule.next_at.unwrap_or(now);
            if let Err(failure) = self.call(connection, known, &schedule, at, now, &mut fired) {
                tracing::warn!(schedule = schedule.name, code = failure.code, "a schedule came to nothing");
                self.give_up(connection, &schedule, at, &failure, &mut fired);
            }
            step(connection, &schedule, now)?;
        }
        fired.next = connection
            .prepare_cached("SELECT min(next_at) FROM schedule WHERE next_at IS NOT NULL")?
            .query_row([], |row| row.get::<_, Option<i64>>(0))?
            .and_then(|next| Timestamp::from_millisecond(next).ok());
        Ok(fired)
    }

    fn call(
        &self,
        connection: &Connection,
        known: &dyn FunctionInvoker,
        schedule: &Schedule,
        at: Timestamp,
        now: Timestamp,
        fired: &mut Fired,
    ) -> std::result::Result<(), Failure> {
        let target = &schedule.definition.target;
        let age = SignedDuration::from_secs(target.retry_policy.maximum_event_age_in_seconds.into());
        if now.duration_since(at) > age {
            return Err(Failure {
                code: "EventAgeExceeded".to_owned(),
                message: "The event is older than its maximum age.".to_owned(),
                exhausted: Some("MaximumEventAgeInSeconds"),
            });
        }
        let input = self.input(schedule, at);
        match target.destination() {
            Some(Destination::Queue(queue)) => {
                let message = Outgoing { group: target.message_group(), ..Outgoing::body(input) };
                put(connection, &self.0.sqs, &queue, message, fired)?;
            }
            Some(Destination::Function(function)) if known.exists(&function) => {
                let event = serde_json::from_str(&input).unwrap_or_default();
                fired.calls.push(Call { function, event, schedule: schedule.name.clone() });
            }
            _ => {
                return Err(Failure {
                    code: "AWS.Lambda.ResourceNotFoundException".to_owned(),
                    message: format!("Function not found: {}", target.arn),
                    exhausted: None,
                });
            }
        }
        Ok(())
    }

    /// The body or event with the context attributes filled in (user guide, "Adding context attributes"), or AWS's
    /// own event if the schedule has no input.
    fn input(&self, schedule: &Schedule, at: Timestamp) -> String {
        let arn = self.arn(&schedule.group, &schedule.name);
        let time = at.strftime("%Y-%m-%dT%H:%M:%SZ").to_string();
        let Some(input) = &schedule.definition.target.input else {
            let event = json!({
                "version": "0", "id": uuid(), "detail-type": "Scheduled Event", "source": "aws.scheduler",
                "account": ACCOUNT, "time": time, "region": self.0.sqs.region(), "resources": [arn], "detail": "{}",
            });
            return event.to_string();
        };
        if !input.contains("<aws.scheduler.") {
            return input.clone();
        }
        input
            .replace("<aws.scheduler.schedule-arn>", &arn)
            .replace("<aws.scheduler.scheduled-time>", &time)
            .replace("<aws.scheduler.execution-id>", &uuid())
            .replace("<aws.scheduler.attempt-number>", "1")
    }

    /// Puts the input into the dead-letter queue with the reasons as attributes (user guide, "Configuring a
    /// dead-letter queue"); without such a queue it is gone.
    fn give_up(
        &self,
        connection: &Connection,
        schedule: &Schedule,
        at: Timestamp,
        failure: &Failure,
        fired: &mut Fired,
    ) {
        let target = &schedule.definition.target;
        let Some(queue) = target.dead_letter_config.as_ref().and_then(|dead| dead.arn.as_deref()) else {
            return;
        };
        let attributes = [
            ("ERROR_CODE", Some(failure.code.clone())),
            ("ERROR_MESSAGE", Some(failure.message.clone())),
            ("EXECUTION_ID", Some(uuid())),
            ("EXHAUSTED_RETRY_CONDITION", failure.exhausted.map(str::to_owned)),
            ("IS_PAYLOAD_TRUNCATED", Some("false".to_owned())),
            ("RETRY_ATTEMPTS", Some("0".to_owned())),
            ("SCHEDULED_TIME", Some(at.strftime("%Y-%m-%dT%H:%M:%SZ").to_string())),
            ("SCHEDULE_ARN", Some(self.arn(&schedule.group, &schedule.name))),
            ("TARGET_ARN", Some(target.arn.clone())),
        ];
        let attributes =
            attributes.into_iter().filter_map(|(name, value)| Some((name.to_owned(), Attribute::text(value?))));
        let message = Outgoing { attributes: attributes.collect(), ..Outgoing::body(self.input(schedule, at)) };
        if put(connection, &self.0.sqs, queue, message, fired).is_err() {
            tracing::error!(schedule = schedule.name, "the dead-letter queue of a schedule took nothing");
        }
    }
}

/// Why a schedule came to nothing.
struct Failure {
    code: String,
    message: String,
    exhausted: Option<&'static str>,
}

impl From<AwsError> for Failure {
    fn from(error: AwsError) -> Self {
        let code = error.query.unwrap_or(error.code).to_owned();
        Self { code, message: error.message, exhausted: None }
    }
}

fn put(
    connection: &Connection,
    sqs: &Sqs,
    queue: &str,
    message: Outgoing,
    fired: &mut Fired,
) -> std::result::Result<(), Failure> {
    sqs.prepare_for(queue, message)?.insert(connection).map_err(AwsError::from)?;
    fired.queues.push(queue.to_owned());
    Ok(())
}

/// Sets the next time, or ends the schedule. What was missed comes once: the next time lies in the future.
fn step(connection: &Connection, schedule: &Schedule, now: Timestamp) -> Result<()> {
    let recurs = schedule.definition.timing()?.0.recurs();
    let next = if recurs { schedule.definition.next(now, schedule.anchor) } else { None };
    if next.is_none() && schedule.definition.action_after_completion == Action::Delete {
        connection
            .prepare_cached("DELETE FROM schedule WHERE group_name = ?1 AND name = ?2")?
            .execute([&schedule.group, &schedule.name])?;
    } else {
        connection
            .prepare_cached("UPDATE schedule SET next_at = ?1 WHERE group_name = ?2 AND name = ?3")?
            .execute(params![next.map(Timestamp::as_millisecond), schedule.group, schedule.name])?;
    }
    Ok(())
}

/// Work under way; counted out however it ends.
struct Busy(Scheduler);

impl Busy {
    fn new(scheduler: &Scheduler) -> Self {
        scheduler.0.busy.send_modify(|count| *count += 1);
        Self(scheduler.clone())
    }
}

impl Drop for Busy {
    fn drop(&mut self) {
        self.0.0.busy.send_modify(|count| *count -= 1);
    }
}

impl Call {
    async fn make(self, invoker: Arc<dyn FunctionInvoker>, clock: store::Clock, busy: Busy) {
        let mut busy = Some(busy);
        for wait in RETRY_AFTER.into_iter().map(Some).chain([None]) {
            let limit = invoker.time_limit(&self.function);
            let call = invoke::call(&*invoker, &clock, &self.function, self.event.clone(), limit);
            let Err(error) = call.await else { return };
            // A second try waits for its time, as delayed queue messages do.
            busy.take();
            tracing::warn!(schedule = self.schedule, function = self.function, error, "a scheduled call failed");
            if let Some(wait) = wait {
                clock.sleep(Duration::from_secs(wait)).await;
            }
        }
    }
}
