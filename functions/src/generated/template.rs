//! The generated block of `infra/template.yaml`: what follows from the rows. Everything else there is written by hand.
//!
//! Functions, the routes of the HTTP API, roles (one per set of grants), queues with their dead-letter queues and
//! alarms, event source mappings, and the schedules of functions that the clock starts.

use std::{collections::BTreeMap, path::Path, sync::Arc};

use engine::{Queue, app::MAX_RECEIVES};
use serde_json::{Map, Value, json};
use web::{
    Row,
    row::{Grant, Trigger},
};

use super::{roles::Role, yaml};

/// Where the block begins and ends. The rest of the line may say more.
const BEGIN: &str = "  # BEGIN GENERATED";
const END: &str = "  # END GENERATED";

/// The one artifact, from the template's folder. It is a zip already, so `sam build` passes it by, and `sam deploy`
/// uploads it once.
const ARTIFACT: &str = "../target/lambda/bootstrap/bootstrap.zip";

/// How long a dead-letter queue keeps messages, in seconds: 14 days, the longest there is.
const DEAD_KEPT: u32 = 1_209_600;

/// The template that is in the repository, with the block as the rows have it now.
pub(super) fn file(rows: &[Arc<Row>]) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../infra/template.yaml");
    let there = std::fs::read_to_string(path).expect("infra/template.yaml is in the repository");
    let (head, rest) = there.split_once(BEGIN).expect("the template has the line BEGIN GENERATED");
    let (first_line, rest) = rest.split_once('\n').expect("a line ends");
    let (_, tail) = rest.split_once(END).expect("the template has the line END GENERATED");
    let block = yaml::block(&resources(rows), 2);
    format!("{head}{BEGIN}{first_line}\n{block}{END}{tail}")
}

/// The generated resources, by logical id.
fn resources(rows: &[Arc<Row>]) -> Value {
    let mut all = Map::new();
    all.insert("Api".into(), api(rows));
    for queue in Queue::ALL {
        queues(&mut all, queue, rows);
    }
    let roles: BTreeMap<String, Role> =
        rows.iter().map(|row| Role::of(row)).map(|role| (role.logical_id(), role)).collect();
    for (id, role) in &roles {
        all.insert(id.clone(), role.resource());
    }
    for row in rows {
        all.insert(function_id(row.name), function(row));
        starts(&mut all, row);
    }
    Value::Object(all)
}

/// `MessagesCreateFunction` for `messages-create`.
fn function_id(name: &str) -> String {
    format!("{}Function", pascal(name))
}

/// `MessagesCreate` for `messages-create`: logical ids are letters and digits.
pub(super) fn pascal(name: &str) -> String {
    name.split('-')
        .map(|word| {
            let (first, rest) = word.split_at(word.len().min(1));
            first.to_uppercase() + rest
        })
        .collect()
}

fn function(row: &Row) -> Value {
    json!({
        "Type": "AWS::Serverless::Function",
        "Properties": {
            "FunctionName": { "Fn::Sub": format!("${{AWS::StackName}}-{}", row.name) },
            "Description": row.summary,
            // Here and not in Globals, where `sam build` would not make it relative to the template it writes.
            "CodeUri": ARTIFACT,
            "Handler": row.name,
            "MemorySize": row.memory,
            "Timeout": row.timeout,
            "Role": { "Fn::GetAtt": [Role::of(row).logical_id(), "Arn"] },
        },
    })
}

/// The HTTP API. It names the functions by their names, not by reference: their environment names the API, and
/// CloudFormation allows no circle.
fn api(rows: &[Arc<Row>]) -> Value {
    let integration = |row: &Row| {
        let function = "arn:${AWS::Partition}:lambda:${AWS::Region}:${AWS::AccountId}:function:${AWS::StackName}";
        let path = "arn:${AWS::Partition}:apigateway:${AWS::Region}:lambda:path/2015-03-31/functions";
        json!({
            "type": "aws_proxy",
            "httpMethod": "POST",
            "payloadFormatVersion": "2.0",
            "credentials": { "Fn::GetAtt": ["GatewayRole", "Arn"] },
            "uri": { "Fn::Sub": format!("{path}/{function}-{}/invocations", row.name) },
        })
    };
    let mut body = web::openapi::routes_body(rows, integration);
    body["info"]["title"] = json!({ "Ref": "AWS::StackName" });
    // Webhooks have a function URL of their own, which is cheaper. The routes are here as well, so that they arrive
    // in a deployment that has no domain of its own yet.
    for row in rows {
        let Trigger::FunctionUrl { path } = row.trigger else { continue };
        let operation = json!({
            "parameters": web::route::variables(path)
                .map(|name| json!({ "name": name, "in": "path", "required": true, "schema": { "type": "string" } }))
                .collect::<Vec<_>>(),
            "responses": { "default": { "description": "As openapi.json says." } },
            "x-amazon-apigateway-integration": integration(row),
        });
        for method in row.methods() {
            body["paths"][path][method.as_str().to_lowercase()] = operation.clone();
        }
    }
    json!({ "Type": "AWS::ApiGatewayV2::Api", "Properties": { "Body": body, "DisableExecuteApiEndpoint": false } })
}

fn queue_id(queue: Queue) -> String {
    format!("{}Queue", pascal(queue.name()))
}

fn queues(all: &mut Map<String, Value>, queue: Queue, rows: &[Arc<Row>]) {
    let name = pascal(queue.name());
    let consumer = |row: &&Arc<Row>| matches!(row.trigger, Trigger::Queue { queue: of, .. } if of == queue);
    let timeout = rows.iter().find(consumer).map_or(60, |row| row.timeout);
    all.insert(
        queue_id(queue),
        json!({
            "Type": "AWS::SQS::Queue",
            "Properties": {
                "QueueName": { "Fn::Sub": format!("${{AWS::StackName}}-{}", queue.name()) },
                "SqsManagedSseEnabled": true,
                "VisibilityTimeout": timeout * 6,
                "RedrivePolicy": {
                    "deadLetterTargetArn": { "Fn::GetAtt": [format!("{name}DeadQueue"), "Arn"] },
                    "maxReceiveCount": MAX_RECEIVES,
                },
            },
        }),
    );
    all.insert(
        format!("{name}DeadQueue"),
        json!({
            "Type": "AWS::SQS::Queue",
            "Properties": {
                "QueueName": { "Fn::Sub": format!("${{AWS::StackName}}-{}-dlq", queue.name()) },
                "SqsManagedSseEnabled": true,
                "MessageRetentionPeriod": DEAD_KEPT,
            },
        }),
    );
    all.insert(
        format!("{name}DeadAlarm"),
        json!({
            "Type": "AWS::CloudWatch::Alarm",
            "Properties": {
                "AlarmDescription": format!("Work of the queue {} failed for good: docs/deploy.md, \"When an alarm comes\".", queue.name()),
                "Namespace": "AWS/SQS",
                "MetricName": "ApproximateNumberOfMessagesVisible",
                "Dimensions": [{ "Name": "QueueName", "Value": { "Fn::GetAtt": [format!("{name}DeadQueue"), "QueueName"] } }],
                "Statistic": "Maximum",
                "Period": 300,
                "EvaluationPeriods": 1,
                "Threshold": 0,
                "ComparisonOperator": "GreaterThanThreshold",
                "TreatMissingData": "notBreaching",
                "AlarmActions": [{ "Ref": "AlarmTopic" }],
            },
        }),
    );
}

/// What starts a function, beside the HTTP API.
fn starts(all: &mut Map<String, Value>, row: &Row) {
    let name = pascal(row.name);
    let function = function_id(row.name);
    match row.trigger {
        Trigger::Http { .. } | Trigger::Fallback => {}
        Trigger::FunctionUrl { .. } => {
            all.insert(
                format!("{name}Url"),
                json!({
                    "Type": "AWS::Lambda::Url",
                    "Properties": {
                        "AuthType": "NONE",
                        "InvokeMode": "BUFFERED",
                        "TargetFunctionArn": { "Fn::GetAtt": [function, "Arn"] },
                    },
                }),
            );
            // Both are needed for a public function URL.
            // Source: <https://docs.aws.amazon.com/lambda/latest/dg/urls-auth.html>.
            for (suffix, action, condition) in [
                ("UrlPermission", "lambda:InvokeFunctionUrl", json!({ "FunctionUrlAuthType": "NONE" })),
                ("InvokePermission", "lambda:InvokeFunction", json!({ "InvokedViaFunctionUrl": true })),
            ] {
                let mut properties = json!({ "Action": action, "FunctionName": { "Ref": function }, "Principal": "*" });
                for (key, value) in condition.as_object().into_iter().flatten() {
                    properties[key] = value.clone();
                }
                all.insert(
                    format!("{name}{suffix}"),
                    json!({ "Type": "AWS::Lambda::Permission", "Properties": properties }),
                );
            }
        }
        Trigger::Queue { queue, batch, window, concurrency } => {
            all.insert(
                format!("{name}Mapping"),
                json!({
                    "Type": "AWS::Lambda::EventSourceMapping",
                    "Properties": {
                        "EventSourceArn": { "Fn::GetAtt": [queue_id(queue), "Arn"] },
                        "FunctionName": { "Ref": function },
                        "FunctionResponseTypes": ["ReportBatchItemFailures"],
                        "BatchSize": batch,
                        "MaximumBatchingWindowInSeconds": window,
                        "ScalingConfig": { "MaximumConcurrency": concurrency },
                    },
                }),
            );
        }
        Trigger::Every { rate } => {
            all.insert(
                format!("{name}Schedule"),
                json!({
                    "Type": "AWS::Scheduler::Schedule",
                    "Properties": {
                        "Name": { "Fn::Sub": format!("${{AWS::StackName}}-{}", row.name) },
                        "Description": row.summary,
                        "ScheduleExpression": rate,
                        "FlexibleTimeWindow": { "Mode": "OFF" },
                        "Target": {
                            "Arn": { "Fn::GetAtt": [function, "Arn"] },
                            "RoleArn": { "Fn::GetAtt": [format!("{name}ScheduleRole"), "Arn"] },
                            // The next run does what this one would have done.
                            "RetryPolicy": { "MaximumRetryAttempts": 0 },
                        },
                    },
                }),
            );
            let statement = json!({
                "Effect": "Allow",
                "Action": ["lambda:InvokeFunction"],
                "Resource": [{ "Fn::GetAtt": [function, "Arn"] }],
            });
            all.insert(format!("{name}ScheduleRole"), super::roles::resource("scheduler.amazonaws.com", &[statement]));
        }
    }
}

/// The queue that a row is fed from.
pub(super) fn fed_from(row: &Row) -> Option<Queue> {
    match row.trigger {
        Trigger::Queue { queue, .. } => Some(queue),
        _ => None,
    }
}

/// The ARN of a queue.
pub(super) fn queue_arn(queue: Queue) -> Value {
    json!({ "Fn::GetAtt": [queue_id(queue), "Arn"] })
}

pub(super) fn dead_queue_arn(queue: Queue) -> Value {
    json!({ "Fn::GetAtt": [format!("{}DeadQueue", pascal(queue.name())), "Arn"] })
}

/// Grants in one order and without those that another one includes.
pub(super) fn tidy(grants: &[Grant]) -> Vec<Grant> {
    let mut order = vec![Grant::TableRead, Grant::Table, Grant::FilesRead, Grant::Files];
    order.extend(Queue::ALL.map(Grant::Enqueue));
    order.extend([Grant::Schedule, Grant::RootSecret, Grant::SigningSecret, Grant::Mail]);
    order.retain(|grant| match grant {
        Grant::TableRead => grants.contains(grant) && !grants.contains(&Grant::Table),
        Grant::FilesRead => grants.contains(grant) && !grants.contains(&Grant::Files),
        _ => grants.contains(grant),
    });
    order
}
