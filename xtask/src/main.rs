//! `cargo xtask`: the project's commands. Each installs what it needs below `target/` or beside the tool that needs
//! it, and says what it does.
#![allow(clippy::print_stdout, reason = "what this program prints is its product")]

mod bench;
mod changed;
mod check;
mod console;
mod contracts;
mod faults;
mod links;
mod package;
mod run;
mod steps;
mod test;
mod tools;

use std::{path::PathBuf, process::ExitCode};

use clap::{Parser, Subcommand};

#[derive(Parser)]
#[command(name = "cargo xtask", about = "Dundun's commands")]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Builds and runs everything on this machine. Settings are environment variables, see README.md.
    Run,
    /// Runs every check there is, in order; what CI runs.
    Test {
        /// Goes on after a step that failed and names all of them at the end.
        #[arg(long)]
        keep_going: bool,
    },
    /// The checks that need no Rust: console, OpenAPI description, SAM template. `test` runs it beside the build.
    Beside,
    /// The tests of the console in a browser, against the program that was built last. `test` runs it last.
    Browse,
    /// The quick loop: format, lints and unit tests of the crates that differ from the last commit.
    Check,
    /// Builds the artifact of all Lambda functions, for `sam build` and `sam deploy`.
    Package,
    /// Kills the running product at random while messages go out and more goes wrong, and counts what came of it.
    Faults(faults::Options),
    /// Runs the same cases for every provider, and lets official packages judge our requests and signatures.
    Contracts,
    /// Writes what is derived from the rows: openapi.json, the template's functions, docs/FUNCTIONS.md, events.
    Gen {
        /// Writes nothing; fails and names the files that are not as they would be written.
        #[arg(long)]
        check: bool,
    },
    /// Measures speed and cost on this machine and writes docs/BENCHMARKS.md.
    Bench(bench::Options),
}

fn main() -> ExitCode {
    let result = match Arguments::parse().command {
        Command::Run => run::run(),
        Command::Test { keep_going } => test::run(keep_going),
        Command::Beside => test::beside(),
        Command::Browse => console::browse(),
        Command::Check => check::run(),
        Command::Package => package::run(),
        Command::Faults(options) => faults::run(&options),
        Command::Contracts => contracts::run(),
        Command::Gen { check } => generate(check),
        Command::Bench(options) => bench::run(&options),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(why) => {
            println!("\nfailed: {why}");
            ExitCode::FAILURE
        }
    }
}

/// The generator lives beside the rows, so that this program stays quick to build.
fn generate(check: bool) -> steps::Outcome {
    println!("Building the generator and {} …", if check { "comparing" } else { "writing" });
    let arguments = ["run", "--quiet", "--bin", "gen", "--"];
    // What `cargo xtask test` built before is what it checks with.
    let mut command = if check { steps::linted(&arguments) } else { steps::cargo(&arguments) };
    if check {
        command.arg("--check");
    }
    let hint = if check { ". If files drift, `cargo xtask gen` writes them" } else { "" };
    steps::run(&mut command).map_err(|why| why + hint)
}

/// The folder of the workspace.
fn root() -> PathBuf {
    let here = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    here.parent().expect("xtask lies in the workspace").to_owned()
}
