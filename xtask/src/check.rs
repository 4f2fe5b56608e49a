//! `cargo xtask check`: the quick loop while working on one crate.

use std::process::Command;

use crate::{
    changed::{Changed, packages},
    steps::{self, Outcome, Steps, cargo},
    tools,
};

/// Format, lints and unit tests of what differs from the last commit.
pub fn run() -> Outcome {
    let packages: Vec<String> = match packages()? {
        Changed::Everything => {
            println!("The workspace's own manifest or lints differ from the last commit: all crates are checked.");
            Vec::new()
        }
        Changed::Packages(packages) if packages.is_empty() => {
            println!("No crate differs from the last commit. (`cargo xtask test` runs everything.)");
            return Ok(());
        }
        Changed::Packages(packages) => {
            let packages: Vec<String> = packages.into_iter().collect();
            println!("These differ from the last commit: {}", packages.join(", "));
            packages
        }
    };
    let mut all = Steps::new(3, false);
    all.step("Format", || {
        let mut command = chosen(cargo(&["fmt", "--check"]), &packages, &[]);
        steps::run(if packages.is_empty() { command.arg("--all") } else { &mut command })
    });
    all.step("Lints", || {
        let mut command = chosen(cargo(&["clippy", "--all-targets"]), &packages, &[]);
        steps::run(command.args(["--", "-D", "warnings"]))
    });
    all.step("Unit tests", || {
        // The journeys of `tests` need minutes; they run in `cargo xtask test`.
        let journeys = ["tests"];
        if packages.iter().all(|package| journeys.contains(&package.as_str())) && !packages.is_empty() {
            println!("   none: the crate `tests` runs in `cargo xtask test`");
            return Ok(());
        }
        let command = if tools::has_nextest() { cargo(&["nextest", "run"]) } else { cargo(&["test"]) };
        let mut command = chosen(command, &packages, &journeys);
        if packages.is_empty() {
            command.args(["--workspace", "--exclude", "tests"]);
        }
        steps::run(&mut command)
    });
    all.finish()
}

fn chosen(mut command: Command, packages: &[String], without: &[&str]) -> Command {
    for package in packages.iter().filter(|package| !without.contains(&package.as_str())) {
        command.args(["--package", package]);
    }
    command
}
