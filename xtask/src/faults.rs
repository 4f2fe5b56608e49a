//! `cargo xtask faults`: the seeds of tests/faults, more of them than CI runs.

use clap::Args;

use crate::{
    root,
    steps::{self, Outcome, cargo, linted},
};

/// What is run.
#[derive(Debug, Args)]
pub struct Options {
    /// The first seed: the same seed draws the same faults.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// How often the process is started and killed in all; a seed takes up to 20.
    #[arg(long, default_value_t = 20)]
    runs: u32,
    /// How many people get each message; 0: as many as the seed draws, 2,000 to 20,000.
    #[arg(long, default_value_t = 0)]
    recipients: u32,
    /// Kills the program as it is delivered: several times as quick, and built for many minutes first.
    #[arg(long)]
    release: bool,
}

/// Builds what is killed and what kills it, and runs the seeds.
pub fn run(options: &Options) -> Outcome {
    println!("Building the local host and the tests …");
    let mut seeds = linted(&["test", "--workspace", "--test", "all", "--", "--exact", "faults::seeds", "--nocapture"]);
    if options.release {
        steps::run(&mut cargo(&["build", "--workspace", "--bins", "--release"]))?;
        seeds.env("DUNDUN_TEST_PROGRAMS", root().join("target/release"));
    } else {
        steps::run(&mut linted(&["build", "--workspace", "--bins"]))?;
    }
    let Options { seed, runs, recipients, .. } = options;
    steps::run(seeds.env("DUNDUN_FAULTS", format!("{seed} {} {recipients}", runs.max(&1))))
}
