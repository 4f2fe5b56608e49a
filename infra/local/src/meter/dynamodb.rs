//! DynamoDB's units: asks the table for them with each request, and reads them in each answer.

use axum::{
    body::{Body, Bytes, to_bytes},
    response::{IntoResponse, Response},
};
use http::{Request, StatusCode};
use serde_json::Value;

use super::{Meter, Reading, kinds};
use crate::dynamodb::Forward;

/// DynamoDB's largest request and answer are 16 MB; JSON needs a little more.
const LARGEST: usize = 24 * 1024 * 1024;

impl Meter {
    /// Passes a request on and counts it. The answer also says what was consumed, which no client minds.
    pub(crate) async fn dynamodb(&self, forward: &Forward, operation: &str, request: Request<Body>) -> Response {
        let (mut head, body) = request.into_parts();
        let Ok(body) = to_bytes(body, LARGEST).await else { return StatusCode::PAYLOAD_TOO_LARGE.into_response() };
        let Ok(mut asked) = serde_json::from_slice::<Value>(&body) else {
            return forward.answer(Request::from_parts(head, Body::from(body))).await;
        };
        if let Some(asked) = asked.as_object_mut() {
            asked.insert("ReturnConsumedCapacity".into(), "TOTAL".into());
        }
        let changed = Bytes::from(asked.to_string());
        head.headers.insert(http::header::CONTENT_LENGTH, changed.len().into());
        let (head, body) = forward.answer(Request::from_parts(head, Body::from(changed))).await.into_parts();
        let Ok(answer) = to_bytes(body, LARGEST).await else { return StatusCode::BAD_GATEWAY.into_response() };
        let told: Value = serde_json::from_slice(&answer).unwrap_or_default();
        self.count(|reading| count(reading, operation, &asked, head.status.is_success(), &told));
        Response::from_parts(head, Body::from(answer))
    }
}

fn count(reading: &mut Reading, operation: &str, asked: &Value, succeeded: bool, told: &Value) {
    let kinds = kinds::of_request(operation, asked);
    let writes = matches!(operation, "PutItem" | "UpdateItem" | "DeleteItem" | "BatchWriteItem" | "TransactWriteItems");
    let units: f64 = if succeeded {
        let told = &told["ConsumedCapacity"];
        // Batches and transactions say it per table.
        let tables = told.as_array().map_or_else(|| vec![told], |tables| tables.iter().collect());
        tables.iter().filter_map(|table| table["CapacityUnits"].as_f64()).sum()
    } else {
        failed(operation, kinds.len(), told["__type"].as_str().unwrap_or_default())
    };
    // What a batch consumed is spread evenly: its items are of one kind nearly always.
    let share = units / kinds.len().max(1) as f64;
    for (place, kind) in kinds.iter().enumerate() {
        let used = reading.table.entry(format!("{operation} {kind}")).or_default();
        used.requests += u64::from(place == 0);
        if writes {
            used.write_units += share;
        } else {
            used.read_units += share;
        }
    }
}

/// A write whose condition failed is billed as if it had succeeded; here as one of the smallest size.
/// Source: <https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/read-write-operations.html>.
fn failed(operation: &str, items: usize, error: &str) -> f64 {
    let error = error.rsplit('#').next().unwrap_or_default();
    match (operation, error) {
        (_, "ConditionalCheckFailedException") => 1.0,
        ("TransactWriteItems", "TransactionCanceledException") => 2.0 * items as f64,
        _ => 0.0,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn item(pk: &str, sk: &str) -> Value {
        json!({ "pk": { "S": pk }, "sk": { "S": sk } })
    }

    #[test]
    fn units_are_those_that_the_table_tells() {
        let mut reading = Reading::default();
        let board = json!({ "Key": item("O#o#L#m#1", "B#1") });
        let told = json!({ "ConsumedCapacity": { "TableName": "t", "CapacityUnits": 1.5 } });
        count(&mut reading, "GetItem", &board, true, &told);
        let batch = json!({ "RequestItems": { "t": [
            { "PutRequest": { "Item": item("O#o#D#+1", "msg_1") } }, { "PutRequest": { "Item": item("O#o#D#+2", "msg_1") } }
        ] } });
        let told = json!({ "ConsumedCapacity": [{ "TableName": "t", "CapacityUnits": 2.0 }] });
        count(&mut reading, "BatchWriteItem", &batch, true, &told);
        assert!((reading.read_units() - 1.5).abs() < 1e-9 && (reading.write_units() - 2.0).abs() < 1e-9);
        assert_eq!(reading.table["BatchWriteItem delivery"].requests, 1);
    }

    #[test]
    fn writes_whose_condition_failed_are_billed() {
        let mut reading = Reading::default();
        let board = json!({ "Key": item("O#o#L#m#1", "B#1") });
        let told = json!({ "__type": "com.amazonaws.dynamodb.v20120810#ConditionalCheckFailedException" });
        count(&mut reading, "UpdateItem", &board, false, &told);
        let told = json!({ "__type": "com.amazonaws.dynamodb.v20120810#ValidationException" });
        count(&mut reading, "UpdateItem", &board, false, &told);
        let both = json!({ "TransactItems": [{ "Update": board }, { "Put": { "Item": item("O#o#M#1", "msg_1") } }] });
        let told = json!({ "__type": "com.amazonaws.dynamodb.v20120810#TransactionCanceledException" });
        count(&mut reading, "TransactWriteItems", &both, false, &told);
        assert!((reading.write_units() - (1.0 + 4.0)).abs() < 1e-9, "one, and two items doubled");
    }
}
