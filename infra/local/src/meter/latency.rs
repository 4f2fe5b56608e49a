//! Latencies of AWS's services as a function in the same region sees them, in milliseconds. They are a model, so that
//! durations measured on one machine contain the waiting that AWS bills: round figures between the median and the 90th
//! percentile that AWS's own pages speak of ("single-digit milliseconds" for DynamoDB, "low tens" for SQS).

use std::time::Duration;

/// How long a call takes.
pub fn of(service: &str, operation: &str) -> Duration {
    let milliseconds = match (service, operation) {
        ("dynamodb", "GetItem") => 3,
        ("dynamodb", "PutItem" | "UpdateItem" | "DeleteItem") => 5,
        ("dynamodb", "Query" | "BatchGetItem") => 6,
        ("dynamodb", "BatchWriteItem") => 8,
        ("dynamodb", "TransactWriteItems" | "TransactGetItems") => 15,
        ("sqs", "SendMessage" | "SendMessageBatch") => 10,
        ("secretsmanager", _) => 20,
        ("scheduler" | "s3", _) => 30,
        _ => 0,
    };
    Duration::from_millis(milliseconds)
}
