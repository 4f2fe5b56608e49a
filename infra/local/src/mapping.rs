//! Event source mapping: takes messages from a queue and calls a function with them, as Lambda does for SQS.
//!
//! What the function deals with is deleted. What it does not (an error, a time-out, a message named in
//! `batchItemFailures`) is left alone and becomes visible again after the queue's visibility timeout.

use std::{collections::HashSet, sync::Arc, time::Duration};

use jiff::Timestamp;
use serde_json::{Map, Value, json};
use store::Clock;
use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore, watch},
    task::JoinSet,
};

use crate::{
    error::Result,
    invoke::{self, FunctionInvoker},
    running::{Running, Stop},
    sqs::{Attribute, Received, Sqs},
};

/// The largest event, in bytes (Lambda quotas: 6 MB for a synchronous call).
const MAX_EVENT: usize = 6 * 1024 * 1024;
/// How long to wait after the database failed.
const AFTER_FAILURE: Duration = Duration::from_secs(1);

/// Which queue feeds which function, and how.
#[derive(Clone, Debug)]
pub struct Mapping {
    /// The queue's name.
    pub queue: String,
    /// The function's name.
    pub function: String,
    /// At most this many messages a call.
    pub batch_size: usize,
    /// How long to collect messages for a call; zero calls at once with what is there.
    pub window: Duration,
    /// At most this many calls at a time.
    pub concurrency: usize,
    /// When a call is ended and counts as failed.
    pub timeout: Duration,
    /// Whether the function tells which messages failed (`ReportBatchItemFailures`).
    pub report_failures: bool,
}

/// A mapping at work. Dropping it drops the calls under way (as a crash would); [`Mapped::stop`] waits for them.
#[derive(Debug)]
pub struct Mapped {
    queue: String,
    running: Running,
    active: watch::Receiver<usize>,
}

struct Worker {
    mapping: Mapping,
    sqs: Sqs,
    clock: Clock,
    invoker: Arc<dyn FunctionInvoker>,
    active: watch::Sender<usize>,
}

impl Mapping {
    /// Starts the mapping. Error: `QueueDoesNotExist`.
    pub fn start(self, sqs: Sqs, clock: Clock, invoker: Arc<dyn FunctionInvoker>) -> Result<Mapped> {
        let arrivals = sqs.arrivals(&self.queue)?;
        let queue = self.queue.clone();
        let (active, watched) = watch::channel(0);
        let worker = Arc::new(Worker { mapping: self, sqs, clock, invoker, active });
        let running = Running::start(|stop| worker.poll(arrivals, stop));
        Ok(Mapped { queue, running, active: watched })
    }
}

impl Mapped {
    /// Waits until no call is under way.
    pub async fn at_rest(&mut self) {
        // The sender lives in the worker: an error means that it has ended, and its calls with it.
        let _ = self.active.wait_for(|active| *active == 0).await;
    }

    /// Waits until the queue has no visible message and no call is under way. Messages that only time brings back (delayed
    /// ones, and those whose call failed) do not count.
    pub async fn idle(&mut self, sqs: &Sqs) -> Result<()> {
        loop {
            if self.mark() && sqs.depth(&self.queue).await?.visible == 0 && self.is_unmoved() {
                return Ok(());
            }
            if self.active.changed().await.is_err() {
                return Ok(());
            }
        }
    }

    /// Whether no call is under way; what begins or ends from now on is seen by [`Mapped::is_unmoved`].
    pub fn mark(&mut self) -> bool {
        *self.active.borrow_and_update() == 0
    }

    /// Whether no call began or ended since [`Mapped::mark`].
    pub fn is_unmoved(&self) -> bool {
        matches!(self.active.has_changed(), Ok(false))
    }

    /// The queue's name.
    pub fn queue(&self) -> &str {
        &self.queue
    }

    /// Takes no more messages and waits for the calls under way.
    pub async fn stop(self) {
        self.running.stop().await;
    }
}

impl Worker {
    async fn poll(self: Arc<Self>, mut arrivals: watch::Receiver<u64>, mut stop: Stop) {
        let permits = Arc::new(Semaphore::new(self.mapping.concurrency.max(1)));
        let mut calls = JoinSet::new();
        loop {
            let mut held = tokio::select! {
                () = stop.asked() => break,
                permit = permits.clone().acquire_owned() => permit.expect("the semaphore is never closed"),
            };
            // One look into the queue serves all calls that may start now.
            if let Ok(more) = permits.clone().try_acquire_many_owned(permits.available_permits() as u32) {
                held.merge(more);
            }
            while calls.try_join_next().is_some() {}
            arrivals.borrow_and_update();
            // What is taken counts as under way before it leaves the queue.
            let looking = Active::begin(&self.active);
            let wake = match self.take(held.num_permits(), &mut arrivals, &mut stop).await {
                Ok((batches, next)) if batches.is_empty() => next.unwrap_or(Timestamp::MAX),
                Ok((batches, _)) => {
                    for batch in batches {
                        // A batch cut by its size may find no permit: it then waits for one.
                        let permit = held.split(1);
                        let (worker, permits) = (self.clone(), permits.clone());
                        let active = Active::begin(&self.active);
                        calls.spawn(async move { worker.call(batch, permit, &permits, active).await });
                    }
                    continue;
                }
                Err(error) => {
                    tracing::error!(%error, queue = self.mapping.queue, "a queue could not be read");
                    self.clock.now().checked_add(AFTER_FAILURE).unwrap_or(Timestamp::MAX)
                }
            };
            drop((held, looking));
            tokio::select! {
                () = stop.asked() => break,
                Ok(()) = arrivals.changed() => {}
                () = self.clock.sleep_until(wake) => {}
            }
        }
        while calls.join_next().await.is_some() {}
    }

    /// Takes messages for at most `calls` calls; with a window, for one call, collecting until it is over.
    async fn take(
        &self,
        calls: usize,
        arrivals: &mut watch::Receiver<u64>,
        stop: &mut Stop,
    ) -> Result<(Vec<Vec<Received>>, Option<Timestamp>)> {
        let Mapping { queue, batch_size, window, .. } = &self.mapping;
        let calls = if window.is_zero() { calls } else { 1 };
        // The window opens when the first of its messages leaves the queue, which others see before this function does.
        let deadline = self.clock.now().checked_add(*window).unwrap_or(Timestamp::MAX);
        let taken = self.sqs.take_now(queue, batch_size * calls).await?;
        let mut messages = taken.messages;
        if messages.is_empty() {
            return Ok((Vec::new(), taken.next));
        }
        while !window.is_zero() && messages.len() < *batch_size && self.clock.now() < deadline {
            tokio::select! {
                () = stop.asked() => break,
                Ok(()) = arrivals.changed() => {}
                () = self.clock.sleep_until(deadline) => {}
            }
            arrivals.borrow_and_update();
            messages.extend(self.sqs.take_now(queue, batch_size - messages.len()).await?.messages);
        }
        Ok((cut(messages, *batch_size), None))
    }

    async fn call(
        &self,
        batch: Vec<Received>,
        permit: Option<OwnedSemaphorePermit>,
        permits: &Arc<Semaphore>,
        _active: Active,
    ) {
        let _permit = match permit {
            Some(permit) => Some(permit),
            None => permits.clone().acquire_owned().await.ok(),
        };
        let Mapping { queue, function, timeout, report_failures, .. } = &self.mapping;
        let arn = self.sqs.arn(queue);
        let records: Vec<_> = batch.iter().map(|message| record(message, &arn, self.sqs.region())).collect();
        let event = json!({ "Records": records });
        let result = invoke::call(&*self.invoker, &self.clock, function, event, *timeout).await;
        let failed = match &result {
            Ok(answer) if *report_failures => failures(answer, &batch),
            Ok(_) => Some(HashSet::new()),
            Err(error) => {
                let ids: Vec<_> = batch.iter().map(|message| message.message_id.as_str()).collect();
                tracing::warn!(function, ?ids, error, "a call failed");
                None
            }
        };
        let Some(failed) = failed else { return };
        let done = batch.iter().filter(|message| !failed.contains(message.message_id.as_str()));
        let handles: Vec<_> = done.map(|message| message.receipt_handle.clone()).collect();
        if !handles.is_empty()
            && let Some(error) = self.sqs.delete_all(queue, handles).await.into_iter().find_map(Result::err)
        {
            tracing::error!(%error, queue, "messages that were dealt with could not be deleted");
        }
    }
}

/// One look into the queue or one call under way; counted out however it ends.
struct Active(watch::Sender<usize>);

impl Active {
    fn begin(counter: &watch::Sender<usize>) -> Self {
        counter.send_modify(|active| *active += 1);
        Self(counter.clone())
    }
}

impl Drop for Active {
    fn drop(&mut self) {
        self.0.send_modify(|active| *active -= 1);
    }
}

/// Cuts messages into batches of at most `size` messages that fit into an event.
fn cut(messages: Vec<Received>, size: usize) -> Vec<Vec<Received>> {
    let (mut batches, mut bytes) = (Vec::<Vec<Received>>::new(), 0);
    for message in messages {
        // Attributes and the record's frame take a few hundred bytes; escapes make a body longer.
        let needs = message.body.len() + 2048;
        match batches.last_mut() {
            Some(batch) if batch.len() < size && bytes + needs <= MAX_EVENT => {
                bytes += needs;
                batch.push(message);
            }
            _ => {
                bytes = needs;
                batches.push(vec![message]);
            }
        }
    }
    batches
}

/// The ids in `batchItemFailures`, or `None` when the whole batch counts as failed because the answer is not
/// understood (Lambda guide, "Implementing partial batch responses").
fn failures<'a>(answer: &'a Value, batch: &[Received]) -> Option<HashSet<&'a str>> {
    match answer.get("batchItemFailures") {
        None | Some(Value::Null) => Some(HashSet::new()),
        Some(Value::Array(failures)) => failures
            .iter()
            .map(|failure| {
                let id = failure.get("itemIdentifier")?.as_str()?;
                batch.iter().any(|message| message.message_id == id).then_some(id)
            })
            .collect(),
        Some(_) => None,
    }
}

/// One record of the event, as Lambda writes it.
fn record(message: &Received, arn: &str, region: &str) -> Value {
    let (body_md5, attributes_md5) = message.checksums();
    let attributes: Map<_, _> =
        message.attributes.iter().map(|(name, attribute)| (name.clone(), attribute_of(attribute))).collect();
    let mut record = json!({
        "messageId": message.message_id,
        "receiptHandle": message.receipt_handle,
        "body": message.body,
        "attributes": message.system_attributes(),
        "messageAttributes": attributes,
        "md5OfBody": body_md5,
        "eventSource": "aws:sqs",
        "eventSourceARN": arn,
        "awsRegion": region,
    });
    if let Some(md5) = attributes_md5 {
        record["md5OfMessageAttributes"] = json!(md5);
    }
    record
}

fn attribute_of(attribute: &Attribute) -> Value {
    let mut value = json!({ "dataType": attribute.data_type, "stringListValues": [], "binaryListValues": [] });
    if let Some(text) = &attribute.string_value {
        value["stringValue"] = json!(text);
    }
    if let Some(binary) = &attribute.binary_value {
        value["binaryValue"] = json!(binary);
    }
    value
}
