//! The local AWS answers the clients that others use: the AWS CLI and boto3.

use std::{path::Path, process::Command};

use serde_json::{Value, json};
use tests::World;

use super::{root, tool};

fn run(program: &Path, arguments: &[&str]) -> String {
    let output = Command::new(program)
        .args(arguments)
        .env_clear()
        .env("PATH", "/usr/local/bin:/usr/bin:/bin")
        .env("AWS_DEFAULT_REGION", local::host::REGION)
        .env("AWS_ACCESS_KEY_ID", "dundun")
        .env("AWS_SECRET_ACCESS_KEY", "dundun-on-one-machine")
        .output()
        .expect("it starts");
    assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).expect("text")
}

fn cli(endpoint: &str, arguments: &[&str]) -> Value {
    let arguments = [&["--endpoint-url", endpoint, "--output", "json"], arguments].concat();
    serde_json::from_str(&run(&tool("aws"), &arguments)).expect("JSON")
}

/// The last parts of the queues' URLs.
fn queues(endpoint: &str) -> Vec<String> {
    let answer = cli(endpoint, &["sqs", "list-queues"]);
    let urls = answer["QueueUrls"].as_array().expect("queues").iter().filter_map(Value::as_str);
    let mut names: Vec<String> = urls.map(|url| url.rsplit('/').next().expect("a name").to_owned()).collect();
    names.sort();
    names
}

#[tokio::test(flavor = "multi_thread")]
async fn the_aws_cli_lists_the_table_the_queues_and_the_schedules() {
    let world = World::at("2026-03-02T12:00:00Z").await;
    let (api, _) = world.organization("cli").await;
    let message = json!({
        "body": "Later.", "recipientType": "ADDRESS", "recipients": ["+254700000001"],
        "scheduledAt": "2026-03-02T14:00:00Z",
    });
    let message = api.post("/api/messages", message).await.expect(202);
    let aws = &world.host.aws;

    assert_eq!(cli(aws, &["dynamodb", "list-tables"])["TableNames"], json!(["dundun"]));
    let names = engine::Queue::ALL.map(|queue| format!("dundun-{}", queue.name()));
    let mut expected: Vec<String> = names.iter().flat_map(|name| [name.clone(), format!("{name}-dlq")]).collect();
    expected.sort();
    assert_eq!(queues(aws), expected);

    let group = ["--group-name", "dundun"];
    let listed = cli(aws, &[&["scheduler", "list-schedules"], &group[..]].concat());
    let [schedule] = listed["Schedules"].as_array().expect("schedules").as_slice() else { panic!("one: {listed}") };
    assert_eq!((&schedule["Name"], &schedule["State"]), (&message["id"], &json!("ENABLED")));
    assert!(schedule["Target"]["Arn"].as_str().expect("an ARN").ends_with(":dundun-plan"), "{schedule}");
    let name = message["id"].as_str().expect("an id");
    let shown = cli(aws, &[&["scheduler", "get-schedule", "--name", name], &group[..]].concat());
    assert_eq!(shown["ScheduleExpression"], "at(2026-03-02T14:00:00)");
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn boto3_makes_a_table_and_a_queue_of_its_own() {
    let world = World::start().await;
    let aws = &world.host.aws;
    let before = queues(aws);
    let script = root("tests/infra/clients.py").display().to_string();
    run(&tool("python"), &[&script, aws]);
    assert_eq!(cli(aws, &["dynamodb", "list-tables"])["TableNames"], json!(["dundun", "notes"]));
    let mut after = before;
    after.push("errands".into());
    after.sort();
    assert_eq!(queues(aws), after);
    // The product's own table and queues go on as before.
    assert_eq!(world.api.register("beside").await.get("/api/messages").await.expect(200)["data"], json!([]));
    world.end().await;
}
