//! `cargo xtask test`: every check there is.

use std::thread;

use crate::{
    console, contracts, generate, links,
    steps::{self, Beside, Outcome, Steps, cargo, linted},
    tools,
};

/// Runs the steps; the cheap ones first.
pub fn run(keep_going: bool) -> Outcome {
    let mut all = Steps::new(9, keep_going);
    // The compiler leaves a core idle again and again.
    let beside = Beside::start("beside");
    all.step("Format (cargo fmt --all --check)", || steps::run(&mut cargo(&["fmt", "--all", "--check"])));
    all.step("Links in the documents", links::check);
    all.step("Licences and sources of dependencies (cargo deny)", licences);
    all.step("Build with lints (clippy, warnings are errors)", || {
        if !steps::answers(&mut steps::program("clippy-driver", &["--version"])) {
            return Err("clippy is not installed: `rustup component add clippy`".to_owned());
        }
        // Everything at once: the steps below find it built, the processes that tests start among it. What took how long is in
        // target/cargo-timings.
        steps::run(&mut linted(&["build", "--workspace", "--all-targets", "--timings"]))
    });
    all.step("Generated files (cargo xtask gen --check)", || generate(true));
    all.step("Console, OpenAPI description, SAM template, tools (begun with the first step)", || beside?.wait());
    all.step("Tests", tests);
    all.step("Providers' own packages judge our requests (judge.py)", contracts::judge);
    all.step("Console in a browser (Playwright)", console::browse);
    all.finish()
}

/// `cargo xtask beside`: the checks that need no Rust, and the tools and packages that the other steps take.
pub fn beside() -> Outcome {
    let mut all = Steps::new(6, false);
    all.step("Console: lints, types, unit tests, size", console::check);
    all.step("OpenAPI description (redocly lint openapi.json)", tools::lint_openapi);
    all.step("Tools for the tests (target/venv)", tools::python);
    all.step("SAM template (cfn-lint infra/template.yaml)", tools::lint_template);
    all.step("Providers' own packages (target/contracts-venv)", contracts::install);
    all.step("Browser tests: packages and Chromium", console::install_browser);
    all.finish()
}

fn licences() -> Outcome {
    if !steps::answers(&mut cargo(&["deny", "--version"])) {
        println!("   cargo-deny is not installed, so left out (cargo install --locked cargo-deny)");
        return Ok(());
    }
    // Advisories come from the network: `cargo deny check` has them too.
    steps::run(&mut cargo(&["deny", "--offline", "check", "bans", "licenses", "sources"]))
}

fn tests() -> Outcome {
    let mut command = if tools::has_nextest() {
        println!("   cargo nextest run --workspace");
        // One more than there are cores: many tests wait for a clock or a process now and then.
        let threads = thread::available_parallelism().map_or(2, usize::from) + 1;
        linted(&["nextest", "run", "--workspace", "--no-fail-fast", "--test-threads", &threads.to_string()])
    } else {
        println!("   cargo test --workspace   (cargo-nextest is not installed; it would be quicker)");
        linted(&["test", "--workspace", "--no-fail-fast"])
    };
    // Where the tests that expand the template or call the AWS CLI find Python and its tools.
    steps::run(command.env("DUNDUN_TEST_VENV", tools::python_folder()))
}
