//! SQS's errors with the names that SDKs look for.
//!
//! Source: the SQS API reference (common errors and the errors of each operation); SDKs of the JSON protocol read
//! `__type`, those that were written for the query protocol `x-amzn-query-error`.

use crate::error::AwsError;

const SQS: &str = "com.amazonaws.sqs";
const CORAL: &str = "com.amazon.coral.service";

pub(crate) fn no_queue() -> AwsError {
    AwsError::client(SQS, "QueueDoesNotExist", "The specified queue does not exist.")
        .with_query("AWS.SimpleQueueService.NonExistentQueue")
}

pub(crate) fn queue_exists(attribute: &str) -> AwsError {
    AwsError::client(
        SQS,
        "QueueNameExists",
        format!("A queue already exists with the same name and a different value for attribute {attribute}"),
    )
    .with_query("QueueAlreadyExists")
}

pub(crate) fn value(parameter: &str, value: &str, reason: &str) -> AwsError {
    AwsError::client(
        CORAL,
        "InvalidParameterValueException",
        format!("Value {value} for parameter {parameter} is invalid. Reason: {reason}"),
    )
    .with_query("InvalidParameterValue")
}

pub(crate) fn missing(parameter: &str) -> AwsError {
    AwsError::client(
        CORAL,
        "MissingRequiredParameterException",
        format!("The request must contain the parameter {parameter}."),
    )
    .with_query("MissingParameter")
}

pub(crate) fn too_long() -> AwsError {
    AwsError::client(
        CORAL,
        "InvalidParameterValueException",
        "One or more parameters are invalid. Reason: Message must be shorter than 1048576 bytes.",
    )
    .with_query("InvalidParameterValue")
}

pub(crate) fn contents() -> AwsError {
    AwsError::client(
        SQS,
        "InvalidMessageContents",
        "The message contains characters outside the allowed set (#x9 | #xA | #xD | #x20 to #xD7FF | #xE000 to #xFFFD | #x10000 to #x10FFFF).",
    )
    .with_query("InvalidMessageContents")
}

pub(crate) fn attribute_name(name: &str) -> AwsError {
    AwsError::client(SQS, "InvalidAttributeName", format!("Unknown Attribute {name}."))
        .with_query("InvalidAttributeName")
}

pub(crate) fn attribute_value(name: &str) -> AwsError {
    AwsError::client(SQS, "InvalidAttributeValue", format!("Invalid value for the parameter {name}."))
        .with_query("InvalidAttributeValue")
}

pub(crate) fn handle() -> AwsError {
    AwsError::client(SQS, "ReceiptHandleIsInvalid", "The input receipt handle is not a valid receipt handle.")
        .with_query("ReceiptHandleIsInvalid")
}

pub(crate) fn not_in_flight() -> AwsError {
    AwsError::client(SQS, "MessageNotInflight", "The message referred to is not in flight.")
        .with_query("AWS.SimpleQueueService.MessageNotInflight")
}

pub(crate) fn empty_batch() -> AwsError {
    AwsError::client(
        SQS,
        "EmptyBatchRequest",
        "There should be at least one SendMessageBatchRequestEntry in the request.",
    )
    .with_query("AWS.SimpleQueueService.EmptyBatchRequest")
}

pub(crate) fn too_many(sent: usize) -> AwsError {
    AwsError::client(
        SQS,
        "TooManyEntriesInBatchRequest",
        format!("Maximum number of entries per request are 10. You have sent {sent}."),
    )
    .with_query("AWS.SimpleQueueService.TooManyEntriesInBatchRequest")
}

pub(crate) fn ids_not_distinct(id: &str) -> AwsError {
    AwsError::client(SQS, "BatchEntryIdsNotDistinct", format!("Id {id} repeated."))
        .with_query("AWS.SimpleQueueService.BatchEntryIdsNotDistinct")
}

pub(crate) fn bad_entry_id() -> AwsError {
    AwsError::client(
        SQS,
        "InvalidBatchEntryId",
        "A batch entry id can only contain alphanumeric characters, hyphens and underscores. It can be at most 80 letters long.",
    )
    .with_query("AWS.SimpleQueueService.InvalidBatchEntryId")
}

pub(crate) fn batch_too_long(sent: usize) -> AwsError {
    AwsError::client(
        SQS,
        "BatchRequestTooLong",
        format!("Batch requests cannot be longer than 1048576 bytes. You have sent {sent} bytes."),
    )
    .with_query("AWS.SimpleQueueService.BatchRequestTooLong")
}

pub(crate) fn purge_in_progress(queue: &str) -> AwsError {
    AwsError::client(
        SQS,
        "PurgeQueueInProgress",
        format!("Only one PurgeQueue operation on {queue} is allowed every 60 seconds."),
    )
    .with_query("AWS.SimpleQueueService.PurgeQueueInProgress")
}

pub(crate) fn unsupported(message: &str) -> AwsError {
    AwsError::client(SQS, "UnsupportedOperation", message).with_query("AWS.SimpleQueueService.UnsupportedOperation")
}

pub(crate) fn not_found(message: &str) -> AwsError {
    AwsError::client(SQS, "ResourceNotFoundException", message)
        .with_status(http::StatusCode::NOT_FOUND)
        .with_query("ResourceNotFoundException")
}
