//! The SQS protocol: `POST /` with `X-Amz-Target: AmazonSQS.<operation>`, AWS JSON 1.0.
//!
//! Source of names and shapes: the SQS API reference.

use std::collections::BTreeMap;

use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use serde_json::{Map, Value, json};

use super::{
    ACCOUNT, Attribute, Outgoing, Receive, Sent, Sqs, batch,
    batch::{Failure, Outcome},
    error,
    message::MAX_BYTES,
    settings,
};
use crate::error::{AwsError, Result};

/// A request's members that several operations have, all optional so that what is missing gets SQS's own error.
#[derive(Deserialize, Default)]
#[serde(rename_all = "PascalCase", default)]
struct Input {
    queue_url: Option<String>,
    queue_name: Option<String>,
    queue_name_prefix: Option<String>,
    attributes: BTreeMap<String, String>,
    attribute_names: Vec<String>,
    #[serde(alias = "tags")]
    tags: BTreeMap<String, String>,
    tag_keys: Vec<String>,
    max_results: Option<usize>,
    next_token: Option<String>,
    receipt_handle: Option<String>,
    visibility_timeout: Option<i64>,
    source_arn: Option<String>,
    destination_arn: Option<String>,
    max_number_of_messages_per_second: Option<u32>,
    task_handle: Option<String>,
}

impl Input {
    fn queue(&self) -> Result<&str> {
        self.queue_url.as_deref().ok_or_else(|| error::missing("QueueUrl"))
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Send {
    /// Of a single message; a batch has it once.
    queue_url: Option<String>,
    #[serde(default)]
    id: String,
    message_body: Option<String>,
    delay_seconds: Option<i64>,
    #[serde(default)]
    message_attributes: BTreeMap<String, Attribute>,
    #[serde(default)]
    message_system_attributes: BTreeMap<String, Attribute>,
    message_group_id: Option<String>,
    message_deduplication_id: Option<String>,
}

impl Send {
    fn outgoing(self) -> Result<Outgoing> {
        if self.message_deduplication_id.is_some() {
            return Err(error::value(
                "MessageDeduplicationId",
                "",
                "The request includes a parameter that is not valid for this queue type.",
            ));
        }
        let delay = self.delay_seconds.map(|delay| seconds("DelaySeconds", delay)).transpose()?;
        let trace = self.message_system_attributes.get("AWSTraceHeader").and_then(|a| a.string_value.clone());
        let group = self.message_group_id;
        let body = self.message_body.ok_or_else(|| error::missing("MessageBody"))?;
        Ok(Outgoing { body, delay, group, attributes: self.message_attributes, trace })
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Batch<T> {
    queue_url: Option<String>,
    #[serde(default = "Vec::new")]
    entries: Vec<T>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Entry {
    id: String,
    receipt_handle: String,
    visibility_timeout: Option<i64>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct ReceiveInput {
    queue_url: Option<String>,
    #[serde(default)]
    attribute_names: Vec<String>,
    #[serde(default)]
    message_system_attribute_names: Vec<String>,
    #[serde(default)]
    message_attribute_names: Vec<String>,
    max_number_of_messages: Option<i64>,
    visibility_timeout: Option<i64>,
    wait_time_seconds: Option<i64>,
}

#[derive(Serialize)]
struct SendOutput {
    #[serde(rename = "Id", skip_serializing_if = "Option::is_none")]
    id: Option<String>,
    #[serde(rename = "MessageId")]
    message_id: String,
    #[serde(rename = "MD5OfMessageBody")]
    body_md5: String,
    #[serde(rename = "MD5OfMessageAttributes", skip_serializing_if = "Option::is_none")]
    attributes_md5: Option<String>,
}

impl SendOutput {
    fn new(id: Option<String>, sent: Sent) -> Self {
        let Sent { message_id, body_md5, attributes_md5 } = sent;
        Self { id, message_id, body_md5, attributes_md5 }
    }
}

#[derive(Serialize)]
struct Done {
    #[serde(rename = "Id")]
    id: String,
}

fn read<T: DeserializeOwned>(body: &[u8]) -> Result<T> {
    serde_json::from_slice(body).map_err(|error| AwsError::serialization(&error))
}

fn write(output: &impl Serialize) -> Vec<u8> {
    serde_json::to_vec(output).expect("answers are JSON")
}

fn seconds(parameter: &str, value: i64) -> Result<u32> {
    u32::try_from(value).map_err(|_| error::value(parameter, &value.to_string(), "Must not be negative or that large."))
}

impl Sqs {
    /// Answers one request. `base` is the URL under which the client reached the endpoint; queue URLs begin with it.
    pub(crate) async fn answer(&self, operation: &str, body: &[u8], base: &str) -> Result<Vec<u8>> {
        let url = |name: &str| format!("{base}/{ACCOUNT}/{name}");
        match operation {
            "SendMessage" => return self.answer_send(body).await,
            "SendMessageBatch" => return self.answer_send_batch(body).await,
            "ReceiveMessage" => return self.answer_receive(body).await,
            "DeleteMessageBatch" | "ChangeMessageVisibilityBatch" => return self.answer_batch(operation, body).await,
            _ => {}
        }
        let input: Input = read(body)?;
        let output = match operation {
            "CreateQueue" => {
                let name = input.queue_name.ok_or_else(|| error::missing("QueueName"))?;
                self.create_queue(&name, input.attributes, input.tags).await?;
                json!({ "QueueUrl": url(&name) })
            }
            "GetQueueUrl" => {
                let name = input.queue_name.ok_or_else(|| error::missing("QueueName"))?;
                json!({ "QueueUrl": url(&self.queue(&name)?.name) })
            }
            "ListQueues" | "ListDeadLetterSourceQueues" => {
                let names = match operation {
                    "ListQueues" => self.queue_names(input.queue_name_prefix.as_deref().unwrap_or_default()),
                    _ => self.dead_letter_sources(input.queue()?)?,
                };
                let (names, next) = page(names, input.max_results, input.next_token.as_deref())?;
                let urls: Vec<_> = names.iter().map(|name| url(name)).collect();
                // The model spells the second operation's list in lower case.
                let list = if operation == "ListQueues" { "QueueUrls" } else { "queueUrls" };
                let mut output = Map::from_iter([(list.to_owned(), json!(urls))]);
                output.extend(next.map(|token| ("NextToken".to_owned(), json!(token))));
                Value::Object(output)
            }
            "DeleteQueue" => self.delete_queue(input.queue()?).await.map(|()| json!({}))?,
            "PurgeQueue" => self.purge(input.queue()?).await.map(|()| json!({}))?,
            "GetQueueAttributes" => self.answer_attributes(&input).await?,
            "SetQueueAttributes" => {
                let queue = input.queue()?.to_owned();
                self.set_attributes(&queue, input.attributes).await?;
                json!({})
            }
            "DeleteMessage" => {
                let handle = input.receipt_handle.as_deref().ok_or_else(|| error::missing("ReceiptHandle"))?;
                self.delete(input.queue()?, handle).await?;
                json!({})
            }
            "ChangeMessageVisibility" => {
                let handle = input.receipt_handle.as_deref().ok_or_else(|| error::missing("ReceiptHandle"))?;
                let timeout = input.visibility_timeout.ok_or_else(|| error::missing("VisibilityTimeout"))?;
                let timeout = seconds("VisibilityTimeout", timeout)?;
                self.change_visibility(input.queue()?, handle, timeout).await?;
                json!({})
            }
            "TagQueue" => {
                let queue = input.queue()?.to_owned();
                self.tag(&queue, input.tags, &[]).await?;
                json!({})
            }
            "UntagQueue" => {
                self.tag(input.queue()?, BTreeMap::new(), &input.tag_keys).await?;
                json!({})
            }
            "ListQueueTags" => json!({ "Tags": self.tags(input.queue()?)? }),
            "StartMessageMoveTask" => {
                let source = input.source_arn.as_deref().ok_or_else(|| error::missing("SourceArn"))?;
                let per_second = input.max_number_of_messages_per_second;
                json!({ "TaskHandle": self.start_move(source, input.destination_arn.as_deref(), per_second).await? })
            }
            "CancelMessageMoveTask" => {
                let handle = input.task_handle.as_deref().ok_or_else(|| error::missing("TaskHandle"))?;
                json!({ "ApproximateNumberOfMessagesMoved": self.cancel_move(handle).await? })
            }
            "ListMessageMoveTasks" => self.answer_moves(&input).await?,
            _ => return Err(AwsError::unknown_operation(operation)),
        };
        Ok(write(&output))
    }

    async fn answer_send(&self, body: &[u8]) -> Result<Vec<u8>> {
        let mut input: Send = read(body)?;
        let queue = input.queue_url.take().ok_or_else(|| error::missing("QueueUrl"))?;
        let sent = self.send(&queue, input.outgoing()?).await?;
        Ok(write(&SendOutput::new(None, sent)))
    }

    async fn answer_send_batch(&self, body: &[u8]) -> Result<Vec<u8>> {
        let batch: Batch<Send> = read(body)?;
        let queue = self.queue(&batch.queue_url.ok_or_else(|| error::missing("QueueUrl"))?)?;
        batch::check(batch.entries.iter().map(|entry| entry.id.as_str()))?;
        let max = queue.settings().max_bytes;
        let (mut ids, mut good, mut failed, mut bytes) = (Vec::new(), Vec::new(), Vec::new(), 0);
        for entry in batch.entries {
            let id = entry.id.clone();
            let checked = entry.outgoing().and_then(|message| {
                bytes += message.bytes();
                message.check(max).map(|()| message)
            });
            match checked {
                Err(error) => failed.push(Failure::new(id, &error)),
                Ok(message) => {
                    ids.push(id);
                    good.push(message);
                }
            }
        }
        if bytes > MAX_BYTES {
            return Err(error::batch_too_long(bytes));
        }
        let sent = if good.is_empty() { Vec::new() } else { self.send_all(&queue.name, good).await? };
        let successful = ids.into_iter().zip(sent).map(|(id, sent)| SendOutput::new(Some(id), sent)).collect();
        Ok(write(&Outcome { successful, failed }))
    }

    async fn answer_batch(&self, operation: &str, body: &[u8]) -> Result<Vec<u8>> {
        let batch: Batch<Entry> = read(body)?;
        let queue = self.queue(&batch.queue_url.ok_or_else(|| error::missing("QueueUrl"))?)?.name.clone();
        batch::check(batch.entries.iter().map(|entry| entry.id.as_str()))?;
        let results = if operation == "DeleteMessageBatch" {
            let handles = batch.entries.iter().map(|entry| entry.receipt_handle.clone()).collect();
            self.delete_all(&queue, handles).await
        } else {
            futures::future::join_all(batch.entries.iter().map(|entry| async {
                let timeout = entry.visibility_timeout.ok_or_else(|| error::missing("VisibilityTimeout"))?;
                self.change_visibility(&queue, &entry.receipt_handle, seconds("VisibilityTimeout", timeout)?).await
            }))
            .await
        };
        let mut outcome = Outcome { successful: Vec::new(), failed: Vec::new() };
        for (entry, result) in batch.entries.into_iter().zip(results) {
            match result {
                Ok(()) => outcome.successful.push(Done { id: entry.id }),
                Err(error) => outcome.failed.push(Failure::new(entry.id, &error)),
            }
        }
        Ok(write(&outcome))
    }

    async fn answer_receive(&self, body: &[u8]) -> Result<Vec<u8>> {
        let mut input: ReceiveInput = read(body)?;
        let queue = input.queue_url.take().ok_or_else(|| error::missing("QueueUrl"))?;
        let max = input.max_number_of_messages.unwrap_or(1);
        if !(1..=10).contains(&max) {
            let reason = "Must be between 1 and 10, if provided.";
            return Err(error::value("MaxNumberOfMessages", &max.to_string(), reason));
        }
        if let Some(wait) = input.wait_time_seconds.filter(|wait| !(0..=20).contains(wait)) {
            return Err(error::value("WaitTimeSeconds", &wait.to_string(), "Must be >= 0 and <= 20, if provided."));
        }
        let visibility = input.visibility_timeout.map(|value| seconds("VisibilityTimeout", value)).transpose()?;
        let wait = input.wait_time_seconds.map(|wait| std::time::Duration::from_secs(wait as u64));
        input.message_system_attribute_names.append(&mut input.attribute_names);
        let messages = self.receive(&queue, Receive { max: max as usize, visibility, wait }).await?;
        let messages: Vec<_> = messages
            .into_iter()
            .map(|message| message.output(&input.message_system_attribute_names, &input.message_attribute_names))
            .collect();
        Ok(write(&if messages.is_empty() { json!({}) } else { json!({ "Messages": messages }) }))
    }

    async fn answer_attributes(&self, input: &Input) -> Result<Value> {
        if let Some(unknown) = input.attribute_names.iter().find(|name| !settings::is_known(name)) {
            return Err(error::attribute_name(unknown));
        }
        let mut all = self.attributes(input.queue()?).await?;
        if !input.attribute_names.iter().any(|name| name == "All") {
            all.retain(|name, _| input.attribute_names.contains(name));
        }
        Ok(if all.is_empty() { json!({}) } else { json!({ "Attributes": all }) })
    }

    async fn answer_moves(&self, input: &Input) -> Result<Value> {
        let source = input.source_arn.as_deref().ok_or_else(|| error::missing("SourceArn"))?;
        let max = input.max_results.unwrap_or(1).clamp(1, 10) as u32;
        let tasks = self.moves(source, max).await?.into_iter().map(|task| {
            let mut output = json!({
                "Status": task.state,
                "SourceArn": self.arn(&task.source),
                "ApproximateNumberOfMessagesMoved": task.moved,
                "ApproximateNumberOfMessagesToMove": task.total,
                "StartedTimestamp": task.started_at,
            });
            let mut add = |name: &str, value: Option<Value>| {
                if let (Some(value), Some(output)) = (value, output.as_object_mut()) {
                    output.insert(name.to_owned(), value);
                }
            };
            add("TaskHandle", (task.state == "RUNNING").then(|| json!(task.handle)));
            add("DestinationArn", task.destination.map(|name| json!(self.arn(&name))));
            add("MaxNumberOfMessagesPerSecond", task.per_second.map(|rate| json!(rate)));
            add("FailureReason", task.reason.map(|reason| json!(reason)));
            output
        });
        Ok(json!({ "Results": tasks.collect::<Vec<_>>() }))
    }
}

/// Cuts a sorted list of names; the token is the last name of the page before.
fn page(mut names: Vec<String>, max: Option<usize>, token: Option<&str>) -> Result<(Vec<String>, Option<String>)> {
    if let Some(token) = token {
        let wrong = || error::value("NextToken", token, "Invalid or expired next token.");
        let last = BASE64_URL_SAFE_NO_PAD.decode(token).ok().and_then(|bytes| String::from_utf8(bytes).ok());
        let last = last.ok_or_else(wrong)?;
        names.retain(|name| *name > last);
    }
    let max = max.unwrap_or(1000).clamp(1, 1000);
    let more = names.len() > max;
    names.truncate(max);
    let next = names.last().filter(|_| more).map(|last| BASE64_URL_SAFE_NO_PAD.encode(last));
    Ok((names, next))
}
