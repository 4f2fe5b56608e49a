//! Stands between a function and the local AWS, and writes down what the function asks for, as IAM would name it.

use std::{
    collections::BTreeSet,
    sync::{Arc, Mutex},
};

use axum::{
    Router,
    body::{Body, Bytes},
    extract::{DefaultBodyLimit, State},
    http::{HeaderMap, Method, Response, Uri},
};
use serde_json::{Value, json};

use super::roles::Allowed;

/// The recorder of one invocation.
pub(super) struct Recorder {
    /// Where the function finds its AWS.
    pub url: String,
    inner: Arc<Inner>,
    server: tokio::task::JoinHandle<()>,
}

struct Inner {
    aws: String,
    http: reqwest::Client,
    calls: Mutex<Allowed>,
    /// The partitions that were written to by single puts.
    puts: Mutex<BTreeSet<String>>,
}

impl Recorder {
    pub async fn start(aws: &str) -> Self {
        local::install_tls();
        let inner = Arc::new(Inner {
            aws: aws.to_owned(),
            http: reqwest::Client::builder().no_proxy().build().unwrap(),
            calls: Mutex::default(),
            puts: Mutex::default(),
        });
        let router = Router::new().fallback(pass).layer(DefaultBodyLimit::disable()).with_state(inner.clone());
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let server = tokio::spawn(async move {
            let _ = axum::serve(listener, router).await;
        });
        Self { url, inner, server }
    }

    /// What the function did.
    pub fn used(&self) -> Allowed {
        self.inner.calls.lock().unwrap().clone()
    }

    /// What the function did that its role does not allow.
    pub fn beyond(self, role: &Allowed) -> Vec<String> {
        self.server.abort();
        let calls = self.inner.calls.lock().unwrap();
        let mut beyond: Vec<String> =
            calls.difference(role).map(|(action, resource)| format!("{action} on {resource}")).collect();
        // Readers may put one thing only: see `the_key_of_cursors_is_all_that_readers_write`.
        let writes = role.contains(&("dynamodb:UpdateItem".into(), "Table.Arn".into()));
        let puts = self.inner.puts.lock().unwrap();
        beyond.extend(
            puts.iter().filter(|place| !writes && *place != "SIGNING").map(|place| format!("a put to {place}")),
        );
        beyond
    }
}

async fn pass(
    State(inner): State<Arc<Inner>>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response<Body> {
    let target = headers.get("x-amz-target").and_then(|value| value.to_str().ok()).unwrap_or_default();
    let calls = match target.split_once('.') {
        Some((service, operation)) => {
            let body: Value = serde_json::from_slice(&body).unwrap_or_default();
            if operation == "PutItem" {
                let place = body["Item"]["pk"]["S"].as_str().unwrap_or_default().to_owned();
                inner.puts.lock().unwrap().insert(place);
            }
            json_call(service, operation, &body)
        }
        None => vec![rest_call(&method, uri.path())],
    };
    inner.calls.lock().unwrap().extend(calls);
    let path = uri.path_and_query().map_or("/", |path| path.as_str());
    let answer =
        inner.http.request(method, format!("{}{path}", inner.aws)).headers(headers).body(body).send().await.unwrap();
    let mut response = Response::builder().status(answer.status());
    for (name, value) in answer.headers().iter().filter(|(name, _)| *name != "transfer-encoding") {
        response = response.header(name, value);
    }
    response.body(Body::from(answer.bytes().await.unwrap())).unwrap()
}

/// The permissions that a call of DynamoDB, SQS or Secrets Manager needs.
/// Source: <https://docs.aws.amazon.com/service-authorization/latest/reference/>.
fn json_call(service: &str, operation: &str, body: &Value) -> Vec<(String, String)> {
    match (service, operation) {
        (_, "TransactWriteItems") => {
            let items = body["TransactItems"].as_array().into_iter().flatten().filter_map(Value::as_object);
            items
                .flat_map(|item| item.keys())
                .map(|kind| {
                    let action =
                        if kind == "ConditionCheck" { "ConditionCheckItem".to_owned() } else { format!("{kind}Item") };
                    (format!("dynamodb:{action}"), "Table.Arn".to_owned())
                })
                .collect()
        }
        ("DynamoDB_20120810", _) => {
            let index = body["IndexName"].as_str().map(|index| format!("/index/{index}")).unwrap_or_default();
            vec![(format!("dynamodb:{operation}"), format!("Table.Arn{index}"))]
        }
        ("AmazonSQS", _) => {
            let name = body["QueueUrl"].as_str().and_then(|url| url.rsplit('-').next()).unwrap_or_default();
            let (first, rest) = name.split_at(name.len().min(1));
            let action = operation.trim_end_matches("Batch");
            vec![(format!("sqs:{action}"), format!("{}{rest}Queue.Arn", first.to_uppercase()))]
        }
        ("secretsmanager", _) => {
            let secret = match body["SecretId"].as_str().and_then(|id| id.rsplit('/').next()) {
                Some("root") => "RootSecret",
                Some("signing") => "SigningSecret",
                _ => "another secret",
            };
            vec![(format!("secretsmanager:{operation}"), secret.to_owned())]
        }
        _ => vec![(format!("{service}:{operation}"), "unknown".to_owned())],
    }
}

/// The permission that a call of the Scheduler or S3 needs.
fn rest_call(method: &Method, path: &str) -> (String, String) {
    if path.starts_with("/schedules/") {
        let verb = match method.as_str() {
            "POST" => "Create",
            "PUT" => "Update",
            "DELETE" => "Delete",
            _ => "Get",
        };
        let group = "arn:AWS::Partition:scheduler:AWS::Region:AWS::AccountId:schedule/ScheduleGroup/*";
        return (format!("scheduler:{verb}Schedule"), group.to_owned());
    }
    let verb = match method.as_str() {
        "GET" | "HEAD" => "Get",
        "DELETE" => "Delete",
        _ => "Put",
    };
    (format!("s3:{verb}Object"), "Files.Arn/*".to_owned())
}

#[test]
fn calls_are_named_as_permissions() {
    let named = |service: &str, operation: &str, body: Value| {
        json_call(service, operation, &body)
            .into_iter()
            .map(|(action, resource)| format!("{action} {resource}"))
            .collect::<Vec<_>>()
    };

    let writes = json!({ "TransactItems": [{ "Put": {} }, { "ConditionCheck": {} }] });
    let of_transaction = ["dynamodb:PutItem Table.Arn", "dynamodb:ConditionCheckItem Table.Arn"];
    assert_eq!(named("DynamoDB_20120810", "TransactWriteItems", writes), of_transaction);
    let query = json!({ "IndexName": "due" });
    assert_eq!(named("DynamoDB_20120810", "Query", query), ["dynamodb:Query Table.Arn/index/due"]);
    let send = json!({ "QueueUrl": "http://127.0.0.1:1/000000000000/shop-plan" });
    assert_eq!(named("AmazonSQS", "SendMessageBatch", send), ["sqs:SendMessage PlanQueue.Arn"]);
    assert_eq!(rest_call(&Method::PUT, "/dundun-files/uploads/x").0, "s3:PutObject");
    assert_eq!(rest_call(&Method::POST, "/schedules/msg_1").0, "scheduler:CreateSchedule");
}

#[tokio::test]
async fn what_the_role_does_not_say_is_found() {
    let recorder = Recorder::start("http://127.0.0.1:9").await;
    let call = |action: &str| (action.to_owned(), "Table.Arn".to_owned());
    recorder.inner.calls.lock().unwrap().extend([call("dynamodb:GetItem"), call("dynamodb:PutItem")]);
    recorder.inner.puts.lock().unwrap().insert("O#org_1".into());
    let reader = Allowed::from([call("dynamodb:GetItem")]);
    assert_eq!(recorder.beyond(&reader), ["dynamodb:PutItem on Table.Arn", "a put to O#org_1"]);
}
