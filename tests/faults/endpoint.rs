//! The AWS endpoint seen past the proxy: how the harness recounts the table, looks at the queues and lets time pass.

use std::collections::HashMap;

use http::header;
use serde_json::{Value, json};
use store::keys::Key;

/// What a schedule's API is told apart by; the endpoint does not check the signature.
const SCHEDULER: &str =
    "AWS4-HMAC-SHA256 Credential=faults/20260101/eu-west-1/scheduler/aws4_request, SignedHeaders=host, Signature=0";

/// A plain client of the endpoint.
#[derive(Clone)]
pub struct Endpoint {
    url: String,
    http: reqwest::Client,
}

impl Endpoint {
    /// At this URL.
    pub fn new(url: &str) -> Self {
        local::install_tls();
        Self { url: url.into(), http: reqwest::Client::builder().no_proxy().build().unwrap() }
    }

    /// One call of a service that speaks JSON by `X-Amz-Target`.
    pub async fn call(&self, target: &str, body: Value) -> Value {
        let (status, answer) = self.send(target, body).await;
        assert!(status.is_success(), "{target} answered {status}: {answer}");
        answer
    }

    /// The same, whatever the answer is.
    async fn send(&self, target: &str, body: Value) -> (http::StatusCode, Value) {
        let request = self
            .http
            .post(&self.url)
            .header("x-amz-target", target)
            .header(header::CONTENT_TYPE, "application/x-amz-json-1.0")
            .body(body.to_string());
        let answer = request.send().await.expect("the endpoint answers");
        (answer.status(), answer.json().await.unwrap_or_default())
    }

    /// Every item of the table.
    pub async fn scan(&self) -> Vec<Item> {
        let mut items = Vec::new();
        let mut start = Value::Null;
        loop {
            let mut request = json!({ "TableName": "dundun", "ConsistentRead": true });
            if !start.is_null() {
                request["ExclusiveStartKey"] = start;
            }
            let mut answer = self.call("DynamoDB_20120810.Scan", request).await;
            let page = answer["Items"].as_array_mut().map(std::mem::take).unwrap_or_default();
            items.extend(page.into_iter().map(Item));
            start = answer["LastEvaluatedKey"].take();
            if start.is_null() {
                return items;
            }
        }
    }

    /// How many messages each queue holds: visible, in flight and delayed together. By name without the prefix.
    pub async fn depths(&self) -> HashMap<&'static str, u64> {
        let mut depths = HashMap::new();
        for name in ["plan", "send", "finish", "receipts", "plan-dlq", "send-dlq", "finish-dlq", "receipts-dlq"] {
            let request =
                json!({ "QueueUrl": format!("{}/000000000000/dundun-{name}", self.url), "AttributeNames": ["All"] });
            let answer = self.call("AmazonSQS.GetQueueAttributes", request).await;
            let number =
                |name: &str| answer["Attributes"][name].as_str().and_then(|n| n.parse::<u64>().ok()).unwrap_or(0);
            let kinds = ["", "NotVisible", "Delayed"];
            depths.insert(name, kinds.iter().map(|kind| number(&format!("ApproximateNumberOfMessages{kind}"))).sum());
        }
        depths
    }

    /// Puts a job on a queue, as a schedule does that fires.
    pub async fn enqueue(&self, queue: &str, job: &Value) {
        let url = format!("{}/000000000000/dundun-{queue}", self.url);
        self.call("AmazonSQS.SendMessage", json!({ "QueueUrl": url, "MessageBody": job.to_string() })).await;
    }

    /// A call of the scheduler's API.
    pub async fn schedules(&self, method: http::Method, path: &str, body: &Value) -> Value {
        let request = self
            .http
            .request(method, format!("{}{path}", self.url))
            .header(header::AUTHORIZATION, SCHEDULER)
            .header(header::CONTENT_TYPE, "application/json")
            .body(body.to_string());
        let answer = request.send().await.expect("the endpoint answers");
        answer.json().await.unwrap_or_default()
    }

    /// Lets the sweep find these messages due, as if minutes had passed since anything moved, and runs it.
    pub async fn pass_minutes(&self, messages: &[Key], now: jiff::Timestamp) {
        let past = now - jiff::SignedDuration::from_mins(3);
        for key in messages {
            let key = json!({ "pk": { "S": key.pk }, "sk": { "S": key.sk } });
            let read = json!({ "TableName": "dundun", "Key": key });
            let item = Item(self.call("DynamoDB_20120810.GetItem", read).await["Item"].take());
            let mut sets = vec!["dueAt = :due".to_owned()];
            let mut values = json!({ ":due": { "S": format!("{past:.3}") } });
            for name in ["countedAt", "startedAt"] {
                if !item.text(name).is_empty() {
                    sets.push(format!("{name} = :past"));
                    values[":past"] = json!({ "S": past.to_string() });
                }
            }
            let update = json!({
                "TableName": "dundun",
                "Key": key,
                "UpdateExpression": format!("SET {}", sets.join(", ")),
                // Otherwise it is not due, or was closed meanwhile.
                "ConditionExpression": "attribute_exists(dueAt)",
                "ExpressionAttributeValues": values,
            });
            self.send("DynamoDB_20120810.UpdateItem", update).await;
        }
        let at = (now + jiff::SignedDuration::from_secs(1)).to_zoned(jiff::tz::TimeZone::UTC);
        let schedule = json!({
            "ScheduleExpression": format!("at({})", at.strftime("%Y-%m-%dT%H:%M:%S")),
            "FlexibleTimeWindow": { "Mode": "OFF" },
            "ActionAfterCompletion": "DELETE",
            "Target": { "Arn": "arn:aws:lambda:eu-west-1:000000000000:function:sweep", "RoleArn": "arn:aws:iam::000000000000:role/faults" },
        });
        let path = format!("/schedules/faults-{}", now.as_millisecond());
        self.schedules(http::Method::POST, &path, &schedule).await;
    }
}

/// An item of the table as its JSON.
#[derive(Debug, Clone)]
pub struct Item(pub Value);

impl Item {
    /// A text; empty if there is none.
    pub fn text(&self, name: &str) -> &str {
        self.0[name]["S"].as_str().unwrap_or_default()
    }

    /// A number; 0 if there is none.
    pub fn number(&self, name: &str) -> i64 {
        self.0[name]["N"].as_str().and_then(|text| text.parse().ok()).unwrap_or(0)
    }

    /// The partition key.
    pub fn pk(&self) -> &str {
        self.text("pk")
    }

    /// The sort key.
    pub fn sk(&self) -> &str {
        self.text("sk")
    }
}
