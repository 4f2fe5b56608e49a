//! `events/`: one sample a function, and each of them through the real binary.

use std::collections::{BTreeMap, BTreeSet};

use futures::{StreamExt, stream};
use serde_json::{Value, json};
use tests::World;
use web::row::{Access, Row, Trigger};

use super::{
    root,
    runtime::{environment, invoke},
};

/// Processes at the same time.
const AT_ONCE: usize = 8;

fn event(name: &str) -> Value {
    let text = std::fs::read_to_string(root(&format!("events/{name}.json"))).expect("every function has an event");
    serde_json::from_str(&text).expect("an event is JSON")
}

#[test]
fn every_function_has_one_event() {
    let rows: BTreeSet<String> = functions::catalogue().iter().map(|row| format!("{}.json", row.name)).collect();
    let files: BTreeSet<String> = std::fs::read_dir(root("events"))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    assert_eq!(files, rows);
}

#[tokio::test(flavor = "multi_thread")]
async fn every_event_runs_through_bootstrap() {
    let world = World::start().await;
    let owner = world.api.register("events").await.token.unwrap();
    // Who signs out is somebody else, so that the others stay signed in.
    let leaver = world.api.register("leaver").await.token.unwrap();
    let environment = environment(&world.host.app.settings, &world.host.aws);
    let failures: BTreeMap<&str, String> = stream::iter(functions::catalogue())
        .map(|row| {
            let token = if row.name == "auth-logout" { &leaver } else { &owner };
            let mut event = event(row.name);
            if event["headers"]["authorization"].is_string() {
                event["headers"]["authorization"] = json!(format!("Bearer {token}"));
            }
            let environment = &environment;
            async move {
                let answer = invoke(row.name, &event, environment).await;
                answer.and_then(|answer| judge(&row, &answer)).err().map(|why| (row.name, why))
            }
        })
        .buffer_unordered(AT_ONCE)
        .filter_map(|failure| async { failure })
        .collect()
        .await;
    assert!(failures.is_empty(), "{failures:#?}");
    world.host.stop().await;
}

/// Whether a function answered as its kind does.
fn judge(row: &Row, answer: &Value) -> Result<(), String> {
    match row.trigger {
        Trigger::Queue { .. } => {
            let failures = answer["batchItemFailures"].as_array().ok_or("no batchItemFailures")?;
            if failures.iter().all(|failure| failure["itemIdentifier"].is_string()) {
                Ok(())
            } else {
                Err(answer.to_string())
            }
        }
        Trigger::Every { .. } => {
            if answer.is_null() {
                Ok(())
            } else {
                Err(answer.to_string())
            }
        }
        _ => {
            let status = answer["statusCode"].as_u64().ok_or("no status")?;
            let id = answer["headers"]["x-request-id"].as_str().unwrap_or_default();
            let signed_in = status != 401 || matches!(row.access, None | Some(Access::Public));
            if (200..500).contains(&status) && signed_in && id.starts_with("req_") {
                Ok(())
            } else {
                Err(answer.to_string())
            }
        }
    }
}
