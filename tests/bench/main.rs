//! The benchmarks of `cargo xtask bench`: each measures the programs of one build, tells on the standard error how far
//! it is, and prints its section of docs/BENCHMARKS.md.

mod api;
mod beside;
mod cost;
mod import;
mod peer;
mod process;
mod provider_process;
mod seed;
mod send;
mod start;
mod stats;
mod table;

use clap::{Parser, Subcommand};

#[derive(Parser)]
#[command(name = "bench", about = "Measures the programs beside this one; `cargo xtask bench` builds and runs it")]
struct Arguments {
    #[command(subcommand)]
    bench: Bench,
}

#[derive(Subcommand)]
enum Bench {
    /// Sends a message to many, in several ways, and kills the sender in the middle.
    Send(send::Options),
    /// Asks the API of a small and of a large organization.
    Api(api::Options),
    /// Turns spreadsheets into contacts, beside what others do.
    Import(import::Options),
    /// Reads one spreadsheet, for `import`, which measures that in a process of its own.
    ImportRead(import::ReadOptions),
    /// Starts functions, and a handler on Node.
    Start(start::Options),
    /// Meters what AWS would bill for campaigns.
    Cost(cost::Options),
}

#[tokio::main]
#[expect(clippy::print_stdout, reason = "the section is this program's product")]
async fn main() {
    let section = match Arguments::parse().bench {
        Bench::Send(options) => send::run(&options).await,
        Bench::Api(options) => api::run(&options).await,
        Bench::Import(options) => import::run(&options).await,
        Bench::ImportRead(options) => import::read(&options),
        Bench::Start(options) => start::run(&options).await,
        Bench::Cost(options) => cost::run(&options).await,
    };
    println!("{section}");
}

/// One line for the person who waits.
#[expect(clippy::print_stderr, reason = "progress")]
fn tell(line: impl std::fmt::Display) {
    eprintln!("   {line}");
}

/// Milliseconds since 1970.
#[expect(clippy::disallowed_methods, reason = "a benchmark measures real time")]
fn now_ms() -> u64 {
    use std::time::{SystemTime, UNIX_EPOCH};
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_millis() as u64)
}
