//! `infra/dead-letters.sh`: says why work failed for good, and puts it back. A chunk that cannot be read holds up nothing else.

use std::process::{Command, Output};

use domain::id::{MessageId, OrgId};
use serde_json::{Value, json};
use store::{Update, keys};
use tests::World;

use super::{root, tool};

fn run(aws: &str, arguments: &[&str]) -> Output {
    let tools = tool("aws").parent().expect("a folder").display().to_string();
    Command::new(root("infra/dead-letters.sh"))
        .arg("dundun")
        .args(arguments)
        .env_clear()
        .env("PATH", format!("{tools}:/usr/local/bin:/usr/bin:/bin"))
        .env("AWS_ENDPOINT_URL", aws)
        .env("AWS_DEFAULT_REGION", local::host::REGION)
        .env("AWS_ACCESS_KEY_ID", "dundun")
        .env("AWS_SECRET_ACCESS_KEY", "dundun-on-one-machine")
        .output()
        .expect("it starts")
}

fn text(output: &Output) -> String {
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8_lossy(&output.stdout).into_owned()
}

fn message(to: &[String]) -> Value {
    json!({ "body": "Hi.", "recipientType": "ADDRESS", "recipients": to })
}

#[tokio::test(flavor = "multi_thread")]
async fn a_poison_chunk_says_why_and_goes_out_once_it_is_mended() {
    let mut world = World::at("2026-03-02T12:00:00Z").await;
    let mut config = world.provider.config("Slow");
    config["ratePerMinute"] = json!(60);
    let api = world.api.register("poison").await;
    api.post("/api/providers", config).await.expect(201);
    let numbers: Vec<String> = (1..=12).map(|number| format!("+2547000000{number:02}")).collect();
    let send = async |to: &[String]| {
        let sent = api.post("/api/messages", message(to)).await.expect(202);
        sent["id"].as_str().expect("an id").to_owned()
    };
    // The first takes the config's rate for ten seconds, so the second waits long enough to be spoilt.
    let first = send(&numbers[..10]).await;
    world.idle().await;
    let poison = send(&numbers[10..11]).await;
    let org = api.get("/api/auth/me").await.expect(200)["organization"]["id"].as_str().expect("an id").to_owned();
    let org: OrgId = org.parse().expect("an organization");
    let id: MessageId = poison.parse().expect("a message");
    let table = world.host.app.table.clone();
    let key = keys::plan(org, id, 0);
    let plan: Value = table.get(&key).await.expect("the table answers").expect("it is planned");
    table.update(Update::of(key.clone()).set("recipients", "not a plan")).await.expect("it is spoilt");

    let last = send(&numbers[11..]).await;
    // Each try ends at once; the queue shows the job again after its visibility timeout, until it has had enough.
    let tries = 60;
    for _ in 0..tries {
        world.pass(61).await;
        let depth = world.host.sqs.depth("dundun-send-dlq").await.expect("the queue is there");
        if !depth.is_idle() {
            break;
        }
    }
    let api = world.api.sign_in("poison").await;
    // Of a message whose recipients cannot be read only the list can tell.
    let get = async |id: &str| {
        let messages = api.all("/api/messages").await;
        messages.into_iter().find(|message| message["id"] == id).expect("it is listed")
    };
    assert_eq!((&get(&first).await["status"], &get(&last).await["status"]), (&json!("SENT"), &json!("SENT")));
    let stuck = get(&poison).await;
    assert_eq!(stuck["status"], "SENDING", "{stuck}");
    let alerts = api.all("/api/alerts").await;
    assert_eq!((&alerts[0]["kind"], &alerts[0]["subject"]), (&json!("MESSAGE_STUCK"), &json!(poison)), "{alerts:?}");

    let aws = world.host.aws.clone();
    let shown = text(&run(&aws, &[]));
    assert!(shown.starts_with("send:\n") && shown.lines().count() == 2, "one job, however long it took: {shown}");
    assert!(shown.contains("internal") && shown.contains("expected"), "it says why: {shown}");
    assert!(shown.contains(&poison) && !shown.contains("+254") && !shown.contains("Hi."), "ids only: {shown}");
    assert!(!run(&aws, &["resend"]).status.success(), "a slip of the finger does nothing");

    let mended = Update::of(key).set("recipients", &plan["recipients"]);
    table.update(mended).await.expect("it is mended");
    assert_eq!(text(&run(&aws, &["redrive", "plan", "send"])), "send: 1 put back\n");
    let sent = world.until("it goes out", 60, || async {
        let message = get(&poison).await;
        (message["status"] == "SENT").then_some(message)
    });
    let sent = sent.await;
    assert_eq!((&sent["counts"]["sent"], &sent["error"]), (&json!(1), &Value::Null), "{sent}");
    assert_eq!(world.provider.accepted().len(), 12);
    world.end().await;
}
