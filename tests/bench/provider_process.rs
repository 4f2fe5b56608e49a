//! The provider of the benchmarks, started as a process of its own.

use std::{collections::HashMap, process::Stdio};

use serde_json::{Value, json};
use tokio::{
    io::{AsyncBufReadExt as _, BufReader},
    process::{Child, Command},
};

use tests::provider::custom;

use crate::stats::Stats;

/// The provider's process. It ends with this one.
pub struct Provider {
    /// Its address, without a slash at the end.
    pub url: String,
    child: Child,
    http: reqwest::Client,
}

impl Provider {
    /// Starts it on a free port.
    pub async fn start(delay_ms: u64) -> Self {
        let mut child = Command::new(tests::process::beside("bench-provider"))
            .args(["--delay-ms", &delay_ms.to_string()])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .expect("bench-provider is built beside this program");
        let output = child.stdout.take().expect("it is piped");
        let url = BufReader::new(output).lines().next_line().await.ok().flatten().expect("the provider starts");
        local::install_tls();
        let http = reqwest::Client::builder().no_proxy().build().expect("a plain client");
        Self { url, child, http }
    }

    /// The id of the process.
    pub fn pid(&self) -> u32 {
        self.child.id().expect("it runs until it is dropped")
    }

    /// What it took so far.
    pub async fn stats(&self) -> Stats {
        self.ask("/stats").await
    }

    /// The numbers that it took, each with how often.
    pub async fn numbers(&self) -> HashMap<String, u32> {
        self.ask("/numbers").await
    }

    async fn ask<T: serde::de::DeserializeOwned>(&self, path: &str) -> T {
        let answer = self.http.get(format!("{}{path}", self.url)).send().await.expect("the provider answers");
        answer.json().await.expect("the provider answers in JSON")
    }

    /// The body of the `CUSTOM` config that sends to it, one call per recipient.
    pub fn single(&self, name: &str) -> Value {
        let mut config = custom(name, &format!("{}/send", self.url));
        // Receipts that give our own id back need no pointer from the provider's.
        config["settings"]["dlr"] = json!({ "messageIdPointer": "/ref" });
        config
    }

    /// The body of the `AFRICASTALKING` config that sends to it, a hundred recipients per call.
    pub fn batch(&self, name: &str) -> Value {
        json!({
            "channel": "SMS",
            "kind": "AFRICASTALKING",
            "name": name,
            "ratePerMinute": 60_000_000,
            "isActive": true,
            "apiUrl": self.url,
            "credentials": { "username": "benchmark", "apiKey": "secret-of-the-benchmark" },
        })
    }
}
