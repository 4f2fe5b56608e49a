//! `/api/deliveries`: the log, beyond what the flows show.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use tests::{Api, World, provider::Behaviour};

const START: &str = "2026-03-02T08:00:00Z";

fn id_of(thing: &Value) -> &str {
    thing["id"].as_str().unwrap()
}

/// Sends to these numbers by a config. Gives the message once it is settled.
async fn send(world: &mut World, api: &Api, config: &Value, numbers: &[&str]) -> Value {
    let body = json!({
        "body": "Hi, \"all\" of you.", "recipientType": "ADDRESS", "recipients": numbers, "providerId": config["id"],
    });
    let message = api.post("/api/messages", body).await.expect(202);
    let settled = world.settled(api, id_of(&message)).await;
    world.pass(5).await;
    settled
}

async fn sandbox(api: &Api) -> Value {
    let config = json!({ "kind": "SANDBOX", "channel": "SMS", "name": "Sandbox", "ratePerMinute": 60_000_000 });
    api.post("/api/providers", config).await.expect(201)
}

/// The lines of a CSV export, its headings first.
fn lines(bytes: &[u8]) -> Vec<String> {
    let text = std::str::from_utf8(bytes).unwrap();
    text.trim_start_matches('\u{feff}').split_terminator("\r\n").map(str::to_owned).collect()
}

#[tokio::test]
async fn a_retry_sends_the_failed_copy_and_no_other() {
    let mut world = World::at(START).await;
    let (api, config) = world.organization("retry").await;
    world.provider.script([Behaviour::Refuse(400)]);
    let message = send(&mut world, &api, &config, &["+254700000001", "+254700000002"]).await;
    assert_eq!((&message["counts"]["sent"], &message["counts"]["failed"]), (&json!(1), &json!(1)), "{message}");
    let failed = api.all("/api/deliveries?status=FAILED").await;
    let sent = api.all("/api/deliveries?status=SENT").await;
    assert_eq!((failed.len(), sent.len()), (1, 1));
    let path = format!("/api/deliveries/{}", id_of(&failed[0]));

    let accepted = api.post(&format!("{path}/retry"), json!({})).await.expect(202);
    assert_eq!((&accepted["id"], &accepted["recipient"]), (&failed[0]["id"], &failed[0]["recipient"]));
    let message = world.settled(&api, id_of(&message)).await;
    assert_eq!(
        (&message["status"], &message["counts"]["sent"], &message["counts"]["failed"]),
        (&json!("SENT"), &json!(2), &json!(0)),
        "{message}"
    );
    let tried = api.get(&path).await.expect(200);
    assert_eq!(
        (&tried["status"], &tried["reason"], &tried["errorMessage"], &tried["isSuccessful"]),
        (&json!("SENT"), &Value::Null, &Value::Null, &json!(true)),
        "{tried}"
    );
    let attempts: Vec<_> = tried["attempts"].as_array().unwrap().iter().map(|attempt| &attempt["status"]).collect();
    assert_eq!(attempts, ["FAILED", "SENT"]);
    let numbers = world.provider.by_number();
    assert!(numbers.len() == 2 && numbers.values().all(|copies| copies.len() == 1), "each has one copy");
    assert_eq!(tried["providerMessageId"], numbers[tried["recipient"].as_str().unwrap()][0].id);

    for delivery in [id_of(&failed[0]), id_of(&sent[0])] {
        let again = api.post(&format!("/api/deliveries/{delivery}/retry"), json!({})).await;
        assert_eq!(again.problem(409), "delivery_not_failed");
    }
    assert_eq!(world.provider.requests(), 3);
    world.end().await;
}

#[tokio::test]
async fn an_export_has_a_line_for_each_copy() {
    let mut world = World::at(START).await;
    let (api, config) = world.organization("log-export").await;
    let contact = api.post("/api/contacts", json!({ "phone": "+254700000001" })).await.expect(201);
    let sandbox = sandbox(&api).await;
    let body = json!({
        "body": "Hi, \"all\" of you.\nBye.", "recipientType": "CONTACT", "recipientId": contact["id"],
        "providerId": config["id"],
    });
    let message = api.post("/api/messages", body).await.expect(202);
    world.settled(&api, id_of(&message)).await;
    world.provider.report_all(config["webhookUrl"].as_str().unwrap(), "DELIVRD").await;
    world.pass(60).await;
    let failed = send(&mut world, &api, &sandbox, &["+254700999001"]).await;

    let file = api.get("/api/deliveries/export").await;
    assert_eq!(file.status, 200);
    assert!(file.headers["content-type"].to_str().unwrap().starts_with("text/csv"));
    let disposition = file.headers["content-disposition"].to_str().unwrap();
    assert!(disposition.contains("attachment") && disposition.contains("deliveries-2026-03-02.csv"), "{disposition}");
    let headings = "id,messageId,contactId,channel,recipient,status,reason,providerId,providerMessageId,segments,cost,\
                    currency,errorMessage,createdAt,sentAt,deliveredAt,readAt,body";
    let shown = api.all("/api/deliveries").await;
    let line = |copy: &Value, contact: &str, reason: &str, error: &str, body: &str| {
        let text = |name: &str| copy[name].as_str().unwrap_or_default().to_owned();
        [
            text("id"),
            text("messageId"),
            contact.to_owned(),
            "SMS".to_owned(),
            text("recipient"),
            text("status"),
            reason.to_owned(),
            text("providerId"),
            text("providerMessageId"),
            "1".to_owned(),
            String::new(),
            String::new(),
            error.to_owned(),
            text("createdAt"),
            text("sentAt"),
            text("deliveredAt"),
            String::new(),
            body.to_owned(),
        ]
        .join(",")
    };
    let error = shown[0]["errorMessage"].as_str().unwrap();
    let (hi, bye) = ("\"Hi, \"\"all\"\" of you.\"", "\"Hi, \"\"all\"\" of you.\nBye.\"");
    assert_eq!(
        lines(&file.bytes),
        [
            headings.to_owned(),
            line(&shown[0], "", "INVALID_RECIPIENT", error, hi),
            line(&shown[1], id_of(&contact), "", "", bye),
        ]
    );
    assert_eq!(
        (&shown[0]["recipient"], &shown[0]["status"], &shown[0]["messageId"], &shown[0]["sentAt"]),
        (&json!("+254700999001"), &json!("FAILED"), &failed["id"], &Value::Null)
    );
    assert!(shown[1]["sentAt"].is_string() && shown[1]["deliveredAt"].is_string() && !error.is_empty(), "{shown:?}");
    world.end().await;
}

#[tokio::test]
async fn each_filter_holds_alone_and_together_with_others() {
    let mut world = World::at(START).await;
    let (api, loopback) = world.organization("log-filters").await;
    let sandbox = sandbox(&api).await;
    let first = send(&mut world, &api, &loopback, &["+254700000001", "+254700000002"]).await;
    world.pass(600).await;
    let second = send(&mut world, &api, &sandbox, &["+254700000001", "+254700999001"]).await;
    let (one, two) = (id_of(&first), id_of(&second));
    let (loopback, sandbox) = (id_of(&loopback), id_of(&sandbox));
    let (earlier, later) = (first["sentAt"].as_str().unwrap(), second["sentAt"].as_str().unwrap());

    let all = api.all("/api/deliveries").await;
    let place = |copy: &Value| {
        let message = if copy["messageId"] == one { 1 } else { 2 };
        format!("{message}:{}", &copy["recipient"].as_str().unwrap()[7..])
    };
    assert_eq!(
        all.iter().map(|copy| (place(copy), copy["status"].as_str().unwrap())).collect::<Vec<_>>(),
        [
            ("2:000001".to_owned(), "DELIVERED"),
            ("2:999001".to_owned(), "FAILED"),
            ("1:000001".to_owned(), "SENT"),
            ("1:000002".to_owned(), "SENT"),
        ],
        "newest message first, then in the order of the audience"
    );
    for (query, expected) in [
        ("status=SENT".to_owned(), "1:000001 1:000002"),
        ("status=failed".to_owned(), "2:999001"),
        ("status=READ".to_owned(), ""),
        ("recipient=%2B254700000001".to_owned(), "2:000001 1:000001"),
        ("recipient=%2B254-700-000-002".to_owned(), "1:000002"),
        ("recipient=%2B254700000009".to_owned(), ""),
        (format!("messageId={one}"), "1:000001 1:000002"),
        (format!("providerId={sandbox}"), "2:000001 2:999001"),
        (format!("providerId={loopback}"), "1:000001 1:000002"),
        (format!("from={later}"), "2:000001 2:999001"),
        (format!("to={later}"), "1:000001 1:000002"),
        (format!("from={earlier}&to={later}"), "1:000001 1:000002"),
        (format!("to={earlier}"), ""),
        (format!("providerId={sandbox}&status=FAILED"), "2:999001"),
        (format!("recipient=%2B254700000001&providerId={loopback}"), "1:000001"),
        (format!("recipient=%2B254700000001&messageId={two}"), "2:000001"),
        (format!("recipient=%2B254700000001&from={later}"), "2:000001"),
        (format!("recipient=%2B254700000001&to={later}&status=SENT"), "1:000001"),
        ("recipient=%2B254700000001&status=FAILED".to_owned(), ""),
        (format!("messageId={two}&status=DELIVERED"), "2:000001"),
        (format!("messageId={one}&providerId={sandbox}"), ""),
        (format!("messageId={one}&from={later}"), ""),
        (
            format!("messageId={two}&providerId={sandbox}&from={earlier}&recipient=%2B254700000001&status=DELIVERED"),
            "2:000001",
        ),
    ] {
        let found = api.all(&format!("/api/deliveries?{query}")).await;
        assert_eq!(found.iter().map(&place).collect::<Vec<_>>().join(" "), expected, "{query}");
        let file = api.get(&format!("/api/deliveries/export?{query}")).await;
        assert_eq!(file.status, 200, "{query}");
        let exported: BTreeSet<String> =
            lines(&file.bytes)[1..].iter().map(|line| line.split(',').next().unwrap().to_owned()).collect();
        assert_eq!(exported, found.iter().map(|copy| id_of(copy).to_owned()).collect(), "the export of {query}");
    }
    for wrong in ["recipient=nobody", "status=GONE", "providerId=x", "from=yesterday", "colour=red"] {
        api.get(&format!("/api/deliveries?{wrong}")).await.expect(422);
    }
    world.end().await;
}

#[tokio::test]
async fn a_large_export_comes_by_a_link_that_holds_for_an_hour() {
    let mut world = World::at(START).await;
    let api = world.api.register("log-large").await;
    let sandbox = sandbox(&api).await;
    let numbers: Vec<String> = (0..1_000).map(|number| format!("+2547000{number:05}")).collect();
    let body = json!({
        "body": "x".repeat(5_000), "recipientType": "ADDRESS", "recipients": numbers, "providerId": sandbox["id"],
    });
    let message = api.post("/api/messages", body).await.expect(202);
    assert_eq!(world.settled(&api, id_of(&message)).await["counts"]["total"], 1_000);

    let export = api.get("/api/deliveries/export").await.expect(202);
    assert_eq!(export["status"], "DONE");
    assert!(!id_of(&export).is_empty());
    let url = export["url"].as_str().unwrap();
    let bucket = Api::new("");
    let file = bucket.get(url).await;
    assert_eq!(file.status, 200);
    assert!(file.bytes.len() >= 4 << 20, "{}", file.bytes.len());
    assert!(file.headers["content-type"].to_str().unwrap().starts_with("text/csv"));
    let lines = lines(&file.bytes);
    assert!(lines[0].starts_with("id,messageId,") && lines[1].ends_with(&"x".repeat(5_000)));
    let recipients: BTreeSet<&str> = lines[1..].iter().map(|line| line.split(',').nth(4).unwrap()).collect();
    assert_eq!((lines.len(), recipients), (1_001, numbers.iter().map(String::as_str).collect()));
    world.pass(3_601).await;
    assert_eq!(bucket.get(url).await.status, 403, "the link has ended");
    world.end().await;
}
