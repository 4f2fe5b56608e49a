//! Running other programs, and steps with a heading and a duration.

use std::{
    ffi::OsStr,
    fs::{self, File},
    path::PathBuf,
    process::{Child, Command},
    time::{Duration, Instant},
};

/// What a step ends with; the error is one line for people.
pub type Outcome<T = ()> = Result<T, String>;

/// A program that runs in the workspace's folder and shares this terminal.
pub fn program(name: impl AsRef<OsStr>, arguments: &[&str]) -> Command {
    let mut command = Command::new(name);
    command.args(arguments).current_dir(crate::root());
    command
}

/// The same cargo as the one that started this program.
///
/// Without `--package`: cargo would choose the dependencies' features for that package alone, and compile the AWS SDK anew for
/// each choice.
#[expect(clippy::disallowed_methods, reason = "no setting of Dundun: cargo tells its subcommands where it is")]
pub fn cargo(arguments: &[&str]) -> Command {
    let mut command = program(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()), arguments);
    // Cargo set these for this program; handed on, they would make builds below think something had changed (`ring` looks
    // at them), and build another time what a plain `cargo build` has built.
    for (name, _) in std::env::vars_os() {
        let name_text = name.to_string_lossy();
        if name_text.starts_with("CARGO_PKG_") || name_text.starts_with("CARGO_MANIFEST_") {
            command.env_remove(&name);
        }
    }
    command
}

/// The same, with clippy in the place of the compiler for the crates of this workspace and its warnings as errors.
///
/// `cargo clippy` only checks, so everything would be compiled twice: once for lints and once to run. clippy's driver is
/// the compiler with more lints, and builds as well. `CLIPPY_ARGS` is how `cargo clippy` hands arguments to it.
pub fn linted(arguments: &[&str]) -> Command {
    let mut command = cargo(arguments);
    command.env("RUSTC_WORKSPACE_WRAPPER", "clippy-driver").env("CLIPPY_ARGS", "-D__CLIPPY_HACKERY__warnings");
    command
}

/// The command as one would type it.
pub fn typed(command: &Command) -> String {
    let name = command.get_program().to_string_lossy();
    let name = name.rsplit('/').next().unwrap_or_default().to_owned();
    command.get_args().fold(name, |line, argument| line + " " + &argument.to_string_lossy())
}

/// Runs a program to its end.
pub fn run(command: &mut Command) -> Outcome {
    let status = command.status().map_err(|error| format!("`{}` could not start: {error}", typed(command)))?;
    if status.success() { Ok(()) } else { Err(format!("`{}` ended with {status}", typed(command))) }
}

/// Runs a program quietly and gives back what it wrote.
pub fn output(command: &mut Command) -> Outcome<String> {
    let output = command.output().map_err(|error| format!("`{}` could not start: {error}", typed(command)))?;
    if output.status.success() {
        Ok(String::from_utf8_lossy(&output.stdout).into_owned())
    } else {
        Err(format!("`{}` ended with {}: {}", typed(command), output.status, String::from_utf8_lossy(&output.stderr)))
    }
}

/// Whether a program is there and answers.
pub fn answers(command: &mut Command) -> bool {
    command.output().is_ok_and(|output| output.status.success())
}

/// A command of this program that runs while steps go on, and keeps what it writes until it is waited for.
pub struct Beside {
    name: &'static str,
    output: PathBuf,
    child: Child,
}

impl Beside {
    /// Starts `cargo xtask <name>`.
    pub fn start(name: &'static str) -> Outcome<Self> {
        let failed = |error: std::io::Error| format!("`cargo xtask {name}` could not start: {error}");
        let output = crate::root().join("target/tmp").join(format!("{name}.log"));
        fs::create_dir_all(output.parent().expect("it is in a folder")).map_err(failed)?;
        let file = File::create(&output).map_err(failed)?;
        let mut command = program(std::env::current_exe().map_err(failed)?, &[name]);
        command.stdout(file.try_clone().map_err(failed)?).stderr(file);
        Ok(Self { name, output, child: command.spawn().map_err(failed)? })
    }

    /// Waits for its end, and shows what it wrote.
    pub fn wait(mut self) -> Outcome {
        let ended = self.child.wait().map_err(|error| error.to_string())?;
        print!("{}", fs::read_to_string(&self.output).unwrap_or_default());
        if ended.success() { Ok(()) } else { Err(format!("`cargo xtask {}` ended with {ended}", self.name)) }
    }
}

impl Drop for Beside {
    /// Who ends without waiting leaves nothing running.
    fn drop(&mut self) {
        if let Ok(None) = self.child.try_wait() {
            let _ = self.child.kill();
            let _ = self.child.wait();
        }
    }
}

/// Runs steps in order, each with a heading and a duration, and sums them up at the end.
pub struct Steps {
    planned: usize,
    keep_going: bool,
    done: Vec<(String, Duration, Outcome)>,
}

impl Steps {
    /// `planned` is only for the headings.
    pub fn new(planned: usize, keep_going: bool) -> Self {
        Self { planned, keep_going, done: Vec::new() }
    }

    /// Runs one step, unless an earlier one failed.
    pub fn step(&mut self, name: &str, work: impl FnOnce() -> Outcome) {
        if !self.keep_going && self.done.iter().any(|(_, _, outcome)| outcome.is_err()) {
            return;
        }
        println!("\n── {}/{}  {name}", self.done.len() + 1, self.planned);
        let start = now();
        let outcome = work();
        let took = start.elapsed();
        match &outcome {
            Ok(()) => println!("   ok, {}", shown(took)),
            Err(why) => println!("   FAILED after {}: {why}", shown(took)),
        }
        self.done.push((name.to_owned(), took, outcome));
    }

    /// The summary; an error when a step failed.
    pub fn finish(self) -> Outcome {
        println!("\n── Summary");
        for (name, took, outcome) in &self.done {
            println!("   {}  {:>9}  {name}", if outcome.is_ok() { "ok    " } else { "FAILED" }, shown(*took));
        }
        println!("           {:>9}  in all", shown(self.done.iter().map(|(_, took, _)| *took).sum()));
        let failed: Vec<&str> =
            self.done.iter().filter(|(_, _, outcome)| outcome.is_err()).map(|(name, _, _)| name.as_str()).collect();
        if failed.is_empty() { Ok(()) } else { Err(failed.join(", ")) }
    }
}

#[expect(clippy::disallowed_methods, reason = "the duration of a step is real time; nothing here is tested by it")]
fn now() -> Instant {
    Instant::now()
}

fn shown(took: Duration) -> String {
    let seconds = took.as_secs();
    if seconds < 60 {
        format!("{:.1} s", took.as_secs_f32())
    } else {
        format!("{} min {:02} s", seconds / 60, seconds % 60)
    }
}
