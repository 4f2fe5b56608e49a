//! What kind of item a key belongs to, in words, so that a reading shows where units go. The keys: `store::keys`.

use serde_json::Value;

/// The kind of the item with this key.
pub(super) fn of(pk: &str, sk: &str) -> &'static str {
    let Some(rest) = pk.strip_prefix("O#") else {
        return match pk.split('#').next() {
            Some("PROVIDER") => "provider pointer",
            Some("DUE") => "due index",
            Some("U" | "EMAIL" | "INVITE" | "ATTEMPT" | "APIKEY") => "user",
            _ => "other",
        };
    };
    let begins = sk.split('#').next().unwrap_or_default();
    match rest.split('#').nth(1) {
        Some("L") => match begins {
            "P" => "plan",
            "B" if sk.contains("#R") => "receipts",
            "B" => "board",
            _ => "given recipients",
        },
        Some("D") if sk.ends_with("#R") => "receipt",
        Some("D") => "delivery",
        Some("C") if begins == "G" => "membership",
        Some("C") => "contact",
        Some("G") => "membership",
        Some("P" | "X") => "contact index",
        Some("M") => "message",
        Some("RATE") => "rate",
        Some("RID") => "receipt pointer",
        Some("DAY") => "day totals",
        Some("N") => "counter",
        Some("I") => "idempotency",
        Some("R") => "import rows",
        _ => match begins {
            "PROVIDER" | "PROVIDERNAME" | "PROVIDERSET" => "provider config",
            "DATAKEY" => "data key",
            "ORG" => "organization",
            "GROUP" | "GROUPNAME" | "GONE" => "group",
            "TEMPLATE" => "template",
            "IMPORT" => "import",
            "ALERT" => "alert",
            _ => "other of the organization",
        },
    }
}

/// The kinds of the items that a request names; a query by the partition and the lower end of its range.
pub(super) fn of_request(operation: &str, body: &Value) -> Vec<&'static str> {
    let text = |value: &Value| value["S"].as_str().unwrap_or_default().to_owned();
    let key = |item: &Value| of(&text(&item["pk"]), &text(&item["sk"]));
    match operation {
        "PutItem" => vec![key(&body["Item"])],
        "GetItem" | "UpdateItem" | "DeleteItem" => vec![key(&body["Key"])],
        "Query" => {
            let values = &body["ExpressionAttributeValues"];
            let first = |names: &[&str]| names.iter().map(|name| text(&values[*name])).find(|text| !text.is_empty());
            let pk = first(&[":pk", ":partition"]).unwrap_or_default();
            vec![of(&pk, &first(&[":low"]).unwrap_or_default())]
        }
        "BatchGetItem" => {
            tables(body).flat_map(|table| table["Keys"].as_array().into_iter().flatten()).map(key).collect()
        }
        "BatchWriteItem" => tables(body)
            .flat_map(|table| table.as_array().into_iter().flatten())
            .map(|write| match &write["PutRequest"]["Item"] {
                Value::Null => key(&write["DeleteRequest"]["Key"]),
                item => key(item),
            })
            .collect(),
        "TransactWriteItems" => body["TransactItems"]
            .as_array()
            .into_iter()
            .flatten()
            .map(|write| match &write["Put"]["Item"] {
                Value::Null => ["Update", "Delete", "ConditionCheck"]
                    .iter()
                    .find(|name| !write[**name].is_null())
                    .map_or("other", |name| key(&write[*name]["Key"])),
                item => key(item),
            })
            .collect(),
        _ => Vec::new(),
    }
}

/// What a batch asks of each table.
fn tables(body: &Value) -> impl Iterator<Item = &Value> {
    body["RequestItems"].as_object().into_iter().flat_map(|tables| tables.values())
}

#[cfg(test)]
mod tests {
    use domain::id::{MessageId, OrgId};
    use serde_json::json;
    use store::keys;

    use super::*;

    #[test]
    fn keys_are_named() {
        let org = OrgId::new(jiff::Timestamp::UNIX_EPOCH, 1);
        let message = MessageId::generate(jiff::Timestamp::UNIX_EPOCH, 2);
        for (key, kind) in [
            (keys::plan(org, message, 3), "plan"),
            (keys::board(org, message, 3), "board"),
            (keys::delivery(org, "+254700000001", message), "delivery"),
            (keys::message(org, message), "message"),
            (keys::data_key(org), "data key"),
        ] {
            assert_eq!(of(&key.pk, &key.sk), kind);
        }
    }

    #[test]
    fn requests_name_their_items() {
        let key = |pk: &str, sk: &str| json!({ "pk": { "S": pk }, "sk": { "S": sk } });
        let get = json!({ "RequestItems": { "t": { "Keys": [key("O#o#L#m#1", "B#1"), key("O#o#L#m#1", "P#1")] } } });
        assert_eq!(of_request("BatchGetItem", &get), ["board", "plan"]);
        let write = json!({ "RequestItems": { "t": [{ "PutRequest": { "Item": key("O#o#D#+1", "msg_1") } }] } });
        assert_eq!(of_request("BatchWriteItem", &write), ["delivery"]);
        let query = json!({ "ExpressionAttributeValues": { ":pk": { "S": "O#o#L#m#1" }, ":low": { "S": "B#" } } });
        assert_eq!(of_request("Query", &query), ["board"]);
        let transact = json!({ "TransactItems": [{ "Update": { "Key": key("O#o#M#1", "msg_1") } }] });
        assert_eq!(of_request("TransactWriteItems", &transact), ["message"]);
    }
}
