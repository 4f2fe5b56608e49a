//! The roles of functions: one per set of grants, with no more than the grants say.

use engine::Queue;
use serde_json::{Value, json};
use web::{Row, row::Grant};

use super::template::{dead_queue_arn, fed_from, pascal, queue_arn, tidy};

/// What some functions have in common.
pub(super) struct Role {
    grants: Vec<Grant>,
    feeds: Option<Queue>,
}

impl Role {
    /// The role of a row.
    pub(super) fn of(row: &Row) -> Self {
        Self { grants: tidy(&row.grants), feeds: fed_from(row) }
    }

    /// `TableToPlanScheduleRole`: a table, a queue to send to, schedules.
    pub(super) fn logical_id(&self) -> String {
        let mut id: String = self
            .grants
            .iter()
            .map(|grant| match grant {
                Grant::TableRead => "TableRead".to_owned(),
                Grant::Table => "Table".to_owned(),
                Grant::FilesRead => "FilesRead".to_owned(),
                Grant::Files => "Files".to_owned(),
                Grant::Enqueue(queue) => format!("To{}", pascal(queue.name())),
                Grant::Schedule => "Schedule".to_owned(),
                Grant::RootSecret => "Root".to_owned(),
                Grant::SigningSecret => "Signing".to_owned(),
                Grant::Mail => "Mail".to_owned(),
            })
            .collect();
        if let Some(queue) = self.feeds {
            id.push_str("From");
            id.push_str(&pascal(queue.name()));
        }
        if id.is_empty() {
            id.push_str("Logs");
        }
        id + "Role"
    }

    /// The role as a resource.
    pub(super) fn resource(&self) -> Value {
        let mut statements =
            vec![allow(&["logs:CreateLogStream", "logs:PutLogEvents"], &[json!({ "Fn::GetAtt": ["Logs", "Arn"] })])];
        if let Some(queue) = self.feeds {
            let actions = ["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"];
            statements.push(allow(&actions, &[queue_arn(queue)]));
            // A job that fails for the last time is put there with the reason.
            statements.push(allow(&["sqs:SendMessage"], &[dead_queue_arn(queue)]));
        }
        let to: Vec<Value> = self
            .grants
            .iter()
            .filter_map(|grant| if let Grant::Enqueue(queue) = grant { Some(queue_arn(*queue)) } else { None })
            .collect();
        if !to.is_empty() {
            statements.push(allow(&["sqs:SendMessage"], &to));
        }
        statements.extend(self.grants.iter().flat_map(|grant| of_grant(*grant)));
        resource("lambda.amazonaws.com", &statements)
    }
}

/// A role that a service takes, as a resource.
pub(super) fn resource(service: &str, statements: &[Value]) -> Value {
    json!({
        "Type": "AWS::IAM::Role",
        "Properties": {
            "AssumeRolePolicyDocument": {
                "Version": "2012-10-17",
                "Statement": [{ "Effect": "Allow", "Action": ["sts:AssumeRole"], "Principal": { "Service": service } }],
            },
            "Policies": [{
                "PolicyName": "grants",
                "PolicyDocument": { "Version": "2012-10-17", "Statement": statements },
            }],
        },
    })
}

fn allow(actions: &[&str], resources: &[Value]) -> Value {
    json!({ "Effect": "Allow", "Action": actions, "Resource": resources })
}

fn of_grant(grant: Grant) -> Vec<Value> {
    let table = json!({ "Fn::GetAtt": ["Table", "Arn"] });
    let index = json!({ "Fn::Sub": format!("${{Table.Arn}}/index/{}", store::keys::DUE_INDEX) });
    let reads = ["dynamodb:GetItem", "dynamodb:BatchGetItem", "dynamodb:Query"];
    match grant {
        Grant::TableRead => {
            // Whoever first lists anything makes the key that cursors are signed with: that one item, and no public
            // signing key, which lies beside it and has other attributes.
            let mut cursor_key = allow(&["dynamodb:PutItem"], std::slice::from_ref(&table));
            cursor_key["Condition"] = json!({
                "ForAllValues:StringEquals": {
                    "dynamodb:LeadingKeys": ["SIGNING"],
                    "dynamodb:Attributes": ["pk", "sk", "key"],
                },
            });
            vec![allow(&reads, &[table, index]), cursor_key]
        }
        Grant::Table => {
            let mut actions = reads.to_vec();
            actions.extend([
                "dynamodb:PutItem",
                "dynamodb:UpdateItem",
                "dynamodb:DeleteItem",
                "dynamodb:BatchWriteItem",
                "dynamodb:ConditionCheckItem",
            ]);
            vec![allow(&actions, &[table, index])]
        }
        Grant::FilesRead => files(&["s3:GetObject"]),
        Grant::Files => files(&["s3:GetObject", "s3:PutObject", "s3:DeleteObject"]),
        Grant::Schedule => {
            let schedules = json!({
                "Fn::Sub": "arn:${AWS::Partition}:scheduler:${AWS::Region}:${AWS::AccountId}:schedule/${ScheduleGroup}/*",
            });
            let mut pass = allow(&["iam:PassRole"], &[json!({ "Fn::GetAtt": ["ScheduleRole", "Arn"] })]);
            pass["Condition"] = json!({ "StringEquals": { "iam:PassedToService": "scheduler.amazonaws.com" } });
            let actions = ["scheduler:CreateSchedule", "scheduler:UpdateSchedule", "scheduler:DeleteSchedule"];
            vec![allow(&actions, &[schedules]), pass]
        }
        Grant::RootSecret => vec![allow(&["secretsmanager:GetSecretValue"], &[json!({ "Ref": "RootSecret" })])],
        Grant::SigningSecret => vec![allow(&["secretsmanager:GetSecretValue"], &[json!({ "Ref": "SigningSecret" })])],
        Grant::Mail => {
            let identities = json!({ "Fn::Sub": "arn:${AWS::Partition}:ses:${AWS::Region}:${AWS::AccountId}:*" });
            vec![allow(&["ses:SendEmail"], &[identities])]
        }
        // One statement for all queues, above.
        Grant::Enqueue(_) => Vec::new(),
    }
}

fn files(actions: &[&str]) -> Vec<Value> {
    let objects = allow(actions, &[json!({ "Fn::Sub": "${Files.Arn}/*" })]);
    // Without it S3 answers 403, not 404, to who asks for an object that is not there.
    let list = allow(&["s3:ListBucket"], &[json!({ "Fn::GetAtt": ["Files", "Arn"] })]);
    vec![objects, list]
}
