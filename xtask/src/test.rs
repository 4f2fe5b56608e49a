//! `cargo xtask test`: every check there is.

use crate::{
    generate, links,
    steps::{self, Outcome, Steps, cargo},
    tools,
};

/// Runs the steps; the cheap ones first.
pub fn run(keep_going: bool) -> Outcome {
    let mut all = Steps::new(9, keep_going);
    all.step("Format (cargo fmt --all --check)", || steps::run(&mut cargo(&["fmt", "--all", "--check"])));
    all.step("Links in the documents", links::check);
    all.step("Lints (cargo clippy, warnings are errors)", || {
        steps::run(&mut cargo(&["clippy", "--workspace", "--all-targets", "--", "-D", "warnings"]))
    });
    all.step("Generated files (cargo xtask gen --check)", || generate(true));
    all.step("OpenAPI description (redocly lint openapi.json)", tools::lint_openapi);
    all.step("Tools for the tests (target/venv)", tools::python);
    all.step("SAM template (cfn-lint infra/template.yaml)", tools::lint_template);
    // Tests start the host and the functions' binary as processes of their own; cargo builds them for no test by itself.
    all.step("Binaries for the tests", || {
        steps::run(&mut cargo(&["build", "--package", "local", "--package", "functions", "--bins"]))
    });
    all.step("Tests", tests);
    all.finish()
}

fn tests() -> Outcome {
    let mut command = if tools::has_nextest() {
        println!("   cargo nextest run --workspace");
        cargo(&["nextest", "run", "--workspace", "--no-fail-fast"])
    } else {
        println!("   cargo test --workspace   (cargo-nextest is not installed; it would be quicker)");
        cargo(&["test", "--workspace", "--no-fail-fast"])
    };
    // Where the tests that expand the template or call the AWS CLI find Python and its tools.
    steps::run(command.env("DUNDUN_TEST_VENV", tools::python_folder()))
}
