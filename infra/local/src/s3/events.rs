//! ObjectCreated events: which rule of a bucket wants one, its JSON, and the delivery from the outbox to a queue.
//!
//! Invariant: an event is written in the transaction that makes its object visible and leaves the outbox only after the
//! queue has it. So a kill can double an event, as S3 itself may, but never lose one.

use std::{future::Future, pin::Pin, sync::Arc, time::Duration};

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use s3s::{S3Result, dto, s3_error};
use serde::{Deserialize, Serialize};
use serde_json::json;
use store::Clock;
use tokio::sync::{Notify as Wake, watch};

use super::{catalogue::Catalogue, gate::RequestInfo, records::Object};

/// What [`Notify::send`] returns.
pub type Sending<'a> = Pin<Box<dyn Future<Output = Result<(), NotifyError>> + Send + 'a>>;

/// Why a queue did not take an event.
#[derive(Debug, thiserror::Error)]
pub enum NotifyError {
    /// There is no queue with this ARN.
    #[error("there is no such queue")]
    NoSuchQueue,
    /// The queue exists, but could not take the message now.
    #[error("the queue did not take the event: {0}")]
    Failed(String),
}

/// Where events go: implemented by the local SQS.
pub trait Notify: Send + Sync + 'static {
    /// Puts `body` on the queue with this ARN; when it returns, the message survives a kill.
    fn send<'a>(&'a self, queue_arn: &'a str, body: &'a str) -> Sending<'a>;
}

/// One rule of a bucket's notification configuration.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Rule {
    id: String,
    pub queue_arn: String,
    events: Vec<String>,
    prefix: Option<String>,
    suffix: Option<String>,
}

impl Rule {
    /// Whether this rule wants `event` (`ObjectCreated:Put`) for `key`. Filters compare the decoded key, byte by byte.
    fn wants(&self, event: &str, key: &str) -> bool {
        let kind = event.split(':').next().unwrap_or(event);
        self.events.iter().any(|wanted| {
            wanted.strip_prefix("s3:").is_some_and(|wanted| wanted == event || wanted == format!("{kind}:*"))
        }) && self.prefix.as_ref().is_none_or(|prefix| key.starts_with(prefix))
            && self.suffix.as_ref().is_none_or(|suffix| key.ends_with(suffix))
    }
}

/// Reads the rules of a request; what only AWS can do (topics, functions, EventBridge) is refused by name.
pub(super) fn rules(wanted: dto::NotificationConfiguration) -> S3Result<Vec<Rule>> {
    let filled = |list: Option<usize>| list.is_some_and(|length| length > 0);
    if filled(wanted.topic_configurations.map(|list| list.len()))
        || filled(wanted.lambda_function_configurations.map(|list| list.len()))
        || wanted.event_bridge_configuration.is_some()
    {
        return Err(s3_error!(NotImplemented, "The local S3 sends events to queues only."));
    }
    wanted.queue_configurations.unwrap_or_default().into_iter().map(rule).collect()
}

fn rule(wanted: dto::QueueConfiguration) -> S3Result<Rule> {
    let (mut prefix, mut suffix) = (None, None);
    let filters = wanted.filter.and_then(|filter| filter.key).and_then(|key| key.filter_rules).unwrap_or_default();
    for filter in filters {
        let place = match filter.name.as_ref().map(|name| name.as_str().to_ascii_lowercase()).as_deref() {
            Some("prefix") => &mut prefix,
            Some("suffix") => &mut suffix,
            _ => return Err(s3_error!(InvalidArgument, "filter rule name must be either prefix or suffix")),
        };
        if place.replace(filter.value.unwrap_or_default()).is_some() {
            return Err(s3_error!(InvalidArgument, "Cannot specify more than one prefix or suffix rule in a filter."));
        }
    }
    let events: Vec<String> = wanted.events.into_iter().map(String::from).collect();
    if events.is_empty() || events.iter().any(|event| !event.starts_with("s3:")) {
        return Err(s3_error!(InvalidArgument, "A specified event is not supported for notifications"));
    }
    let id = wanted.id.filter(|id| !id.is_empty()).unwrap_or_else(super::blobs::random_name);
    Ok(Rule { id, queue_arn: wanted.queue_arn, events, prefix, suffix })
}

/// The rules as the protocol shows them.
pub(super) fn shown(rules: Vec<Rule>) -> Vec<dto::QueueConfiguration> {
    let filter = |name: &'static str, value: Option<String>| {
        value.map(|value| dto::FilterRule { name: Some(dto::FilterRuleName::from_static(name)), value: Some(value) })
    };
    rules
        .into_iter()
        .map(|rule| {
            let filters: Vec<_> =
                [filter("Prefix", rule.prefix), filter("Suffix", rule.suffix)].into_iter().flatten().collect();
            dto::QueueConfiguration {
                id: Some(rule.id),
                queue_arn: rule.queue_arn,
                events: rule.events.into_iter().map(dto::Event::from).collect(),
                filter: (!filters.is_empty()).then_some(dto::NotificationConfigurationFilter {
                    key: Some(dto::S3KeyFilter { filter_rules: Some(filters) }),
                }),
            }
        })
        .collect()
}

/// What happened to an object, for its event.
pub(super) struct Created<'a> {
    region: &'a str,
    bucket: &'a str,
    object: &'a Object,
    /// `ObjectCreated:Put`, `ObjectCreated:CompleteMultipartUpload` or `ObjectCreated:Copy`.
    event: &'static str,
    request: &'a RequestInfo,
}

impl<'a> Created<'a> {
    pub fn new(
        region: &'a str,
        bucket: &'a str,
        object: &'a Object,
        event: &'static str,
        request: &'a RequestInfo,
    ) -> Self {
        Self { region, bucket, object, event, request }
    }

    /// The messages for the rules that want this event: (queue ARN, body).
    pub fn messages(&self, rules: &[Rule]) -> Vec<(String, String)> {
        rules
            .iter()
            .filter(|rule| rule.wants(self.event, &self.object.key))
            .map(|rule| (rule.queue_arn.clone(), self.message(&rule.id)))
            .collect()
    }

    /// One record in version 2.1 of the event message structure:
    /// <https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-content-structure.html>.
    fn message(&self, rule: &str) -> String {
        let principal = json!({ "principalId": "local" });
        json!({ "Records": [{
            "eventVersion": "2.1",
            "eventSource": "aws:s3",
            "awsRegion": self.region,
            "eventTime": format!("{:.3}", self.request.at),
            "eventName": self.event,
            "userIdentity": principal,
            "requestParameters": { "sourceIPAddress": self.request.source },
            "responseElements": { "x-amz-request-id": self.request.id, "x-amz-id-2": self.request.id },
            "s3": {
                "s3SchemaVersion": "1.0",
                "configurationId": rule,
                "bucket": {
                    "name": self.bucket,
                    "ownerIdentity": principal,
                    "arn": format!("arn:aws:s3:::{}", self.bucket),
                },
                "object": {
                    "key": event_key(&self.object.key),
                    "size": self.object.size,
                    "eTag": self.object.etag,
                    "sequencer": format!("{:018X}", self.request.at.as_nanosecond()),
                },
            },
        }] })
        .to_string()
    }
}

/// The message that S3 sends to a queue when a configuration first names it:
/// <https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-content-structure.html>.
pub(super) fn test_message(bucket: &str, request: &RequestInfo) -> String {
    json!({
        "Service": "Amazon S3",
        "Event": "s3:TestEvent",
        "Time": format!("{:.3}", request.at),
        "Bucket": bucket,
        "RequestId": request.id,
        "HostId": request.id,
    })
    .to_string()
}

/// A key as events carry it: URL-encoded like a form, but with its slashes.
fn event_key(key: &str) -> String {
    const ENCODED: AsciiSet = NON_ALPHANUMERIC.remove(b'/').remove(b'.').remove(b'-').remove(b'*').remove(b'_');
    const SPACE_KEPT: AsciiSet = ENCODED.remove(b' ');
    utf8_percent_encode(key, &SPACE_KEPT).to_string().replace(' ', "+")
}

/// How long an event is tried when its queue refuses it.
const KEPT: Duration = Duration::from_hours(24);

/// Brings the outbox to the queues, oldest first, for as long as the server lives.
pub(super) async fn deliver(
    catalogue: Arc<Catalogue>,
    notify: Arc<dyn Notify>,
    clock: Clock,
    wake: Arc<Wake>,
    looked: watch::Sender<()>,
) {
    let mut pause = Duration::from_secs(1);
    loop {
        let refused = deliver_once(&catalogue, notify.as_ref(), &clock).await;
        looked.send_replace(());
        if refused {
            tokio::select! {
                () = clock.sleep(pause) => pause = (pause * 2).min(Duration::from_mins(1)),
                () = wake.notified() => {}
            }
        } else {
            pause = Duration::from_secs(1);
            wake.notified().await;
        }
    }
}

/// One pass over the outbox; tells whether something is left.
async fn deliver_once(catalogue: &Arc<Catalogue>, notify: &dyn Notify, clock: &Clock) -> bool {
    let mut refused = false;
    let mut after = 0;
    loop {
        let events = match catalogue.run(move |catalogue| catalogue.outbox(after)).await {
            Ok(events) if events.is_empty() => return refused,
            Ok(events) => events,
            Err(error) => {
                tracing::error!(%error, "the outbox of S3 events cannot be read");
                return true;
            }
        };
        for event in events {
            after = event.id;
            let done = match notify.send(&event.queue_arn, &event.body).await {
                Ok(()) => true,
                Err(error) => {
                    let old = event.at < clock.now() - KEPT;
                    tracing::warn!(event = event.id, queue = event.queue_arn, given_up = old, %error, "an S3 event waits");
                    refused |= !old;
                    old
                }
            };
            if done && let Err(error) = catalogue.run(move |catalogue| catalogue.sent(event.id)).await {
                tracing::error!(%error, "an S3 event will come twice");
                return true;
            }
        }
    }
}

#[cfg(test)]
mod unit {
    use super::*;

    #[test]
    fn keys_are_encoded_as_s3_does() {
        assert_eq!(event_key("drop/a b+ç/ü.xlsx"), "drop/a+b%2B%C3%A7/%C3%BC.xlsx");
        assert_eq!(event_key("a(1)~'!*-_.csv"), "a%281%29%7E%27%21*-_.csv");
    }

    #[test]
    fn rules_compare_event_prefix_and_suffix() {
        let rule = Rule {
            id: "r".into(),
            queue_arn: "arn".into(),
            events: vec!["s3:ObjectCreated:*".into()],
            prefix: Some("drop/".into()),
            suffix: Some(".csv".into()),
        };
        assert!(rule.wants("ObjectCreated:Put", "drop/x.csv"));
        assert!(!rule.wants("ObjectRemoved:Delete", "drop/x.csv"));
        assert!(!rule.wants("ObjectCreated:Put", "drop/x.xlsx"));
        assert!(!rule.wants("ObjectCreated:Put", "other/x.csv"));
        let put_only = Rule { events: vec!["s3:ObjectCreated:Put".into()], prefix: None, suffix: None, ..rule };
        assert!(put_only.wants("ObjectCreated:Put", "x"));
        assert!(!put_only.wants("ObjectCreated:Copy", "x"));
    }
}
