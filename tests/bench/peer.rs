//! What `send` is measured against: the sender of tests/bench/peers with Redis and PostgreSQL, all on the loopback
//! address and with their data below the benchmark's folder.

use std::{
    io::Write as _,
    path::{Path, PathBuf},
    process::Stdio,
};

use serde_json::Value;
use tests::eventually;
use tokio::{
    io::{AsyncBufReadExt as _, BufReader},
    net::TcpStream,
    process::{Child, Command},
};

use crate::{process, provider_process::Provider, tell};

/// Where the program and its pinned packages are.
pub const SOURCE: &str = "tests/bench/peers";

/// Redis, PostgreSQL, and what the program needs to find them. Dropping it ends both.
pub struct Peer {
    redis: Child,
    postgres: Child,
    redis_port: u16,
    postgres_port: u16,
}

/// The process that accepts a message.
pub struct Accepting {
    child: Child,
}

impl Peer {
    /// Installs what is missing and starts the servers with empty data below `folder`.
    pub async fn start(folder: &Path) -> Self {
        install().await;
        let folder = std::path::absolute(folder).expect("a folder");
        let redis_folder = folder.join("redis");
        std::fs::create_dir_all(&redis_folder).expect("the folder can be made");
        let (redis_port, postgres_port) = (free_port().await, free_port().await);
        let redis = Command::new(found("redis-server").expect("it was installed"))
            .args(["--bind", "127.0.0.1", "--port", &redis_port.to_string(), "--daemonize", "no"])
            // As its manual advises for queues: every write is in a log that is flushed once a second.
            .args([
                "--appendonly",
                "yes",
                "--appendfsync",
                "everysec",
                "--save",
                "",
                "--maxmemory-policy",
                "noeviction",
            ])
            .arg("--dir")
            .arg(&redis_folder)
            .stdout(Stdio::null())
            .kill_on_drop(true)
            .spawn()
            .expect("redis-server starts");
        let postgres = postgres(&folder.join("postgres"), postgres_port).await;
        for port in [redis_port, postgres_port] {
            eventually("Redis and PostgreSQL answer", 60, || async {
                TcpStream::connect(("127.0.0.1", port)).await.ok()
            })
            .await;
        }
        Self { redis, postgres, redis_port, postgres_port }
    }

    /// Empties everything.
    pub async fn prepare(&self) {
        // A server that listens may still be starting.
        eventually("the tables are made", 60, || async {
            let status = self.command(None, &["prepare"]).stderr(Stdio::null()).status().await.ok()?;
            status.success().then_some(())
        })
        .await;
    }

    /// A worker that sends to `provider`, once it takes jobs.
    pub async fn worker(&self, provider: &Provider, concurrency: u32) -> Child {
        let mut child = self
            .command(Some(&provider.url), &["work", &concurrency.to_string()])
            .stdout(Stdio::piped())
            .spawn()
            .expect("Node starts");
        let output = child.stdout.take().expect("it is piped");
        let line = BufReader::new(output).lines().next_line().await.ok().flatten();
        assert_eq!(line.as_deref(), Some("ready"), "the worker starts");
        child
    }

    /// Accepts a message to `count` in a process of its own, and goes on while that works.
    pub fn accept(&self, count: u32) -> Accepting {
        let child =
            self.command(None, &["accept", &count.to_string()]).stdout(Stdio::piped()).spawn().expect("Node starts");
        Accepting { child }
    }

    /// Whether every job is done, and how many rows say `SENT`.
    pub async fn counts(&self) -> (bool, u64) {
        let answer = self.command(None, &["counts"]).output().await.expect("Node starts");
        let counts: Value = serde_json::from_slice(&answer.stdout).expect("it prints JSON");
        let waiting: u64 = ["wait", "active", "delayed", "prioritized"]
            .iter()
            .map(|state| counts["jobs"][state].as_u64().unwrap_or(0))
            .sum();
        (waiting == 0, counts["rows"]["SENT"].as_u64().unwrap_or(0))
    }

    /// The CPU time of both servers so far, in seconds.
    pub fn cpu_seconds(&self) -> f64 {
        process::tree(pid(&self.redis)) + process::tree(pid(&self.postgres))
    }

    /// The memory of both servers, in bytes; what PostgreSQL's processes share counts once.
    pub fn memory(&self) -> u64 {
        process::peak_memory(pid(&self.redis)) + process::tree_memory(pid(&self.postgres))
    }

    fn command(&self, provider: Option<&str>, arguments: &[&str]) -> Command {
        let mut command = Command::new(node());
        command
            .arg("service.mjs")
            .args(arguments)
            .current_dir(SOURCE)
            .env("NODE_ENV", "production")
            .env("REDIS_PORT", self.redis_port.to_string())
            .env("PG_PORT", self.postgres_port.to_string())
            .env("PROVIDER_URL", provider.unwrap_or_default())
            .kill_on_drop(true);
        command
    }
}

impl Accepting {
    /// Waits until all is accepted. Gives CPU seconds and peak memory in bytes.
    pub async fn end(self) -> (f64, u64) {
        let answer = self.child.wait_with_output().await.expect("it was started");
        let cost: Value = serde_json::from_slice(&answer.stdout).expect("it prints JSON");
        (cost["cpu"].as_f64().unwrap_or(0.0), cost["memory"].as_u64().unwrap_or(0))
    }
}

/// The id of a child that runs.
pub fn pid(child: &Child) -> u32 {
    child.id().expect("it was not waited for")
}

/// Installs the packages of the lock file, if they are not there.
pub async fn packages() {
    if Path::new(SOURCE).join("node_modules/.package-lock.json").exists() {
        return;
    }
    tell("npm install in tests/bench/peers");
    // Not `npm ci`: it refuses a lock file without the optional packages of platforms that a registry does not have.
    let install = ["install", "--no-save", "--no-audit", "--no-fund", "--loglevel=error"];
    run(Command::new("npm").args(install).current_dir(SOURCE)).await;
}

/// Node, where the path says it is.
pub fn node() -> PathBuf {
    found("node").expect("Node.js 20 is installed")
}

/// The packages, and the servers where they are not installed.
async fn install() {
    packages().await;
    if found("redis-server").is_none() || found("initdb").is_none() {
        tell("Redis or PostgreSQL is missing: apt-get install redis-server postgresql (needs root)");
        run(Command::new("apt-get")
            .args(["install", "--yes", "--no-install-recommends", "redis-server", "postgresql"])
            .env("DEBIAN_FRONTEND", "noninteractive"))
        .await;
    }
}

/// A program where programs usually are, or where Debian keeps PostgreSQL's.
fn found(name: &str) -> Option<PathBuf> {
    let mut folders: Vec<PathBuf> = ["/usr/local/bin", "/usr/bin", "/opt/homebrew/bin"].map(PathBuf::from).to_vec();
    let versions = std::fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    folders.extend(versions.map(|version| version.path().join("bin")));
    folders.into_iter().map(|folder| folder.join(name)).find(|path| path.exists())
}

/// PostgreSQL on new data. It refuses to run as root, so there it runs as the user that its package made.
async fn postgres(folder: &Path, port: u16) -> Child {
    std::fs::create_dir_all(folder).expect("the folder can be made");
    let is_root = std::fs::read_to_string("/proc/self/status")
        .is_ok_and(|status| status.lines().any(|line| line.starts_with("Uid:\t0\t")));
    let program = |name: &str| {
        let path = found(name).unwrap_or_else(|| panic!("{name} is not installed"));
        if !is_root {
            return Command::new(path);
        }
        let mut command = Command::new("setpriv");
        command.args(["--reuid=postgres", "--regid=postgres", "--clear-groups"]).arg(path);
        command
    };
    if is_root {
        run(Command::new("chown").arg("postgres").arg(folder)).await;
    }
    let mut initdb = program("initdb");
    run(initdb.args(["--username=bench", "--auth=trust", "--encoding=UTF8", "--no-sync", "-D"]).arg(folder)).await;
    program("postgres")
        .arg("-D")
        .arg(folder)
        .args(["-p", &port.to_string(), "-c", "listen_addresses=127.0.0.1", "-c", "unix_socket_directories="])
        // What Dundun's own files promise on one machine: what was answered survives the end of the process.
        .args(["-c", "synchronous_commit=off", "-c", "shared_buffers=256MB", "-c", "log_min_messages=panic"])
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .kill_on_drop(true)
        .spawn()
        .expect("postgres starts")
}

async fn run(command: &mut Command) {
    let output = command.output().await.unwrap_or_else(|error| panic!("{command:?}: {error}"));
    if !output.status.success() {
        let _ = std::io::stderr().write_all(&output.stderr);
        panic!("{command:?} ended with {}", output.status);
    }
}

async fn free_port() -> u16 {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    listener.local_addr().expect("it is bound").port()
}
