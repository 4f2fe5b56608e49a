//! A received message as clients and functions see it.

use serde_json::{Map, Value, json};

use super::message::{Received, attributes_md5, md5_hex};

impl Received {
    /// The system attributes of the message by name, as SQS gives them to a client and to a function.
    pub(crate) fn system_attributes(&self) -> Map<String, Value> {
        let mut all = Map::new();
        let mut add = |name: &str, value: String| all.insert(name.to_owned(), Value::String(value));
        add("ApproximateReceiveCount", self.receive_count.to_string());
        add("SentTimestamp", self.sent_at.to_string());
        add("SenderId", "AIDAIENQZJOLO23YVJ4VO".to_owned());
        add("ApproximateFirstReceiveTimestamp", self.first_received_at.to_string());
        for (name, value) in [
            ("MessageGroupId", &self.group),
            ("AWSTraceHeader", &self.trace),
            ("DeadLetterQueueSourceArn", &self.dead_letter_source),
        ] {
            if let Some(value) = value {
                add(name, value.clone());
            }
        }
        all
    }

    /// MD5 of body and attributes, as SQS gives them.
    pub(crate) fn checksums(&self) -> (String, Option<String>) {
        (md5_hex(self.body.as_bytes()), attributes_md5(&self.attributes))
    }

    /// The message as `ReceiveMessage` gives it, with the attributes that the client wants.
    pub(super) fn output(mut self, system_names: &[String], attribute_names: &[String]) -> Value {
        let mut system = self.system_attributes();
        if !system_names.iter().any(|name| name == "All") {
            system.retain(|name, _| system_names.contains(name));
        }
        self.attributes.retain(|name, _| attribute_names.iter().any(|wanted| names(wanted, name)));
        let (body_md5, attributes_md5) = self.checksums();
        let mut output = json!({
            "MessageId": self.message_id,
            "ReceiptHandle": self.receipt_handle,
            "MD5OfBody": body_md5,
            "Body": self.body,
        });
        let mut add = |name: &str, value: Value| output.as_object_mut().map(|all| all.insert(name.to_owned(), value));
        if !system.is_empty() {
            add("Attributes", Value::Object(system));
        }
        if let Some(md5) = attributes_md5 {
            add("MD5OfMessageAttributes", json!(md5));
            add("MessageAttributes", json!(self.attributes));
        }
        output
    }
}

/// Whether a wanted name (`All`, `.*`, `prefix.*` or a name) takes in this attribute.
fn names(wanted: &str, name: &str) -> bool {
    wanted == "All"
        || wanted == name
        || wanted.strip_suffix(".*").is_some_and(|prefix| prefix.is_empty() || name.starts_with(&format!("{prefix}.")))
}
