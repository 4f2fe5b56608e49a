//! `events/<function>.json`: one sample event a function, made from what `openapi.json` gives as examples.
//!
//! They run as they are with `cargo lambda invoke` and in the tests; where a request needs a token, put a real one
//! in place of [`TOKEN`].

use std::fmt::Write as _;

use std::sync::Arc;

use base64::{Engine, prelude::BASE64_STANDARD};
use domain::{
    event::{Event, EventType, Subject},
    id::{
        AlertId, ApiKeyId, ContactId, ConversationId, DeliveryId, EventId, GroupId, ImportId, MessageId, OrgId,
        ProviderId, SuppressionId, TemplateId, UserId,
    },
};
use engine::{
    Queue,
    jobs::{FinishJob, PlanJob, SendJob},
    notify::NotifyJob,
    receive::ReceiptJob,
};
use jiff::Timestamp;
use serde_json::{Map, Value, json};
use web::{
    Row,
    extract::Content,
    row::{Access, Trigger},
};

/// What stands in for a token.
const TOKEN: &str = "Bearer replace-with-an-access-token-or-api-key";

/// The end of every id in the examples.
const ULID: &str = "01KAJ7Q4T0M5Z8X2V9C3B6N1R4";

const ACCOUNT: &str = "123456789012";
const REGION: &str = "eu-west-1";

/// Paths and contents of all events.
pub(super) fn files(rows: &[Arc<Row>]) -> Vec<(String, String)> {
    let document = web::openapi::document(rows, env!("CARGO_PKG_VERSION"));
    rows.iter()
        .map(|row| {
            let event = match row.trigger {
                Trigger::Queue { queue, .. } => of_queue(queue),
                Trigger::Every { .. } => of_clock(row),
                _ => of_http(row, &document),
            };
            let text = serde_json::to_string_pretty(&event).expect("a JSON value serialises") + "\n";
            (format!("events/{}.json", row.name), text)
        })
        .collect()
}

/// An HTTP request in payload format 2.0.
/// Source: <https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html>.
fn of_http(row: &Row, document: &Value) -> Value {
    let pattern = row.path().unwrap_or("/api/no-such-thing");
    let method = row.methods().last().map_or("GET".to_owned(), ToString::to_string);
    let operation = &document["paths"][pattern][method.to_lowercase()];
    let parameters = operation["parameters"].as_array().cloned().unwrap_or_default();
    let of = |place: &str| -> Vec<(String, String)> {
        let chosen = parameters.iter().filter(|parameter| {
            parameter["in"] == place
                && (place == "path" || parameter["required"] == true || parameter["name"] == "limit")
        });
        chosen
            .map(|parameter| (parameter["name"].as_str().unwrap_or_default().to_owned(), example(parameter)))
            .collect()
    };
    let in_path = of("path");
    let path =
        in_path.iter().fold(pattern.to_owned(), |path, (name, value)| path.replace(&format!("{{{name}}}"), value));
    let query = of("query");
    let raw_query: Vec<String> = query.iter().map(|(name, value)| format!("{name}={value}")).collect();

    let mut headers = Map::new();
    headers.insert("accept".into(), json!("application/json"));
    if !matches!(row.access, None | Some(Access::Public)) {
        headers.insert("authorization".into(), json!(TOKEN));
    }
    let mut body = None;
    let mut encoded = false;
    match row.content {
        Content::Json => {
            headers.insert("content-type".into(), json!("application/json"));
            body = Some(operation["requestBody"]["content"]["application/json"]["example"].to_string());
        }
        Content::Raw => {
            headers.insert("content-type".into(), json!("application/json"));
            body = Some("{}".to_owned());
        }
        Content::Multipart => {
            headers.insert("content-type".into(), json!("multipart/form-data; boundary=sample"));
            let form = form(&operation["requestBody"]["content"]["multipart/form-data"]["schema"]);
            (body, encoded) = (Some(BASE64_STANDARD.encode(form)), true);
        }
        Content::None => {}
    }
    headers.insert("host".into(), json!("api.dundun.example"));
    if row.idempotency != web::row::Idempotency::Off {
        headers.insert("idempotency-key".into(), json!(format!("sample-{}", row.name)));
    }
    headers.insert("user-agent".into(), json!("sample"));
    headers.insert("x-forwarded-for".into(), json!("192.0.2.1"));
    headers.insert("x-forwarded-proto".into(), json!("https"));

    let route_key = match row.trigger {
        Trigger::Http { .. } => format!("{method} {pattern}"),
        _ => "$default".to_owned(),
    };
    let mut event = json!({
        "version": "2.0",
        "routeKey": route_key,
        "rawPath": path,
        "rawQueryString": raw_query.join("&"),
        "headers": headers,
        "requestContext": {
            "accountId": ACCOUNT,
            "apiId": "sample",
            "domainName": "api.dundun.example",
            "domainPrefix": "api",
            "http": {
                "method": method,
                "path": path,
                "protocol": "HTTP/1.1",
                "sourceIp": "192.0.2.1",
                "userAgent": "sample",
            },
            "requestId": "sample",
            "routeKey": route_key,
            "stage": "$default",
            "time": "12/Jan/2026:10:00:00 +0000",
            "timeEpoch": 1_768_212_000_000_u64,
        },
    });
    if !query.is_empty() {
        event["queryStringParameters"] = pairs(query);
    }
    if !in_path.is_empty() {
        event["pathParameters"] = pairs(in_path);
    }
    if let Some(body) = body {
        event["body"] = json!(body);
    }
    event["isBase64Encoded"] = json!(encoded);
    event
}

fn pairs(given: Vec<(String, String)>) -> Value {
    given.into_iter().map(|(name, value)| (name, json!(value))).collect()
}

/// What a parameter says of itself.
fn example(parameter: &Value) -> String {
    let schema = &parameter["schema"];
    let found = [&parameter["example"], &schema["examples"][0], &schema["enum"][0], &schema["default"]];
    match found.into_iter().find(|value| !value.is_null()) {
        Some(Value::String(text)) => id_of(text).unwrap_or_else(|| text.clone()),
        Some(other) => other.to_string(),
        // The first row of a spreadsheet is its header.
        None if parameter["name"] == "row" => "2".into(),
        None if schema["type"] == "integer" => "1".into(),
        None => "sample".into(),
    }
}

/// An id for what the document only calls `contact id`.
fn id_of(text: &str) -> Option<String> {
    let prefix = match text.strip_suffix(" id")? {
        "user" => UserId::PREFIX,
        "API key" => ApiKeyId::PREFIX,
        "contact" => ContactId::PREFIX,
        "group" => GroupId::PREFIX,
        "message" => MessageId::PREFIX,
        "delivery" => DeliveryId::PREFIX,
        "import" => ImportId::PREFIX,
        "template" => TemplateId::PREFIX,
        "provider" => ProviderId::PREFIX,
        "alert" => AlertId::PREFIX,
        "conversation" => ConversationId::PREFIX,
        "suppression" => SuppressionId::PREFIX,
        _ => return None,
    };
    Some(format!("{prefix}_{ULID}"))
}

/// A form: a small table of contacts, and the texts that must be there.
fn form(schema: &Value) -> String {
    let mut form = String::from(
        "--sample\r\nContent-Disposition: form-data; name=\"file\"; filename=\"contacts.csv\"\r\n\
         Content-Type: text/csv\r\n\r\nname,phone\nAmina,+254700000001\n\r\n",
    );
    let required = schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str);
    for name in required.filter(|name| *name != "file") {
        let value = example(&json!({ "schema": schema["properties"][name] }));
        let _ = write!(form, "--sample\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n");
    }
    form + "--sample--\r\n"
}

/// An SQS event with one message.
/// Source: <https://docs.aws.amazon.com/lambda/latest/dg/with-sqs.html>.
fn of_queue(queue: Queue) -> Value {
    json!({
        "Records": [{
            "messageId": "059f36b4-87a3-44ab-83d2-661975830a7d",
            "receiptHandle": "sample",
            "body": job(queue).to_string(),
            "attributes": {
                "ApproximateReceiveCount": "1",
                "SentTimestamp": "1768212000000",
                "SenderId": "AROASAMPLE",
                "ApproximateFirstReceiveTimestamp": "1768212000001",
                "MessageGroupId": org().to_string(),
            },
            "messageAttributes": {},
            "md5OfBody": "",
            "eventSource": "aws:sqs",
            "eventSourceARN": format!("arn:aws:sqs:{REGION}:{ACCOUNT}:dundun-{}", queue.name()),
            "awsRegion": REGION,
        }],
    })
}

fn org() -> OrgId {
    format!("{}_{ULID}", OrgId::PREFIX).parse().expect("an id")
}

/// What lies on each queue.
fn job(queue: Queue) -> Value {
    let org = org();
    let message: MessageId = format!("{}_{ULID}", MessageId::PREFIX).parse().expect("an id");
    let job = match queue {
        Queue::Plan => serde_json::to_value(PlanJob { org, message }),
        Queue::Send => serde_json::to_value(SendJob::new(org, message, 0, 0)),
        Queue::Finish => serde_json::to_value(FinishJob { org, message, idle: 0 }),
        Queue::Import => return created(org),
        Queue::Notify => serde_json::to_value(NotifyJob::Event { org, event: event(message) }),
        Queue::Receipts => serde_json::to_value(ReceiptJob::Simulated { org, message, chunk: 0, after: 1 }),
    };
    job.expect("a job serialises")
}

/// An event about a message.
fn event(message: MessageId) -> Event {
    Event {
        id: format!("{}_{ULID}", EventId::PREFIX).parse().expect("an id"),
        kind: EventType::MessageSent,
        at: "2026-01-12T10:00:00Z".parse().expect("a time"),
        subject: Subject::Message { message },
    }
}

/// What S3 puts on the import queue when a file was uploaded.
/// Source: <https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-content-structure.html>.
fn created(org: OrgId) -> Value {
    let import: ImportId = format!("{}_{ULID}", ImportId::PREFIX).parse().expect("an id");
    json!({
        "Records": [{
            "eventVersion": "2.1",
            "eventSource": "aws:s3",
            "awsRegion": REGION,
            "eventTime": "2026-01-12T10:00:00.000Z",
            "eventName": "ObjectCreated:Put",
            "userIdentity": { "principalId": "AWS:AROASAMPLE" },
            "requestParameters": { "sourceIPAddress": "192.0.2.1" },
            "responseElements": { "x-amz-request-id": "sample", "x-amz-id-2": "sample" },
            "s3": {
                "s3SchemaVersion": "1.0",
                "configurationId": "uploads",
                "bucket": {
                    "name": format!("dundun-files-{ACCOUNT}-{REGION}"),
                    "ownerIdentity": { "principalId": "A1SAMPLE" },
                    "arn": format!("arn:aws:s3:::dundun-files-{ACCOUNT}-{REGION}"),
                },
                "object": {
                    "key": format!("uploads/{org}/{import}/contacts.xlsx"),
                    "size": 10_240,
                    "eTag": "d41d8cd98f00b204e9800998ecf8427e",
                    "sequencer": "0065A10F2C8E5D1B00",
                },
            },
        }],
    })
}

/// What EventBridge Scheduler sends to a target without an input of its own.
/// Source: <https://docs.aws.amazon.com/scheduler/latest/UserGuide/managing-targets.html>.
fn of_clock(row: &Row) -> Value {
    json!({
        "version": "0",
        "id": "2a2e7c6e-2f5b-4c1a-9d8f-0a1b2c3d4e5f",
        "detail-type": "Scheduled Event",
        "source": "aws.scheduler",
        "account": ACCOUNT,
        "time": "2026-01-12T10:00:00Z".parse::<Timestamp>().expect("a time"),
        "region": REGION,
        "resources": [format!("arn:aws:scheduler:{REGION}:{ACCOUNT}:schedule/default/dundun-{}", row.name)],
        "detail": "{}",
    })
}
