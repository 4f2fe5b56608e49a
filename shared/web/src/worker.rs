//! Queue workers: an SQS event in, the ids of what failed out (`ReportBatchItemFailures`).

use std::{future::Future, panic::AssertUnwindSafe};

use domain::{Error, Result};
use engine::app::MAX_RECEIVES;
use futures::{FutureExt, StreamExt, stream};
use jiff::Timestamp;
use serde::{Deserialize, de::DeserializeOwned};

use crate::{cx::Cx, trigger::Trigger};

/// How many messages of a batch are worked on at the same time.
const AT_ONCE: usize = 10;

/// One queue message.
#[derive(Debug, Clone)]
pub struct Job<T> {
    /// The queue's id of it.
    pub id: String,
    /// What it says.
    pub body: T,
    /// How often it was received, this time included. Above 1 an earlier try crashed or failed.
    pub receives: u32,
    /// When it was put into the queue.
    pub sent_at: Option<Timestamp>,
}

impl<T> Job<T> {
    /// Whether it is given up if it fails this time too.
    pub const fn is_last_try(&self) -> bool {
        self.receives >= MAX_RECEIVES
    }
}

/// The queue messages of one invocation.
pub type Batch<T> = Vec<Job<T>>;

/// An SQS event, as far as it is used.
/// Source: <https://docs.aws.amazon.com/lambda/latest/dg/with-sqs.html>.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Records {
    #[serde(rename = "Records")]
    records: Vec<Record>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Record {
    message_id: String,
    body: String,
    #[serde(default)]
    attributes: Attributes,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct Attributes {
    approximate_receive_count: String,
    sent_timestamp: String,
    message_group_id: Option<String>,
}

impl Record {
    fn receives(&self) -> u32 {
        self.attributes.approximate_receive_count.parse().unwrap_or(1)
    }

    fn job<T: DeserializeOwned>(self) -> Result<Job<T>, String> {
        // The text of a queue message may hold personal data, so the error's text is not logged.
        let Ok(body) = serde_json::from_str(&self.body) else {
            tracing::error!(job = self.message_id, "queue message is not what this worker takes");
            return Err(self.message_id);
        };
        let receives = self.receives();
        let sent_at = self.attributes.sent_timestamp.parse().ok().and_then(|ms| Timestamp::from_millisecond(ms).ok());
        Ok(Job { id: self.message_id, body, receives, sent_at })
    }
}

pub(crate) async fn each<T, H, F>(cx: Cx, records: Records, handler: H) -> Result<Vec<String>>
where
    T: DeserializeOwned + Send + 'static,
    H: Fn(Cx, Job<T>) -> F,
    F: Future<Output = Result<()>> + Send,
{
    let tries = records.records.into_iter().map(|record| {
        let (cx, letter) = (cx.clone(), record.clone());
        let run = record.job::<T>().map(|job| handler(cx.clone(), job));
        async move {
            let error = match run {
                Err(_) => Error::internal("the queue message is not what this worker takes"),
                // One job's panic is no reason to do its neighbours again.
                Ok(work) => match AssertUnwindSafe(work).catch_unwind().await {
                    Ok(Ok(())) => return None,
                    Ok(Err(error)) => error,
                    Err(_) => Error::internal("the function panicked"),
                },
            };
            log(&letter.message_id, &error);
            let buried = letter.receives() >= MAX_RECEIVES && bury(&cx, &letter, &error).await;
            (!buried).then_some(letter.message_id)
        }
    });
    Ok(stream::iter(tries).buffer_unordered(AT_ONCE).filter_map(|failed| async { failed }).collect().await)
}

pub(crate) async fn whole<T, H, F>(cx: Cx, records: Records, handler: H) -> Result<Vec<String>>
where
    T: DeserializeOwned + Send + 'static,
    H: Fn(Cx, Batch<T>) -> F,
    F: Future<Output = Result<Vec<String>>> + Send,
{
    let mut failed = Vec::new();
    let mut jobs = Vec::with_capacity(records.records.len());
    for record in records.records {
        match record.job() {
            Ok(job) => jobs.push(job),
            Err(id) => failed.push(id),
        }
    }
    failed.extend(handler(cx, jobs).await?);
    Ok(failed)
}

/// Gives a job up, and says why. `false`: that failed, and SQS gives it up without a reason.
async fn bury(cx: &Cx, letter: &Record, error: &Error) -> bool {
    let Trigger::Queue { queue, .. } = cx.row().trigger else { return false };
    let (_, code) = crate::problem::status_and_code(error);
    let group = letter.attributes.message_group_id.as_deref();
    let buried = cx.app.queues.bury(queue, group, &letter.body, code, &error.to_string()).await;
    if let Err(error) = &buried {
        log(&letter.message_id, error);
    }
    buried.is_ok()
}

fn log(id: &str, error: &Error) {
    let (status, code) = crate::problem::status_and_code(error);
    match error {
        Error::Internal(cause) | Error::Unavailable(cause) => tracing::error!(job = id, code, cause, "job failed"),
        _ => tracing::error!(job = id, code, status = status.as_u16(), "job failed"),
    }
}
