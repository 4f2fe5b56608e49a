//! The answers that AWS gives when something is wrong there, and requests cut in two.

use axum::{
    body::Body,
    response::{IntoResponse, Response},
};
use futures::stream;
use http::{HeaderValue, StatusCode, header};
use serde_json::{Value, json};

use crate::faults::steps::Seen;

/// What goes wrong with one call of AWS.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// Nothing happens, and the answer is 500.
    Fail,
    /// Nothing happens: too many calls.
    Throttle,
    /// Nothing happens: another transaction holds an item.
    Conflict,
    /// The first so many hundredths of a batch happen, the rest is given back.
    Unprocessed(u64),
    /// It happens after so many milliseconds.
    Stall(u64),
    /// It happens, and the connection breaks before the answer.
    LoseAnswer,
    /// A queue message becomes visible so many seconds later.
    Late(u64),
    /// An index does not show yet what was written.
    Stale,
}

/// The connection breaks in the middle of an answer.
pub fn broken() -> Response {
    let reset = std::io::Error::from(std::io::ErrorKind::ConnectionReset);
    let body = Body::from_stream(stream::once(async { Err::<bytes::Bytes, _>(reset) }));
    let mut response = body.into_response();
    response.headers_mut().insert(header::CONTENT_LENGTH, HeaderValue::from_static("100"));
    response
}

fn error(seen: &Seen, status: u16, code: &str, mut body: Value) -> Response {
    let namespace = match seen.service.as_str() {
        "DynamoDB" => "com.amazonaws.dynamodb.v20120810",
        "AmazonSQS" => "com.amazonaws.sqs",
        _ => "com.amazonaws.scheduler",
    };
    body["__type"] = json!(format!("{namespace}#{code}"));
    let mut response = axum::Json(body).into_response();
    *response.status_mut() = StatusCode::from_u16(status).unwrap();
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/x-amz-json-1.0"));
    if let Ok(code) = HeaderValue::from_str(code) {
        response.headers_mut().insert("x-amzn-errortype", code);
    }
    response
}

/// A failure on their side.
pub fn failed(seen: &Seen) -> Response {
    let code = match seen.service.as_str() {
        "DynamoDB" => "InternalServerError",
        "AmazonSQS" => "InternalFailure",
        _ => "InternalServerException",
    };
    error(seen, 500, code, json!({ "message": "The request failed because of an unknown error." }))
}

/// Too many calls.
pub fn throttled(seen: &Seen) -> Response {
    let (status, code) = match seen.service.as_str() {
        "DynamoDB" => (400, "ProvisionedThroughputExceededException"),
        "AmazonSQS" => (403, "RequestThrottled"),
        _ => (429, "ThrottlingException"),
    };
    error(seen, status, code, json!({ "message": "Rate exceeded." }))
}

/// Another transaction holds an item: of a transaction one write, else the item itself.
pub fn conflict(seen: &Seen) -> Response {
    let writes = seen.body["TransactItems"].as_array().map_or(0, Vec::len);
    if writes == 0 {
        return error(
            seen,
            400,
            "TransactionConflictException",
            json!({ "message": "Transaction is ongoing for the item" }),
        );
    }
    let reasons: Vec<Value> = (0..writes)
        .map(|index| match index {
            0 => json!({ "Code": "TransactionConflict", "Message": "Transaction is ongoing for the item" }),
            _ => json!({ "Code": "None" }),
        })
        .collect();
    let body = json!({
        "Message": "Transaction cancelled, please refer cancellation reasons for specific reasons [TransactionConflict]",
        "CancellationReasons": reasons,
    });
    error(seen, 400, "TransactionCanceledException", body)
}

/// Cuts a batch: what is made of it, and the member of the answer that gives the rest back.
pub fn cut(seen: &Seen, hundredths: u64) -> Option<(Value, &'static str, Value)> {
    let (table, asked) = seen.body["RequestItems"].as_object()?.iter().next()?;
    let is_write = seen.operation == "BatchWriteItem";
    let all = if is_write { asked.as_array()? } else { asked["Keys"].as_array()? };
    if all.len() < 2 {
        return None;
    }
    let (made, rest) = all.split_at((all.len() * hundredths as usize / 100).clamp(1, all.len() - 1));
    let of = |part: &[Value]| {
        let mut items = serde_json::Map::new();
        let part = if is_write { json!(part) } else { json!({ "Keys": part, "ConsistentRead": true }) };
        items.insert(table.clone(), part);
        Value::Object(items)
    };
    let mut request = seen.body.clone();
    request["RequestItems"] = of(made);
    Some((request, if is_write { "UnprocessedItems" } else { "UnprocessedKeys" }, of(rest)))
}
