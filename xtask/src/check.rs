//! `cargo xtask check`: the quick loop while working on one crate.

use crate::{
    changed::{Changed, packages},
    steps::{self, Outcome, Steps, cargo, linted},
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
    all.step("Format", || steps::run(&mut cargo(&["fmt", "--all", "--check"])));
    all.step("Build with lints", || steps::run(&mut linted(&["build", "--workspace", "--all-targets"])));
    all.step("Unit tests", || {
        // The journeys of `tests` need minutes; they run in `cargo xtask test`.
        let filter = match packages.iter().filter(|package| *package != "tests").collect::<Vec<_>>()[..] {
            [] if packages.is_empty() => "all() - package(=tests)".to_owned(),
            [] => {
                println!("   none: the crate `tests` runs in `cargo xtask test`");
                return Ok(());
            }
            ref chosen => chosen.iter().map(|package| format!("package(={package})")).collect::<Vec<_>>().join(" + "),
        };
        if tools::has_nextest() {
            steps::run(&mut linted(&["nextest", "run", "--workspace", "--filterset", &filter]))
        } else {
            steps::run(&mut linted(&["test", "--workspace", "--exclude", "tests"]))
        }
    });
    all.finish()
}
