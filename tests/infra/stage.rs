//! A stage for functions: the real binary, a process for each call, whose calls to AWS are recorded and held against its role.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Write,
    time::Duration,
};

use engine::Queue;
use local::sqs::Receive;
use serde_json::{Value, json};
use tests::World;

use super::{
    recorder::Recorder,
    roles::{Allowed, by_function},
    root,
    runtime::{environment, invoke},
};

/// The end of the ids in the sample events.
const ULID: &str = "01KAJ7Q4T0M5Z8X2V9C3B6N1R4";

/// A world in which functions run one by one.
pub struct Stage {
    pub world: World,
    pub token: String,
    pub roles: BTreeMap<String, Allowed>,
    /// Ids that stand in for those of the samples, by prefix.
    pub ids: BTreeMap<&'static str, String>,
    pub used: BTreeMap<String, Allowed>,
    pub beyond: BTreeSet<String>,
    pub requests: usize,
}

impl Stage {
    /// An organization with an owner and a provider.
    pub async fn start() -> Self {
        let world = World::start().await;
        let (owner, config) = world.organization("roles").await;
        for queue in Queue::ALL {
            world
                .host
                .sqs
                .create_queue(&format!("shop-{}", queue.name()), BTreeMap::new(), BTreeMap::new())
                .await
                .unwrap();
        }
        let ids = BTreeMap::from([("prv", config["id"].as_str().unwrap().to_owned())]);
        let (used, beyond) = (BTreeMap::new(), BTreeSet::new());
        Self { world, token: owner.token.unwrap(), roles: by_function(), ids, used, beyond, requests: 0 }
    }

    /// One invocation, recorded.
    pub async fn run(&mut self, name: &str, event: &Value) -> Value {
        let recorder = Recorder::start(&self.world.host.aws).await;
        let mut environment = environment(&self.world.host.app.settings, &recorder.url);
        for (name, value) in &mut environment {
            if *name == "DUNDUN_QUEUES" {
                *value = value.replace("/dundun-", "/shop-");
            }
        }
        let answer = invoke(name, event, &environment).await.unwrap_or_else(|error| panic!("{name}: {error}"));
        let used = recorder.used();
        let needs_nothing = self.roles[name].iter().all(|(action, _)| action.starts_with("logs:"));
        assert!(needs_nothing || !used.is_empty(), "{name} asked for nothing");
        self.used.entry(name.to_owned()).or_default().extend(used);
        let beyond = recorder.beyond(&self.roles[name]);
        self.beyond.extend(beyond.into_iter().map(|what| format!("{name}: {what}")));
        answer
    }

    /// A request: the sample, with ids that exist and perhaps another body. It must answer with this status.
    pub async fn http(&mut self, name: &str, body: Option<Value>, status: u64) -> Value {
        let mut text = std::fs::read_to_string(root(&format!("events/{name}.json"))).unwrap();
        for (prefix, id) in &self.ids {
            text = text.replace(&format!("{prefix}_{ULID}"), id);
        }
        let mut event: Value = serde_json::from_str(&text).unwrap();
        event["headers"]["authorization"] = json!(format!("Bearer {}", self.token));
        self.requests += 1;
        event["headers"]["idempotency-key"] = json!(format!("{name}-{}", self.requests));
        if let Some(body) = body {
            event["body"] = json!(body.to_string());
        }
        let answer = self.run(name, &event).await;
        if answer["statusCode"] != status {
            // All at once at the end: each is a place that this test did not get to.
            self.beyond.insert(format!("{name}: {} and not {status}: {}", answer["statusCode"], answer["body"]));
        }
        let body = answer["body"].as_str().unwrap_or_default();
        serde_json::from_str(body).unwrap_or_default()
    }

    /// The same, and keeps the id of what was made.
    pub async fn make(&mut self, name: &str, prefix: &'static str, body: Option<Value>, status: u64) -> Value {
        let made = self.http(name, body, status).await;
        let id = made["id"].as_str().unwrap_or_else(|| panic!("{name} gives no id: {made}"));
        self.ids.insert(prefix, id.to_owned());
        made
    }

    /// A request with this token in its path instead of the sample's. It must answer with 200.
    pub async fn with_token(&mut self, name: &str, token: &str) {
        let text = std::fs::read_to_string(root(&format!("events/{name}.json"))).unwrap();
        let text = text.replace("/sample\"", &format!("/{token}\"")).replace("/sample/", &format!("/{token}/"));
        let text = text.replace(r#""token": "sample""#, &format!(r#""token": "{token}""#));
        let answer = self.run(name, &serde_json::from_str(&text).unwrap()).await;
        assert_eq!(answer["statusCode"], 200, "{name}: {answer}");
    }

    /// Hands queue messages to their workers until there is none, delayed ones included.
    pub async fn work(&mut self) {
        loop {
            let (mut found, mut left) = (false, false);
            for queue in Queue::ALL {
                let name = format!("shop-{}", queue.name());
                // Somewhere the loop must wait for delayed messages.
                let wait = Duration::from_secs(u64::from(queue == Queue::Finish));
                let receive = Receive { max: 1, visibility: None, wait: Some(wait) };
                for message in self.world.host.sqs.receive(&name, receive).await.unwrap() {
                    found = true;
                    let job: Value = serde_json::from_str(&message.body).unwrap();
                    // What makes the queues fair between organizations.
                    assert_eq!(message.group.as_deref(), job["org"].as_str(), "the group of a job on {name}");
                    let event = json!({ "Records": [{
                        "messageId": message.message_id,
                        "body": message.body,
                        "attributes": { "ApproximateReceiveCount": "1", "SentTimestamp": message.sent_at.to_string() },
                    }] });
                    let answer = self.run(queue.name(), &event).await;
                    assert_eq!(answer["batchItemFailures"], json!([]), "{name}: {}", message.body);
                    self.world.host.sqs.delete(&name, &message.receipt_handle).await.unwrap();
                }
            }
            for queue in Queue::ALL {
                let depth = self.world.host.sqs.depth(&format!("shop-{}", queue.name())).await.unwrap();
                left |= !depth.is_idle() || depth.delayed > 0;
            }
            if !found && !left {
                return;
            }
        }
    }
}

/// A form with a small file, as browsers send it.
fn form(fields: &[(&str, &str)]) -> String {
    let mut form = String::from(
        "--sample\r\nContent-Disposition: form-data; name=\"file\"; filename=\"contacts.csv\"\r\n\
         Content-Type: text/csv\r\n\r\nname,phone\nAmina,+254712345001\nJuma,+254712345002\nNo one,12\n\r\n",
    );
    for (name, value) in fields {
        let _ = write!(form, "--sample\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n");
    }
    form + "--sample--\r\n"
}

/// A request with such a form. It must answer with this status.
pub async fn multipart(stage: &mut Stage, name: &str, fields: &[(&str, &str)], status: u64) -> Value {
    let text = std::fs::read_to_string(root(&format!("events/{name}.json"))).unwrap();
    let mut event: Value = serde_json::from_str(&text).unwrap();
    if let Some(group) = stage.ids.get("grp") {
        event = serde_json::from_str(&text.replace(&format!("grp_{ULID}"), group)).unwrap();
    }
    event["headers"]["authorization"] = json!(format!("Bearer {}", stage.token));
    stage.requests += 1;
    event["headers"]["idempotency-key"] = json!(format!("{name}-{}", stage.requests));
    (event["body"], event["isBase64Encoded"]) = (json!(form(fields)), json!(false));
    let answer = stage.run(name, &event).await;
    assert_eq!(answer["statusCode"], status, "{name}: {answer}");
    serde_json::from_str(answer["body"].as_str().unwrap()).unwrap()
}
