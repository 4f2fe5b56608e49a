//! `start`: how long a function takes from its process to its first question for work, and how much memory it then
//! holds; the real `bootstrap`, and a handler on Node with the AWS SDK, on the same Runtime API.
//! <https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html>

use std::{process::Stdio, time::Instant};

use clap::Args;
use tokio::{
    io::AsyncReadExt as _,
    net::{TcpListener, TcpStream},
    process::Command,
};

use crate::{peer, process, table::table, tell};

#[derive(Args)]
pub struct Options {
    /// How often each is started.
    #[arg(long, default_value_t = 50)]
    runs: usize,
}

/// What is started.
struct Function {
    name: &'static str,
    /// The row, as Lambda says it.
    handler: &'static str,
    node: bool,
}

const FUNCTIONS: [Function; 3] = [
    Function { name: "`contacts-get` (an API function)", handler: "contacts-get", node: false },
    Function { name: "`send`", handler: "send", node: false },
    Function { name: "Node 20, AWS SDK v3 (DynamoDB, SQS)", handler: "handler", node: true },
];

/// One start.
struct Start {
    milliseconds: f64,
    memory: u64,
}

/// Starts all, in turns, and gives the section.
pub async fn run(options: &Options) -> String {
    peer::packages().await;
    let head = ["function", "median", "p95", "slowest", "resident memory"];
    let mut rows = vec![head.map(str::to_owned).to_vec()];
    let mut starts: Vec<Vec<Start>> = FUNCTIONS.iter().map(|_| Vec::new()).collect();
    for _ in 0..options.runs {
        // In turns, so that what else the machine does meets all of them.
        for (function, starts) in FUNCTIONS.iter().zip(&mut starts) {
            starts.push(start(function).await);
        }
    }
    for (function, mut starts) in FUNCTIONS.iter().zip(starts) {
        starts.sort_by(|a, b| a.milliseconds.total_cmp(&b.milliseconds));
        let at = |share: f64| starts[((starts.len() - 1) as f64 * share).round() as usize].milliseconds;
        let memory = starts.iter().map(|start| start.memory).max().unwrap_or(0);
        let milliseconds = |share| format!("{:.1} ms", at(share));
        let row = [milliseconds(0.5), milliseconds(0.95), milliseconds(1.0), format!("{:.1} MB", memory as f64 / 1e6)];
        tell(format!("{}: {}", function.name, row.join(", ")));
        rows.push([function.name.to_owned()].into_iter().chain(row).collect());
    }
    format!(
        "## Start of a function: `start`\n\nFrom the start of the process to its first request for an event on a Runtime API on the loopback \
         address, {} times each, in turns; then the memory that it has resident. Files are in the page cache. AWS adds its own time (the sandbox, the \
         download), which is the same for both.\n\n{}",
        options.runs,
        table(&rows)
    )
}

#[expect(clippy::disallowed_methods, reason = "a benchmark measures real time")]
async fn start(function: &Function) -> Start {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let address = listener.local_addr().expect("it is bound").to_string();
    let mut command = if function.node {
        let mut command = Command::new(peer::node());
        command.arg("runtime.mjs").current_dir(peer::SOURCE);
        command
    } else {
        Command::new(tests::process::beside("bootstrap"))
    };
    command
        .env_clear()
        .envs(environment())
        .env("_HANDLER", function.handler)
        .env("AWS_LAMBDA_RUNTIME_API", address)
        .stdout(Stdio::null())
        .kill_on_drop(true);
    let begun = Instant::now();
    let mut child = command.spawn().expect("it is built beside this program");
    let asked = tokio::select! {
        asked = question(&listener) => asked,
        status = child.wait() => panic!("{} ended with {status:?}", function.name),
    };
    let milliseconds = begun.elapsed().as_secs_f64() * 1_000.0;
    let memory = process::memory(peer::pid(&child));
    drop(asked);
    let _ = child.kill().await;
    Start { milliseconds, memory }
}

/// Waits until the function asks for its first event, and keeps the connection, as Lambda does while there is none.
async fn question(listener: &TcpListener) -> TcpStream {
    loop {
        let (mut stream, _) = listener.accept().await.expect("a connection");
        let mut begin = [0; 64];
        let length = stream.read(&mut begin).await.unwrap_or(0);
        if begin[..length].starts_with(b"GET /2018-06-01/runtime/invocation/next") {
            return stream;
        }
    }
}

/// What the template gives a function. Nothing is called before there is an event, so nobody listens there.
fn environment() -> Vec<(&'static str, &'static str)> {
    vec![
        ("DUNDUN_TABLE", "dundun"),
        ("DUNDUN_QUEUES", "http://127.0.0.1:9/000000000000/dundun-"),
        ("DUNDUN_QUEUE_ARNS", "arn:aws:sqs:eu-west-1:000000000000:dundun-"),
        ("DUNDUN_BUCKET", "dundun-files"),
        ("DUNDUN_SECRETS", "dundun/"),
        ("DUNDUN_SCHEDULE_GROUP", "dundun"),
        ("DUNDUN_SCHEDULE_ROLE", "arn:aws:iam::000000000000:role/dundun-schedules"),
        ("DUNDUN_PUBLIC_URL", "https://example.com"),
        ("AWS_ENDPOINT_URL", "http://127.0.0.1:9"),
        ("AWS_REGION", "eu-west-1"),
        ("AWS_ACCESS_KEY_ID", "key"),
        ("AWS_SECRET_ACCESS_KEY", "secret"),
        ("AWS_LAMBDA_FUNCTION_NAME", "dundun"),
        ("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST"),
        ("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "256"),
        ("AWS_LAMBDA_LOG_GROUP_NAME", "/dundun/dundun"),
        ("AWS_LAMBDA_LOG_STREAM_NAME", "benchmark"),
        ("NODE_ENV", "production"),
    ]
}
