//! A queue's attributes: their ranges, their defaults and what SQS refuses.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;

use super::{error, message};
use crate::error::Result;

/// Attributes that are kept and given back but change nothing here.
const KEPT: [&str; 6] = [
    "Policy",
    "RedriveAllowPolicy",
    "KmsMasterKeyId",
    "KmsDataKeyReusePeriodSeconds",
    "SqsManagedSseEnabled",
    "FifoQueue",
];
/// Name, default, smallest and largest value (`SetQueueAttributes` in the SQS API reference).
const NUMBERS: [(&str, u32, u32, u32); 5] = [
    ("DelaySeconds", 0, 0, message::MAX_DELAY),
    ("MaximumMessageSize", message::MAX_BYTES as u32, 1024, message::MAX_BYTES as u32),
    ("MessageRetentionPeriod", 345_600, 60, 1_209_600),
    ("ReceiveMessageWaitTimeSeconds", 0, 0, 20),
    ("VisibilityTimeout", 30, 0, MAX_VISIBILITY),
];
/// The longest visibility timeout, in seconds (12 hours).
pub(crate) const MAX_VISIBILITY: u32 = 43_200;

/// What governs a queue.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Settings {
    /// Seconds.
    pub delay: u32,
    /// Bytes.
    pub max_bytes: usize,
    /// Seconds.
    pub retention: u32,
    /// Seconds a receive waits for a message unless it says otherwise.
    pub wait: u32,
    /// Seconds.
    pub visibility: u32,
    pub redrive: Option<Redrive>,
    /// As they were given, to be given back.
    pub attributes: BTreeMap<String, String>,
}

/// After how many receives a message goes to which queue.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Redrive {
    /// The dead-letter queue's name.
    pub queue: String,
    pub max_receives: u32,
}

impl Settings {
    /// Reads attributes as given to `CreateQueue` or `SetQueueAttributes`; an empty value removes what is optional.
    pub fn read(mut attributes: BTreeMap<String, String>) -> Result<Self> {
        attributes.retain(|name, value| !value.is_empty() || is_number(name));
        for name in attributes.keys() {
            if !is_number(name) && name != "RedrivePolicy" && !KEPT.contains(&name.as_str()) {
                return Err(error::attribute_name(name));
            }
        }
        if attributes.get("FifoQueue").is_some_and(|fifo| fifo != "false") {
            return Err(error::unsupported("The local cloud offers standard queues only."));
        }
        let number = |wanted: &str| {
            let (name, default, low, high) =
                NUMBERS.iter().find(|(name, ..)| *name == wanted).expect("asked for by its name in the table");
            match attributes.get(*name) {
                None => Ok(*default),
                Some(text) => match text.parse() {
                    Ok(value) if (*low..=*high).contains(&value) => Ok(value),
                    _ => Err(error::attribute_value(name)),
                },
            }
        };
        Ok(Self {
            delay: number("DelaySeconds")?,
            max_bytes: number("MaximumMessageSize")? as usize,
            retention: number("MessageRetentionPeriod")?,
            wait: number("ReceiveMessageWaitTimeSeconds")?,
            visibility: number("VisibilityTimeout")?,
            redrive: attributes.get("RedrivePolicy").map(|policy| Redrive::read(policy)).transpose()?,
            attributes,
        })
    }

    /// All attributes with their defaults filled in, as `GetQueueAttributes` gives them.
    pub fn all(&self) -> BTreeMap<String, String> {
        let mut all: BTreeMap<String, String> =
            NUMBERS.iter().map(|(name, default, ..)| ((*name).to_owned(), default.to_string())).collect();
        all.insert("SqsManagedSseEnabled".to_owned(), "true".to_owned());
        all.extend(self.attributes.clone());
        all
    }
}

fn is_number(name: &str) -> bool {
    NUMBERS.iter().any(|(number, ..)| *number == name)
}

/// Whether `GetQueueAttributes` knows this name.
pub(crate) fn is_known(name: &str) -> bool {
    is_number(name)
        || KEPT.contains(&name)
        || [
            "All",
            "RedrivePolicy",
            "QueueArn",
            "ApproximateNumberOfMessages",
            "ApproximateNumberOfMessagesNotVisible",
            "ApproximateNumberOfMessagesDelayed",
            "CreatedTimestamp",
            "LastModifiedTimestamp",
        ]
        .contains(&name)
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct RedrivePolicy {
    dead_letter_target_arn: String,
    /// A number, or (as CloudFormation writes it) a number in quotes.
    max_receive_count: Value,
}

impl Redrive {
    fn read(policy: &str) -> Result<Self> {
        let invalid = || error::attribute_value("RedrivePolicy");
        let policy: RedrivePolicy = serde_json::from_str(policy).map_err(|_| invalid())?;
        let count = match &policy.max_receive_count {
            Value::Number(number) => number.as_u64(),
            Value::String(text) => text.parse().ok(),
            _ => None,
        };
        let max_receives = count.filter(|count| (1..=1000).contains(count)).ok_or_else(invalid)? as u32;
        let queue = policy.dead_letter_target_arn.rsplit(':').next().unwrap_or_default().to_owned();
        Ok(Self { queue, max_receives })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(name: &str, value: &str) -> Result<Settings> {
        Settings::read(BTreeMap::from([(name.to_owned(), value.to_owned())]))
    }

    #[test]
    fn ranges_and_names_are_checked() {
        assert_eq!(read("DelaySeconds", "900").unwrap().delay, 900);
        assert_eq!(read("DelaySeconds", "901").unwrap_err().code, "InvalidAttributeValue");
        assert_eq!(read("VisibilityTimeout", "-1").unwrap_err().code, "InvalidAttributeValue");
        assert_eq!(read("Colour", "red").unwrap_err().code, "InvalidAttributeName");
        assert_eq!(read("FifoQueue", "true").unwrap_err().code, "UnsupportedOperation");
        assert_eq!(read("RedrivePolicy", "").unwrap().redrive, None);
    }

    #[test]
    fn the_receive_count_may_be_quoted() {
        for count in ["3", "\"3\""] {
            let policy = format!(
                r#"{{"deadLetterTargetArn":"arn:aws:sqs:us-east-1:000000000000:dead","maxReceiveCount":{count}}}"#
            );
            let redrive = read("RedrivePolicy", &policy).unwrap().redrive.unwrap();
            assert_eq!(redrive, Redrive { queue: "dead".to_owned(), max_receives: 3 });
        }
    }
}
