//! `send`: a message to many through the real program, against a provider in a process of its own; what it takes, and
//! what a `kill -9` in the middle does.

use std::{collections::HashMap, path::PathBuf};

use clap::Args;
use serde_json::Value;
use tests::{Api, Process, eventually, process::Settings};

use crate::{
    beside, now_ms, process,
    provider_process::Provider,
    seed::{self, PATIENCE, World, number},
    table::{megabytes, seconds, table, whole},
    tell,
};

/// As the program is without settings, but for its log: a claim holds as long as the function may run.
pub const AS_DELIVERED: Settings = &[("DUNDUN_LOG", "error")];

/// Claims that end soon, so that what a kill left is taken up while one waits.
const SHORT_LEASES: Settings = &[("DUNDUN_LOG", "error"), ("DUNDUN_LEASE_SECONDS", "5")];

#[derive(Args)]
pub struct Options {
    /// How many get the message.
    #[arg(long, default_value_t = 100_000)]
    recipients: u32,
    /// Where the data is kept meanwhile; emptied before and removed after.
    #[arg(long, default_value = "target/bench/send")]
    folder: PathBuf,
    /// Only the ways whose name holds this.
    #[arg(long, default_value = "")]
    only: String,
    /// Leaves out the sender on Node with Redis and PostgreSQL, which is installed and measured otherwise.
    #[arg(long)]
    alone: bool,
    /// Measures nothing but the sender on Node.
    #[arg(long, conflicts_with = "alone")]
    peer: bool,
}

/// One way to send.
struct Way {
    name: &'static str,
    delay_ms: u64,
    batch: bool,
    kill: bool,
}

const WAYS: [Way; 5] = [
    Way { name: "one per call, 0 ms", delay_ms: 0, batch: false, kill: false },
    Way { name: "one per call, 50 ms", delay_ms: 50, batch: false, kill: false },
    Way { name: "100 per call, 0 ms", delay_ms: 0, batch: true, kill: false },
    Way { name: "100 per call, 50 ms", delay_ms: 50, batch: true, kill: false },
    Way { name: "one per call, 0 ms, `kill -9`", delay_ms: 0, batch: false, kill: true },
];

/// What a way took.
pub struct Measured {
    /// What it is called.
    pub name: &'static str,
    /// How many were to get the message.
    pub recipients: u32,
    /// From the request to the last text that the provider took, in seconds.
    pub seconds: f64,
    /// From the request to the status `SENT`.
    pub closed: f64,
    /// CPU of the sender, all its processes, in seconds.
    pub cpu: f64,
    /// CPU of the provider, in seconds.
    pub provider_cpu: f64,
    /// Peak memory of the sender, all its processes, in bytes.
    pub peak: u64,
    /// Texts to a number that had one.
    pub doubled: u64,
    /// Recipients that got no text and are not shown as open.
    pub lost: u64,
    /// Recipients shown as unknown.
    pub unknown: u64,
    /// Texts in each second.
    pub per_second: Vec<u32>,
}

impl Measured {
    /// Texts a second, from the request to the last.
    pub fn rate(&self) -> f64 {
        f64::from(self.recipients) / self.seconds
    }

    /// One line for the person who waits.
    pub fn tell(&self) {
        tell(format!(
            "{}: {} msg/s, {} of CPU, {} lost, {} doubled, {} unknown; each second: {:?}",
            self.name,
            whole(self.rate()),
            seconds(self.cpu),
            self.lost,
            self.doubled,
            self.unknown,
            self.per_second,
        ));
    }
}

/// Runs all ways, and gives the section.
pub async fn run(options: &Options) -> String {
    let mut all = Vec::new();
    if !options.peer {
        let world = seed::world(&options.folder, options.recipients).await;
        for way in WAYS.iter().filter(|way| way.name.contains(&options.only)) {
            all.push(measure(way, options, &world).await);
        }
    }
    if !options.alone {
        all.extend(beside::run(&options.folder.join("peer"), options.recipients).await);
    }
    let _ = std::fs::remove_dir_all(&options.folder);
    section(options.recipients, &all)
}

async fn measure(way: &Way, options: &Options, world: &World) -> Measured {
    let provider = Provider::start(way.delay_ms).await;
    let settings = if way.kill { SHORT_LEASES } else { AS_DELIVERED };
    let mut host = Process::start_with(&options.folder, None, settings).await;
    host.api.token = Some(world.token.clone());
    let config = if way.batch { provider.batch(way.name) } else { provider.single(way.name) };
    let config = seed::provider(&host.api, config).await;
    process::forget_peak(host.pid());
    let cpu_before = process::cpu_seconds(host.pid());

    let begun = now_ms();
    let path = format!("/api/messages/{}", seed::message(&host.api, &world.group, &config).await);
    let mut cpu = 0.0;
    if way.kill {
        let half = u64::from(options.recipients) / 2;
        eventually("half is sent", PATIENCE, || async { (provider.stats().await.accepted >= half).then_some(()) })
            .await;
        cpu = process::cpu_seconds(host.pid()) - cpu_before;
        host = host.kill_and_restart().await;
        tell("killed in the middle, and started again");
    }
    let message = closed(&host.api, &path, &provider, options.recipients).await;
    let closed = since(begun);
    cpu += process::cpu_seconds(host.pid()) - if way.kill { 0.0 } else { cpu_before };

    let stats = provider.stats().await;
    let (lost, unknown) = missing(&host.api, &path, &message, &provider.numbers().await, options.recipients).await;
    let measured = Measured {
        name: way.name,
        recipients: options.recipients,
        seconds: stats.last_ms.saturating_sub(begun) as f64 / 1_000.0,
        closed,
        cpu,
        provider_cpu: process::cpu_seconds(provider.pid()),
        peak: process::peak_memory(host.pid()),
        doubled: stats.doubled,
        lost,
        unknown,
        per_second: stats.per_second,
    };
    host.kill().await;
    measured.tell();
    measured
}

/// The message once nobody is pending any more. The API is asked rarely while texts are still going out: it would fold.
pub async fn closed(api: &Api, path: &str, provider: &Provider, recipients: u32) -> Value {
    let mut asked = 0;
    eventually("the message is closed", PATIENCE, || {
        asked += 1;
        let ask_api = asked % 100 == 0;
        async move {
            if !ask_api && provider.stats().await.accepted < u64::from(recipients) {
                return None;
            }
            let message = api.get(path).await.expect(200);
            matches!(message["status"].as_str(), Some("SENT" | "FAILED" | "PAUSED")).then_some(message)
        }
    })
    .await
}

/// How many are lost: neither taken by the provider nor shown as open or failed. And how many are shown as unknown.
async fn missing(api: &Api, path: &str, message: &Value, taken: &HashMap<String, u32>, recipients: u32) -> (u64, u64) {
    let mut accounted = 0;
    for status in ["UNKNOWN", "FAILED", "PENDING", "SKIPPED"] {
        for delivery in api.all(&format!("{path}/recipients?status={status}")).await {
            accounted += u64::from(!taken.contains_key(delivery["recipient"].as_str().unwrap_or_default()));
        }
    }
    let reached = (0..recipients).filter(|person| taken.contains_key(&number(*person))).count() as u64;
    let lost = u64::from(recipients) - reached - accounted.min(u64::from(recipients) - reached);
    (lost, message["counts"]["unknown"].as_u64().unwrap_or(0))
}

fn since(begun: u64) -> f64 {
    now_ms().saturating_sub(begun) as f64 / 1_000.0
}

fn section(recipients: u32, all: &[Measured]) -> String {
    let head = [
        "way",
        "messages/s",
        "to the last",
        "to `SENT`",
        "CPU",
        "CPU of the provider",
        "peak memory",
        "lost",
        "doubled",
        "unknown",
    ];
    let mut rows = vec![head.map(str::to_owned).to_vec()];
    rows.extend(all.iter().map(|way| {
        vec![
            way.name.to_owned(),
            whole(way.rate()),
            seconds(way.seconds),
            seconds(way.closed),
            seconds(way.cpu),
            seconds(way.provider_cpu),
            megabytes(way.peak),
            way.lost.to_string(),
            way.doubled.to_string(),
            way.unknown.to_string(),
        ]
    }));
    let rate = |name: &str| all.iter().find(|way| way.name == name).map(Measured::rate);
    let ratio = match (rate("one per call, 0 ms"), rate("Node, one per call, 0 ms")) {
        (Some(ours), Some(theirs)) => format!("\nAt 0 ms Dundun sends {:.1} times as many a second.\n", ours / theirs),
        _ => String::new(),
    };
    format!(
        "## Sending: `send`\n\nOne message to {} people, from the request to the last text that the provider took. The program \
         (`dundun`, as delivered, data on disk) and the provider are two processes; the functions reach the local AWS over HTTP. \
         CPU and memory are of the sender, all its processes, without the provider. \
         [Node](../tests/bench/peers/service.mjs): BullMQ, Redis and a status row per message in PostgreSQL.\n\n{}{ratio}",
        whole(recipients.into()),
        table(&rows)
    )
}
