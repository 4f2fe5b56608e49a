//! `cargo xtask faults`: the seeds of tests/faults, more of them than CI runs.

use crate::steps::{self, Outcome, cargo};

/// Builds what is killed and what kills it, and runs the seeds.
pub fn run(seed: u64, runs: u32, recipients: u32) -> Outcome {
    println!("Building the local host and the tests …");
    steps::run(&mut cargo(&["build", "--workspace", "--bins"]))?;
    let mut seeds = cargo(&["test", "--workspace", "--test", "all", "--", "--exact", "faults::seeds", "--nocapture"]);
    steps::run(seeds.env("DUNDUN_FAULTS", format!("{seed} {} {recipients}", runs.max(1))))
}
