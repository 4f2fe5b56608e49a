//! The queues: one job is one JSON message, fair between organizations.

use aws_sdk_sqs::{
    Client,
    types::{MessageAttributeValue, SendMessageBatchRequestEntry},
};
use domain::{Error, Result, id::OrgId};
use futures::{StreamExt, TryStreamExt, stream};
use serde::Serialize;

use super::Settings;

/// The queues, each with a dead-letter queue `<name>-dlq`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Queue {
    /// Messages whose audience is to be frozen into chunks.
    Plan,
    /// Chunks to be sent.
    Send,
    /// Messages to be folded, and closed when all is settled.
    Finish,
    /// Imports to be parsed or committed, and the bucket's notifications.
    Import,
    /// Receipts that found no delivery yet, and those that the sandbox simulates.
    Receipts,
    /// Events on their way to webhook endpoints.
    Notify,
}

impl Queue {
    /// All of them.
    pub const ALL: [Self; 6] = [Self::Plan, Self::Send, Self::Finish, Self::Import, Self::Receipts, Self::Notify];

    /// The name, as in the URL behind the prefix.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Plan => "plan",
            Self::Send => "send",
            Self::Finish => "finish",
            Self::Import => "import",
            Self::Receipts => "receipts",
            Self::Notify => "notify",
        }
    }
}

/// The longest delay of a queue message, in seconds.
/// Source: <https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/quotas-messages.html>.
pub const MAX_DELAY: u64 = 900;

/// The most characters of a reason.
const REASON: usize = 500;

/// How often a queue message is received before it is given up: a job that failed so often is not helped by another try.
pub const MAX_RECEIVES: u32 = 5;

/// The way into the queues. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Queues {
    client: Client,
    prefix: String,
}

impl Queues {
    pub(super) fn new(client: Client, settings: &Settings) -> Self {
        Self { client, prefix: settings.queues.clone() }
    }

    /// The URL of a queue.
    pub fn url(&self, queue: Queue) -> String {
        format!("{}{}", self.prefix, queue.name())
    }

    /// Sends a job, to be received after `delay` seconds (at most [`MAX_DELAY`]; more is cut to it). The organization is the
    /// message group: a standard queue with groups is a fair queue.
    pub async fn send(&self, queue: Queue, org: OrgId, job: &impl Serialize, delay: u64) -> Result<()> {
        self.client
            .send_message()
            .queue_url(self.url(queue))
            .message_body(body(job)?)
            .message_group_id(org.to_string())
            .delay_seconds(delay.min(MAX_DELAY) as i32)
            .send()
            .await
            .map_err(|_| Error::Unavailable(format!("the queue {} did not take a message", queue.name())))?;
        Ok(())
    }

    /// Puts a job that failed for the last time into the queue's dead-letter queue, with the reason beside it. SQS would do
    /// so by itself, but without a word.
    pub async fn bury(&self, queue: Queue, group: Option<&str>, body: &str, code: &str, reason: &str) -> Result<()> {
        let attribute = |text: &str| {
            let text: String = if text.is_empty() { "unknown".into() } else { text.chars().take(REASON).collect() };
            MessageAttributeValue::builder().data_type("String").string_value(text).build().map_err(Error::internal)
        };
        self.client
            .send_message()
            .queue_url(format!("{}-dlq", self.url(queue)))
            .message_body(body)
            .set_message_group_id(group.map(str::to_owned))
            .message_attributes("ERROR_CODE", attribute(code)?)
            .message_attributes("ERROR_MESSAGE", attribute(reason)?)
            .send()
            .await
            .map_err(|_| Error::Unavailable(format!("the dead-letter queue of {} took nothing", queue.name())))?;
        Ok(())
    }

    /// Sends many jobs, ten a request.
    pub async fn send_many<J: Serialize>(&self, queue: Queue, org: OrgId, jobs: &[J], delay: u64) -> Result<()> {
        let bodies: Vec<String> = jobs.iter().map(body).collect::<Result<_>>()?;
        let batches: Vec<_> = bodies.chunks(10).map(|batch| self.send_batch(queue, org, batch, delay)).collect();
        stream::iter(batches).buffer_unordered(4).try_collect::<()>().await
    }

    async fn send_batch(&self, queue: Queue, org: OrgId, bodies: &[String], delay: u64) -> Result<()> {
        let entries = bodies
            .iter()
            .enumerate()
            .map(|(index, body)| {
                SendMessageBatchRequestEntry::builder()
                    .id(index.to_string())
                    .message_body(body)
                    .message_group_id(org.to_string())
                    .delay_seconds(delay.min(MAX_DELAY) as i32)
                    .build()
                    .map_err(Error::internal)
            })
            .collect::<Result<Vec<_>>>()?;
        let refused = || Error::Unavailable(format!("the queue {} did not take a batch", queue.name()));
        let answer = self
            .client
            .send_message_batch()
            .queue_url(self.url(queue))
            .set_entries(Some(entries))
            .send()
            .await
            .map_err(|_| refused())?;
        if answer.failed().is_empty() { Ok(()) } else { Err(refused()) }
    }
}

fn body(job: &impl Serialize) -> Result<String> {
    serde_json::to_string(job).map_err(Error::internal)
}
