//! Which step of the engine a request belongs to, told from the request alone: the operation, the queue, the keys.

use http::{Method, request};
use serde_json::Value;

/// A step of the engine, as it is seen at the AWS endpoint and at the provider.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Step {
    /// The transaction that stores a message.
    Accept,
    /// The frozen recipients of a chunk.
    PlanWrite,
    /// The board of a chunk.
    BoardWrite,
    /// How far planning is, on the message.
    ProgressWrite,
    /// A message moves to another state.
    Transition,
    /// A job for `plan`.
    EnqueuePlan,
    /// Jobs for `send`.
    EnqueueSend,
    /// A job for `finish`.
    EnqueueFinish,
    /// Time on the config's rate.
    RateWrite,
    /// The lease of a chunk, with its first window marked.
    Claim,
    /// The next window of a chunk.
    Mark,
    /// A text handed to the provider.
    ProviderRequest,
    /// The delivery rows of a window.
    DeliveryWrite,
    /// The outcomes of a round, lease off.
    SettleWrite,
    /// A receipt onto its page.
    ReceiptWrite,
    /// A change of a board that nobody has claimed: by a person, or by a cancel.
    BoardChange,
    /// A fold: the message's counts and the day's totals.
    CounterWrite,
    /// A schedule is made.
    ScheduleCreate,
    /// A schedule is removed.
    ScheduleDelete,
    /// A job that was done leaves its queue.
    QueueDelete,
    /// The index of what is due.
    DueRead,
    /// Everything else.
    Other,
}

/// What a request says about itself.
#[derive(Debug, Clone)]
pub struct Seen {
    /// The step.
    pub step: Step,
    /// The service, such as `DynamoDB`, and the operation, such as `PutItem`.
    pub service: String,
    pub operation: String,
    /// The chunk of a message that it writes, as `msg_…/3`.
    pub chunk: Option<String>,
    /// The body, where it is JSON.
    pub body: Value,
}

impl Seen {
    /// Reads a request to the AWS endpoint.
    pub fn of(parts: &request::Parts, body: &[u8]) -> Self {
        let target = parts.headers.get("x-amz-target").and_then(|target| target.to_str().ok()).unwrap_or_default();
        let (service, operation) = target.split_once('.').unwrap_or_default();
        let service = service.split('_').next().unwrap_or_default().to_owned();
        let json = if service == "DynamoDB" || service == "AmazonSQS" {
            serde_json::from_slice(body).unwrap_or_default()
        } else {
            Value::Null
        };
        let mut seen = Self { step: Step::Other, service, operation: operation.to_owned(), chunk: None, body: json };
        seen.step = match seen.service.as_str() {
            "DynamoDB" => seen.table_step(),
            "AmazonSQS" => seen.queue_step(),
            "" if parts.uri.path().starts_with("/schedules/") => {
                "Scheduler".clone_into(&mut seen.service);
                match parts.method {
                    Method::POST => Step::ScheduleCreate,
                    Method::DELETE => Step::ScheduleDelete,
                    _ => Step::Other,
                }
            }
            _ => Step::Other,
        };
        seen
    }

    /// Whether the request changes something.
    pub fn writes(&self) -> bool {
        !matches!(self.operation.as_str(), "GetItem" | "BatchGetItem" | "Query" | "DescribeTable")
    }

    fn queue_step(&self) -> Step {
        if !self.operation.starts_with("SendMessage") {
            return Step::Other;
        }
        match self.queue() {
            "plan" => Step::EnqueuePlan,
            "send" => Step::EnqueueSend,
            "finish" => Step::EnqueueFinish,
            _ => Step::Other,
        }
    }

    /// The queue's name behind the prefix.
    pub fn queue(&self) -> &str {
        self.body["QueueUrl"].as_str().and_then(|url| url.rsplit("/dundun-").next()).unwrap_or_default()
    }

    fn table_step(&mut self) -> Step {
        let key = if self.operation == "PutItem" { &self.body["Item"] } else { &self.body["Key"] };
        let text = |name: &str| key[name]["S"].as_str().unwrap_or_default().to_owned();
        let (pk, sk) = (text("pk"), text("sk"));
        match self.operation.as_str() {
            "UpdateItem" if pk.contains("#L#") && sk.contains("#R") => Step::ReceiptWrite,
            "PutItem" | "UpdateItem" if pk.contains("#L#") => {
                self.chunk = chunk(&pk, &sk);
                let expression = self.body["UpdateExpression"].as_str().unwrap_or_default();
                match (self.operation.as_str(), sk.chars().next()) {
                    ("PutItem", Some('P')) => Step::PlanWrite,
                    ("PutItem", _) => Step::BoardWrite,
                    _ if !expression.contains("#states") => Step::Mark,
                    _ if !expression.contains("#round") => Step::Claim,
                    // The proxy tells this and a change of a board that nobody has claimed apart.
                    _ => Step::SettleWrite,
                }
            }
            "UpdateItem" if sk == "RATE" => Step::RateWrite,
            "UpdateItem" if sk.starts_with("msg_") => Step::ProgressWrite,
            "BatchWriteItem" if self.body.to_string().contains("#D#") => Step::DeliveryWrite,
            "TransactWriteItems" => {
                let items = self.body["TransactItems"].as_array().map(Vec::as_slice).unwrap_or_default();
                let partition = |item: &Value, verb: &str, field: &str| {
                    item[verb][field]["pk"]["S"].as_str().unwrap_or_default().to_owned()
                };
                let any = |part: &str| {
                    items.iter().any(|item| {
                        partition(item, "Update", "Key").contains(part) || partition(item, "Put", "Item").contains(part)
                    })
                };
                if items.iter().any(|item| partition(item, "Put", "Item").contains("#M#")) {
                    Step::Accept
                } else if any("#DAY#") {
                    Step::CounterWrite
                } else if any("#M#") {
                    Step::Transition
                } else {
                    Step::Other
                }
            }
            "Query" if self.body["IndexName"] == "due" => Step::DueRead,
            _ => Step::Other,
        }
    }
}

/// `msg_…/3` from the keys of a plan or board.
fn chunk(pk: &str, sk: &str) -> Option<String> {
    let message = pk.split("#L#").nth(1)?.split('#').next()?;
    let number: u32 = sk.split('#').nth(1)?.parse().ok()?;
    Some(format!("{message}/{number}"))
}
