//! Least privilege: the role of a function may do what its row's grants say, and nothing else.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;
use web::row::{Grant, Row, Trigger};

use super::template::{of_type, read, target};

/// An action on a resource; the resource in short: `Table.Arn`, `Files.Arn/*`.
pub(super) type Allowed = BTreeSet<(String, String)>;

fn list(value: &Value) -> Vec<&Value> {
    value.as_array().map_or_else(|| vec![value], |items| items.iter().collect())
}

fn short(resource: &Value) -> String {
    if let Some(path) = resource["Fn::GetAtt"].as_array() {
        return path.iter().filter_map(Value::as_str).collect::<Vec<_>>().join(".");
    }
    let text = resource["Ref"].as_str().or(resource["Fn::Sub"].as_str()).expect("no bare ARNs");
    text.replace(['$', '{', '}'], "")
}

/// What each function may do, by its name.
pub(super) fn by_function() -> BTreeMap<String, Allowed> {
    let template = read();
    let functions = of_type(&template, "AWS::Serverless::Function").into_iter();
    let roles = functions.map(|(_, function)| {
        let role = &template["Resources"][target(&function["Role"])]["Properties"];
        (function["Handler"].as_str().unwrap().to_owned(), allowed(role))
    });
    roles.collect()
}

fn allowed(role: &Value) -> Allowed {
    assert!(role["ManagedPolicyArns"].is_null(), "managed policies allow more than the grants say");
    let mut all = Allowed::new();
    for statement in
        role["Policies"].as_array().unwrap().iter().flat_map(|policy| list(&policy["PolicyDocument"]["Statement"]))
    {
        assert_eq!(statement["Effect"], "Allow");
        for action in list(&statement["Action"]) {
            let action = action.as_str().unwrap();
            assert!(!action.contains('*'), "{action}");
            for resource in list(&statement["Resource"]) {
                assert_ne!(resource, "*");
                all.insert((action.to_owned(), short(resource)));
            }
        }
    }
    all
}

fn expected(row: &Row) -> Allowed {
    let mut all = Allowed::new();
    let mut add = |actions: &[&str], resources: &[&str]| {
        for action in actions {
            all.extend(resources.iter().map(|resource| ((*action).to_owned(), (*resource).to_owned())));
        }
    };
    let queue_arn = |name: &str| format!("{}{}Queue.Arn", name[..1].to_uppercase(), &name[1..]);
    add(&["logs:CreateLogStream", "logs:PutLogEvents"], &["Logs.Arn"]);
    if let Trigger::Queue { queue, .. } = row.trigger {
        let actions = ["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"];
        add(&actions, &[&queue_arn(queue.name())]);
        // What failed for good goes to the dead letters with its reason.
        let dead = queue_arn(queue.name()).replace("Queue.Arn", "DeadQueue.Arn");
        add(&["sqs:SendMessage"], &[&dead]);
    }
    let table = ["Table.Arn", "Table.Arn/index/due"];
    for grant in &row.grants {
        match grant {
            Grant::TableRead => {
                add(&["dynamodb:GetItem", "dynamodb:BatchGetItem", "dynamodb:Query"], &table);
                // The key of cursors only, see `the_key_of_cursors_is_all_that_readers_write`.
                add(&["dynamodb:PutItem"], &["Table.Arn"]);
            }
            Grant::Table => {
                let read = ["GetItem", "BatchGetItem", "Query", "ConditionCheckItem"];
                let write = ["PutItem", "UpdateItem", "DeleteItem", "BatchWriteItem"];
                let actions: Vec<String> =
                    read.iter().chain(&write).map(|action| format!("dynamodb:{action}")).collect();
                add(&actions.iter().map(String::as_str).collect::<Vec<_>>(), &table);
            }
            Grant::Enqueue(queue) => add(&["sqs:SendMessage"], &[&queue_arn(queue.name())]),
            Grant::Schedule => {
                let group = "arn:AWS::Partition:scheduler:AWS::Region:AWS::AccountId:schedule/ScheduleGroup/*";
                add(&["scheduler:CreateSchedule", "scheduler:UpdateSchedule", "scheduler:DeleteSchedule"], &[group]);
                add(&["iam:PassRole"], &["ScheduleRole.Arn"]);
            }
            Grant::FilesRead => {
                add(&["s3:GetObject"], &["Files.Arn/*"]);
                add(&["s3:ListBucket"], &["Files.Arn"]);
            }
            Grant::Files => {
                add(&["s3:GetObject", "s3:PutObject", "s3:DeleteObject"], &["Files.Arn/*"]);
                add(&["s3:ListBucket"], &["Files.Arn"]);
            }
            Grant::RootSecret => add(&["secretsmanager:GetSecretValue"], &["RootSecret"]),
            Grant::SigningSecret => add(&["secretsmanager:GetSecretValue"], &["SigningSecret"]),
            Grant::Mail => add(&["ses:SendEmail"], &["arn:AWS::Partition:ses:AWS::Region:AWS::AccountId:*"]),
        }
    }
    all
}

#[test]
fn a_role_allows_what_the_grants_say() {
    let template = read();
    let rows = functions::catalogue();
    for (id, function) in of_type(&template, "AWS::Serverless::Function") {
        let row = rows.iter().find(|row| row.name == function["Handler"]).unwrap();
        let role = &template["Resources"][target(&function["Role"])]["Properties"];
        let services = &role["AssumeRolePolicyDocument"]["Statement"][0]["Principal"]["Service"];
        assert_eq!(services, "lambda.amazonaws.com");
        assert_eq!(allowed(role), expected(row), "{id}");
    }
}

#[test]
fn a_role_is_passed_to_the_scheduler_only() {
    let template = read();
    for (id, role) in of_type(&template, "AWS::IAM::Role") {
        for statement in list(&role["Policies"][0]["PolicyDocument"]["Statement"]) {
            if list(&statement["Action"]).iter().any(|action| **action == "iam:PassRole") {
                let service = &statement["Condition"]["StringEquals"]["iam:PassedToService"];
                assert_eq!(service, "scheduler.amazonaws.com", "{id}");
                assert_eq!(list(&statement["Action"]).len(), 1, "{id}");
            }
        }
    }
}

#[test]
fn the_key_of_cursors_is_all_that_readers_write() {
    let template = read();
    let place = store::keys::signing_key("#cursors");
    let mut readers = 0;
    for (id, role) in of_type(&template, "AWS::IAM::Role") {
        for statement in list(&role["Policies"][0]["PolicyDocument"]["Statement"]) {
            if list(&statement["Action"]) == ["dynamodb:PutItem"] {
                readers += 1;
                let condition = &statement["Condition"]["ForAllValues:StringEquals"];
                assert_eq!(condition["dynamodb:LeadingKeys"], serde_json::json!([place.pk]), "{id}");
                assert_eq!(condition["dynamodb:Attributes"], serde_json::json!(["pk", "sk", "key"]), "{id}");
            }
        }
    }
    assert!(readers > 0);
}

#[test]
fn no_role_says_more_than_one_sentence_twice() {
    let template = read();
    let mut seen = BTreeSet::new();
    for (id, role) in of_type(&template, "AWS::IAM::Role") {
        assert!(seen.insert(role.to_string()), "{id} is the same as another role");
    }
}
