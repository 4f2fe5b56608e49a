//! `cargo xtask run`: the whole product on this machine.

use std::io;

use crate::{
    console,
    steps::{self, Outcome, cargo, typed},
};

/// Builds the console if it is there and stale, builds the host, and becomes it.
pub fn run() -> Outcome {
    console::prepare()?;
    println!("Building the local host (the first time takes some minutes, most of it the AWS SDK and SQLite) …");
    steps::run(&mut cargo(&["build", "--bin", "dundun"]))?;
    println!("Starting it. Ctrl-C ends it; what it keeps is in $DUNDUN_DATA (default .dundun/).\n");
    let mut host = cargo(&["run", "--quiet", "--bin", "dundun"]);
    let error = become_program(&mut host);
    Err(format!("`{}` could not start: {error}", typed(&host)))
}

/// Gives this process to the other program, so that signals and the exit code are its own.
#[cfg(unix)]
fn become_program(command: &mut std::process::Command) -> io::Error {
    std::os::unix::process::CommandExt::exec(command)
}

/// Without `exec`: waits for it and ends as it ended.
#[cfg(not(unix))]
fn become_program(command: &mut std::process::Command) -> io::Error {
    match command.status() {
        Ok(status) => std::process::exit(status.code().unwrap_or(1)),
        Err(error) => error,
    }
}
